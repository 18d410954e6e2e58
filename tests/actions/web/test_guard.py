"""Who may come in: limits, own forms only, bodies of a size, and headers on everything."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from actions.errors import ForeignOriginError, TooManyRequestsError
from actions.settings import Settings
from actions.web.guard import (
    BODY_MAX_BYTES,
    BodyLimitMiddleware,
    Limiter,
    demand_same_origin,
    find_address,
    make_headers,
)

HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
    "cross-origin-opener-policy": "same-origin",
}


def _request(client: tuple[str, int] | None = ("192.0.2.1", 1), **headers: str) -> Request:
    written = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()]
    return Request({"type": "http", "method": "POST", "path": "/", "headers": written, "client": client})


async def _count_allowed(limiter: Limiter, rate: str, key: str, tries: int = 5) -> int:
    for number in range(tries):
        try:
            await limiter.check(rate, key)
        except TooManyRequestsError:
            return number
    return tries


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.services)])
async def limiter(request: pytest.FixtureRequest) -> AsyncIterator[Limiter]:
    """Limits kept in this process, or in a Redis."""
    redis = request.getfixturevalue("redis_url") if request.param == "redis" else ""
    found = Limiter(Settings(redis_url=redis, rate_conversation="3/minute", rate_address="2/minute"))
    yield found
    if redis:
        await found._shared.storage.bridge.storage.aclose()


async def test_a_visitor_waits_when_the_limit_is_reached(limiter: Limiter) -> None:
    one, other = uuid.uuid4().hex, uuid.uuid4().hex
    assert await _count_allowed(limiter, "conversation", one) == 3
    with pytest.raises(TooManyRequestsError) as caught:
        await limiter.check("conversation", one)
    assert 1 <= caught.value.retry_after <= 60
    assert await _count_allowed(limiter, "conversation", other) == 3  # nobody waits for somebody else


async def test_limits_are_counted_apart_when_their_kinds_differ(limiter: Limiter) -> None:
    key = uuid.uuid4().hex
    assert await _count_allowed(limiter, "address", key) == 2
    assert await _count_allowed(limiter, "conversation", key) == 3


@pytest.mark.services
async def test_limits_are_shared_when_workers_use_one_redis(redis_url: str) -> None:
    settings, key = Settings(redis_url=redis_url, rate_conversation="3/minute"), uuid.uuid4().hex
    one, other = Limiter(settings), Limiter(settings)
    assert await _count_allowed(one, "conversation", key, tries=2) == 2
    assert await _count_allowed(other, "conversation", key) == 1
    for limiter in (one, other):
        await limiter._shared.storage.bridge.storage.aclose()


async def test_each_worker_counts_for_itself_when_redis_is_down(open_desk: Callable[..., Any]) -> None:
    # Port 1 is nobody's. Questions are answered all the same, and a flood is still one.
    settings = Settings(redis_url="redis://127.0.0.1:1", rate_conversation="3/minute")
    assert await _count_allowed(Limiter(settings), "conversation", "c1") == 3
    desk = open_desk(redis_url="redis://127.0.0.1:1")
    assert (await desk.chat("個人情報を第三者に提供しますか"))["messages"][0]["citations"]


@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.0.2", "::1"])
async def test_loopback_is_no_address_to_limit_when_counting(limiter: Limiter, address: str) -> None:
    assert await _count_allowed(limiter, "address", address) == 5
    assert await _count_allowed(limiter, "address", f"unknown-{uuid.uuid4().hex}") == 2


@pytest.mark.parametrize(
    ("trusted", "forwarded", "found"),
    [
        (0, "", "192.0.2.1"),
        (0, "203.0.113.9", "192.0.2.1"),  # anybody may write the header
        (1, "", "192.0.2.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "10.9.9.9, 203.0.113.9", "203.0.113.9"),  # what the visitor wrote himself stands first
        (2, "10.9.9.9, 203.0.113.9, 198.51.100.1", "203.0.113.9"),
        (2, "203.0.113.9", "192.0.2.1"),  # fewer hops than own proxies: none is believed
        (1, " , ,203.0.113.9, ", "203.0.113.9"),
    ],
)
def test_the_address_is_the_visitors_when_proxies_stand_between(trusted: int, forwarded: str, found: str) -> None:
    assert find_address(_request(x_forwarded_for=forwarded), trusted) == found


def test_an_address_is_found_when_the_connection_has_none() -> None:
    assert find_address(_request(client=None), 0) == "unknown"


@pytest.mark.parametrize(
    ("headers", "welcome"),
    [
        ({}, True),  # no browser
        ({"sec_fetch_site": "same-origin"}, True),
        ({"sec_fetch_site": "none"}, True),  # typed or a bookmark
        ({"sec_fetch_site": "same-site"}, False),
        ({"sec_fetch_site": "cross-site"}, False),
        ({"sec_fetch_site": ""}, False),
        ({"sec_fetch_site": "cross-site", "origin": "http://desk.example.com"}, False),
        ({"sec_fetch_site": "same-origin", "origin": "https://evil.example"}, True),  # the browser knows best
        ({"origin": "http://desk.example.com"}, True),
        ({"origin": "https://desk.example.com"}, True),  # TLS ends at a proxy
        ({"origin": "https://evil.example"}, False),
        ({"origin": "http://desk.example.com.evil.example"}, False),
        ({"origin": "http://desk.example.com:8080"}, False),
        ({"origin": "null"}, False),
        ({"origin": ""}, False),
        ({"origin": "http://["}, False),
        ({"origin": "desk.example.com"}, False),
    ],
)
def test_a_form_is_taken_when_it_comes_from_this_site(headers: dict[str, str], welcome: bool) -> None:
    request = _request(host="desk.example.com", **headers)
    if welcome:
        assert demand_same_origin(request) is None
    else:
        with pytest.raises(ForeignOriginError):
            demand_same_origin(request)


@pytest.mark.parametrize("rate", ["code", "try", "sign_in", "conversation"])
@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
async def test_loopback_counts_when_a_code_or_password_is_tried(rate: str, address: str) -> None:
    limits = {f"rate_{name}": "2/hour" for name in ("code", "try", "sign_in", "conversation")}
    assert await _count_allowed(Limiter(Settings(**limits)), rate, address) == 2


OWN_FORMS = ("/", "/restart", "/requests/new", "/conversation/delete", "/status/none", "/confirm/none")


@pytest.mark.parametrize("path", [*OWN_FORMS, "/desk/sign-in", "/desk/sign-out"])
@pytest.mark.parametrize("header", [{"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}])
async def test_every_form_is_refused_when_another_site_sends_it(desk: Any, path: str, header: dict[str, str]) -> None:
    response = await desk.client.post(path, data={"message": "x"}, headers=header)
    assert response.status_code == 403
    assert "set-cookie" not in response.headers
    assert desk.engine.sent == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/?lang=en"),
        ("GET", "/policy"),
        ("GET", "/policy/none"),
        ("GET", "/requests/new"),
        ("POST", "/requests/new"),
        ("GET", "/requests/filed/none"),
        ("GET", "/status/none"),
        ("POST", "/status/none"),
        ("PUT", "/status/none"),
        ("GET", "/confirm/none"),
        ("POST", "/confirm/none"),
        ("GET", "/conversation/delete"),
        ("POST", "/conversation/delete"),
        ("GET", "/desk"),
        ("GET", "/desk/sign-in"),
        ("POST", "/desk/sign-in"),
        ("POST", "/"),
        ("GET", "/none"),
        ("GET", "/healthz"),
        ("GET", "/readyz"),
        ("GET", "/static/desk.css"),
        ("POST", "/api/ask"),
        ("GET", "/api/chat"),
    ],
)
async def test_every_response_is_guarded_when_sent(desk: Any, method: str, path: str) -> None:
    response = await desk.client.request(method, path)
    assert {name: response.headers.get(name) for name in HEADERS} == HEADERS
    policy = dict(part.split(" ", 1) for part in response.headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["frame-ancestors"] == "'self'"
    assert "unsafe" not in response.headers["content-security-policy"]
    # Only our own files, which are the same for everybody, may be kept.
    assert (response.headers["cache-control"] == "no-store") is not path.startswith("/static/")


def test_other_sites_may_show_the_chat_when_the_setting_names_them() -> None:
    policy = make_headers("https://shop.example.com")["content-security-policy"]
    assert "frame-ancestors 'self' https://shop.example.com;" in policy


async def _echo(scope: Scope, receive: Receive, send: Send) -> None:
    request = Request(scope, receive)
    await PlainTextResponse(str(len(await request.body())))(scope, receive, send)


@pytest.mark.parametrize(
    ("size", "announced", "status"),
    [
        (0, True, 200),
        (BODY_MAX_BYTES, True, 200),
        (BODY_MAX_BYTES + 1, True, 413),
        (BODY_MAX_BYTES, False, 200),
    ],
)
async def test_a_body_is_read_when_it_is_small_enough(size: int, announced: bool, status: int) -> None:
    async def pour() -> AsyncIterator[bytes]:
        for start in range(0, size, 50_000):
            yield b"x" * min(50_000, size - start)

    transport = httpx.ASGITransport(BodyLimitMiddleware(_echo))
    async with httpx.AsyncClient(transport=transport, base_url="http://desk.example.com") as client:
        response = await client.post("/", content=b"x" * size if announced else pour())
    assert response.status_code == status
    assert response.text == str(size) if status == 200 else response.json()["error"]["code"] == "too_long"


@pytest.mark.parametrize("length", ["-1", "x", "1e9", "", "9" * 100])
async def test_a_body_is_refused_when_its_length_is_nonsense(desk: Any, length: str) -> None:
    response = await desk.client.post("/api/ask", content=b"{}", headers={"content-length": length})
    assert response.status_code == 413
    assert response.json()["error"]["code"] == "too_long"
