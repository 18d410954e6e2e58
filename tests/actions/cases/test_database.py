"""The database itself: one schema on both kinds, whole transactions, and SQLite told to be careful."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext

from actions.cases.audit import Audit
from actions.cases.crypto import Sealer
from actions.cases.database import Database
from actions.cases.instants import now
from actions.cases.tables import AccountRow, Base, CaseRow, ConversationRow, TurnRow
from actions.services import open_services
from actions.settings import Settings
from knowledge.errors import KnowledgeError
from tests.stores import open_schema

MIGRATIONS = Path(__file__).parents[3] / "actions" / "cases" / "migrations"


def _conversation(identity: str) -> ConversationRow:
    return ConversationRow(id=identity, language="ja", created_at=now())


def test_schema_is_that_of_the_tables_when_migrated(database: Database) -> None:
    with database.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_nothing_changes_when_migrated_again(database: Database) -> None:
    with database.transaction() as session:
        session.add(_conversation("kept"))
    database.migrate()
    with database.reading() as session:
        assert session.get(ConversationRow, "kept") is not None


def test_nothing_is_left_when_migrated_down(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'new' / 'x.sqlite3'}")  # the folder is made
    database.migrate()
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with database.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
    assert sa.inspect(database.engine).get_table_names() == ["alembic_version"]
    database.close()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.services)])
def former(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database of schema 0001 with two cases, each with an item and its one event."""
    with ExitStack() as opened:
        sealed_value = "x'73'"
        address = f"sqlite:///{tmp_path / 'former.sqlite3'}"
        if request.param == "postgresql":
            address, sealed_value = opened.enter_context(open_schema("former")), "'s'::bytea"
        found = opened.enter_context(closing(Database(address)))
        _fill_former(found, ", ".join([sealed_value] * 5))
        yield found


def _fill_former(found: Database, sealed: str) -> None:
    _migrate(found, "0001")
    with found.engine.begin() as connection:
        for number in (1, 2):
            connection.exec_driver_sql(
                "INSERT INTO cases (id, receipt, filing_key, state, channel, language, policy_version, created_at, "
                "name_sealed, email_sealed, phone_sealed, details_sealed, data_key_sealed) VALUES "
                f"('c{number}', 'M-000{number}-0000', 'k{number}', 'received', 'chat', 'ja', '1-0', "
                f"'2026-11-0{number} 03:00:00+00:00', {sealed})"
            )
            connection.exec_driver_sql(
                f"INSERT INTO case_items (case_id, position, kind) VALUES ('c{number}', 0, 'disclosure')"
            )
            connection.exec_driver_sql(
                "INSERT INTO case_events (case_id, at, actor, action, state) VALUES "
                f"('c{number}', '2026-11-0{number} 03:00:00+00:00', 'customer', 'submit', 'received')"
            )


def _migrate(database: Database, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    change = command.downgrade if revision < (database.find_revision() or "") else command.upgrade
    with database._open_for_change() as connection:
        config.attributes["connection"] = connection
        change(config, revision)


def test_cases_of_the_former_schema_are_kept_when_migrated(former: Database, sealer: Sealer) -> None:
    former.migrate()
    with former.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
    with former.reading() as session:
        rows = session.scalars(sa.select(CaseRow).order_by(CaseRow.id)).all()
        assert [(row.id, row.name_sealed, row.version, [item.state for item in row.items]) for row in rows] == [
            ("c1", b"s", 1, ["received"]),
            ("c2", b"s", 1, ["received"]),
        ]
        assert [row.arrived_at for row in rows] == [row.created_at for row in rows]
    audit = Audit(former, sealer)
    assert audit.adopt() == 2
    assert audit.verify().problems == ()


def test_cases_are_kept_when_migrated_forth_and_back(former: Database, sealer: Sealer) -> None:
    former.migrate()
    Audit(former, sealer).adopt()
    _migrate(former, "0001")
    with former.engine.connect() as connection:
        cases = connection.exec_driver_sql("SELECT id, state, name_sealed FROM cases ORDER BY id").all()
        items = connection.exec_driver_sql("SELECT case_id, kind FROM case_items ORDER BY case_id").all()
        events = connection.exec_driver_sql("SELECT case_id, action FROM case_events ORDER BY case_id").all()
    assert [tuple(row) for row in cases] == [("c1", "received", b"s"), ("c2", "received", b"s")]
    assert [tuple(row) for row in items] == [("c1", "disclosure"), ("c2", "disclosure")]
    assert [tuple(row) for row in events] == [("c1", "submit"), ("c2", "submit")]
    former.migrate()
    assert Audit(former, sealer).adopt() == 2


def test_erased_cases_are_not_taken_back_when_migrated_down(former: Database) -> None:
    former.migrate()
    with former.transaction() as session:
        session.execute(sa.update(CaseRow).values(data_key_sealed=None))
    with pytest.raises(RuntimeError, match="erased cases"):
        _migrate(former, "0001")
    with former.reading() as session:
        assert session.scalar(sa.select(sa.func.count(CaseRow.id))) == 2  # and nothing has changed


def test_no_trace_is_left_when_a_transaction_fails(database: Database) -> None:
    def write_half() -> None:
        with database.transaction() as session:
            session.add(_conversation("first"))
            session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_half()
    with database.reading() as session:
        assert session.get(ConversationRow, "first") is None


def test_a_turn_needs_its_conversation_when_written(database: Database) -> None:
    row = TurnRow(conversation_id="none", message_id="1", message_sealed=b"", reply_sealed=b"", created_at=now())
    with pytest.raises(sa.exc.IntegrityError), database.transaction() as session:
        session.add(row)


def test_no_value_shows_when_a_statement_fails(database: Database) -> None:
    with pytest.raises(sa.exc.SQLAlchemyError) as caught, database.reading() as session:
        session.execute(sa.text("select * from nowhere where name = :name"), {"name": "山田花子"})
    assert "山田花子" not in str(caught.value)


@pytest.mark.parametrize(
    ("moment", "stored"),
    [
        (datetime(2026, 1, 1, 9, tzinfo=timezone(timedelta(hours=9))), datetime(2026, 1, 1, tzinfo=UTC)),
        (datetime(2026, 7, 1, 12, 30, tzinfo=UTC), datetime(2026, 7, 1, 12, 30, tzinfo=UTC)),
    ],
)
def test_moments_come_back_in_utc_when_stored(database: Database, moment: datetime, stored: datetime) -> None:
    with database.transaction() as session:
        session.add(AccountRow(name="officer", role="officer", password_hash="x", created_at=moment))
    with database.reading() as session:
        found = session.get_one(AccountRow, "officer").created_at
    assert found == stored
    assert found.utcoffset() == timedelta(0)


def test_a_moment_is_refused_when_it_has_no_time_zone(database: Database) -> None:
    row = ConversationRow(id="x", language="ja", created_at=datetime(2026, 1, 1))  # noqa: DTZ001  what is refused
    with pytest.raises(sa.exc.StatementError, match="time zone"), database.transaction() as session:
        session.add(row)


def test_readers_do_not_wait_when_a_writer_is_busy(database: Database) -> None:
    with database.transaction() as writer:
        writer.add(_conversation("unfinished"))
        writer.flush()
        started = time.monotonic()
        with database.reading() as reader:
            assert reader.get(ConversationRow, "unfinished") is None
        assert time.monotonic() - started < 1.0


def test_many_reads_see_one_moment_when_they_are_one(database: Database) -> None:
    count = sa.select(sa.func.count()).select_from(ConversationRow)
    with database.one_moment():
        with database.reading() as session:
            before = session.scalar(count)
        with database.writing_rows() as connection:
            row = {"id": "c1", "language": "ja", "created_at": now(), "untold": ""}
            connection.execute(sa.insert(ConversationRow.__table__), row)
        with database.reading() as session:
            assert session.scalar(count) == before
        with database.reading_rows() as connection:
            assert connection.scalar(count) == (before or 0) + 1  # a statement by itself sees now
    with database.reading() as session:
        assert session.scalar(count) == (before or 0) + 1


def test_an_error_ends_the_moment(database: Database) -> None:
    with pytest.raises(ZeroDivisionError), database.one_moment():
        raise ZeroDivisionError
    with database.reading() as first, database.reading() as second:
        assert first is not second


def test_both_are_written_when_two_write_at_once(database: Database) -> None:
    # SQLite has one writer: the second waits for the first instead of failing with "database is locked".
    inside, failed = threading.Event(), []

    def write_second() -> None:
        inside.wait(5)
        try:
            with database.transaction() as session:
                session.get(ConversationRow, "first")  # reads first, writes later
                session.add(_conversation("second"))
        except sa.exc.SQLAlchemyError as error:
            failed.append(error)

    second = threading.Thread(target=write_second)
    second.start()
    with database.transaction() as session:
        session.add(_conversation("first"))
        session.flush()
        inside.set()
        time.sleep(0.2)
    second.join(10)
    assert failed == []
    with database.reading() as session:
        assert {row.id for row in session.scalars(sa.select(ConversationRow))} == {"first", "second"}


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("secure_delete", 1), ("busy_timeout", 5000)],
)
def test_sqlite_is_careful_when_connected(tmp_path: Path, pragma: str, value: object) -> None:
    database = Database(f"sqlite:///{tmp_path / 'x.sqlite3'}")
    with database.engine.connect() as connection:
        assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() == value
    database.close()


def test_services_open_on_nothing_when_started_for_the_first_time(index: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir()
    (state / "knowledge").symlink_to(index)
    services = open_services(Settings(state=state))
    assert services.accounts.count() == 0
    assert services.bundle.policy.version
    assert (state / "madoguchi.sqlite3").exists()
    assert (state / "keys" / "master.json").exists()
    services.database.close()


def test_a_connection_in_use_is_closed_when_its_thread_is_done(database: Database) -> None:
    other = Database(database.engine.url.render_as_string(hide_password=False))
    begun, go_on, used = threading.Event(), threading.Event(), []

    def work() -> None:
        with other.reading() as session:
            used.append(session.connection().connection.driver_connection)
            begun.set()
            go_on.wait(10)

    thread = threading.Thread(target=work)
    thread.start()
    assert begun.wait(10)
    other.close()
    go_on.set()
    thread.join(10)
    (connection,) = used
    if database.engine.dialect.name == "postgresql":
        assert connection.closed
    else:
        with pytest.raises(sqlite3.ProgrammingError, match="closed"):
            connection.execute("select 1")
    with database.reading() as session:  # others go on
        assert session.scalar(sa.text("select 1")) == 1


def test_no_connection_is_left_when_services_cannot_open(
    tmp_path: Path, index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = []
    monkeypatch.setattr(Database, "close", lambda self: closed.append(self))
    (tmp_path / "state").mkdir()
    with pytest.raises(KnowledgeError):
        open_services(Settings(state=tmp_path / "state"))  # there is no index
    (found,) = closed
    monkeypatch.undo()
    found.close()
