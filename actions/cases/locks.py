"""One turn of a conversation at a time, whichever app process has it.

Within a process a lock in memory does; between processes PostgreSQL's advisory locks, which end with the connection
that holds them, so that a killed process bars nobody's way. SQLite is one process's: the lock in memory is enough.
"""

from __future__ import annotations

import asyncio
import hashlib
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

from anyio import to_thread
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from actions.cases.database import Database
from actions.errors import BusyError

_POLL_SECONDS = 0.05
_TRY, _UNLOCK = text("select pg_try_advisory_lock(:key)"), text("select pg_advisory_unlock(:key)")


class ConversationLocks:
    """Locks by conversation. `patience_seconds` is the longest wait for another process's turn."""

    def __init__(self, database: Database, patience_seconds: float) -> None:
        self._own: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._shared = _AdvisoryLocks(database) if database.engine.dialect.name == "postgresql" else None
        self._patience_seconds = patience_seconds

    @asynccontextmanager
    async def hold(self, conversation_id: str) -> AsyncIterator[None]:
        """Hold a conversation until the block ends. Raises: BusyError: another process's turn never ended."""
        async with self._own.setdefault(conversation_id, asyncio.Lock()):
            if self._shared is None:
                yield
                return
            key = _make_key(conversation_id)
            try:
                await self._acquire(self._shared, key)
                yield
            finally:
                # Whatever ended it, also in the middle of acquiring: what is not held is not given back either.
                await asyncio.shield(to_thread.run_sync(self._shared.release, key))

    async def _acquire(self, shared: _AdvisoryLocks, key: int) -> None:
        deadline = time.monotonic() + self._patience_seconds
        while not await to_thread.run_sync(shared.acquire, key):
            if time.monotonic() > deadline:
                raise BusyError
            await asyncio.sleep(_POLL_SECONDS)


class _AdvisoryLocks:
    """All locks of this process on one connection, which goes back to the pool when none is held."""

    def __init__(self, database: Database) -> None:
        self._engine = database.engine
        self._connection: Connection | None = None
        self._held: set[int] = set()
        self._mutex = threading.Lock()

    def acquire(self, key: int) -> bool:
        """Take a lock, or don't. Raises: SQLAlchemyError: no database answers."""
        with self._mutex:
            try:
                taken = bool(self._connect().scalar(_TRY, {"key": key}))
            except DBAPIError:
                self._part()  # what a broken connection held is free
                taken = bool(self._connect().scalar(_TRY, {"key": key}))
            if taken:
                self._held.add(key)
            elif not self._held:
                self._part()
            return taken

    def release(self, key: int) -> None:
        """Give a lock back; nothing happens where it is not held."""
        with self._mutex:
            if key not in self._held:
                return
            self._held.discard(key)
            try:
                self._connect().scalar(_UNLOCK, {"key": key})
            except DBAPIError:
                self._part()
            if not self._held:
                self._part()

    def _connect(self) -> Connection:
        if self._connection is None:
            self._connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        return self._connection

    def _part(self) -> None:
        if self._connection is not None:
            connection, self._connection = self._connection, None
            connection.close()


def _make_key(conversation_id: str) -> int:
    """PostgreSQL's locks are numbered with 64 bits."""
    return int.from_bytes(hashlib.sha256(conversation_id.encode()).digest()[:8], "big", signed=True)
