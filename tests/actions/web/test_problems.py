"""Errors in words: one shape for clients, one page for people, and nothing of what went wrong inside."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from starlette.requests import Request

from actions import errors
from actions.cases.guards import GUARDS
from actions.cases.workflow import list_outcomes, list_states, list_transitions
from actions.errors import ServiceError
from actions.texts import LANGUAGES, list_keys, say
from actions.web.problems import word_error


def _list_errors(root: type[ServiceError] = ServiceError) -> list[type[ServiceError]]:
    return [root, *(one for child in root.__subclasses__() for one in _list_errors(child))]


@pytest.mark.parametrize("error", [one for one in vars(errors).values() if isinstance(one, type)])
def test_every_error_is_worded_when_it_can_be_told(error: type[ServiceError]) -> None:
    assert issubclass(error, ServiceError)
    assert 400 <= error.status < 600
    for language in LANGUAGES:
        assert f"errors.{error.code}" in list_keys(language)


def test_codes_are_stable_when_listed() -> None:
    assert {error.code for error in _list_errors()} == {
        *("failed", "malformed", "empty", "too_long", "too_many", "not_found", "foreign_origin", "sign_in", "sealed"),
        *("dialogue_down", "mail_refused", "impossible", "stale", "not_permitted", "condition", "wrong_code"),
        *("expired_code", "complaints_elsewhere", "already_filed", "busy", "storage_down", "unknown_answer"),
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_condition_is_worded_when_it_is_not_met(language: str) -> None:
    inputs = {f"needs_{name}" for transition in list_transitions().values() for name in transition.inputs}
    wanted = {f"conditions.{reason}" for reason in {*GUARDS, *inputs, "needs_sure", "which_item", "failed"}}
    assert wanted <= set(list_keys(language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_state_and_outcome_is_worded_when_shown(language: str) -> None:
    wanted = {f"states.{state}" for state in list_states()} | {f"outcomes.{outcome}" for outcome in list_outcomes()}
    assert wanted <= set(list_keys(language))


@pytest.mark.parametrize(
    ("error", "key"),
    [
        (errors.ConditionError("second_person"), "conditions.second_person"),
        (errors.ConditionError("nothing anybody worded"), "conditions.failed"),
        (errors.ComplaintsElsewhereError(), "errors.complaints_elsewhere"),
        (errors.TooManyRequestsError(120), "errors.too_many"),
        (errors.TooManyRequestsError(121), "errors.too_many_long"),
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_an_error_is_worded_in_full_when_it_is_told(desk: Any, language: str, error: ServiceError, key: str) -> None:
    scope = {"type": "http", "method": "GET", "path": "/", "headers": [], "app": desk.app}
    shop = desk.services.bundle.policy.shop
    values = {"officer": shop.officer[language], "email": shop.email, "phone": shop.phone}
    values |= {"seconds": 120, "minutes": 3}
    # The language asked for goes before the page's.
    for query, chosen in ((f"lang={language}", ""), ("lang=ja", language)):
        request = Request({**scope, "query_string": query.encode()})
        assert word_error(request, error, chosen) == say(language, key, **values)


@pytest.mark.parametrize("path", ["/none", "/policy/none", "/requests/filed/none", "/static/none.css", "/desk/none"])
@pytest.mark.parametrize("language", ["ja", "en"])
async def test_a_page_says_so_when_nothing_is_there(desk: Any, path: str, language: str) -> None:
    response = await desk.client.get(f"{path}?lang={language}")
    assert response.status_code == 404
    assert response.headers["content-type"].startswith("text/html")
    assert say(language, "errors.not_found") in response.text


@pytest.mark.parametrize(("path", "status"), [("/api/none", 404), ("/api/ask", 405)])
async def test_a_client_hears_the_one_shape_when_nothing_is_there(desk: Any, path: str, status: int) -> None:
    response = await desk.client.get(path)
    assert response.status_code == status
    assert list(response.json()) == ["error"]


@pytest.fixture
async def broken(desk: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A desk in which something unexpected happens to every turn."""

    async def fail(*_: object) -> None:
        raise RuntimeError("山田花子のひみつ")

    monkeypatch.setattr(desk.gateway.__class__, "handle", fail)
    return desk


@pytest.mark.parametrize(
    ("path", "kind"), [("/api/chat", "application/json"), ("/", "text/html")], ids=["client", "page"]
)
async def test_nothing_inside_shows_when_something_unexpected_happens(broken: Any, path: str, kind: str) -> None:
    if path == "/":
        response = await broken.client.post(path, data={"message": "x"})
    else:
        response = await broken.client.post(path, json={"message": "x"})
    assert response.status_code == 500
    assert response.headers["content-type"].startswith(kind)
    assert say("ja", "errors.failed") in response.text
    assert not [word for word in ("山田", "RuntimeError", "Traceback", "handle") if word in response.text]


@pytest.mark.parametrize("path", ["/api/chat", "/"])
async def test_the_guarding_headers_are_there_when_something_unexpected_happens(broken: Any, path: str) -> None:
    # Starlette answers these outside of every middleware.
    response = await broken.client.post(path, json={"message": "x"}) if path != "/" else None
    response = response or await broken.client.post(path, data={"message": "x"})
    assert response.headers["content-security-policy"].startswith("default-src 'none'")
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["cache-control"] == "no-store"


async def test_sealed_data_stay_sealed_when_a_row_was_tampered_with(desk: Any, make_draft: Callable[..., Any]) -> None:
    case, _ = desk.services.desk.file(make_draft(), "chat")
    with desk.services.database.transaction() as session:
        session.execute(sa.text("update cases set name_sealed = email_sealed"))
    password = desk.services.accounts.create("officer", "officer")
    await desk.client.post("/desk/sign-in", data={"name": "officer", "password": password})
    response = await desk.client.get(f"/desk/cases/{case.receipt}")
    assert response.status_code == 500
    assert say("ja", "errors.sealed") in response.text
    assert "hanako" not in response.text


async def test_the_page_says_how_long_when_too_much_was_sent(open_desk: Callable[..., Any]) -> None:
    desk = open_desk(rate_sign_in="1/minute")
    transport = httpx.ASGITransport(desk.app, client=("192.0.2.1", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://desk.example.com") as client:
        for _ in range(2):
            response = await client.post("/desk/sign-in", data={"name": "x", "password": "y"})
    assert response.status_code == 429
    assert response.headers["content-type"].startswith("text/html")
    assert 1 <= int(response.headers["retry-after"]) <= 60
    assert desk.services.bundle.policy.shop.phone in response.text
