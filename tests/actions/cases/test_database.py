"""The database itself: one schema on both kinds, whole transactions, and SQLite told to be careful."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext

from actions.cases.database import Database
from actions.cases.instants import now
from actions.cases.tables import AccountRow, Base, ConversationRow, TurnRow
from actions.services import open_services
from actions.settings import Settings

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
