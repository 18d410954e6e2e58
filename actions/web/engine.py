"""The dialogue engine as the gateway sees it: one call a turn, short patience, and silence counts as being down.

There may be several workers. A conversation keeps to one of them as long as that one is there, so that its messages
stay in order; the next one takes over only where no connection came about, and so nothing was sent.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from typing import Any

import aiohttp

from actions.errors import DialogueDownError

CONNECT_SECONDS = 1.0  # a worker that is not there must leave time for the next
_READY_SECONDS = 2.0
_KEPT_SECONDS = 3.0  # a connection nobody uses: the engine closes it after five
_OK = 200
_JSON = {"content-type": "application/json"}
# What aiohttp raises of a worker that is gone, hangs, or says what is no HTTP
_FAILURES = (aiohttp.ClientError, TimeoutError)


class Engine:
    """Client of Rasa's desk channel; the only code that knows its addresses.

    aiohttp, because its parser is compiled and its connections know by themselves when the other side has gone: a turn
    is a request to the engine, and clients in pure Python take a fifth of the turn for it. It heeds no proxy from the
    environment and keeps no cookies: what a customer typed goes to these machines only.
    """

    def __init__(self, workers: tuple[str, ...], timeout_seconds: float) -> None:
        self.workers = workers
        self._patience = _write_patience(timeout_seconds)
        self._kept: aiohttp.ClientSession | None = None

    async def send(self, sender: str, message: str, metadata: dict[str, Any]) -> list[dict[str, Any]]:
        """Send a message. Returns: the payloads said, never empty.

        Raises: DialogueDownError: no connection, too slow, an error, or an empty reply (an action failed; Rasa then
        says nothing at all).
        """
        body = json.dumps({"sender": sender, "message": message, "metadata": metadata}).encode()
        try:
            said = [one["custom"] for one in json.loads(await self._post(sender, body)) if "custom" in one]
        except (*_FAILURES, ValueError, TypeError) as error:
            raise DialogueDownError from error
        if not said:
            raise DialogueDownError
        return said

    async def _post(self, sender: str, body: bytes) -> bytes:
        """The answer of the first worker that takes a connection: what was sent once is never sent again."""
        *others, last = rank_workers(self.workers, sender)
        for worker in others:
            try:
                return await self._post_to(worker, body)
            except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
                continue
        return await self._post_to(last, body)

    async def _post_to(self, worker: str, body: bytes) -> bytes:
        address = f"{worker}/webhooks/desk/webhook"
        async with self._session.post(address, data=body, headers=_JSON, timeout=self._patience) as response:
            response.raise_for_status()
            return await response.read()

    async def count_ready(self) -> int:
        """How many workers answer."""
        return sum(await asyncio.gather(*(self._is_ready(worker) for worker in self.workers)))

    async def _is_ready(self, worker: str) -> bool:
        patience = _write_patience(_READY_SECONDS)
        try:
            async with self._session.get(f"{worker}/webhooks/desk/", timeout=patience) as response:
                return response.status == _OK
        except _FAILURES:
            return False

    @property
    def _session(self) -> aiohttp.ClientSession:
        """The connections, made at the first use: they belong to the loop that runs then."""
        if self._kept is None:
            connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=_KEPT_SECONDS)
            self._kept = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
        return self._kept

    async def close(self) -> None:
        """Give the connections back."""
        if self._kept is not None:
            await self._kept.close()


def _write_patience(seconds: float) -> aiohttp.ClientTimeout:
    """Seconds for a request and its answer together, and for the connection alone."""
    return aiohttp.ClientTimeout(total=seconds, sock_connect=min(CONNECT_SECONDS, seconds))


def rank_workers(workers: tuple[str, ...], sender: str) -> list[str]:
    """The workers in the order in which a conversation turns to them: the same in every process, spread evenly.

    Rendezvous hashing: a worker that comes or goes moves no conversation but its own.
    """
    return sorted(workers, key=lambda worker: hashlib.sha256(f"{worker} {sender}".encode()).digest())
