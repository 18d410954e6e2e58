"""The officer's desk: closed to everybody else, and mute about who exists."""

from __future__ import annotations

import html
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from actions.cases.instants import now
from actions.cases.permissions import Right, has_right, list_roles
from actions.cases.records import Draft
from actions.cases.tables import SessionRow
from actions.texts import say
from actions.web.desk import demand, find_right
from tests.actions.web.officers import Officer

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
    case, _ = desk.services.desk.file(make_draft(), "chat")
    return str(case.receipt)


@pytest.mark.parametrize("role", list_roles())
@pytest.mark.parametrize("language", ["ja", "en"])
async def test_everybody_is_led_to_what_the_role_may_do_when_signed_in(desk: Any, role: str, language: str) -> None:
    password = desk.services.accounts.create(role, role)
    response = await desk.client.post(f"/desk/sign-in?lang={language}", data={"name": role, "password": password})
    home = "/desk" if role in {"officer", "approver"} else "/desk/role"
    assert (response.status_code, response.headers["location"]) == (303, f"{home}?lang={language}")
    page = await desk.client.get(response.headers["location"])
    assert page.status_code == 200
    assert say(language, "desk.title") in html.unescape(page.text)


@pytest.mark.parametrize("role", list_roles())
@pytest.mark.parametrize("language", ["ja", "en"])
async def test_a_role_reads_what_it_may_do_and_is_offered_nothing_else(
    enlist: Callable[..., Awaitable[Officer]], role: str, language: str
) -> None:
    somebody = await enlist(role)
    page = await somebody.open(f"/desk/role?lang={language}")
    assert say(language, f"desk.roles.{role}") in page
    for right in Right:
        assert (say(language, f"desk.rights.{right.name.lower()}") in page) == has_right(role, right)
    for path, right in (
        ("/desk?", Right.READ_CASES),
        ("/desk/tasks?", Right.WORK_CASES),
        ("/desk/cases/new?", Right.ENTER_CASES),
        ("/desk/measures?", Right.READ_CASES),
        ("/desk/alerts?", Right.READ_ALERTS),
        ("/desk/audit?", Right.READ_AUDIT),
        ("/staff?", Right.READ_CLAUSES),
    ):
        assert (f'href="{path}' in page) == has_right(role, right), path


async def test_a_page_says_so_when_the_role_has_no_right_to_it(
    enlist: Callable[..., Awaitable[Officer]], receipt: str
) -> None:
    staff = await enlist("staff")
    for path in ("/desk", f"/desk/cases/{receipt}"):
        for language in ("ja", "en"):
            page = await staff.open(f"{path}?lang={language}", 403)
            assert say(language, "errors.not_permitted") in page
            assert not [word for word in ("開示してください", "山田", "hanako@example.com") if word in page]
            assert f'href="/desk/role?lang={language}"' in page  # a way back to what may be done


def test_each_right_has_one_door_when_demanded() -> None:
    for right in Right:
        assert demand(right) is demand(right)
        assert find_right(demand(right)) is right
    assert find_right(test_each_right_has_one_door_when_demanded) is None


async def test_the_language_changes_and_the_filter_stays_when_switched(officer: Officer) -> None:
    page = await officer.open("/desk?tab=all&kind=correction&lang=ja&done=x")
    assert 'href="/desk?tab=all&kind=correction&lang=en"' in page
    page = await officer.open("/desk?path=a&language=b%22%3E&lang=en")  # names that mean something elsewhere
    assert 'href="/desk?path=a&language=b%22%3E&lang=ja"' in page


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


async def test_the_cookies_are_for_desk_and_lookup_only_when_set(desk: Any) -> None:
    cookies = (await _sign_in(desk)).headers.get_list("set-cookie")
    assert [one.partition("=")[0] for one in cookies] == [COOKIE, "madoguchi_staff"]
    for cookie, path in zip(map(str.lower, cookies), ("path=/desk;", "path=/staff;"), strict=True):
        for attribute in ("httponly", "samesite=lax", path):
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
    way = f"/desk/sign-in?lang=ja&wanted=%2Fdesk%2Fcases%2F{receipt}"
    assert (response.status_code, response.headers["location"]) == (303, way)


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


async def test_whoever_follows_a_link_is_led_there_after_signing_in(desk: Any, receipt: str) -> None:
    wanted = f"/desk/cases/{receipt}?lang=ja"
    refused = await desk.client.get(wanted)
    page = await desk.client.get(refused.headers["location"])
    assert f'name="wanted" value="{wanted}"' in html.unescape(page.text)
    response = await _sign_in(desk)
    password = desk.services.accounts.create("hanako", "officer")
    data = {"name": "hanako", "password": password, "wanted": wanted}
    response = await desk.client.post("/desk/sign-in", data=data)
    assert (response.status_code, response.headers["location"]) == (303, wanted)
    wrong = await desk.client.post("/desk/sign-in", data={**data, "password": "x"})
    assert f'name="wanted" value="{wanted}"' in html.unescape(wrong.text)


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/desk",
        "//evil.example/desk",
        "/desk//evil.example",
        "/desk\\evil",
        "/desk/../../evil",
        "/deskevil",
        "/",
        "javascript:alert(1)",
        "/desk\r\nset-cookie: a=b",
        "/desk?next=//evil.example",
        "/desk/.hidden",
    ],
)
async def test_nobody_is_led_away_after_signing_in(desk: Any, wanted: str) -> None:
    password = desk.services.accounts.create("hanako", "officer")
    data = {"name": "hanako", "password": password, "wanted": wanted}
    response = await desk.client.post("/desk/sign-in", data=data)
    target = response.headers["location"]
    assert target == "/desk?lang=ja"
    page = await desk.client.get("/desk/sign-in", params={"wanted": "https://evil.example"})
    assert "evil" not in page.text


async def test_what_was_typed_is_shown_when_the_session_is_over(desk: Any, receipt: str) -> None:
    text = "この請求については、次の理由でお断りします。<b>長い文章</b>です。"
    data = {"text": text, "ground": "disclosure_harm", "version": "1"}
    response = await desk.client.post(f"/desk/cases/{receipt}/propose", data=data)
    assert response.status_code == 403
    assert text in html.unescape(response.text)
    assert "<b>長い" not in response.text
    assert say("ja", "desk.session_over") in response.text
    assert (await desk.client.post("/desk/sign-out")).status_code == 303  # nothing typed, nothing to show
