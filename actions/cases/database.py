"""Engine, sessions and migrations: SQLite by default, PostgreSQL by one setting, the same code."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import ExceptionContext, make_url
from sqlalchemy.exc import (
    DatabaseError,
    DataError,
    IntegrityError,
    InterfaceError,
    NotSupportedError,
    ProgrammingError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session, sessionmaker

from actions.errors import StorageDownError
from actions.metrics import DATABASE_ERRORS

_MIGRATIONS = Path(__file__).parent / "migrations"
_MIGRATION_LOCK = 0x6D61646F  # any number that nobody else's lock has
_BUSY_SECONDS = 5.0  # a writer waits so long for another before it gives up


class Database:
    """Opens sessions. One `transaction()` is one unit of work: it commits whole or leaves no trace.

    All ways of opening one raise StorageDownError where the database is locked, full, read-only, damaged or away;
    the next session tries again with a new connection.
    """

    def __init__(self, url: str) -> None:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite" and parsed.database:
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
        # hide_parameters: an SQL error must not quote what somebody typed. A file needs no ping: nobody hangs up.
        is_file = parsed.get_backend_name() == "sqlite"
        self.engine: Engine = create_engine(parsed, hide_parameters=True, pool_pre_ping=not is_file)
        event.listen(self.engine, "handle_error", _count_error)
        if self.engine.dialect.name == "sqlite":
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin)
        self._url = parsed
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)
        self._moment: ContextVar[Session | None] = ContextVar("moment", default=None)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session that commits at the end and rolls back on an error."""
        with _naming_outages(), self._sessions.begin() as session:
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that only reads: it sees one moment of the database and waits for no writer."""
        shared = self._moment.get()
        if shared is not None:
            yield shared
            return
        with _naming_outages(), self._sessions() as session:
            options: dict[str, Any] = {"reading": True}
            if self.engine.dialect.name == "postgresql":
                options["isolation_level"] = "REPEATABLE READ"  # else each statement would see a moment of its own
            session.connection(execution_options=options)
            yield session

    @contextmanager
    def one_moment(self) -> Iterator[None]:
        """All that this thread reads in the block it reads in one session: a page that is put together from many reads.

        It shows one moment, and a remote database is asked for that once.
        """
        with self.reading() as session:
            token = self._moment.set(session)
            try:
                yield
            finally:
                self._moment.reset(token)

    @contextmanager
    def writing_rows(self) -> Iterator[Connection]:
        """As `transaction`, for statements made once: without the session's bookkeeping, which costs more than they."""
        with _naming_outages(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def reading_rows(self) -> Iterator[Connection]:
        """For one statement that only reads, made once: it sees one moment by itself."""
        with _naming_outages(), self.engine.connect().execution_options(reading="one") as connection:
            yield connection

    def migrate(self) -> None:
        """Bring the schema to the newest version; nothing happens when it is."""
        if self.find_revision() == find_newest_revision():
            return
        # Imported late: a third of a second that only a changed schema needs.
        from alembic import command
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(_MIGRATIONS))
        with self._open_for_change() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    @contextmanager
    def _open_for_change(self) -> Iterator[Connection]:
        """A transaction in which tables may be made anew.

        SQLite changes a table by copying it and dropping the old one, and with foreign keys enforced that drop would
        delete every row that refers to it: there they are off, and checked at the end.
        """
        if self.engine.dialect.name != "sqlite":
            with self.engine.begin() as connection:
                # Of several processes that start at once one changes the schema; the others then find nothing to do.
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})")
                yield connection
            return
        engine = create_engine(self._url, hide_parameters=True)
        event.listen(engine, "connect", _prepare_sqlite_for_change)
        event.listen(engine, "begin", _begin)
        try:
            with engine.begin() as connection:
                yield connection
                if connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                    raise RuntimeError("the migration would leave rows that refer to nothing")
        finally:
            engine.dispose()

    def find_revision(self) -> str | None:
        """The schema's revision, None for an empty database. Raises: SQLAlchemyError: no database answers."""
        with self.engine.connect() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return None
            revision: str | None = connection.scalar(text("select version_num from alembic_version"))
            return revision

    def check(self) -> None:
        """Find out whether something could be written now. Raises: SQLAlchemyError."""
        with self.transaction() as session:
            # No row: a database that only reads refuses it all the same.
            session.execute(text("UPDATE audit_head SET seq = seq WHERE id < 0"))

    def scrub(self) -> None:
        """Overwrite what was deleted wherever the database still keeps it: log pages, dead rows.

        Erasing a case is deleting its key; a copy of the key in a log would keep the door open.
        """
        if self.engine.dialect.name == "sqlite":
            with self.engine.connect() as connection:
                raw = connection.connection.driver_connection
                connection.rollback()
                if raw is not None:
                    raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for table in ("cases", "case_items", "case_messages", "outbox", "turns", "drafts", "questions", "feedback"):
                connection.exec_driver_sql(f"VACUUM {table}")

    def close(self) -> None:
        """Close all connections; one that a thread is still working with is closed when it is given back."""
        pool = self.engine.pool
        self.engine.dispose()
        # Given back to a pool that nobody has any more, it would be dropped while it is open.
        event.listen(pool, "checkin", _close)


def is_missing(url: str | URL) -> bool:
    """Whether it is a SQLite file that is not there yet: connecting would make it."""
    parsed = make_url(url)
    return parsed.get_backend_name() == "sqlite" and not Path(parsed.database or "").exists()


@contextmanager
def _naming_outages() -> Iterator[None]:
    """What the database cannot do now becomes StorageDownError; what is wrong with a statement stays what it is."""
    try:
        yield
    except (IntegrityError, DataError, ProgrammingError, NotSupportedError):
        raise
    except (DatabaseError, InterfaceError, PoolTimeoutError) as error:
        # SQLite calls a statement that it cannot read an operational error too.
        if getattr(getattr(error, "orig", None), "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR:
            raise
        raise StorageDownError from error


def find_newest_revision() -> str:
    """Revision of the newest migration: their files begin with it, in order (held by a test)."""
    return max(path.name.split("_")[0] for path in (_MIGRATIONS / "versions").glob("[0-9]*.py"))


def _close(_: Any, record: Any) -> None:  # noqa: ANN401  SQLAlchemy's event hands over its own types
    record.invalidate()


def _prepare_sqlite(connection: Any, _: Any) -> None:  # noqa: ANN401  the driver's own types
    # Python's driver would open transactions by itself, and too late: SQLAlchemy's documented recipe.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",  # a receipt is a promise: it survives a power cut
        "foreign_keys=ON",
        "secure_delete=ON",  # deleted means overwritten
        f"busy_timeout={int(_BUSY_SECONDS * 1000)}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _prepare_sqlite_for_change(connection: Any, record: Any) -> None:  # noqa: ANN401  the driver's own types
    _prepare_sqlite(connection, record)
    connection.execute("PRAGMA foreign_keys=OFF")


def _count_error(context: ExceptionContext) -> None:
    DATABASE_ERRORS.labels(type(context.sqlalchemy_exception or context.original_exception).__name__).inc()


def _begin(connection: Any) -> None:  # noqa: ANN401  SQLAlchemy's event hands over its own type
    # A writer takes the lock at once: a transaction that reads first and writes later could not wait for another.
    reading = connection.get_execution_options().get("reading", False)
    if reading != "one":
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
