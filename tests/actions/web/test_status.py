"""The person's own pages: confirming an address, seeing where it stands, writing, withdrawing, agreeing to a fee.

Nobody learns here whether a case exists, looking changes nothing, and nothing typed is lost.
"""

from __future__ import annotations

import asyncio
import html
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from markupsafe import escape

from actions.cases.instants import now
from actions.cases.records import Case
from actions.cases.tables import Base, CaseRow, CodeRow
from actions.texts import say
from tests.actions.cases.conftest import HANAKO, JIRO, Office

ORIGIN = "http://desk.example.com"
WORDS = "追加でお伝えします。\n靴の箱の紙も対象です。"


@pytest.fixture
def office(desk: Any, make_draft: Callable[..., Any]) -> Office:
    """The desk's back office."""
    return _staff(desk, make_draft)


@pytest.fixture
def crowded(open_desk: Callable[..., Any], database: Any, make_draft: Callable[..., Any]) -> tuple[Any, Office]:
    """A desk on either database, for what happens at once: on PostgreSQL it really does."""
    desk = open_desk(database=database)
    return desk, _staff(desk, make_draft)


def _staff(desk: Any, make_draft: Callable[..., Any]) -> Office:
    for account in (HANAKO, JIRO):
        desk.services.accounts.create(account.name, account.role)
    return Office(desk.services, make_draft)


def _path(office: Office, case: Case) -> str:
    return f"/status/{office.token(case.receipt)}"


async def _show(desk: Any, path: str, status: int = 200) -> str:
    response = await desk.client.get(path)
    assert response.status_code == status
    return str(html.unescape(response.text))


async def _send(desk: Any, path: str, action: str, **form: str) -> httpx.Response:
    response: httpx.Response = await desk.client.post(path, data={"action": action, **form})
    return response


def _read_version(page: str) -> str:
    return str(re.findall(r'name="version" value="(\d+)"', page)[0])


def _copy_everything(desk: Any) -> dict[str, list[Any]]:
    """All rows of all tables."""
    with desk.services.database.reading() as session:
        return {
            table.name: [tuple(row) for row in session.execute(sa.select(table).order_by(*table.primary_key.columns))]
            for table in Base.metadata.sorted_tables
        }


@asynccontextmanager
async def _visit(desk: Any, address: str = "192.0.2.1") -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(desk.app, client=(address, 1))
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
        yield client


# --- nobody learns whether a case exists


@pytest.fixture
def dead_links(office: Office) -> dict[str, str]:
    """Status links that lead nowhere, each for another reason."""
    replaced = office.file()
    links = {"replaced": office.token(replaced.receipt)}
    office.services.status.confirm_by_code(links["replaced"], office.find_code(replaced.receipt))
    erased = office.open()
    links["erased"] = office.token(erased.receipt)
    office.answer(erased.receipt, "withdraw")
    office.age(erased.receipt, days=400)
    assert office.services.upkeep.purge().erased == 1
    links |= {"unknown": "A" * 43, "short": "x", "receipt": replaced.receipt, "nul": "%00", "odd": "%ED%A0%80%ff"}
    links |= {"long": "x" * 3000, "quotes": "'%20or%201=1--", "markup": "%3Cscript%3Ealert(1)%3C%2Fscript%3E"}
    return links


async def test_links_look_alike_when_they_lead_nowhere(desk: Any, dead_links: dict[str, str]) -> None:
    pages = set()
    for token in dead_links.values():
        response = await desk.client.get(f"/status/{token}?lang=ja")
        assert response.status_code == 404
        assert "<script" not in response.text
        # Only the link to the other language names the address that was asked for.
        pages.add(re.sub(r'href="/status/[^"]*"', "", response.text))
    (page,) = pages
    for line in say("ja", "status.unknown", **_shop(desk)).splitlines():
        assert line in html.unescape(page)


@pytest.mark.parametrize("action", ["write", "withdraw", "confirm", "send_code", "accept_fee", "none", ""])
async def test_links_look_alike_when_something_is_sent(desk: Any, dead_links: dict[str, str], action: str) -> None:
    before, pages = _copy_everything(desk), set()
    for token in dead_links.values():
        response = await _send(desk, f"/status/{token}?lang=ja", action, text=WORDS, code="123456", sure="yes")
        assert response.status_code == 404
        pages.add(re.sub(r'href="/status/[^"]*"', "", response.text))
    assert len(pages) == 1
    assert WORDS in html.unescape(pages.pop())  # what was typed is not lost
    assert _copy_everything(desk) == before


async def test_confirmation_links_look_alike_when_they_are_no_good(desk: Any, office: Office) -> None:
    used, former, lapsed = office.file(), office.file(), office.file()
    links = {name: office.find_link(case.receipt) for name, case in zip("ufl", (used, former, lapsed), strict=True)}
    office.services.status.confirm_by_link(links["u"])
    office.services.status.send_code(office.token(former.receipt))
    with desk.services.database.transaction() as session:
        its = sa.select(CaseRow.id).where(CaseRow.receipt == lapsed.receipt).scalar_subquery()
        past = now() - timedelta(minutes=1)
        session.execute(sa.update(CodeRow).where(CodeRow.case_id == its).values(expires_at=past))
    pages = set()
    for link in (*links.values(), "A" * 32, "x", "%00", "%ff", used.receipt):
        for method in ("GET", "POST"):
            response = await desk.client.request(method, f"/confirm/{link}?lang=en")
            assert response.status_code == 410
            pages.add(re.sub(r'href="/confirm/[^"]*"', "", response.text))
    (page,) = pages
    for line in say("en", "status.link_dead").splitlines():
        assert line in html.unescape(page)


def _shop(desk: Any) -> dict[str, str]:
    shop = desk.services.bundle.policy.shop
    return {"officer": shop.officer["ja"], "phone": shop.phone, "email": shop.email}


async def test_a_case_is_seen_by_its_own_link_when_there_are_several(desk: Any, office: Office) -> None:
    one, other = office.open("disclosure"), office.open("correction")
    page = await _show(desk, _path(office, one))
    assert one.receipt in page
    assert other.receipt not in page


# --- looking changes nothing


async def test_nothing_changes_when_pages_are_looked_at(desk: Any, office: Office) -> None:
    unconfirmed, confirmed = office.file(), office.open()
    paths = [_path(office, unconfirmed), _path(office, confirmed), f"/confirm/{office.find_link(unconfirmed.receipt)}"]
    paths += [f"{paths[1]}?done=withdraw", "/status/none", "/confirm/none", "/requests/new", "/conversation/delete"]
    before = _copy_everything(desk)
    for path in paths * 2:
        for method in ("GET", "HEAD", "OPTIONS"):
            await desk.client.request(method, path)
    assert _copy_everything(desk) == before


@pytest.mark.parametrize("path", ["/status/none", "/confirm/none", "/requests/filed/none"])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
async def test_no_search_engine_keeps_it_when_a_page_is_the_persons_own(desk: Any, path: str, method: str) -> None:
    response = await desk.client.request(method, path)
    assert response.headers["x-robots-tag"] == "noindex"
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["referrer-policy"] == "no-referrer"


async def test_search_engines_may_keep_it_when_a_page_is_everybodys(desk: Any) -> None:
    for path in ("/", "/policy", "/requests/new"):
        assert "x-robots-tag" not in (await desk.client.get(path)).headers


@pytest.mark.parametrize("header", [{"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}])
async def test_nothing_changes_when_another_site_sends_the_form(
    desk: Any, office: Office, header: dict[str, str]
) -> None:
    case, before = office.file(), None
    paths, before = [_path(office, case), f"/confirm/{office.find_link(case.receipt)}"], _copy_everything(desk)
    for path in paths:
        for action in ("withdraw", "send_code", "confirm"):
            data = {"action": action, "sure": "yes", "code": office.find_code(case.receipt)}
            assert (await desk.client.post(path, data=data, headers=header)).status_code == 403
    assert _copy_everything(desk) == before


# --- confirming the address


async def test_the_link_confirms_when_its_button_is_pressed(desk: Any, office: Office) -> None:
    case = office.file()
    old, link = _path(office, case), f"/confirm/{office.find_link(case.receipt)}"
    assert say("ja", "status.confirm_lead") in await _show(desk, link)
    response = await desk.client.post(f"{link}?lang=en")
    assert response.status_code == 303
    path, _, rest = response.headers["location"].partition("?")
    assert (path, rest) == (_path(office, case), "done=confirm&lang=en#done")
    assert path != old
    assert office.get(case.receipt).state == "received"
    assert say("en", "status.done_confirm") in await _show(desk, f"{path}?{rest}")
    await _show(desk, old, 404)  # whoever typed the address has no link any more


@pytest.mark.parametrize("typed", ["{}", " {} ", "{}\n", "wide", "{:.3}-{:.3}"])
async def test_the_code_confirms_when_it_is_typed(desk: Any, office: Office, typed: str) -> None:
    case = office.file()
    path, code = _path(office, case), office.find_code(case.receipt)
    wide = code.translate({ord("0") + digit: chr(ord("０") + digit) for digit in range(10)})
    text = wide if typed == "wide" else f"{code[:3]}-{code[3:]}" if "-" in typed else typed.format(code)
    response = await _send(desk, path, "confirm", code=text)
    assert (response.status_code, response.headers["location"]) == (303, f"{_path(office, case)}?done=confirm#done")
    await _show(desk, path, 404)


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "１２３", "<script>", "000 000 0", "\0" * 6])
async def test_the_code_is_asked_for_again_when_there_are_not_six_digits(desk: Any, office: Office, code: str) -> None:
    case = office.file()
    response = await _send(desk, _path(office, case), "confirm", code=code)
    assert response.status_code == 422
    page = html.unescape(response.text)
    assert say("ja", "errors.wrong_code") in page
    assert re.search(r'id="code-problem" role="alert"', page)
    assert 'aria-describedby="code-problem"' in page
    assert "<script" not in response.text
    # None of these was a try of it.
    for _ in range(desk.services.settings.code_tries):
        await _send(desk, _path(office, case), "confirm", code=code)
    assert (await _send(desk, _path(office, case), "confirm", code=office.find_code(case.receipt))).status_code == 303


def _find_wrong(office: Office, case: Case) -> str:
    return f"{(int(office.find_code(case.receipt)) + 1) % 10**6:06d}"


async def test_a_wrong_code_says_only_that_when_it_is_tried(desk: Any, office: Office) -> None:
    case = office.file()
    pages = [await _send(desk, _path(office, case), "confirm", code=_find_wrong(office, case)) for _ in range(5)]
    assert {page.status_code for page in pages} == {422}
    assert len({page.text for page in pages}) == 1  # not how many tries are left
    right = await _send(desk, _path(office, case), "confirm", code=office.find_code(case.receipt))
    assert right.status_code == 410
    assert say("ja", "errors.expired_code") in html.unescape(right.text)
    assert say("ja", "status.send_code") in html.unescape(right.text)
    assert office.get(case.receipt).confirmed_at is None


async def test_a_new_code_is_sent_when_it_is_asked_for(desk: Any, office: Office) -> None:
    case = office.file()
    path, former = _path(office, case), office.find_code(case.receipt)
    response = await _send(desk, path, "send_code")
    assert (response.status_code, response.headers["location"]) == (303, f"{path}?done=send_code#done")
    assert [mail.template for mail in office.list_mails(case.receipt)] == ["receipt", "code"]
    if office.find_code(case.receipt) != former:
        assert (await _send(desk, path, "confirm", code=former)).status_code == 422
    assert (await _send(desk, path, "confirm", code=office.find_code(case.receipt))).status_code == 303


@pytest.mark.parametrize("action", ["confirm", "send_code"])
async def test_nothing_is_confirmed_when_it_was_already(desk: Any, office: Office, action: str) -> None:
    case = office.open()
    mails = len(office.list_mails(case.receipt))
    response = await _send(desk, _path(office, case), action, code=office.find_code(case.receipt))
    assert response.status_code == 409
    assert say("ja", "errors.impossible") in html.unescape(response.text)
    assert len(office.list_mails(case.receipt)) == mails


async def test_the_address_is_confirmed_once_when_two_tabs_do_it_at_once(crowded: tuple[Any, Office]) -> None:
    desk, office = crowded
    case = office.file()
    path, link, code = _path(office, case), office.find_link(case.receipt), office.find_code(case.receipt)
    responses = await asyncio.gather(
        *(_send(desk, path, "confirm", code=code) for _ in range(3)),
        *(desk.client.post(f"/confirm/{link}") for _ in range(3)),
    )
    statuses = sorted(response.status_code for response in responses)
    assert statuses[0] == 303
    assert set(statuses) <= {303, 404, 409, 410}
    ends = {response.headers["location"].partition("?")[0] for response in responses if response.status_code == 303}
    assert ends == {_path(office, case)}
    assert [mail.template for mail in office.list_mails(case.receipt)] == ["receipt", "acknowledgement"]
    assert desk.services.audit.verify().problems == ()


async def test_only_progress_and_dates_are_shown_when_the_address_is_not_confirmed(desk: Any, office: Office) -> None:
    case = office.file("disclosure", "complaint")
    page = await _show(desk, _path(office, case))
    for kind in case.kinds:
        assert say("ja", f"kinds.{kind}") in page
    assert say("ja", "states.mail_unverified") in page
    assert say("ja", "status.target_unconfirmed", days=10) in page
    for value in (*case.fields.values(), say("ja", "status.thread"), 'name="text"'):
        assert value not in page


# --- seeing where it stands


async def test_the_page_tells_all_that_is_promised_when_a_case_is_open(desk: Any, office: Office) -> None:
    case = office.open("disclosure", "complaint")
    page = await _show(desk, _path(office, case))
    for key in ("states.received", "status.about_received", "status.step_id_check", "status.place_now"):
        assert say("ja", key) in page
    assert page.count(f"<dt>{say('ja', 'status.target')}</dt>") == 2
    assert page.count('aria-current="step"') == 2
    assert page.count(say("ja", "status.legal_note")) == 1  # a complaint has no such day
    assert say("ja", "pages.desk") in page  # the letter of acknowledgement
    assert "<script" not in page
    assert "style=" not in page


async def test_a_decision_is_hidden_when_it_is_only_proposed(desk: Any, office: Office) -> None:
    case = office.investigate("disclosure")
    office.act(case.receipt, "propose", outcome="refused", ground="disclosure_harm", text="ひみつの理由です")
    page = await _show(desk, _path(office, case))
    assert say("ja", "states.deciding") in page
    assert say("ja", "outcomes.refused") not in page
    assert "ひみつの理由" not in page
    office.act(case.receipt, "approve", by=JIRO)
    page = await _show(desk, _path(office, case))
    assert say("ja", "outcomes.refused") in page
    assert "ひみつの理由" in page
    office.deliver()
    page = await _show(desk, _path(office, case))
    assert say("ja", "status.about_closed") in page
    assert say("ja", "status.closed") in page
    assert "<ol" not in page


async def test_notes_of_the_desk_are_not_shown_when_there_are_some(desk: Any, office: Office) -> None:
    case = office.open()
    office.act(case.receipt, "note", note="うちわのメモ")
    office.act(case.receipt, "write", text="お客様へのことば")
    page = await _show(desk, _path(office, case))
    assert "うちわのメモ" not in page
    assert "お客様へのことば" in page
    assert HANAKO.name not in page


@pytest.mark.parametrize(
    ("query", "header", "language"),
    [
        ("", "", "en"),
        ("", "ja", "en"),  # the case's own language goes before the browser's
        ("?lang=ja", "", "ja"),
        ("?lang=en", "ja", "en"),
        ("?lang=fr", "", "en"),
        ("?lang=ja%0d%0aset-cookie:%20x=y", "", "en"),
    ],
)
async def test_the_page_is_in_the_cases_language_when_none_is_chosen(
    desk: Any, office: Office, query: str, header: str, language: str
) -> None:
    case = office.open(language="en")
    response = await desk.client.get(f"{_path(office, case)}{query}", headers={"accept-language": header})
    assert f'<html lang="{language}">' in response.text
    assert "set-cookie" not in response.headers
    sent = await _send(desk, f"{_path(office, case)}{query}", "write", text="Hello")
    chosen = f"&lang={language}" if query in {"?lang=ja", "?lang=en"} else ""
    assert sent.headers["location"] == f"{_path(office, case)}?done=write{chosen}#done"
    assert "set-cookie" not in sent.headers


@pytest.mark.parametrize("done", ["none", "<script>", "done_write", "title", "%00"])
async def test_nothing_is_said_to_be_done_when_the_address_makes_it_up(desk: Any, office: Office, done: str) -> None:
    case = office.open()
    page = await _show(desk, f"{_path(office, case)}?done={done}")
    assert 'id="done"' not in page
    assert "<script" not in page


# --- writing


async def test_the_officer_reads_it_when_the_person_writes(desk: Any, office: Office) -> None:
    case = office.open()
    page = await _show(desk, _path(office, case))
    version = _read_version(page)
    response = await _send(desk, _path(office, case), "write", text=WORDS.replace("\n", "\r\n"), version=version)
    assert response.status_code == 303
    found = office.get(case.receipt)
    assert (found.words[-1].author, found.words[-1].body, found.waiting) == ("customer", WORDS, True)
    page = await _show(desk, response.headers["location"])
    assert say("ja", "status.done_write") in page
    assert WORDS in page


async def test_it_is_the_answer_when_the_desk_waits_for_one(desk: Any, office: Office) -> None:
    case = office.investigate("correction")
    office.act(case.receipt, "ask_more", text="どの住所でしょうか")
    page = await _show(desk, _path(office, case))
    assert say("ja", "status.about_on_hold") in page
    assert say("ja", "status.answer") in page
    assert "どの住所でしょうか" in page
    assert (await _send(desk, _path(office, case), "write", text=WORDS)).status_code == 303
    assert office.get(case.receipt).state == "investigating"


@pytest.mark.parametrize(
    ("text", "status", "key"),
    [
        ("", 422, "conditions.needs_text"),
        (" \n　\0", 422, "conditions.needs_text"),
        ("あ" * 2001, 413, "errors.too_long"),
    ],
)
async def test_the_words_come_back_when_they_cannot_be_taken(
    desk: Any, office: Office, text: str, status: int, key: str
) -> None:
    case = office.open()
    response = await _send(desk, _path(office, case), "write", text=text)
    assert response.status_code == status
    page = html.unescape(response.text)
    assert say("ja", key, limit=2000) in page
    assert f">{text}</textarea>" in page.replace("\ufffd", "\0")
    assert re.search(r'aria-describedby="text-notice write-problem" aria-invalid="true"', page)
    assert [word for word in office.get(case.receipt).words if word.author == "customer"] == []


@pytest.mark.parametrize("text", ['<script>alert("x")</script>', "</textarea><b>", "{{ 7*7 }}", '"><img src=x>'])
async def test_markup_is_text_when_it_was_written(desk: Any, office: Office, text: str) -> None:
    case = office.open()
    await _send(desk, _path(office, case), "write", text=text)
    office.act(case.receipt, "write", text=text)
    response = await desk.client.get(_path(office, case))
    assert response.text.count(str(escape(text))) >= 2  # the person's own words and the officer's
    assert "<script" not in response.text
    assert "<img" not in response.text
    assert "<b>" not in response.text


async def test_words_are_kept_once_when_the_button_is_pressed_twice_at_once(crowded: tuple[Any, Office]) -> None:
    desk, office = crowded
    case = office.open()
    path, version = _path(office, case), str(case.version)
    responses = await asyncio.gather(*(_send(desk, path, "write", text=WORDS, version=version) for _ in range(4)))
    assert {response.status_code for response in responses} == {303}
    assert [word.body for word in office.get(case.receipt).words if word.author == "customer"] == [WORDS]


async def test_words_are_taken_when_an_officer_worked_on_the_case_meanwhile(desk: Any, office: Office) -> None:
    case = office.open()
    version = str(case.version)
    office.act(case.receipt, "start")
    for text in ("一つめ", "二つめ"):
        assert (await _send(desk, _path(office, case), "write", text=text, version=version)).status_code == 303
    assert [word.body for word in office.get(case.receipt).words if word.author == "customer"] == ["一つめ", "二つめ"]


@pytest.mark.parametrize("version", ["", "x", "-1", "1.0", "９", "9" * 5000, "\0", "<script>"])
async def test_words_are_taken_when_the_page_does_not_say_which_it_was(desk: Any, office: Office, version: str) -> None:
    case = office.open()
    assert (await _send(desk, _path(office, case), "write", text=WORDS, version=version)).status_code == 303
    assert office.get(case.receipt).words[-1].body == WORDS


async def test_the_same_words_are_kept_again_when_written_on_a_new_page(desk: Any, office: Office) -> None:
    case = office.open()
    for _ in range(2):
        version = _read_version(await _show(desk, _path(office, case)))
        await _send(desk, _path(office, case), "write", text="はい", version=version)
    assert [word.body for word in office.get(case.receipt).words if word.author == "customer"] == ["はい", "はい"]


# --- withdrawing


async def test_nothing_is_withdrawn_when_the_box_is_not_ticked(desk: Any, office: Office) -> None:
    case = office.open()
    response = await _send(desk, _path(office, case), "withdraw")
    assert response.status_code == 422
    assert say("ja", "conditions.needs_sure") in html.unescape(response.text)
    assert '<details class="more" open>' in response.text
    assert office.get(case.receipt).state == "received"


@pytest.mark.parametrize("confirmed", [False, True])
async def test_everything_is_withdrawn_when_asked_for(desk: Any, office: Office, *, confirmed: bool) -> None:
    case = office.open("disclosure", "correction") if confirmed else office.file("disclosure", "correction")
    path, version = _path(office, case), str(case.version)
    for _ in range(2):  # sent twice is withdrawn once
        response = await _send(desk, path, "withdraw", sure="yes", version=version)
        assert (response.status_code, response.headers["location"]) == (303, f"{path}?done=withdraw#done")
    found = office.get(case.receipt)
    assert [item.outcome for item in found.items] == ["withdrawn", "withdrawn"]
    page = await _show(desk, path)
    assert page.count(f"<strong>{say('ja', 'outcomes.withdrawn')}</strong>") == 2
    assert 'value="withdraw"' not in page


async def test_one_item_is_withdrawn_when_it_is_chosen(desk: Any, office: Office) -> None:
    case = office.open("disclosure", "correction")
    response = await _send(desk, _path(office, case), "withdraw", sure="yes", kind="correction")
    assert response.status_code == 303
    assert [item.state for item in office.get(case.receipt).items] == ["received", "closed"]


@pytest.mark.parametrize("kind", ["complaint", "none", "<script>", "\0"])
async def test_nothing_is_withdrawn_when_the_case_has_no_such_item(desk: Any, office: Office, kind: str) -> None:
    case = office.open("disclosure")
    response = await _send(desk, _path(office, case), "withdraw", sure="yes", kind=kind)
    assert response.status_code == 409
    assert "<script" not in response.text
    assert office.get(case.receipt).state == "received"


async def test_the_page_shows_how_it_stands_when_a_withdrawal_is_stale(desk: Any, office: Office) -> None:
    case = office.open()
    version = str(case.version)
    office.act(case.receipt, "start")
    response = await _send(desk, _path(office, case), "withdraw", sure="yes", version=version)
    assert response.status_code == 409
    page = html.unescape(response.text)
    assert say("ja", "errors.stale") in page
    assert say("ja", "states.id_check") in page
    assert office.get(case.receipt).state == "id_check"
    again = await _send(desk, _path(office, case), "withdraw", sure="yes", version=_read_version(page))
    assert again.status_code == 303
    assert office.get(case.receipt).items[0].outcome == "withdrawn"


async def test_nothing_is_withdrawn_when_the_request_has_ended(desk: Any, office: Office) -> None:
    case = office.investigate("complaint")
    office.act(case.receipt, "respond", outcome="resolved", text="直しました")
    office.deliver()
    response = await _send(desk, _path(office, case), "withdraw", sure="yes")
    assert response.status_code == 409
    assert say("ja", "errors.impossible") in html.unescape(response.text)
    assert office.get(case.receipt).items[0].outcome == "resolved"


@pytest.mark.parametrize("action", ["approve", "grant", "erase", "submit", "confirm_mail", "answer", "", "none", "\0"])
async def test_nothing_is_done_when_the_action_is_not_the_persons(desk: Any, office: Office, action: str) -> None:
    case = office.investigate("disclosure")
    before = _copy_everything(desk)
    response = await _send(desk, _path(office, case), action, text=WORDS, sure="yes", version=str(case.version))
    assert response.status_code == 409
    assert _copy_everything(desk) == before


# --- fees


@pytest.fixture
def charged(open_desk: Callable[..., Any], make_draft: Callable[..., Any]) -> tuple[Any, Office, Case]:
    """A disclosure for which the published fee was named, beside a complaint."""
    desk = open_desk(fee_disclosure_yen=1000)
    office = _staff(desk, make_draft)
    case = office.investigate("disclosure", "complaint")
    office.act(case.receipt, "notify_fee", kind="disclosure")
    return desk, office, office.get(case.receipt)


async def test_the_fee_is_agreed_to_when_the_person_says_so(charged: tuple[Any, Office, Case]) -> None:
    desk, office, case = charged
    path = _path(office, case)
    page = await _show(desk, path)
    assert say("ja", "status.yen", amount="1,000") in page
    assert say("ja", "status.about_fee_wait") in page
    for _ in range(2):  # sent twice is agreed to once
        response = await _send(desk, path, "accept_fee", kind="disclosure", version=_read_version(page))
        assert (response.status_code, response.headers["location"]) == (303, f"{path}?done=accept_fee#done")
    found = office.get(case.receipt).find_item("disclosure")
    assert found is not None
    assert found.fee_accepted_at is not None
    page = await _show(desk, path)
    assert say("ja", "status.about_fee_agreed") in page
    assert 'value="accept_fee"' not in page


async def test_the_request_ends_when_the_fee_is_declined(charged: tuple[Any, Office, Case]) -> None:
    desk, office, case = charged
    for _ in range(2):
        response = await _send(desk, _path(office, case), "decline_fee", kind="disclosure", version=str(case.version))
        assert response.status_code == 303
    found = office.get(case.receipt)
    assert [item.outcome for item in found.items] == ["withdrawn_fee", ""]
    assert say("ja", "outcomes.withdrawn_fee") in await _show(desk, _path(office, case))


async def test_no_fee_is_agreed_to_when_it_was_dropped_meanwhile(charged: tuple[Any, Office, Case]) -> None:
    desk, office, case = charged
    office.act(case.receipt, "waive_fee", kind="disclosure", note="無料にします")
    for action in ("accept_fee", "decline_fee"):
        response = await _send(desk, _path(office, case), action, kind="disclosure", version=str(case.version))
        assert response.status_code == 409
        assert say("ja", "errors.stale") in html.unescape(response.text)
    assert [item.state for item in office.get(case.receipt).items] == ["investigating", "investigating"]


# --- limits


async def test_pages_wait_when_one_visitor_opens_many(open_desk: Callable[..., Any], make_draft: Any) -> None:
    desk = open_desk(rate_status="2/minute")
    office = _staff(desk, make_draft)
    path = _path(office, office.open())
    async with _visit(desk) as visitor, _visit(desk, "192.0.2.2") as other:
        assert [(await visitor.get(path)).status_code for _ in range(3)] == [200, 200, 429]
        refused = await visitor.post(path, data={"action": "write", "text": WORDS})
        assert refused.status_code == 429
        assert 1 <= int(refused.headers["retry-after"]) <= 60
        assert WORDS in html.unescape(refused.text)
        assert (await visitor.get("/confirm/none")).status_code == 429
        assert (await other.get(path)).status_code == 200
    assert [(await desk.client.get(path)).status_code for _ in range(4)] == [200] * 4  # loopback


async def test_codes_wait_when_a_visitor_tries_many(open_desk: Callable[..., Any], make_draft: Any) -> None:
    desk = open_desk(rate_try="2/hour")
    office = _staff(desk, make_draft)
    elsewhere = {"details": "x", "name": "別人", "email": "betsu@example.com", "phone": ""}
    one, same, other = office.file(), office.file(), office.file(fields=elsewhere)
    path = _path(office, one)
    tries = [await _send(desk, path, "confirm", code=_find_wrong(office, one)) for _ in range(3)]
    assert [response.status_code for response in tries] == [422, 422, 429]  # from loopback too
    assert 60 < int(tries[-1].headers["retry-after"]) <= 3600
    page = html.unescape(tries[-1].text)
    assert say("ja", "errors.too_many_long", minutes=60, phone=_shop(desk)["phone"]) in page
    assert say("ja", "status.title") in page
    async with _visit(desk) as visitor:  # neither from elsewhere, for the same case
        right = {"action": "confirm", "code": office.find_code(one.receipt)}
        assert (await visitor.post(path, data=right)).status_code == 429
        right = {"action": "confirm", "code": office.find_code(same.receipt)}  # nor for another one of the same mailbox
        assert (await visitor.post(_path(office, same), data=right)).status_code == 429
    async with _visit(desk, "192.0.2.2") as visitor:
        right = {"action": "confirm", "code": office.find_code(other.receipt)}
        assert (await visitor.post(_path(office, other), data=right)).status_code == 303
    assert office.get(one.receipt).confirmed_at is None
    office.services.status.confirm_by_link(office.find_link(same.receipt))  # the mailbox itself is never blocked


async def test_new_codes_wait_when_an_address_gets_many(open_desk: Callable[..., Any], make_draft: Any) -> None:
    desk = open_desk(rate_code="2/hour")
    office = _staff(desk, make_draft)
    cases = [office.file(), office.file()]  # of one mail address
    statuses = []
    for number, case in enumerate([*cases, *cases]):
        async with _visit(desk, f"192.0.2.{number}") as visitor:
            response = await visitor.post(_path(office, case), data={"action": "send_code"})
            statuses.append(response.status_code)
    assert statuses == [303, 303, 429, 429]
    mails = [mail.template for case in cases for mail in office.list_mails(case.receipt)]
    assert mails.count("code") == 2


async def test_new_codes_wait_when_a_visitor_asks_for_many(open_desk: Callable[..., Any], make_draft: Any) -> None:
    desk = open_desk(rate_code="2/hour")
    office = _staff(desk, make_draft)
    fields = {"details": "あれです", "name": "山田花子", "phone": ""}
    cases = [office.file(fields={**fields, "email": f"hanako{number}@example.com"}) for number in range(3)]
    statuses = [(await _send(desk, _path(office, case), "send_code")).status_code for case in cases]
    assert statuses == [303, 303, 429]


# --- what is stored


async def test_nothing_of_the_link_is_stored_in_clear_when_used(desk: Any, office: Office) -> None:
    case = office.open()
    token = office.token(case.receipt)
    await _send(desk, f"/status/{token}", "write", text=WORDS)
    assert not [row for rows in _copy_everything(desk).values() for row in rows if token.encode() in repr(row).encode()]
    with desk.services.database.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(CaseRow)) == 1


# --- what waits for what


async def test_one_of_two_questions_is_answered_when_it_is_chosen(desk: Any, office: Office) -> None:
    receipt = office.investigate("disclosure", "suspension").receipt
    for kind in ("disclosure", "suspension"):
        office.act(receipt, "ask_more", kind, text=f"{kind}?")
    path = _path(office, office.get(receipt))
    assert say("ja", "status.answer_which") in await _show(desk, f"{path}?lang=ja")
    assert (await _send(desk, path, "write", text="停止の答えです", kind="suspension")).status_code == 303
    assert [item.state for item in office.get(receipt).items] == ["on_hold", "investigating"]
    page = await _show(desk, f"{path}?lang=ja")
    assert say("ja", "status.answer_which") not in page
    assert say("ja", "status.answer") in page
    assert (await _send(desk, path, "write", text="開示の答えです")).status_code == 303
    assert [item.state for item in office.get(receipt).items] == ["investigating", "investigating"]


async def test_documents_are_waited_for_when_the_person_only_writes(desk: Any, office: Office) -> None:
    receipt = office.open().receipt
    office.act(receipt, "start")
    office.act(receipt, "ask_documents")
    path = _path(office, office.get(receipt))
    page = await _show(desk, f"{path}?lang=ja")
    assert say("ja", "status.about_documents") in page
    assert say("ja", "status.answer") not in page
    assert (await _send(desk, path, "write", text="郵送しました")).status_code == 303
    case = office.get(receipt)
    assert (case.state, case.waiting, case.words[-1].body) == ("on_hold", True, "郵送しました")


async def test_nothing_of_the_request_is_seen_by_a_new_mailbox_till_it_is_confirmed(desk: Any, office: Office) -> None:
    receipt = office.investigate().receipt
    office.act(receipt, "ask_more", text="どのご注文でしょうか")
    former = _path(office, office.get(receipt))
    office.act(receipt, "correct_address", value="hanako.yamada@example.com", note="電話で申し出あり")
    office.deliver()
    await _show(desk, former, 404)
    path = _path(office, office.get(receipt))
    page = await _show(desk, f"{path}?lang=ja")
    assert receipt in page
    assert say("ja", "status.code") in page
    for hidden in ("どのご注文でしょうか", say("ja", "kinds.disclosure"), say("ja", "status.withdraw")):
        assert hidden not in page
    for action in ("write", "withdraw", "accept_fee"):
        assert (await _send(desk, path, action, text="x", sure="yes")).status_code == 409
    assert (await _send(desk, path, "confirm", code=office.find_code(receipt))).status_code == 303
    page = await _show(desk, f"{path}?lang=ja")
    assert "どのご注文でしょうか" in page
    assert say("ja", "status.withdraw") in page
