"""Backup and restore: one consistent copy while the desk runs, checked as a whole before it is put back.

A backup is a folder with SQLite files of the cases and of the dialogue engine's memory, whichever databases they come
from, and a manifest with their hashes. It holds no key, no password and nothing in clear: letters that were written as
.eml files are made again from the sealed outbox, as the same bytes. Restored, it may go into either kind of database.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import secrets
import shutil
import sqlite3
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy import func, inspect, select

from actions.cases.audit import Audit
from actions.cases.copies import copy_tables
from actions.cases.crypto import Sealer, read_master
from actions.cases.database import Database, find_newest_revision, is_missing
from actions.cases.instants import now
from actions.cases.mailer import FolderMailer
from actions.cases.outbox import Outbox
from actions.cases.sealed import open_case
from actions.cases.tables import Base, CaseRow, MailRow
from actions.cases.trackers import Trackers
from actions.errors import SealError
from actions.settings import Settings

FORMAT = 1
MANIFEST, CASES, TRACKERS = "manifest.json", "madoguchi.sqlite3", "tracker.sqlite3"


class BackupError(Exception):
    """It cannot be done; the text says why and what to do. Nothing was changed."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup is: `head` is the audit chain's (seq:hash), `keys` the ids of the keys that open it.

    `problems` is what was wrong with the chain already then: such a copy is worth having, and is not put back.

    `files` maps names to SHA-256 (hex). `settings` are those of then without secrets, to be read by people.
    """

    format: int
    made_at: str
    revision: str
    head: str
    problems: tuple[str, ...]
    cases: int
    keys: tuple[str, ...]
    files: dict[str, str]
    settings: dict[str, str]


def back_up(settings: Settings, folder: Path) -> Manifest:
    """Write a backup into a new folder, whole or not at all. The desk may run.

    Raises: BackupError, SQLAlchemyError.
    """
    if folder.exists():
        raise BackupError(f"{folder} is there already: name a new folder")
    try:
        sealer = read_master(settings.keys)
    except FileNotFoundError:
        raise BackupError(f"there are no keys in {settings.keys}: this is no desk's state folder") from None
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = folder.with_name(f".{folder.name}.{secrets.token_hex(8)}")
    fresh.mkdir(mode=0o700)
    try:
        database = Database(settings.database)
        try:
            database.migrate()
            _copy_cases(database, fresh / CASES)
        finally:
            database.close()
        Trackers(settings.tracker).copy_to(fresh / TRACKERS)
        manifest = _describe(settings, fresh, sealer)
        (fresh / MANIFEST).write_text(json.dumps(asdict(manifest), ensure_ascii=False, indent=1), "utf-8")
        for path in fresh.iterdir():
            path.chmod(0o600)
        fresh.rename(folder)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    return manifest


def _copy_cases(database: Database, path: Path) -> None:
    """Copy everything as of one moment. SQLite copies its pages by itself; other kinds give their rows."""
    if database.engine.dialect.name == "sqlite":
        name = str(database.engine.url.database)
        with closing(sqlite3.connect(name)) as source, closing(sqlite3.connect(path)) as target:
            source.backup(target)
            target.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
        return
    target_database = Database(f"sqlite:///{path}")
    try:
        target_database.migrate()
        copy_tables(database.engine, target_database.engine, Base.metadata)
    finally:
        target_database.close()
    with closing(sqlite3.connect(path)) as target:
        target.execute("PRAGMA journal_mode=DELETE")


def _describe(settings: Settings, folder: Path, sealer: Sealer) -> Manifest:
    database = Database(f"sqlite:///{folder / CASES}")
    try:
        verdict = Audit(database, sealer).verify()
        with database.reading() as session:
            cases = session.scalar(select(func.count(CaseRow.id))) or 0
    finally:
        database.close()
        with closing(sqlite3.connect(folder / CASES)) as target:
            target.execute("PRAGMA journal_mode=DELETE")
    shown = {name: value for name, value in settings if not isinstance(value, SecretStr)}
    return Manifest(
        format=FORMAT,
        made_at=now().isoformat(timespec="seconds"),
        revision=find_newest_revision(),
        head=verdict.head,
        problems=verdict.problems,
        cases=cases,
        keys=tuple(identity.hex() for identity in sealer.keys),
        files={path.name: _hash(path) for path in sorted(folder.iterdir())},
        settings={name: str(value) for name, value in shown.items()},
    )


def restore(settings: Settings, folder: Path, sender: str, *, force: bool = False) -> Manifest:
    """Put a backup in place of an empty database; with `force`, of any. The desk must not run.

    Everything is tried on a copy first: hashes, keys, schema, audit chain. `sender` is the letters'.
    Raises: BackupError: nothing has changed.
    """
    manifest = _read(folder)
    sealer = _load_keys(settings, manifest)
    database = Database(settings.database)
    work = settings.state / f".restore-{secrets.token_hex(8)}"
    try:
        if not force and holds_anything(database):
            raise BackupError("the database holds something already; --force puts the backup in its place")
        work.mkdir(parents=True, mode=0o700)
        shutil.copyfile(folder / CASES, work / CASES)
        _try_out(work / CASES, manifest, sealer)
        _put_in_place(database, work / CASES)
        if TRACKERS in manifest.files:
            Trackers(settings.tracker).take_from(folder / TRACKERS)
        _write_mails(database, sealer, FolderMailer(settings.mails, sender))
    finally:
        database.close()
        shutil.rmtree(work, ignore_errors=True)
    return manifest


def _read(folder: Path) -> Manifest:
    try:
        body = json.loads((folder / MANIFEST).read_text("utf-8"))
        manifest = Manifest(**{**body, "keys": tuple(body["keys"]), "problems": tuple(body["problems"])})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BackupError(f"{folder} is no backup: its {MANIFEST} cannot be read") from error
    if manifest.format != FORMAT or manifest.revision > find_newest_revision():
        raise BackupError("the backup is of a newer version of this program: restore it with that one")
    for name, wanted in manifest.files.items():
        path = folder / Path(name).name
        if not path.is_file() or _hash(path) != wanted:
            raise BackupError(f"{name} is missing or was changed since the backup")
    if CASES not in manifest.files:
        raise BackupError("the backup holds no cases")
    return manifest


def _load_keys(settings: Settings, manifest: Manifest) -> Sealer:
    try:
        sealer = read_master(settings.keys)
    except FileNotFoundError:
        raise BackupError(
            f"there are no keys in {settings.keys}: put them there, or name their file (--keys)"
        ) from None
    missing = set(manifest.keys) - {identity.hex() for identity in sealer.keys}
    if missing:
        raise BackupError(f"the keys in {settings.keys} are not those of the backup (missing: {', '.join(missing)})")
    return sealer


def _try_out(path: Path, manifest: Manifest, sealer: Sealer) -> None:
    """Bring the copy's schema up to date, open something sealed, and check the chain."""
    copy = Database(f"sqlite:///{path}")
    try:
        copy.migrate()
        check_keys(copy, sealer)
        verdict = Audit(copy, sealer).verify(manifest.head)
    except SealError as error:
        raise BackupError("the keys do not open what is in the backup") from error
    finally:
        copy.close()
    if verdict.problems:
        raise BackupError(f"the audit chain of the backup is not whole: {verdict.problems[0]}")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")


def check_keys(database: Database, sealer: Sealer) -> bool:
    """Open one case. Returns: whether there was one. Raises: SealError: the keys are not the database's."""
    with database.reading() as session:
        row = session.scalar(select(CaseRow).where(CaseRow.data_key_sealed.is_not(None)).limit(1))
        if row is not None:
            open_case(sealer, row)
        return row is not None


def holds_anything(database: Database) -> bool:
    """Whether a database has any row of ours in it."""
    if is_missing(database.engine.url):
        return False
    with database.engine.connect() as connection:
        known = set(inspect(connection).get_table_names())
        tables = [table for table in Base.metadata.sorted_tables if table.name in known]
        return any(connection.execute(select(func.count()).select_from(table)).scalar_one() for table in tables)


def _put_in_place(database: Database, path: Path) -> None:
    """SQLite: the file takes the former one's place, which is kept beside it. Else its rows go into new tables."""
    if database.engine.dialect.name == "sqlite":
        target = Path(str(database.engine.url.database))
        database.close()
        stamp = f"{now():%Y%m%dT%H%M%S}"
        for name in (target, target.with_name(f"{target.name}-wal"), target.with_name(f"{target.name}-shm")):
            if name.exists():
                name.rename(name.with_name(f"{name.name}.before-{stamp}"))
        os.replace(path, target)
        return
    source = Database(f"sqlite:///{path}")
    try:
        with database.engine.begin() as connection:
            Base.metadata.drop_all(connection)
            connection.exec_driver_sql("DROP FUNCTION IF EXISTS refuse_audit_change")
            connection.exec_driver_sql("DROP TABLE IF EXISTS alembic_version")
        database.migrate()
        copy_tables(source.engine, database.engine, Base.metadata)
    finally:
        source.close()


def _write_mails(database: Database, sealer: Sealer, mailer: FolderMailer) -> None:
    """Write again, as the same bytes, the letters that wait to be sent by hand."""
    with database.reading() as session:
        waiting = session.scalars(select(MailRow.id).where(MailRow.state == "written")).all()
    outbox = Outbox(database, sealer)
    for mail in (outbox.get(number) for number in waiting):
        if mail.recipient and mail.text:
            asyncio.run(mailer.send(mail))


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
