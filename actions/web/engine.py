"""The dialogue engine as the gateway sees it: one call a turn, short patience, and silence counts as being down.

There may be several workers. A conversation keeps to one of them as long as that one is there, so that its messages
stay in order; the next one takes over only where no connection came about, and so nothing was sent.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from typing import Any

import httpcore

from actions.errors import DialogueDownError

CONNECT_SECONDS = 1.0  # a worker that is not there must leave time for the next
_READY_SECONDS = 2.0
_KEPT_SECONDS = 3.0  # a connection nobody uses: the engine closes it after five
_OK = 200
# What httpcore raises of a worker that is gone, hangs, or says what is no HTTP
_FAILURES = (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException)


class Engine:
    """Client of Rasa's desk channel; the only code that knows its addresses.

    httpcore is what httpx is made of: a fourth of the time, and no proxy from the environment. What a customer typed
    goes to these machines only.
    """

    def __init__(self, workers: tuple[str, ...], timeout_seconds: float) -> None:
        self.workers = workers
        self._pool = httpcore.AsyncConnectionPool(max_connections=None, keepalive_expiry=_KEPT_SECONDS)
        self._patience = _write_patience(timeout_seconds)

    async def send(self, sender: str, message: str, metadata: dict[str, Any]) -> list[dict[str, Any]]:
        """Send a message. Returns: the payloads said, never empty.

        Raises: DialogueDownError: no connection, too slow, an error, or an empty reply (an action failed; Rasa then
        says nothing at all).
        """
        body = json.dumps({"sender": sender, "message": message, "metadata": metadata}).encode()
        try:
            response = await self._post(sender, body)
            said = [one["custom"] for one in json.loads(response.content) if "custom" in one]
        except (*_FAILURES, ValueError, TypeError) as error:
            raise DialogueDownError from error
        if response.status != _OK or not said:
            raise DialogueDownError
        return said

    async def _post(self, sender: str, body: bytes) -> httpcore.Response:
        """The answer of the first worker that takes a connection: what was sent once is never sent again."""
        *others, last = rank_workers(self.workers, sender)
        for worker in others:
            try:
                return await self._post_to(worker, body)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return await self._post_to(last, body)

    async def _post_to(self, worker: str, body: bytes) -> httpcore.Response:
        return await self._pool.request(
            "POST",
            f"{worker}/webhooks/desk/webhook",
            headers={"content-type": "application/json"},
            content=body,
            extensions={"timeout": self._patience},
        )

    async def count_ready(self) -> int:
        """How many workers answer."""
        return sum(await asyncio.gather(*(self._is_ready(worker) for worker in self.workers)))

    async def _is_ready(self, worker: str) -> bool:
        patience = {"timeout": _write_patience(_READY_SECONDS)}
        try:
            response = await self._pool.request("GET", f"{worker}/webhooks/desk/", extensions=patience)
        except _FAILURES:
            return False
        return bool(response.status == _OK)

    async def close(self) -> None:
        """Give the connections back."""
        await self._pool.aclose()


def _write_patience(seconds: float) -> dict[str, float]:
    """Seconds for each part of a request, as httpcore takes them."""
    return {"connect": min(CONNECT_SECONDS, seconds), "read": seconds, "write": seconds, "pool": seconds}


def rank_workers(workers: tuple[str, ...], sender: str) -> list[str]:
    """The workers in the order in which a conversation turns to them: the same in every process, spread evenly.

    Rendezvous hashing: a worker that comes or goes moves no conversation but its own.
    """
    return sorted(workers, key=lambda worker: hashlib.sha256(f"{worker} {sender}".encode()).digest())
