"""Backup and restore: one moment while people file, checked before it is put back, and no key or clear text in it."""

from __future__ import annotations

import asyncio
import json
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from actions.cases import backup
from actions.cases.accounts import Accounts
from actions.cases.audit import Audit
from actions.cases.backup import BackupError, back_up, restore
from actions.cases.conversations import Conversations
from actions.cases.crypto import load_master
from actions.cases.database import Database
from actions.cases.instants import now
from actions.cases.mailer import FolderMailer
from actions.cases.records import Draft
from actions.cases.repository import Cases
from actions.cases.tables import MailRow
from actions.services import Services, assemble
from actions.settings import Settings
from knowledge.bundle import Library
from tests.stores import open_schema

SENDER = "desk@shop.example.com"
WORDS = ("山田花子", "hanako@example.com", "登録した住所")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.services)])
def address(request: pytest.FixtureRequest) -> Iterator[str]:
    """Settings' `database_url`: "" for SQLite in the state folder, or an empty schema on PostgreSQL."""
    if request.param == "sqlite":
        yield ""
        return
    with open_schema("backup") as url:
        yield url


@pytest.fixture
def desk(tmp_path: Path, address: str, library: Library) -> Iterator[Services]:
    """A desk with an account, on either kind of database."""
    settings = Settings(state=tmp_path / "desk", database_url=address)
    database = Database(settings.database)
    database.migrate()
    services = assemble(settings, library, database, load_master(settings.keys))
    services.audit.adopt()
    services.accounts.create("officer", "officer")
    yield services
    database.close()


def make_empty(desk: Services, folder: Path, url: str = "") -> Settings:
    """Settings of a desk that has the same keys and nothing else."""
    settings = Settings(state=folder, database_url=url)
    shutil.copytree(desk.settings.keys, settings.keys)
    return settings


def read_receipts(settings: Settings) -> set[str]:
    """All cases that can be opened with the desk's keys; the chain must be whole."""
    database, sealer = Database(settings.database), load_master(settings.keys)
    try:
        assert Audit(database, sealer).verify().problems == ()
        return {case.receipt for case in Cases(database, sealer).list_all()}
    finally:
        database.close()


@dataclass
class Filing:
    """People who file without a pause: what they were told, and what ended one of them early."""

    desk: Services
    make_draft: Callable[..., Draft]
    told: list[str] = field(default_factory=list)
    failures: list[Exception] = field(default_factory=list)
    is_over: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def run(self) -> Iterator[None]:
        """Let three of them work while the block lasts."""
        workers = [threading.Thread(target=self._file) for _ in range(3)]
        for worker in workers:
            worker.start()
        try:
            yield
        finally:
            self.is_over.set()
            for worker in workers:
                worker.join(60)

    def await_more(self, count: int) -> None:
        """Wait until so many more were told."""
        wanted = len(self.told) + count
        while len(self.told) < wanted and not self.failures:
            self.is_over.wait(0.01)

    def _file(self) -> None:
        try:
            while not self.is_over.wait(0.05):  # SQLite's writers do not queue: without a pause one may starve
                case, _ = self.desk.desk.file(self.make_draft(), "form")
                self.told.append(case.receipt)
        except Exception as error:  # noqa: BLE001  told by the test
            self.failures.append(error)


def test_every_receipt_told_before_is_there_when_people_file_meanwhile(
    desk: Services, tmp_path: Path, make_draft: Callable[..., Draft]
) -> None:
    filing, befores = Filing(desk, make_draft), []
    with filing.run():
        for number in range(3):
            filing.await_more(5)
            befores.append(set(filing.told))
            back_up(desk.settings, tmp_path / f"backup-{number}")
        filing.await_more(1)
    assert filing.failures == []
    for number, before in enumerate(befores):
        settings = make_empty(desk, tmp_path / f"new-{number}")
        manifest = restore(settings, tmp_path / f"backup-{number}", SENDER)
        found = read_receipts(settings)
        assert before <= found
        assert len(found) == manifest.cases
        assert manifest.problems == ()


@pytest.mark.services
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_work_goes_on_where_it_was_whatever_database_it_is_restored_to(
    desk: Services, tmp_path: Path, library: Library, make_draft: Callable[..., Draft], postgres: Database, kind: str
) -> None:
    first, _ = desk.desk.file(make_draft(), "form")
    desk.conversations.open("c1", "ja")
    desk.conversations.append_turn("c1", "m1", "こんにちは", {"messages": []})
    back_up(desk.settings, tmp_path / "backup")
    with open_schema("backup") as schema:
        settings = make_empty(desk, tmp_path / "new", schema if kind == "postgresql" else "")
        restore(settings, tmp_path / "backup", SENDER)
        database = Database(settings.database)
        services = assemble(settings, library, database, load_master(settings.keys))
        try:
            assert services.cases.get(first.receipt).fields == desk.cases.get(first.receipt).fields
            assert Accounts(database).list_roles() == {"officer": "officer"}
            (turn,) = Conversations(database, services.sealer).list_turns("c1")
            assert turn.message == "こんにちは"
            services.desk.file(make_draft(), "form")  # new rows are numbered after the old ones
            assert services.audit.verify().problems == ()
            with pytest.raises(sa.exc.SQLAlchemyError), database.transaction() as session:
                session.execute(sa.text("delete from audit"))  # still appended to only
        finally:
            database.close()


def test_neither_keys_nor_clear_text_are_in_it_and_letters_are_the_same_bytes_when_restored(
    desk: Services, tmp_path: Path, make_draft: Callable[..., Draft]
) -> None:
    desk.desk.file(make_draft(), "form")
    mailer = FolderMailer(desk.settings.mails, SENDER)
    for mail in desk.outbox.lease(10, now()):
        asyncio.run(mailer.send(mail))
        desk.outbox.put_aside(mail, now())
    back_up(desk.settings, tmp_path / "backup")
    files = {path.name: path.read_bytes() for path in (tmp_path / "backup").iterdir()}
    keys = json.loads((desk.settings.keys / "master.json").read_text("utf-8"))["keys"].values()
    for name, content in files.items():
        assert not [word for word in (*WORDS, *keys) if word.encode() in content], name
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "backup").iterdir()} == {0o600}
    settings = make_empty(desk, tmp_path / "new")
    restore(settings, tmp_path / "backup", SENDER)
    written = {path.name: path.read_bytes() for path in settings.mails.iterdir()}
    assert written == {path.name: path.read_bytes() for path in desk.settings.mails.iterdir()}
    assert written


def test_secret_settings_are_not_written_when_backed_up(tmp_path: Path) -> None:
    settings = Settings(state=tmp_path, smtp_url="smtp://desk:hidden-word@mail.example.com:587")
    load_master(settings.keys)
    back_up(settings, tmp_path / "backup")
    assert "hidden-word" not in (tmp_path / "backup" / "manifest.json").read_text("utf-8")


@pytest.fixture
def made(desk: Services, tmp_path: Path, make_draft: Callable[..., Draft]) -> Path:
    """A backup of a desk with a case."""
    desk.desk.file(make_draft(), "form")
    back_up(desk.settings, tmp_path / "backup")
    return tmp_path / "backup"


def _change_file(folder: Path, _: Settings) -> None:
    with (folder / backup.CASES).open("r+b") as file:
        file.seek(5000)
        file.write(b"x")


def _lose_file(folder: Path, _: Settings) -> None:
    (folder / backup.CASES).unlink()


def _lose_manifest(folder: Path, _: Settings) -> None:
    (folder / backup.MANIFEST).unlink()


def _change_keys(_: Path, settings: Settings) -> None:
    shutil.rmtree(settings.keys)
    load_master(settings.keys)


def _lose_keys(_: Path, settings: Settings) -> None:
    shutil.rmtree(settings.keys)


def _come_from_the_future(folder: Path, _: Settings) -> None:
    manifest = json.loads((folder / backup.MANIFEST).read_text("utf-8"))
    (folder / backup.MANIFEST).write_text(json.dumps({**manifest, "revision": "9999"}), "utf-8")


def _cut_the_chain(folder: Path, _: Settings) -> None:
    """By somebody who makes the hashes fit again."""
    manifest = json.loads((folder / backup.MANIFEST).read_text("utf-8"))
    engine = sa.create_engine(f"sqlite:///{folder / backup.CASES}")
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER audit_no_delete")
        connection.exec_driver_sql("DELETE FROM audit")
    engine.dispose()
    manifest["files"][backup.CASES] = backup._hash(folder / backup.CASES)
    (folder / backup.MANIFEST).write_text(json.dumps(manifest), "utf-8")


@pytest.mark.parametrize(
    ("spoil", "word"),
    [
        (_change_file, "changed since"),
        (_lose_file, "missing"),
        (_lose_manifest, "no backup"),
        (_change_keys, "not those of the backup"),
        (_lose_keys, "no keys"),
        (_come_from_the_future, "newer version"),
        (_cut_the_chain, "not whole"),
    ],
)
def test_nothing_is_put_back_when_it_does_not_fit(
    desk: Services, made: Path, tmp_path: Path, spoil: Callable[[Path, Settings], None], word: str
) -> None:
    settings = make_empty(desk, tmp_path / "new")
    spoil(made, settings)
    with pytest.raises(BackupError, match=word):
        restore(settings, made, SENDER)
    assert not [path for path in settings.state.rglob("*") if "sqlite3" in path.name or "restore" in path.name]


def test_a_database_that_holds_something_is_replaced_only_by_force(
    desk: Services, made: Path, make_draft: Callable[..., Draft]
) -> None:
    later, _ = desk.desk.file(make_draft(), "form")
    before = {case.receipt for case in desk.cases.list_all()}
    with pytest.raises(BackupError, match="--force"):
        restore(desk.settings, made, SENDER)
    assert {case.receipt for case in desk.cases.list_all()} == before
    desk.database.close()
    restore(desk.settings, made, SENDER, force=True)
    assert read_receipts(desk.settings) == before - {later.receipt}
    if desk.database.engine.dialect.name == "sqlite":  # what was there is kept beside it
        (aside,) = desk.settings.state.glob("madoguchi.sqlite3.before-*")
        assert aside.stat().st_size


def test_an_existing_folder_is_left_alone_when_backed_up(desk: Services, made: Path) -> None:
    before = {path.name: path.read_bytes() for path in made.iterdir()}
    with pytest.raises(BackupError, match="new folder"):
        back_up(desk.settings, made)
    assert {path.name: path.read_bytes() for path in made.iterdir()} == before


def test_nothing_is_left_when_a_backup_breaks_off(
    desk: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(backup, "_describe", fail)
    with pytest.raises(OSError, match="no space"):
        back_up(desk.settings, tmp_path / "backup")
    assert [path.name for path in tmp_path.iterdir() if "backup" in path.name] == []


def test_the_engines_memory_comes_along(desk: Services, tmp_path: Path) -> None:
    rows = [("c1", "action", 1.0), ("c1", "user", 2.0)]
    engine = sa.create_engine(desk.settings.tracker)
    desk.trackers.take_from(_write_events(tmp_path / "former.sqlite3", rows))
    back_up(desk.settings, tmp_path / "backup")
    settings = make_empty(desk, tmp_path / "new")
    restore(settings, tmp_path / "backup", SENDER)
    restored = sa.create_engine(settings.tracker)
    with engine.connect() as before, restored.connect() as after:
        query = sa.text("select sender_id, type_name, timestamp from events order by id")
        assert before.execute(query).all() == after.execute(query).all() == rows
    engine.dispose()
    restored.dispose()


def _write_events(path: Path, rows: list[tuple[str, str, float]]) -> Path:
    from actions.cases.trackers import _EVENTS

    engine = sa.create_engine(f"sqlite:///{path}")
    _EVENTS.metadata.create_all(engine)
    with engine.begin() as connection:
        named = [{"sender_id": one, "type_name": kind, "timestamp": at} for one, kind, at in rows]
        connection.execute(sa.insert(_EVENTS), named)
    engine.dispose()
    return path


def test_mails_wait_as_before_when_restored(desk: Services, made: Path, tmp_path: Path) -> None:
    settings = make_empty(desk, tmp_path / "new")
    restore(settings, made, SENDER)
    database = Database(settings.database)
    with database.reading() as session:
        assert set(session.scalars(sa.select(MailRow.state))) == {"pending"}
    database.close()
