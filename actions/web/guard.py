"""Who may come in: rate limits, same-origin forms, body size, and the headers every response carries."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from ipaddress import ip_address
from math import ceil
from time import time
from urllib.parse import urlsplit

from fastapi import Request
from limits import parse
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import MovingWindowRateLimiter
from starlette.datastructures import MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from actions.errors import ForeignOriginError, TooManyRequestsError
from actions.settings import Settings
from actions.texts import say

BODY_MAX_BYTES = 256 * 1024


class Limiter:
    """Moving-window limits by conversation and by address: one visitor never blocks another."""

    def __init__(self, settings: Settings) -> None:
        redis = settings.redis_url.get_secret_value()
        storage = RedisStorage(f"async+{redis}", implementation="redispy") if redis else MemoryStorage()
        self._limiter = MovingWindowRateLimiter(storage)
        self._rates = {
            "conversation": parse(settings.rate_conversation),
            "address": parse(settings.rate_address),
            "sign_in": parse(settings.rate_sign_in),
        }

    async def check(self, rate: str, key: str) -> None:
        """Count one use. Raises: TooManyRequestsError with the seconds to wait.

        Messages from loopback count by conversation only: they come from this machine's own tools, or from a proxy that
        `trusted_proxies` does not know of, and then one bucket would block every visitor.
        """
        if rate == "address" and _is_loopback(key):
            return
        item = self._rates[rate]
        if not await self._limiter.hit(item, rate, key):
            stats = await self._limiter.get_window_stats(item, rate, key)
            raise TooManyRequestsError(max(1, ceil(stats.reset_time - time())))


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


def find_address(request: Request, trusted_proxies: int) -> str:
    """The visitor's address; X-Forwarded-For counts only as far as own proxies wrote it."""
    direct = request.client.host if request.client else "unknown"
    if not trusted_proxies:
        return direct
    hops = [hop.strip() for hop in request.headers.get("x-forwarded-for", "").split(",") if hop.strip()]
    return hops[-trusted_proxies] if len(hops) >= trusted_proxies else direct


def demand_same_origin(request: Request) -> None:
    """Refuse a form sent from another site (Sec-Fetch-Site, else Origin). Raises: ForeignOriginError.

    Browsers send one of the two with every form; a request with neither comes from no browser and carries no cookie
    that it was not given.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        if site not in {"same-origin", "none"}:
            raise ForeignOriginError
        return
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise ForeignOriginError


class HeadersMiddleware:
    """Strict Content-Security-Policy, no sniffing, no referrer, no caching of what is personal."""

    def __init__(self, app: ASGIApp, frame_ancestors: str) -> None:
        self._app = app
        ancestors = f"'self' {frame_ancestors}".strip()
        self._policy = "; ".join(
            (
                "default-src 'none'",
                "script-src 'self'",
                "style-src 'self'",
                "img-src 'self'",
                "connect-src 'self'",
                "form-action 'self'",
                "base-uri 'none'",
                f"frame-ancestors {ancestors}",
                "require-trusted-types-for 'script'",
                "trusted-types 'none'",
            )
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add the headers to every HTTP response."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["content-security-policy"] = self._policy
                headers["x-content-type-options"] = "nosniff"
                headers["referrer-policy"] = "no-referrer"
                headers["permissions-policy"] = "camera=(), microphone=(), geolocation=()"
                headers["cross-origin-opener-policy"] = "same-origin"
                headers.setdefault("cache-control", "no-store")
            await send(message)

        await self._app(scope, receive, send_with_headers)


class BodyLimitMiddleware:
    """Refuses a body over `BODY_MAX_BYTES`, announced or not, before anything reads it whole."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count the bytes as they come."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        if not announced.isdigit() or int(announced) > BODY_MAX_BYTES:
            await _refuse(scope, receive, send)
            return
        await self._app(scope, _count(receive), send)


def _count(receive: Receive) -> Callable[[], Awaitable[Message]]:
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        # Ends the body: what follows is not read, and the cut-off rest is malformed for whoever parses it.
        return {"type": "http.disconnect"} if seen > BODY_MAX_BYTES else message

    return counted


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    error = {"error": {"code": "too_long", "message": say("ja", "errors.malformed")}}
    await JSONResponse(error, status_code=413)(scope, receive, send)
