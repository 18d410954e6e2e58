"""What a browser can be made to do: forms of other sites, frames, planted sessions, ways led astray, fields made up.

The forms and pages are those that the application has, not a list: a new one is tried without being named here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import sqlalchemy as sa
from fastapi.routing import iter_route_contexts

from actions.cases.instants import now
from actions.cases.tables import AccountRow, Base, CaseRow, ItemRow
from tests.actions.web.officers import Officer

FOREIGN = [
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"origin": "https://evil.example"},
    {"origin": "null"},
]
EVIL = "evil.example"
JSON_PATHS = {"/api/ask", "/api/chat"}  # no form of another site can send JSON; see below
FILED = {"kind": "disclosure", "details": "登録した住所です", "name": "山田花子", "email": "hanako@example.com"}


def _list_routes(app: Any, method: str) -> list[str]:
    """Addresses of the application that take a method, with values put into their places."""
    paths = [
        route.path
        for route in iter_route_contexts(app.routes)
        if method in (getattr(route, "methods", None) or ()) and route.path != "/openapi.json"
    ]
    return [re.sub(r"\{[^}]*\}", "none", path) for path in paths]


def _copy(desk: Any) -> dict[str, list[Any]]:
    with desk.services.database.reading() as session:
        return {
            table.name: list(session.execute(sa.select(table)).all())
            for table in Base.metadata.sorted_tables
            if table.name not in {"sessions"}
        }


def test_the_routes_are_found(desk: Any) -> None:
    posted = _list_routes(desk.app, "POST")
    assert {"/", "/requests/new", "/status/none", "/confirm/none", "/desk/sign-in", *JSON_PATHS} <= set(posted)
    assert len([path for path in posted if path.startswith("/desk/cases/none/")]) > 10
    assert len(_list_routes(desk.app, "GET")) > 15


@pytest.mark.parametrize("header", FOREIGN, ids=str)
async def test_no_form_of_another_site_does_anything(officer: Officer, header: dict[str, str]) -> None:
    officer.office.open()
    before = _copy(officer.desk)
    for path in set(_list_routes(officer.desk.app, "POST")) - JSON_PATHS:
        for client in (officer.desk.client, officer.client):
            response = await client.post(path, data={**FILED, "message": "x"}, headers=header)
            assert response.status_code == 403, path
            assert "set-cookie" not in response.headers
    assert _copy(officer.desk) == before


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
@pytest.mark.parametrize("path", sorted(JSON_PATHS))
async def test_no_form_can_send_what_the_interface_reads(desk: Any, path: str, kind: str) -> None:
    # The kinds of content that a form of another site can send; anything else asks first (CORS), and gets no leave.
    body = '{"message": "第三者に提供しますか", "question": "第三者に提供しますか"}'
    response = await desk.client.post(path, content=body.encode(), headers={"content-type": kind})
    assert response.status_code == 422
    asked = {"origin": f"https://{EVIL}", "access-control-request-method": "POST"}
    preflight = await desk.client.options(path, headers=asked)
    assert not [name for name in preflight.headers if name.startswith("access-control")]


async def test_no_page_can_be_framed_or_sniffed(officer: Officer) -> None:
    for path in _list_routes(officer.desk.app, "GET"):
        for client in (officer.desk.client, officer.client):
            headers = (await client.get(path)).headers
            policy = headers["content-security-policy"]
            assert "frame-ancestors 'self';" in policy, path
            assert "default-src 'none'" in policy
            assert "script-src 'self';" in policy
            assert headers["x-content-type-options"] == "nosniff"
            assert not [name for name in headers if name.startswith("access-control")]


def _astray() -> Iterator[tuple[str, dict[str, str]]]:
    for value in (f"https://{EVIL}", f"//{EVIL}", f"/\\{EVIL}", f"https:{EVIL}", f"\r\nlocation: https://{EVIL}"):
        for name in ("lang", "next", "wanted", "done", "url", "redirect", "tab", "place"):
            yield value, {name: value}


async def test_nobody_is_led_to_another_site(officer: Officer) -> None:
    """Wherever the application leads, it is a path of its own, whatever the address or the Host header says."""
    app = officer.desk.app
    cases = [("GET", path) for path in _list_routes(app, "GET")]
    cases += [("POST", path) for path in ("/", "/restart", "/requests/new", "/desk/sign-in", "/desk/sign-out")]
    hosts = ({}, {"host": EVIL, "x-forwarded-host": EVIL, "x-forwarded-proto": "https"})
    led = 0
    for number, (value, query) in enumerate(_astray()):
        for method, path in cases[number % 5 :: 5]:
            response = await officer.desk.client.request(
                method, path, params=query, data={**FILED, "message": "こんにちは"} | query, headers=hosts[number % 2]
            )
            place = response.headers.get("location", "")
            led += bool(place)
            assert EVIL not in urlsplit(place).netloc, (value, path)
            assert not place or re.match(r"/(?![/\\])", place), (value, path, place)
            assert "\n" not in "".join(f"{name}{text}" for name, text in response.headers.items())
    assert led > 10


async def test_a_mail_leads_to_the_own_address_whatever_the_host_header_says(desk: Any) -> None:
    evil = {"host": EVIL, "x-forwarded-host": EVIL}
    form = {**FILED, "phone": "", "filing_key": ""}
    assert (await desk.client.post("/requests/new", data=form, headers=evil)).status_code == 303
    mails = desk.services.outbox.lease(10, now())
    assert mails
    assert not [mail for mail in mails if EVIL in mail.text or EVIL in mail.html]


async def test_fields_made_up_change_nothing(officer: Officer) -> None:
    """Mass assignment: a form sets what it asks for, and nothing else of the row it leads to."""
    made_up = {
        **{"state": "closed", "receipt": "M-0000-0000", "version": "99", "confirmed_at": "2026-01-01"},
        **{"created_at": "2020-01-01", "hold": "1", "assignee": "mallory", "channel": "desk", "role": "officer"},
        **{"outcome": "granted", "due_at": "2030-01-01", "id": "1", "data_key_sealed": "x", "status_token": "mine"},
        **{"account": "hanako", "told": "nothing", "misses": "5", "asked": "confirmation", "level": "0"},
    }
    desk = officer.desk
    sent = await desk.client.post("/requests/new", data={**FILED, "phone": "", "filing_key": "", **made_up})
    assert sent.status_code == 303
    chatted = await desk.client.post(
        "/api/chat", json={"message": "/request:disclosure", "draft": FILED, "request": {"state": "filed"}, **made_up}
    )
    assert chatted.json()["request"]["state"] == "collecting"
    with desk.services.database.reading() as session:
        (case,), (item,) = session.scalars(sa.select(CaseRow)).all(), session.scalars(sa.select(ItemRow)).all()
        plain = await _file_plainly(desk, session)
        for row, model in ((case, plain[0]), (item, plain[1])):
            for column in row.__table__.columns:
                value, wanted = getattr(row, column.name), getattr(model, column.name)
                assert str(value) not in set(made_up.values()) - {"1", "0"} or value == wanted, column.name
        assert {
            row.name: row.role for row in session.scalars(sa.select(AccountRow))
        } == desk.services.accounts.list_roles()


async def _file_plainly(desk: Any, session: Any) -> tuple[CaseRow, ItemRow]:
    """The rows of the same request sent by the page's own form."""
    form = {**FILED, "phone": "", "filing_key": ""}
    assert (await desk.client.post("/requests/new", data=form)).status_code == 303
    session.expire_all()
    session.rollback()
    case = session.scalars(sa.select(CaseRow).order_by(CaseRow.created_at.desc())).first()
    item = session.scalars(sa.select(ItemRow).where(ItemRow.case_id == case.id)).first()
    return case, item


async def test_a_planted_conversation_is_not_taken_on(desk: Any) -> None:
    """Session fixation at the chat: only an id that the desk has made and signed is a conversation."""
    for planted in ("planted", "c" * 16, "cAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAAAAAAA"):
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(desk.app), base_url="http://desk.example.com", trust_env=False
        )
        async with client:
            client.cookies.set("madoguchi_conversation", planted)
            response = await client.post("/", data={"message": "こんにちは"})
            assert response.status_code == 200  # who shows no cookie of ours is answered in place
            assert planted not in response.headers["set-cookie"]
            attributes = response.headers["set-cookie"].lower()
            assert "httponly" in attributes
            assert "samesite=lax" in attributes


async def test_two_browsers_with_one_conversation_take_turns(desk: Any) -> None:
    """The same cookie in two browsers is one conversation: both see all of it, and a request is filed once."""
    first, second = (
        httpx.AsyncClient(transport=httpx.ASGITransport(desk.app), base_url="http://desk.example.com", trust_env=False)
        for _ in range(2)
    )
    async with first, second:
        await first.post("/", data={"message": "/request:disclosure"})
        second.cookies.update(first.cookies)
        values = ["登録した住所です", "山田花子", "hanako@example.com", "なし"]
        for number, value in enumerate(values):
            assert (await (first, second)[number % 2].post("/", data={"message": value})).status_code == 303
        for client in (first, second, first):
            assert (await client.post("/", data={"message": "はい"})).status_code == 303
        shown = [(await client.get("/?lang=ja")).text for client in (first, second)]
    pages = [re.sub(r'(name="message_id" value|data-message-id)="[^"]*"', "", page) for page in shown]
    assert pages[0] == pages[1]
    (case,) = desk.services.cases.list_all()
    assert case.receipt in pages[0]
