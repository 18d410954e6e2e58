"""The officer's desk: closed to everybody else, and mute about who exists."""

from __future__ import annotations

import html
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from fastapi.routing import iter_route_contexts

from actions.cases.instants import now
from actions.cases.kinds import Kind
from actions.cases.records import Draft
from actions.cases.tables import SessionRow
from actions.texts import say

COOKIE = "madoguchi_desk"


async def _sign_in(desk: Any, role: str = "officer", **more: Any) -> httpx.Response:
    password = desk.services.accounts.create(role, role)
    response: httpx.Response = await desk.client.post(
        "/desk/sign-in", data={"name": role, "password": password}, **more
    )
    return response


@pytest.fixture
def receipt(desk: Any, make_draft: Callable[..., Draft]) -> str:
    """A filed case."""
    case, _ = desk.services.cases.file(make_draft(), "chat")
    return str(case.receipt)


def _list_routes(desk: Any) -> list[tuple[str, str]]:
    found = [(method, route.path) for route in iter_route_contexts(desk.app.routes) for method in route.methods or ()]
    return sorted((method, path) for method, path in found if path.startswith("/desk"))


async def test_every_route_leads_to_sign_in_when_nobody_is_signed_in(desk: Any, receipt: str) -> None:
    routes = _list_routes(desk)
    assert ("GET", "/desk") in routes
    assert ("GET", "/desk/cases/{receipt}") in routes
    for method, path in routes:
        if path == "/desk/sign-in":
            continue
        for cookie in ("", f"{COOKIE}=x", f"{COOKIE}=' OR 1=1 --"):
            address = path.replace("{receipt}", receipt)
            response = await desk.client.request(method, address, headers={"cookie": cookie})
            assert (response.status_code, response.headers["location"]) == (303, "/desk/sign-in?lang=ja"), address
            assert receipt not in response.text


async def test_cases_are_listed_when_the_officer_is_signed_in(desk: Any, receipt: str) -> None:
    response = await _sign_in(desk)
    assert (response.status_code, response.headers["location"]) == (303, "/desk?lang=ja")
    page = (await desk.client.get("/desk")).text
    assert receipt in page
    assert say("ja", "kinds.disclosure") in page
    assert "山田" not in page  # the list needs no names


async def test_nothing_is_listed_when_nothing_has_arrived(desk: Any) -> None:
    await _sign_in(desk)
    assert say("en", "desk.nothing") in (await desk.client.get("/desk?lang=en")).text


@pytest.mark.parametrize("role", ["officer", "approver", "administrator"])
@pytest.mark.parametrize("language", ["ja", "en"])
async def test_a_case_is_shown_whole_when_its_reader_may(desk: Any, receipt: str, role: str, language: str) -> None:
    await _sign_in(desk, role)
    page = html.unescape((await desk.client.get(f"/desk/cases/{receipt}?lang={language}")).text)
    for value in ("登録した住所を開示してください", "山田花子", "hanako@example.com", "03-0000-0000"):
        assert value in page
    assert say(language, "kinds.disclosure") in page
    assert say(language, "desk.action_submit") in page
    assert "#rights.1" in page  # the governing clause, in the version of the case


async def test_no_personal_data_are_shown_when_the_role_is_staff(desk: Any, receipt: str) -> None:
    response = await _sign_in(desk, "staff")
    assert response.status_code == 303
    for path in ("/desk", f"/desk/cases/{receipt}"):
        response = await desk.client.get(path)
        assert (response.status_code, response.headers["location"]) == (303, "/desk/sign-in?lang=ja")
        assert not [word for word in (receipt, "山田", "hanako") if word in response.text]


@pytest.mark.parametrize("receipt", ["M-0000-0000", "x", "%00", "M-0000-0000%00", "' OR 1=1 --", "../x", "<b>"])
async def test_a_case_is_not_found_when_there_is_none(
    open_desk: Callable[..., Any], database: Any, receipt: str
) -> None:
    desk = open_desk(database=database)
    await _sign_in(desk)
    response = await desk.client.get(f"/desk/cases/{receipt}")
    assert response.status_code == 404
    assert "<b>" not in response.text


@pytest.mark.parametrize("language", ["ja", "en"])
async def test_the_same_is_said_when_the_name_or_the_password_is_wrong(desk: Any, language: str) -> None:
    password = desk.services.accounts.create("officer", "officer")
    told = []
    for name, tried in (("officer", "wrong"), ("nobody!", password)):
        response = await desk.client.post(f"/desk/sign-in?lang={language}", data={"name": name, "password": tried})
        assert response.status_code == 403
        assert "set-cookie" not in response.headers
        told.append(response.text.replace(name, "NAME"))
    assert told[0] == told[1]
    assert say(language, "errors.sign_in") in told[0]


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"name": "officer"},
        {"password": "x"},
        {"name": "", "password": ""},
        {"name": "officer\0", "password": "x"},
        {"name": "\0", "password": "\0"},
        {"name": "山田" * 5000, "password": "x" * 50_000},
        {"name": "' OR 1=1 --", "password": "' OR 1=1 --"},
        {"name": '"><script>', "password": "x"},
    ],
)
async def test_nobody_comes_in_when_the_form_is_odd(
    open_desk: Callable[..., Any], database: Any, form: dict[str, str]
) -> None:
    desk = open_desk(database=database)
    desk.services.accounts.create("officer", "officer")
    response = await desk.client.post("/desk/sign-in", data=form)
    assert response.status_code == 403
    assert "<script" not in response.text
    assert COOKIE not in desk.client.cookies


async def test_the_password_is_not_shown_again_when_it_was_wrong(desk: Any) -> None:
    response = await desk.client.post("/desk/sign-in", data={"name": "officer", "password": "tried-this-one"})
    assert 'value="officer"' in response.text
    assert "tried-this-one" not in response.text


async def test_the_cookie_is_for_the_desk_only_when_set(desk: Any) -> None:
    cookie = (await _sign_in(desk)).headers["set-cookie"].lower()
    for attribute in ("httponly", "samesite=strict", "path=/desk"):
        assert attribute in cookie
    assert "secure" not in cookie
    assert "max-age" not in cookie


async def test_the_cookie_is_secure_when_officers_come_by_https(open_desk: Callable[..., Any]) -> None:
    desk = open_desk(public_url="https://desk.example.com")
    assert "; secure" in (await _sign_in(desk)).headers["set-cookie"].lower()


async def test_a_planted_session_is_worthless_when_the_officer_signs_in(desk: Any) -> None:
    # Session fixation: whoever planted a cookie must not be signed in by the officer's password.
    planted = "planted-by-somebody"
    response = await _sign_in(desk, headers={"cookie": f"{COOKIE}={planted}"})
    assert planted not in response.headers["set-cookie"]
    assert desk.services.accounts.find_by_token(planted) is None
    first = desk.client.cookies[COOKIE]
    await _sign_in(desk)
    assert desk.client.cookies[COOKIE] != first


async def test_the_desk_is_closed_when_signed_out(desk: Any) -> None:
    await _sign_in(desk)
    token = desk.client.cookies[COOKIE]
    response = await desk.client.post("/desk/sign-out")
    assert (response.status_code, response.headers["location"]) == (303, "/desk/sign-in?lang=ja")
    # a copy of the cookie opens nothing either
    response = await desk.client.get("/desk", headers={"cookie": f"{COOKIE}={token}"})
    assert response.status_code == 303


async def test_the_desk_is_closed_when_the_session_is_over(desk: Any, receipt: str) -> None:
    await _sign_in(desk)
    assert (await desk.client.get("/desk")).status_code == 200
    with desk.services.database.transaction() as session:
        session.execute(sa.update(SessionRow).values(expires_at=now() - timedelta(seconds=1)))
    response = await desk.client.get(f"/desk/cases/{receipt}")
    assert (response.status_code, response.headers["location"]) == (303, "/desk/sign-in?lang=ja")


async def test_a_guesser_is_slowed_down_when_trying_passwords(open_desk: Callable[..., Any]) -> None:
    desk = open_desk(rate_sign_in="3/minute")
    password = desk.services.accounts.create("officer", "officer")
    statuses = [
        (await desk.client.post("/desk/sign-in", data={"name": "officer", "password": tried})).status_code
        for tried in ("a", "b", "c", password)
    ]
    assert statuses == [403, 403, 403, 429]  # even the right one has to wait now


@pytest.mark.parametrize("path", ["/desk/sign-in", "/desk/sign-out"])
@pytest.mark.parametrize(
    "header",
    [{"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {"origin": "https://evil.example"}],
)
async def test_a_form_of_another_site_is_refused_when_sent(desk: Any, path: str, header: dict[str, str]) -> None:
    await _sign_in(desk)
    response = await desk.client.post(path, data={"name": "officer", "password": "x"}, headers=header)
    assert response.status_code == 403
    assert (await desk.client.get("/desk")).status_code == 200  # still signed in


async def test_what_a_customer_wrote_is_text_when_read_at_the_desk(desk: Any, make_draft: Callable[..., Draft]) -> None:
    nasty = '<script>fetch("/desk")</script>'
    fields = {"details": nasty, "name": nasty, "email": "a@example.com", "phone": ""}
    case, _ = desk.services.cases.file(make_draft(fields=fields), "form")
    await _sign_in(desk)
    page = (await desk.client.get(f"/desk/cases/{case.receipt}")).text
    assert "<script" not in page
    assert page.count("&lt;script&gt;") == 2
    assert say("ja", "intake.not_given") in page


async def test_a_case_keeps_its_version_when_a_newer_edition_is_in_force(
    publishing_desk: Any, make_draft: Callable[..., Draft]
) -> None:
    desk, publish = publishing_desk
    case, _ = desk.services.cases.file(make_draft(), "chat")
    old, _ = publish()
    await _sign_in(desk)
    page = (await desk.client.get(f"/desk/cases/{case.receipt}?lang=ja")).text
    assert f'<a href="/policy/{old.version}#rights.1">' in page
    assert (await desk.client.get(f"/policy/{old.version}")).status_code == 200


async def test_clauses_that_the_version_of_a_case_never_had_are_left_out(
    desk: Any, receipt: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The kinds name clauses of the edition in force; an old case must be readable all the same.
    kinds = {"disclosure": Kind("disclosure", ("rights.1", "rights.99"), "officer", "33")}
    monkeypatch.setattr("actions.web.desk.list_kinds", lambda: kinds)
    await _sign_in(desk)
    response = await desk.client.get(f"/desk/cases/{receipt}")
    assert response.status_code == 200
    assert '#rights.1"' in response.text
    assert "rights.99" not in response.text
