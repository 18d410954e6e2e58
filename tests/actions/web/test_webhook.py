"""Rasa's door on the internal port: it runs actions, says nothing of what went wrong, and waits for nobody."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest
from anyio import to_thread
from rasa_sdk import Action
from rasa_sdk.interfaces import ActionExecutionRejection

from actions.dialogue.registry import make_executor
from actions.services import Services
from actions.web.webhook import make_internal_app

SECRET = "a-secret-of-24-characters"
TYPED = "山田花子のひみつ"


class Extra(Action):
    """One more action: its name and what it does."""

    def __init__(self, name: str, act: Callable[[], Awaitable[object]]) -> None:
        self._name, self._act = name, act

    def name(self) -> str:
        return self._name

    async def run(self, dispatcher: Any, tracker: Any, domain: Any) -> list[Any]:  # noqa: ARG002  the SDK counts them
        await self._act()
        return []


async def _fail() -> None:
    raise ValueError(TYPED)


async def _take_long() -> None:
    await to_thread.run_sync(time.sleep, 0.8)  # in a thread, as the desk's own actions work


async def _wait_for_ever() -> None:
    await asyncio.Event().wait()


async def _reject() -> None:
    raise ActionExecutionRejection("action_rejecting", TYPED)


EXTRA = {
    "action_failing": _fail,
    "action_slow": _take_long,
    "action_waiting": _wait_for_ever,
    "action_rejecting": _reject,
}


@pytest.fixture
async def open_webhook(make_services: Callable[..., Services]) -> AsyncIterator[Callable[..., httpx.AsyncClient]]:
    """Opens the internal application with a few more actions; keywords are settings."""
    clients = []

    def make(**values: Any) -> httpx.AsyncClient:
        services = make_services(**values)
        executor = make_executor(services)
        for name, act in EXTRA.items():
            executor.register_action(Extra(name, act))
        transport = httpx.ASGITransport(make_internal_app(services, executor), raise_app_exceptions=False)
        clients.append(httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:5055"))
        return clients[-1]

    yield make
    for client in clients:
        await client.aclose()


def _call(action: str | None, text: str = TYPED) -> dict[str, Any]:
    latest = {"text": text, "intent": {"name": "thanks", "confidence": 1.0}, "metadata": {"language": "ja"}}
    tracker = {"sender_id": "c1", "slots": {}, "latest_message": latest, "events": []}
    return {"next_action": action, "tracker": tracker}  # with selective domains Rasa sends no domain


async def test_an_action_runs_when_called(open_webhook: Callable[..., Any]) -> None:
    response = await open_webhook().post("/webhook", json=_call("action_reply"))
    body = response.json()
    assert response.status_code == 200
    assert list(body) == ["events", "responses"]
    assert body["responses"][0]["custom"]["text"]


@pytest.mark.parametrize("action", [None, ""])
async def test_nothing_runs_when_no_action_is_named(open_webhook: Callable[..., Any], action: str | None) -> None:
    response = await open_webhook().post("/webhook", json=_call(action))
    assert (response.status_code, response.json()) == (200, {"events": [], "responses": []})


@pytest.mark.parametrize(
    ("action", "status", "body"),
    [
        ("action_none", 404, {"error": "unknown", "action_name": "action_none"}),
        ("action_failing", 500, {"error": "failed"}),
        ("action_rejecting", 400, {"error": "rejected", "action_name": "action_rejecting"}),
    ],
)
async def test_no_words_come_back_when_an_action_fails(
    open_webhook: Callable[..., Any],
    capsys: pytest.CaptureFixture[str],
    action: str,
    status: int,
    body: dict[str, str],
) -> None:
    response = await open_webhook().post("/webhook", json=_call(action))
    assert (response.status_code, response.json()) == (status, body)
    assert TYPED not in "".join(capsys.readouterr())


@pytest.mark.parametrize("action", ["action_slow", "action_waiting"])
async def test_an_action_is_cut_when_it_takes_too_long(open_webhook: Callable[..., Any], action: str) -> None:
    # Rasa itself would wait five minutes, while its lock on the conversation lives for one.
    started = time.monotonic()
    response = await open_webhook(action_timeout_seconds=0.1).post("/webhook", json=_call(action))
    assert (response.status_code, response.json()) == (500, {"error": "failed"})
    assert time.monotonic() - started < 0.6


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ({"X-Madoguchi-Webhook": SECRET}, 200),
        ({"x-madoguchi-webhook": SECRET}, 200),
        ({}, 403),
        ({"X-Madoguchi-Webhook": ""}, 403),
        ({"X-Madoguchi-Webhook": "none"}, 403),  # what Rasa sends when no secret was set
        ({"X-Madoguchi-Webhook": SECRET[:-1]}, 403),
        ({"X-Madoguchi-Webhook": SECRET + "x"}, 403),
        ({"X-Madoguchi-Webhook": b"\xe3\x81\x82\xff"}, 403),
        ({"Authorization": f"Bearer {SECRET}"}, 403),
    ],
)
async def test_the_secret_is_demanded_when_one_is_set(
    open_webhook: Callable[..., Any], header: dict[str, Any], status: int
) -> None:
    client = open_webhook(internal_host="0.0.0.0", webhook_secret=SECRET)
    response = await client.post("/webhook", json=_call("action_reply"), headers=header)
    assert response.status_code == status
    assert status == 200 or response.json() == {"error": "forbidden"}


async def test_any_header_will_do_when_no_secret_is_set(open_webhook: Callable[..., Any]) -> None:
    response = await open_webhook().post(
        "/webhook", json=_call("action_reply"), headers={"X-Madoguchi-Webhook": "none"}
    )
    assert response.status_code == 200


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"x"', b"5", b"\xff\xfe", f'{{"x": "{TYPED}'.encode()])
async def test_a_call_is_refused_when_it_cannot_be_read(open_webhook: Callable[..., Any], body: bytes) -> None:
    response = await open_webhook().post("/webhook", content=body)
    assert (response.status_code, response.json()) == (400, {"error": "malformed"})


@pytest.mark.parametrize("tracker", [None, [], "x", {}, {"sender_id": 5}, {"slots": []}])
async def test_a_call_fails_without_an_echo_when_its_tracker_is_odd(
    open_webhook: Callable[..., Any], tracker: object
) -> None:
    response = await open_webhook().post("/webhook", json={"next_action": "action_answer", "tracker": tracker})
    assert response.status_code in {200, 500}
    assert "Traceback" not in response.text


@pytest.mark.parametrize("path", ["/openapi.json", "/docs", "/redoc", "/", "/api/ask", "/desk"])
async def test_nothing_else_is_there_when_somebody_looks(open_webhook: Callable[..., Any], path: str) -> None:
    assert (await open_webhook().get(path)).status_code == 404


@pytest.mark.parametrize("path", ["/health", "/webhook", "/metrics"])
async def test_nothing_of_it_is_on_the_public_port_when_somebody_looks(desk: Any, path: str) -> None:
    assert (await desk.client.get(path)).status_code == 404
    assert (await desk.client.post(path, json=_call("action_reply"))).status_code == 404
