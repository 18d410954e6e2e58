"""Several action webhooks: where one cannot be connected to, the next one is called.

Rasa knows one address. `MADOGUCHI_WEBHOOK_URL` may name several, separated by blanks; a call that was sent is never
sent again, whatever becomes of it.
"""

from __future__ import annotations

import random
from typing import Any

import aiohttp
from rasa.core.actions.action import RemoteAction
from rasa.utils.endpoints import EndpointConfig

_CONNECT_SECONDS = 1.0
_LONGEST_SECONDS = 60.0  # the desk's own limit of an action is far below; Rasa would wait five minutes


class ActionEndpoint(EndpointConfig):
    """An endpoint whose address may be several, in any order: each app can run every action."""

    async def request(self, *args: Any, **kwargs: Any) -> Any:
        """See EndpointConfig. Raises: what the last address raised."""
        kwargs["timeout"] = aiohttp.ClientTimeout(total=_LONGEST_SECONDS, sock_connect=_CONNECT_SECONDS)
        addresses = (self.url or "").split()
        *others, last = random.sample(addresses, len(addresses))
        for address in others:
            try:
                return await self._at(address).request(*args, **kwargs)
            # Both come from connecting: there is no limit of its own to reading.
            except (aiohttp.ClientConnectorError, aiohttp.ServerTimeoutError):
                continue
        return await self._at(last).request(*args, **kwargs)

    def _at(self, address: str) -> EndpointConfig:
        one = self.copy()
        one.url = address
        return one


def install() -> None:
    """Give every `RemoteAction` of this process such an endpoint."""
    original = RemoteAction.__init__

    def initialise(self: RemoteAction, name: str, action_endpoint: EndpointConfig | None) -> None:
        original(self, name, action_endpoint)
        if action_endpoint is not None:
            several = ActionEndpoint(**_list_arguments(action_endpoint))
            self.action_endpoint = several

    RemoteAction.__init__ = initialise  # type: ignore[method-assign]


def _list_arguments(endpoint: EndpointConfig) -> dict[str, Any]:
    names = ("url", "params", "headers", "basic_auth", "token", "token_name")
    return {**{name: getattr(endpoint, name) for name in names}, **endpoint.kwargs}
