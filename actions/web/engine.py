"""The dialogue engine as the gateway sees it: one call a turn, short patience, and silence counts as being down."""

from __future__ import annotations

from typing import Any

import httpx

from actions.errors import DialogueDownError


class Engine:
    """Client of Rasa's desk channel; the only code that knows its address."""

    def __init__(self, url: str, timeout_seconds: float) -> None:
        self._url = url
        # No proxy from the environment: what a customer typed goes to this machine only.
        self._client = httpx.AsyncClient(base_url=url, timeout=timeout_seconds, trust_env=False)

    async def send(self, sender: str, message: str, metadata: dict[str, Any]) -> list[dict[str, Any]]:
        """Send a message. Returns: the payloads said, never empty.

        Raises: DialogueDownError: no connection, too slow, an error, or an empty reply (an action failed; Rasa then
        says nothing at all).
        """
        body = {"sender": sender, "message": message, "metadata": metadata}
        try:
            response = await self._client.post("/webhooks/desk/webhook", json=body)
            response.raise_for_status()
            said = [one["custom"] for one in response.json() if "custom" in one]
        except (httpx.HTTPError, ValueError, TypeError) as error:
            raise DialogueDownError from error
        if not said:
            raise DialogueDownError
        return said

    async def is_ready(self) -> bool:
        """Whether the engine answers."""
        try:
            response = await self._client.get("/webhooks/desk/", timeout=1.0)
        except httpx.HTTPError:
            return False
        return response.status_code == httpx.codes.OK

    async def close(self) -> None:
        """Give the connections back."""
        await self._client.aclose()
