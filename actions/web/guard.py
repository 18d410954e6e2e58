"""Who may come in: rate limits, same-origin forms, body size, and the headers every response carries."""

from __future__ import annotations

from contextlib import suppress
from ipaddress import ip_address, ip_network
from math import ceil
from time import time
from typing import NoReturn
from urllib.parse import urlsplit

import structlog
from fastapi import Request
from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import MovingWindowRateLimiter
from limits.errors import StorageError
from starlette.datastructures import MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from actions.errors import ForeignOriginError, TooManyRequestsError
from actions.metrics import REFUSED
from actions.settings import Settings
from actions.texts import say

BODY_MAX_BYTES = 256 * 1024
REDIS_SECONDS = 1.0  # patience with the shared limits
LENIENT = {"address", "status", "filing"}  # limits that do not count what comes from loopback
UNLISTED = ("/status/", "/confirm/", "/requests/filed/", "/desk", "/staff")  # pages for no search engine

logger = structlog.get_logger()


class Limiter:
    """Moving-window limits by conversation and by address: one visitor never blocks another."""

    def __init__(self, settings: Settings) -> None:
        redis = settings.redis_url.get_secret_value()
        self._own = MovingWindowRateLimiter(MemoryStorage())
        self._shared = MovingWindowRateLimiter(_open_redis(redis)) if redis else self._own
        self._rates = {
            "conversation": parse(settings.rate_conversation),
            "address": parse(settings.rate_address),
            "sign_in": parse(settings.rate_sign_in),
            "filing": parse(settings.rate_filing),
            "status": parse(settings.rate_status),
            "code": parse(settings.rate_code),
            "try": parse(settings.rate_try),
        }

    async def check(self, rate: str, key: str) -> None:
        """Count one use. Raises: TooManyRequestsError with the seconds to wait.

        Messages from loopback count by conversation only: they come from this machine's own tools, or from a proxy that
        `trusted_proxies` does not know of, and then one bucket would block every visitor. What guards a code or a
        password counts from everywhere.
        """
        if rate in LENIENT and _is_loopback(key):
            return
        key = _group(key)
        try:
            await self._count(self._shared, rate, key)
        except StorageError as error:
            # Questions are answered all the same; until Redis is back each worker counts for itself.
            logger.warning("limits not shared", kind=type(error.storage_error).__name__)
            await self._count(self._own, rate, key)

    async def check_left(self, rate: str, key: str) -> None:
        """Refuse what `check` would refuse, without counting it. Raises: TooManyRequestsError."""
        if rate in LENIENT and _is_loopback(key):
            return
        item, key = self._rates[rate], _group(key)
        with suppress(StorageError):  # counting itself says so
            wait = 0 if await self._shared.test(item, rate, key) else await _find_wait(self._shared, item, rate, key)
            if 0 < wait <= item.get_expiry():
                _refuse_use(rate, wait)

    async def is_shared(self) -> bool:
        """Whether the limits count where the settings say: in Redis, if there is one."""
        if self._shared is self._own:
            return True
        try:
            return bool(await self._shared.storage.check())
        except StorageError:
            return False

    async def _count(self, limiter: MovingWindowRateLimiter, rate: str, key: str) -> None:
        item = self._rates[rate]
        if await limiter.hit(item, rate, key):
            return
        wait = await _find_wait(limiter, item, rate, key)
        if wait <= item.get_expiry():
            _refuse_use(rate, wait)
        # The clock was set back since: by it nobody would get in until it has caught up.
        await limiter.clear(item, rate, key)
        await limiter.hit(item, rate, key)


async def _find_wait(limiter: MovingWindowRateLimiter, item: RateLimitItem, rate: str, key: str) -> int:
    """Seconds until the next use is let in, at least 1."""
    stats = await limiter.get_window_stats(item, rate, key)
    return max(1, ceil(stats.reset_time - time()))


def _refuse_use(rate: str, wait: int) -> NoReturn:
    REFUSED.labels(rate).inc()
    raise TooManyRequestsError(wait)


def _open_redis(url: str) -> RedisStorage:
    return RedisStorage(
        f"async+{url}",
        wrap_exceptions=True,
        implementation="redispy",
        socket_connect_timeout=REDIS_SECONDS,
        socket_timeout=REDIS_SECONDS,
    )


def _group(key: str) -> str:
    """Who counts as one visitor: of IPv6 a whole /64, which is what one customer of a provider has."""
    try:
        address = ip_address(key)
    except ValueError:
        return key
    return key if address.version == 4 else str(ip_network(f"{key}/64", strict=False))


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
    if origin is not None and _find_host(origin) != request.headers.get("host"):
        raise ForeignOriginError


def _find_host(origin: str) -> str:
    try:
        return urlsplit(origin).netloc
    except ValueError:  # not an address at all
        return ""


def make_headers(frame_ancestors: str) -> dict[str, str]:
    """Headers of every response: strict Content-Security-Policy, no sniffing, no referrer."""
    policy = (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        f"frame-ancestors 'self' {frame_ancestors}".strip(),
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
    return {
        "content-security-policy": "; ".join(policy),
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "permissions-policy": "camera=(), microphone=(), geolocation=()",
        "cross-origin-opener-policy": "same-origin",
        "cache-control": "no-store",
    }


class HeadersMiddleware:
    """Adds `make_headers` to what the application says; its own word on caching stays. Some pages are unlisted."""

    def __init__(self, app: ASGIApp, frame_ancestors: str) -> None:
        self._app = app
        self._headers = make_headers(frame_ancestors)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Add the headers to every HTTP response."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                kept = headers.get("cache-control")
                headers.update(self._headers)
                if scope["path"].startswith(UNLISTED):
                    headers["x-robots-tag"] = "noindex"
                if kept:
                    headers["cache-control"] = kept
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
        seen = 0

        async def receive_counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            # Ends the body: what follows is not read.
            return {"type": "http.disconnect"} if seen > BODY_MAX_BYTES else message

        async def send_unless_refused(message: Message) -> None:
            # What the application says of a body that was cut off is not what went wrong.
            if seen <= BODY_MAX_BYTES:
                await send(message)

        await self._app(scope, receive_counted, send_unless_refused)
        if seen > BODY_MAX_BYTES:
            await _refuse(scope, receive, send)


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    error = {"error": {"code": "too_long", "message": say("ja", "errors.malformed")}}
    await JSONResponse(error, status_code=413)(scope, receive, send)
