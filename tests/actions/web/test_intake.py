"""The intake form: filed once, forgiving, and there when the engine is not."""

from __future__ import annotations

import asyncio
import html
import re
import urllib.parse
import uuid
from typing import Any

import httpx
import pytest

from actions.cases.documents import describe_documents
from actions.cases.instants import now
from actions.cases.kinds import list_kinds
from actions.texts import say

FORM = {
    "kind": "disclosure",
    "details": "登録した住所を開示してください",
    "name": "山田花子",
    "email": "hanako@example.com",
    "phone": "03-0000-0000",
}


async def _send(desk: Any, lang: str = "ja", **changes: str | list[str]) -> httpx.Response:
    key = {"filing_key": str(uuid.uuid4())}
    response: httpx.Response = await desk.client.post(f"/requests/new?lang={lang}", data={**FORM, **key, **changes})
    return response


def _list_chosen(page: str) -> list[str]:
    """Kinds whose box is ticked."""
    return re.findall(r'name="kind" value="(\w+)" checked', page)


@pytest.mark.parametrize("language", ["ja", "en"])
async def test_every_kind_can_be_chosen_when_the_form_is_opened(desk: Any, language: str) -> None:
    page = html.unescape((await desk.client.get(f"/requests/new?lang={language}")).text)
    assert re.findall(r'name="kind" value="(\w+)"', page) == list(list_kinds())
    assert all(say(language, f"kinds.{kind}") in page for kind in list_kinds())
    assert _list_chosen(page) == []
    assert "<details open" not in page
    assert re.search(r'name="filing_key" value="[0-9a-f-]{36}"', page)


@pytest.mark.parametrize("kind", list_kinds())
async def test_the_governing_clause_is_shown_when_a_kind_is_chosen(desk: Any, kind: str) -> None:
    page = html.unescape((await desk.client.get(f"/requests/new?kind={kind}&lang=ja")).text)
    policy, first = desk.services.bundle.policy, list_kinds()[kind].clauses[0]
    assert policy.leads[first]["ja"] in page
    assert policy.get_unit(first).text in page
    assert _list_chosen(page) == [kind]
    assert page.count('<details class="about" open>') == 1
    assert say("ja", "intake.how_to_stop") not in page  # that is a conversation's word


@pytest.mark.parametrize("kind", ["everything", "", "<script>", "%00", "exercise_disclosure"])
async def test_no_kind_is_chosen_when_the_address_names_none(desk: Any, kind: str) -> None:
    response = await desk.client.get(f"/requests/new?kind={kind}")
    assert response.status_code == 200
    assert _list_chosen(response.text) == []
    assert "<script>" not in response.text


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("is_down", [False, True], ids=["engine up", "engine down"])
async def test_the_receipt_is_shown_when_the_form_was_sent(desk: Any, language: str, is_down: bool) -> None:
    desk.engine.is_down = is_down
    response = await _send(desk, language)
    assert response.status_code == 303
    (case,) = desk.services.cases.list_all()
    assert (case.kind, case.channel, case.language) == ("disclosure", "form", language)
    assert case.fields == {name: FORM[name] for name in ("details", "name", "email", "phone")}
    assert case.receipt not in response.headers["location"]  # addresses end up in histories and logs
    page = await desk.client.get(response.headers["location"])
    assert case.receipt in page.text
    assert say(language, "pages.receipt_title") in page.text
    assert "山田" not in page.text


@pytest.mark.parametrize("phone", ["", "  ", "　"])
async def test_the_telephone_is_left_out_when_empty(desk: Any, phone: str) -> None:
    assert (await _send(desk, phone=phone)).status_code == 303
    assert desk.services.cases.list_all()[0].fields["phone"] == ""


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("details", ""),
        ("details", " \n"),
        ("details", "?"),
        ("name", ""),
        ("name", "12345"),
        ("name", "教えたくありません"),
        ("name", "山" * 61),
        ("email", ""),
        ("email", "hanako"),
        ("email", "a@example.com b@example.com"),
        ("email", "hanako@localhost"),
        ("phone", "123"),
        ("phone", "not at home"),
        ("phone", "03-0000-0000 090-0000-0000"),
    ],
)
async def test_the_field_is_marked_and_the_rest_kept_when_it_cannot_be_read(desk: Any, field: str, value: str) -> None:
    key = str(uuid.uuid4())
    response = await _send(desk, **{field: value, "filing_key": key})
    page = html.unescape(response.text)
    assert response.status_code == 422
    assert re.findall(r'id="(\w+)-problem"', page) == [field]
    assert say("ja", f"intake.again_{field}") in page
    assert say("ja", "pages.form_problem") in page
    for name, kept in {**FORM, field: value}.items():
        assert name == "kind" or (f'value="{kept}"' in page or f">{kept}</textarea>" in page)
    assert f'value="{key}"' in page  # the same form, sent again, is still one case
    assert desk.services.cases.list_all() == []


@pytest.mark.parametrize(
    "kind", ["", "everything", "exercise_disclosure", ["disclosure", "everything"], ["", "disclosure"], "\0"]
)
async def test_a_kind_is_demanded_when_none_or_an_unknown_one_was_chosen(desk: Any, kind: str | list[str]) -> None:
    response = await _send(desk, kind=kind)
    assert response.status_code == 422
    assert FORM["details"] in response.text
    assert re.findall(r'id="(\w+)-problem"', response.text) == ["kind"]
    assert say("ja", "pages.form_kind_problem") in response.text
    assert desk.services.cases.list_all() == []


async def test_every_field_is_marked_when_all_are_empty(desk: Any) -> None:
    response = await desk.client.post("/requests/new", data={})
    assert response.status_code == 422
    assert re.findall(r'id="(\w+)-problem"', response.text) == ["kind", "details", "name", "email"]
    # The summary leads to each of them, and each is there.
    links = re.findall(r'<li><a href="#(\w+)">', response.text)
    assert links == ["kind", "details", "name", "email"]
    assert all(f'id="{name}"' in response.text for name in links)


@pytest.mark.parametrize(
    ("field", "typed", "kept"),
    [
        ("name", "山田花子です", "山田花子"),
        ("name", "まえだよしこ", "まえだよしこ"),
        ("email", "ｈａｎａｋｏ＠ｅｘａｍｐｌｅ．ｃｏｍ", "hanako@example.com"),
        ("email", " hanako@example.com ", "hanako@example.com"),
        ("phone", "０３ー００００ー００００", "03-0000-0000"),
        ("details", "  一行目\n\n二行目\0 ", "一行目\n\n二行目"),
        ("details", "やめる", "やめる"),  # here nothing is a command
    ],
)
async def test_values_are_read_as_in_the_conversation_when_sent(desk: Any, field: str, typed: str, kept: str) -> None:
    assert (await _send(desk, **{field: typed})).status_code == 303
    assert desk.services.cases.list_all()[0].fields[field].replace("\r\n", "\n") == kept


async def test_one_case_is_filed_when_the_form_is_sent_twice(desk: Any) -> None:
    key = str(uuid.uuid4())
    first, second = await _send(desk, filing_key=key), await _send(desk, filing_key=key)
    assert first.headers["location"] == second.headers["location"]
    (case,) = desk.services.cases.list_all()
    assert case.fields["details"] == FORM["details"]


async def test_nothing_is_lost_when_another_request_is_sent_from_the_same_page(desk: Any) -> None:
    # Going back in the browser and changing the text: the second is neither the first nor lost.
    key = str(uuid.uuid4())
    await _send(desk, filing_key=key)
    response = await _send(desk, filing_key=key, details="べつの内容です")
    assert response.status_code == 409
    assert say("ja", "errors.already_filed") in response.text
    assert "べつの内容です" in response.text
    (fresh,) = re.findall(r'name="filing_key" value="([^"]+)"', response.text)
    assert fresh != key
    assert (await _send(desk, filing_key=fresh, details="べつの内容です")).status_code == 303
    assert sorted(case.fields["details"] for case in desk.services.cases.list_all()) == sorted(
        [FORM["details"], "べつの内容です"]
    )


async def test_too_many_requests_of_one_visitor_wait(open_desk: Any) -> None:
    desk = open_desk(rate_filing="2/hour")
    transport = httpx.ASGITransport(desk.app, client=("2001:db8::1", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://desk.example.com") as client:
        statuses = [(await client.post("/requests/new", data=FORM)).status_code for _ in range(3)]
    assert statuses == [303, 303, 429]
    neighbour = httpx.ASGITransport(desk.app, client=("2001:db8::abcd", 1))  # of the same /64: the same visitor
    async with httpx.AsyncClient(transport=neighbour, base_url="http://desk.example.com") as client:
        assert (await client.post("/requests/new", data=FORM)).status_code == 429
    other = httpx.ASGITransport(desk.app, client=("2001:db8:1::1", 1))
    async with httpx.AsyncClient(transport=other, base_url="http://desk.example.com") as client:
        assert (await client.post("/requests/new", data=FORM)).status_code == 303


async def test_one_case_is_filed_when_the_button_is_pressed_twice_at_once(desk: Any) -> None:
    key = str(uuid.uuid4())
    responses = await asyncio.gather(*(_send(desk, filing_key=key) for _ in range(4)))
    assert {response.status_code for response in responses} == {303}
    assert len({response.headers["location"] for response in responses}) == 1
    assert len(desk.services.cases.list_all()) == 1


@pytest.mark.parametrize("key", ["", "x", "\0", "1" * 1000])
async def test_a_key_is_made_when_the_form_brings_none(desk: Any, key: str) -> None:
    for _ in range(2):
        assert (await _send(desk, filing_key=key)).status_code == 303
    assert len(desk.services.cases.list_all()) == 2


@pytest.mark.parametrize("token", ["x", "x.y", "{key}", "{key}.x", "%00", "{conversation}"])
async def test_no_receipt_is_shown_when_the_token_is_forged(desk: Any, token: str) -> None:
    key = str(uuid.uuid4())
    await _send(desk, filing_key=key)
    forged = token.replace("{key}", key).replace("{conversation}", desk.gateway.make_conversation_id())
    response = await desk.client.get(f"/requests/filed/{forged}")
    assert response.status_code == 404
    assert desk.services.cases.list_all()[0].receipt not in response.text


@pytest.mark.parametrize("field", ["details", "name", "email", "phone", "kind", "agent", "represented", "filing_key"])
async def test_a_field_is_refused_when_too_long(desk: Any, field: str) -> None:
    response = await _send(desk, **{field: "あ" * 2001})
    assert response.status_code == 413
    assert say("ja", "errors.too_long", limit=2000) in html.unescape(response.text)
    kept = "details" if field != "details" else "name"
    assert FORM[kept] in response.text  # nothing typed is lost
    assert desk.services.cases.list_all() == []


# --- several rights at once


async def test_one_case_has_all_items_when_several_kinds_are_chosen(desk: Any) -> None:
    assert (await _send(desk, kind=["suspension", "disclosure", "suspension"])).status_code == 303
    (case,) = desk.services.cases.list_all()
    assert case.kinds == ("disclosure", "suspension")


@pytest.mark.parametrize("query", ["kind=correction&kind=complaint", "kind=complaint&kind=none&kind=correction"])
async def test_several_kinds_are_chosen_when_the_address_names_them(desk: Any, query: str) -> None:
    page = (await desk.client.get(f"/requests/new?{query}")).text
    assert _list_chosen(page) == ["correction", "complaint"]


async def test_the_choice_stays_when_the_form_comes_back(desk: Any) -> None:
    response = await _send(desk, kind=["suspension", "disclosure"], email="none", agent="legal", represented="山田春子")
    assert _list_chosen(response.text) == ["disclosure", "suspension"]
    assert re.search(r'name="agent" value="legal" checked', response.text)
    assert 'value="山田春子"' in response.text


# --- what the page tells is kept with the case


@pytest.mark.parametrize("language", ["ja", "en"])
async def test_the_case_holds_what_the_page_told_when_filed(desk: Any, language: str) -> None:
    page = html.unescape((await desk.client.get(f"/requests/new?lang={language}")).text)
    await _send(desk, language, kind=["purpose_notice", "disclosure"])
    (case,) = desk.services.cases.list_all()
    assert describe_documents(language, 3) in case.told
    for told in case.told.split("\n\n"):
        assert told in page
    assert case.policy_version == desk.services.bundle.policy.version


@pytest.mark.parametrize("kind", list_kinds())
async def test_documents_needed_are_told_when_a_kind_is_read_about(desk: Any, kind: str) -> None:
    page = html.unescape((await desk.client.get(f"/requests/new?kind={kind}&lang=ja")).text)
    assert describe_documents("ja", list_kinds()[kind].level) in page
    for agent in ("legal", "appointed"):
        assert describe_documents("ja", 1, agent) in page


# --- for somebody else


@pytest.mark.parametrize("agent", ["legal", "appointed"])
@pytest.mark.parametrize("represented", ["", "山田春子", " 山田 春子 です"])
async def test_who_acts_for_whom_is_kept_when_somebody_else_asks(desk: Any, agent: str, represented: str) -> None:
    assert (await _send(desk, agent=agent, represented=represented)).status_code == 303
    (case,) = desk.services.cases.list_all()
    assert (case.agent, case.represented.replace(" ", "")) == (agent, "山田春子" if represented else "")
    assert case.fields["name"] == FORM["name"]
    assert describe_documents("ja", 3, agent) in case.told


@pytest.mark.parametrize(
    ("agent", "represented", "wrong"),
    [
        ("", "山田春子", ["agent"]),  # what was typed would be lost
        ("parent", "", ["agent"]),
        ("parent", "山田春子", ["agent"]),
        ("legal", "12345", ["represented"]),
        ("", "12345", ["agent", "represented"]),
    ],
)
async def test_the_agent_is_asked_for_again_when_unclear(
    desk: Any, agent: str, represented: str, wrong: list[str]
) -> None:
    response = await _send(desk, agent=agent, represented=represented)
    assert response.status_code == 422
    assert re.findall(r'id="(\w+)-problem"', response.text) == wrong
    assert f'value="{represented}"' in response.text
    assert desk.services.cases.list_all() == []


# --- complaints elsewhere


async def test_complaints_lead_to_the_policys_own_way_when_switched_off(open_desk: Any) -> None:
    desk = open_desk(complaints_in_chat=False)
    shop = desk.services.bundle.policy.shop
    sentence = say("ja", "errors.complaints_elsewhere", officer=shop.officer["ja"], email=shop.email)
    plain = html.unescape((await desk.client.get("/requests/new")).text)
    assert re.findall(r'name="kind" value="(\w+)"', plain) == [kind for kind in list_kinds() if kind != "complaint"]
    assert sentence not in plain
    assert sentence in html.unescape((await desk.client.get("/requests/new?kind=complaint")).text)
    response = await _send(desk, kind=["disclosure", "complaint"])
    assert response.status_code == 409
    page = html.unescape(response.text)
    assert sentence in page
    assert FORM["details"] in page
    assert _list_chosen(page) == ["disclosure"]
    assert desk.services.cases.list_all() == []
    assert (await _send(desk)).status_code == 303


# --- the receipt leads on


async def test_the_receipt_leads_to_the_status_page_until_the_address_is_confirmed(desk: Any) -> None:
    receipt = (await _send(desk)).headers["location"]
    (case,) = desk.services.cases.list_all()
    path = desk.services.desk.find_status_path(case.receipt)
    page = html.unescape((await desk.client.get(receipt)).text)
    assert f'<a class="button" href="{path}?lang=ja">' in page
    assert f'<form method="post" action="{path}?lang=ja"' in page
    assert 'name="code"' in page
    (mail,) = [mail for mail in desk.services.outbox.lease(9, now()) if mail.audience == "customer"]
    (code,) = re.findall(r"\b\d{6}\b", mail.text)
    confirmed = await desk.client.post(f"{path}?lang=ja", data={"action": "confirm", "code": code})
    assert confirmed.status_code == 303
    # Who typed somebody else's address holds this page: it must not hand the mailbox's link to them.
    after = html.unescape((await desk.client.get(receipt)).text)
    assert case.receipt in after
    assert "/status/" not in after
    assert say("ja", "pages.receipt_confirmed") in after


async def test_the_language_is_a_known_one_when_the_address_is_tampered_with(desk: Any) -> None:
    evil = urllib.parse.quote("en\r\nset-cookie: x=y")
    response = await desk.client.post(f"/requests/new?lang={evil}", data={**FORM, "filing_key": str(uuid.uuid4())})
    assert response.status_code == 303
    assert response.headers["location"].endswith("?lang=ja")
    assert "set-cookie" not in response.headers


async def test_markup_is_text_when_the_form_comes_back(desk: Any) -> None:
    nasty = '"><script>alert(1)</script>'
    response = await _send(desk, name=nasty, details=f"</textarea>{nasty}", email=nasty, phone=nasty, kind=nasty)
    assert response.status_code == 422
    assert "<script" not in response.text
    assert html.escape("</textarea>") in response.text


@pytest.mark.parametrize("header", [{"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}])
async def test_nothing_is_filed_when_another_site_sends_the_form(desk: Any, header: dict[str, str]) -> None:
    response = await desk.client.post("/requests/new", data=FORM, headers=header)
    assert response.status_code == 403
    assert say("ja", "errors.foreign_origin") in response.text
    assert desk.services.cases.list_all() == []


async def test_too_many_forms_are_refused_when_one_address_sends_them(open_desk: Any) -> None:
    desk = open_desk(rate_address="1/minute")
    transport = httpx.ASGITransport(desk.app, client=("192.0.2.1", 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://desk.example.com") as client:
        responses = [await client.post("/requests/new", data=FORM) for _ in range(2)]
    assert [response.status_code for response in responses] == [303, 429]
    assert 1 <= int(responses[1].headers["retry-after"]) <= 60
    assert FORM["details"] in responses[1].text  # nothing typed is lost
    assert len(desk.services.cases.list_all()) == 1


async def test_a_file_is_refused_when_sent_as_a_field(desk: Any) -> None:
    response = await desk.client.post("/requests/new", data={"kind": "disclosure"}, files={"details": ("x", b"x")})
    assert response.status_code == 422
