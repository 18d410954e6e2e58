"""The dialogue engine as the gateway sees it: one call a turn, short patience, and silence counts as being down.

There may be several workers. A conversation keeps to one of them as long as that one is there, so that its messages
stay in order; the next one takes over only where no connection came about, and so nothing was sent.
"""

from __future__ import annotations

import asyncio
import hashlib
from typing import Any

import httpx

from actions.errors import DialogueDownError

CONNECT_SECONDS = 1.0  # a worker that is not there must leave time for the next


class Engine:
    """Client of Rasa's desk channel; the only code that knows its addresses."""

    def __init__(self, workers: tuple[str, ...], timeout_seconds: float) -> None:
        self.workers = workers
        patience = httpx.Timeout(timeout_seconds, connect=min(CONNECT_SECONDS, timeout_seconds))
        # No proxy from the environment: what a customer typed goes to these machines only.
        self._client = httpx.AsyncClient(timeout=patience, trust_env=False)

    async def send(self, sender: str, message: str, metadata: dict[str, Any]) -> list[dict[str, Any]]:
        """Send a message. Returns: the payloads said, never empty.

        Raises: DialogueDownError: no connection, too slow, an error, or an empty reply (an action failed; Rasa then
        says nothing at all).
        """
        body = {"sender": sender, "message": message, "metadata": metadata}
        try:
            response = await self._post(sender, body)
            response.raise_for_status()
            said = [one["custom"] for one in response.json() if "custom" in one]
        except (httpx.HTTPError, ValueError, TypeError) as error:
            raise DialogueDownError from error
        if not said:
            raise DialogueDownError
        return said

    async def _post(self, sender: str, body: dict[str, Any]) -> httpx.Response:
        """The answer of the first worker that takes a connection: what was sent once is never sent again."""
        *others, last = rank_workers(self.workers, sender)
        for worker in others:
            try:
                return await self._client.post(f"{worker}/webhooks/desk/webhook", json=body)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue
        return await self._client.post(f"{last}/webhooks/desk/webhook", json=body)

    async def count_ready(self) -> int:
        """How many workers answer."""
        return sum(await asyncio.gather(*(self._is_ready(worker) for worker in self.workers)))

    async def _is_ready(self, worker: str) -> bool:
        try:
            response = await self._client.get(f"{worker}/webhooks/desk/", timeout=2.0)
        except httpx.HTTPError:
            return False
        return response.status_code == httpx.codes.OK

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.aclose()


def rank_workers(workers: tuple[str, ...], sender: str) -> list[str]:
    """The workers in the order in which a conversation turns to them: the same in every process, spread evenly.

    Rendezvous hashing: a worker that comes or goes moves no conversation but its own.
    """
    return sorted(workers, key=lambda worker: hashlib.sha256(f"{worker} {sender}".encode()).digest())
