"""The dialogue engine's own memory of conversations: rows to delete, never to read.

Rasa's tracker store writes one row an event into the table `events` (`SQLTrackerStore`) and deletes none. The texts in
it are blanked before (`bot.components.tracker_store`); that somebody talked, and when, is there all the same.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    Column,
    Delete,
    Engine,
    Float,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    create_engine,
    delete,
    event,
    func,
    inspect,
    select,
)
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from actions.cases.copies import copy_tables
from actions.cases.instants import now

_PATIENCE_SECONDS = 5.0  # the engine writes at the same time
# As Rasa makes it (`SQLTrackerStore.SQLEvent`).
_EVENTS = Table(
    "events",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("sender_id", String(255), nullable=False, index=True),
    Column("type_name", String(255), nullable=False),
    Column("timestamp", Float),  # epoch seconds
    Column("intent_name", String(255)),
    Column("action_name", String(255)),
    Column("data", Text),
)


class Trackers:
    """Deletes what the dialogue engine remembers; nothing where its database is not there yet."""

    def __init__(self, url: str) -> None:
        self._url = _choose_driver(make_url(url))
        self._engine = _open(self._url)

    def delete(self, sender: str) -> int:
        """Forget a conversation. Returns the number of events. Raises: SQLAlchemyError: no database answers."""
        return self._execute(delete(_EVENTS).where(_EVENTS.c.sender_id == sender))

    def purge(self, days: int) -> int:
        """Forget conversations whose last event is older. Returns the number of events. Raises: as `delete`.

        A running conversation keeps its beginning: without it the engine would not know where it stands.
        """
        oldest = (now() - timedelta(days=days)).timestamp()
        last = func.max(_EVENTS.c.timestamp)
        silent = select(_EVENTS.c.sender_id).group_by(_EVENTS.c.sender_id).having(last < oldest)
        return self._execute(delete(_EVENTS).where(_EVENTS.c.sender_id.in_(silent)))

    def copy_to(self, path: Path) -> int:
        """Copy all events, as of one moment, into a new SQLite file. Returns their number."""
        if not self._is_there():
            return 0
        return copy_tables(self._engine, _open(make_url(f"sqlite:///{path}")), _EVENTS.metadata)

    def take_from(self, path: Path) -> int:
        """Replace everything by what `copy_to` wrote. Returns the number of events."""
        with self._engine.begin() as connection:
            if inspect(connection).has_table(_EVENTS.name):
                connection.execute(delete(_EVENTS))
        return copy_tables(_open(make_url(f"sqlite:///{path}")), self._engine, _EVENTS.metadata)

    def _is_there(self) -> bool:
        name = self._url.database or ""
        if self._url.get_backend_name() == "sqlite" and not Path(name).exists():
            return False  # connecting would make the file
        with self._engine.connect() as connection:
            return inspect(connection).has_table(_EVENTS.name)

    def _execute(self, statement: Delete) -> int:
        if not self._is_there():
            return 0
        with self._engine.begin() as connection:
            return connection.execute(statement).rowcount


def _choose_driver(url: URL) -> URL:
    """The address for the driver of this environment; the engine's own environment has another for PostgreSQL."""
    return url.set(drivername="postgresql+psycopg") if url.get_backend_name() == "postgresql" else url


def _open(url: URL) -> Engine:
    # Seldom used: no connection is kept. hide_parameters: an error must not name a conversation.
    engine = create_engine(url, hide_parameters=True, poolclass=NullPool)
    if url.get_backend_name() == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _: Any) -> None:  # noqa: ANN401  the driver's own types
    connection.execute("PRAGMA secure_delete=ON")  # deleted means overwritten
    connection.execute(f"PRAGMA busy_timeout={int(_PATIENCE_SECONDS * 1000)}")
