"""The staff's lookup: what is found, a reply that can be copied only when it is whole, and nothing personal kept."""

from __future__ import annotations

import html
import re
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
import structlog

from actions.cases.instants import now
from actions.cases.letters import say_day
from actions.hours import TOKYO
from actions.texts import say
from actions.web.pages import find_static
from actions.web.staff import QUERY_MAX
from knowledge.answer import sentence
from knowledge.replies import SLOT_MAX
from tests.actions.cases.conftest import Office
from tests.actions.web.officers import Officer, PageForm, read_forms, sign_in
from tests.journeys.canary import dump_columns

RIGHTS = "rights.1"
SURE = "どんな個人情報を集めていますか"
SILENT = "クッキーは使っていますか"
ELSEWHERE = "注文はいつ届きますか"
PUBLIC = "https://privacy.example.com"
DAY = (now().astimezone(TOKYO).date() + timedelta(days=30)).isoformat()
FILLED = {"name": "鵜飼せせらぎ", "question": "開示の請求", "staff": "佐藤", "answer_by": DAY}
PAGE = re.compile(r'<textarea id="text"[^>]*>\n(.*?)</textarea>', re.DOTALL)


@pytest.fixture
async def staff(open_desk: Callable[..., Any], make_draft: Callable[..., Any]) -> Officer:
    """Somebody of the staff at a desk whose public address is known."""
    return await _enlist(open_desk(public_url=PUBLIC), make_draft)


async def _enlist(desk: Any, make_draft: Callable[..., Any]) -> Officer:
    client = await sign_in(desk, "staff")
    if desk.services.settings.public_url:  # then its cookie is for https
        client.base_url = httpx.URL(str(client.base_url).replace("http://", "https://"))
    return Officer(desk, Office(desk.services, make_draft), client)


def _find_slots(page: str) -> PageForm:
    return next(form for form in read_forms(page) if form.method == "post" and form.action.startswith("/staff"))


async def _fill(who: Officer, path: str, /, **filled: str) -> str:
    form = _find_slots((await who.client.get(path)).text)
    response = await who.client.post(form.action, data={**form.values, **filled})
    assert response.status_code == 200
    return response.text


@pytest.mark.parametrize("language", ["ja", "en"])
async def test_signing_in_leads_back_to_what_was_looked_up(desk: Any, language: str) -> None:
    password = desk.services.accounts.create("hanako", "staff")
    query = {"q": "利用 停止+50%~", "clause": "rights.4", "register": "chat", "lang": language}
    first = await desk.client.get("/staff", params=query)
    assert first.status_code == 303
    form = read_forms((await desk.client.get(first.headers["location"])).text)[0]
    signed = await desk.client.post(form.action, data={**form.values, "name": "hanako", "password": password})
    assert signed.status_code == 303
    assert dict(parse_qsl(urlsplit(signed.headers["location"]).query)) == query
    page = await desk.client.get(signed.headers["location"])
    assert page.status_code == 200
    assert say(language, "staff.title") in html.unescape(page.text)


@pytest.mark.parametrize("signed", [True, False])
async def test_an_address_with_somebodys_data_is_replaced(staff: Officer, desk: Any, signed: bool) -> None:
    client = staff.client if signed else desk.client
    typed = {"q": "鵜飼せせらぎ様 seseragi@example.com 03-0000-7319 の開示", "lang": "en"}
    response = await client.get("/staff", params=typed)
    assert response.status_code == 303
    for word in ("鵜飼", "seseragi", "7319"):
        assert word not in response.headers["location"]
        assert "%E9%B5%9C" not in response.headers["location"]  # 鵜
        assert word not in response.text
    if signed:
        page = await staff.open(response.headers["location"])
        assert say("en", "staff.masked") in page
        assert "***様 *** *** の開示" in page


async def test_the_field_has_the_focus_and_says_what_becomes_of_what_is_typed(staff: Officer) -> None:
    page = await staff.open("/staff?lang=ja")
    assert re.search(r'<input id="q" name="q" type="search"[^>]* autofocus', page)
    assert say("ja", "staff.query_privacy") in page
    assert 'method="get" action="/staff"' in page
    assert "autofocus" not in await staff.open(f"/staff?q={SILENT}")  # else the result would not be read first


@pytest.mark.parametrize(
    ("query", "certainty", "purpose"),
    [
        (SURE, "sure", "answered"),
        ("purpose", "named", "answered"),
        (SILENT, "silent", "not_covered"),
        (ELSEWHERE, "elsewhere", ""),
        ("お客様情報に関する事項 3", "named", "right"),
    ],
)
@pytest.mark.parametrize("language", ["ja", "en"])
async def test_how_sure_and_which_reply_is_said_in_words(
    staff: Officer, query: str, certainty: str, purpose: str, language: str
) -> None:
    page = await staff.open(f"/staff?q={query}&lang={language}")
    assert f"<strong>{sentence(language, f'certainty_{certainty}')}</strong>" in page
    assert say(language, f"staff.about_{certainty}") in page
    wanted = say(language, f"staff.purpose_{purpose}") if purpose else say(language, "staff.no_reply")
    assert wanted in page


async def test_clauses_are_quoted_in_both_languages_with_their_place(staff: Officer) -> None:
    policy = staff.desk.services.bundle.policy
    for clause in policy.clause_ids:
        page = await staff.open(f"/staff?q={clause}&lang=ja")
        for language in ("ja", "en"):
            assert f'<blockquote lang="{language}">{policy.get_unit(clause, language).text}</blockquote>' in page
        assert f'href="/policy/{policy.version}?lang=ja#{clause}"' in page
        assert policy.leads[clause]["ja"] in page


async def test_another_clause_is_chosen_by_its_link(staff: Officer) -> None:
    page = await staff.open(f"/staff?q={RIGHTS}&register=chat&lang=ja")
    links = re.findall(r'<a href="(/staff[^"]*)" class="clause-link"', page)
    chosen = next(link for link in links if "clause=rights.1.2" in link)
    assert dict(parse_qsl(urlsplit(chosen).query)) == {
        "q": RIGHTS, "clause": "rights.1.2", "register": "chat", "lang": "ja",
    }  # fmt: skip
    page = await staff.open(chosen)
    assert re.findall(r'clause=([\w.]+)[^"]*" class="clause-link" aria-current="true"', page) == ["rights.1.2"]
    assert staff.desk.services.bundle.policy.leads["rights.1.2"]["ja"] in page


async def test_a_clause_alone_needs_no_words(staff: Officer) -> None:
    page = await staff.open("/staff?clause=security")
    assert 'clause=security&register=mail&lang=ja" class="clause-link" aria-current="true"' in page


@pytest.mark.parametrize("clause", ["nowhere", "rights.1.2.3", "<script>", "../policy", "rights.1\0", "x" * 5000])
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_clause_that_there_is_not_is_named(staff: Officer, clause: str, method: str) -> None:
    response = await staff.client.request(method, "/staff", params={"q": SILENT, "clause": clause, "lang": "ja"})
    assert response.status_code == 422
    assert "という条文は、現在のポリシーにありません" in response.text
    assert f'value="{SILENT}"' in response.text  # nothing is lost
    assert "<script>" not in response.text


async def test_words_that_are_too_long_are_kept_and_told(staff: Officer) -> None:
    words = "あ" * (QUERY_MAX + 1)
    response = await staff.client.get("/staff", params={"q": words, "lang": "en"})
    assert response.status_code == 422
    assert say("en", "staff.too_long", limit=QUERY_MAX) in response.text
    assert f'value="{words}"' in response.text
    assert (await staff.client.get("/staff", params={"q": words[1:]})).status_code == 200


@pytest.mark.parametrize(
    "query", ["", "👍", "\0", "<script>alert(1)</script>", "{phone}", "%", "' OR 1=1 --", "\ud83d"]
)
async def test_odd_words_are_answered_all_the_same(staff: Officer, query: str) -> None:
    raw = query.encode("utf-8", "surrogatepass")
    response = await staff.client.get("/staff", params={"q": raw, "register": "x", "reply": "fr", "clause": ""})
    assert response.status_code == 200
    assert "<script>alert" not in response.text


@pytest.mark.parametrize("register", ["chat", "mail"])
@pytest.mark.parametrize("language", ["ja", "en"])
async def test_nothing_can_be_copied_while_a_slot_is_open(staff: Officer, register: str, language: str) -> None:
    path = f"/staff?q={RIGHTS}&register={register}&reply={language}&lang=ja"
    page = (await staff.client.get(path)).text
    form = _find_slots(page)
    assert {*form.names} == {*FILLED}
    for name in FILLED:
        page = await _fill(staff, path, **{**FILLED, name: " "})
        assert PAGE.search(page) is None
        assert "data-copy-from" not in page
        assert page.count("<mark>") >= 1
        assert say("ja", "staff.incomplete") in html.unescape(page)
    page = await _fill(staff, path, **FILLED)
    text = html.unescape(PAGE.search(page)[1])  # type: ignore[index]
    assert "<mark>" not in page
    assert "要記入" not in text
    assert "to fill in" not in text
    assert FILLED["name"] in text
    assert say_day(date.fromisoformat(DAY), language) in text
    assert f"{PUBLIC}/policy/{staff.desk.services.bundle.policy.version}#rights.1" in text
    assert staff.desk.services.bundle.policy.get_unit("rights.1").text in text


@pytest.mark.parametrize(
    "day", ["", "tomorrow", "2026-02-30", "2020-01-01", now().astimezone(TOKYO).date().isoformat(), "9" * 400]
)
async def test_a_day_that_is_past_or_none_stays_open(staff: Officer, day: str) -> None:
    page = await _fill(staff, f"/staff?q={RIGHTS}", **{**FILLED, "answer_by": day})
    assert PAGE.search(page) is None
    assert "［要記入：次にご連絡する期日］" in page
    assert f'value="{FILLED["name"]}"' in page  # the others are not lost


async def test_what_is_filled_in_is_escaped_and_bounded(staff: Officer) -> None:
    name = '"><script>alert(1)</script></textarea>'
    page = await _fill(staff, f"/staff?q={RIGHTS}", **{**FILLED, "name": name})
    assert "<script>alert" not in page
    assert name in html.unescape(PAGE.search(page)[1])  # type: ignore[index]
    long = await _fill(staff, f"/staff?q={RIGHTS}", **{**FILLED, "staff": "佐" * 5000})
    assert "佐" * (SLOT_MAX + 1) not in PAGE.search(long)[1]  # type: ignore[index]


async def test_what_is_filled_in_is_kept_nowhere(staff: Officer, capsys: pytest.CaptureFixture[str]) -> None:
    with structlog.testing.capture_logs() as logged:
        page = await _fill(staff, f"/staff?q={RIGHTS}", **FILLED)
    assert FILLED["name"] in page
    assert FILLED["name"].encode() not in dump_columns(staff.desk.services)
    assert FILLED["name"] not in repr(logged) + "".join(capsys.readouterr())
    for address in re.findall(r'(?:href|action|src)="([^"]*)"', page):
        assert "%E9%B5%9C" not in address
    again = await staff.open(f"/staff?q={RIGHTS}")
    assert FILLED["name"] not in again


async def test_the_desks_address_is_a_slot_when_it_is_not_set(desk: Any, make_draft: Callable[..., Any]) -> None:
    staff = await _enlist(desk, make_draft)
    path = f"/staff?q={RIGHTS}"
    assert "<mark>［要記入：ポリシーを掲載しているサイトのURL］</mark>/policy/" in await staff.open(path)
    assert "127.0.0.1" not in html.unescape(await _fill(staff, path, **FILLED))
    page = await _fill(staff, path, **FILLED, pages="https://shop.example.com/")
    assert "https://shop.example.com/policy/1-48acc39a#rights.1" in PAGE.search(page)[1]  # type: ignore[index]


async def test_the_fee_of_a_reply_is_the_published_one(
    open_desk: Callable[..., Any], make_draft: Callable[..., Any]
) -> None:
    staff = await _enlist(open_desk(public_url=PUBLIC, fee_disclosure_yen=500), make_draft)
    assert "費用として500円をいただく場合があります" in await staff.open("/staff?clause=rights.1")
    assert "費用はかかりません" in await staff.open("/staff?clause=rights.2")
    for clause in ("rights.3", "rights.4", "rights.5", "rights.7", "purpose"):
        page = await staff.open(f"/staff?clause={clause}&register=chat")
        assert "費用として" not in page
        assert "費用はかかりません" not in page


async def test_a_form_of_another_site_is_refused(staff: Officer) -> None:
    headers = {"sec-fetch-site": "cross-site"}
    assert (await staff.client.post(f"/staff?q={RIGHTS}", data=FILLED, headers=headers)).status_code == 403


async def test_what_was_typed_is_not_lost_when_the_session_is_over(desk: Any) -> None:
    response = await desk.client.post("/staff?q=x", data={"question": "開示の請求についてのお尋ね"})
    assert response.status_code == 403
    assert "開示の請求についてのお尋ね" in response.text


async def test_the_language_changes_and_the_search_stays(staff: Officer) -> None:
    page = await staff.open(f"/staff?q={RIGHTS}&clause=rights.3&register=chat&lang=ja")
    (switch,) = (one for one in re.findall(r'href="(/staff[^"]*)" hreflang="en"', page))
    assert dict(parse_qsl(urlsplit(switch).query)) == {
        "q": RIGHTS, "clause": "rights.3", "register": "chat", "lang": "en",
    }  # fmt: skip


async def test_the_reply_is_in_the_customers_language_unless_another_is_chosen(staff: Officer) -> None:
    asked = "I would like to know what personal information you collect"
    page = await staff.open(f"/staff?q={asked}&clause=collected&lang=ja")
    assert "Dear [to fill in: customer's name]," not in page  # the mark stands in an element of its own
    assert "[to fill in: customer's name]" in page
    assert "［要記入：お客様のお名前］" in await staff.open(f"/staff?q={asked}&clause=collected&reply=ja&lang=en")


async def test_clauses_are_found_when_the_shop_has_no_templates(
    open_desk: Callable[..., Any], make_draft: Callable[..., Any], tmp_path: Path
) -> None:
    staff = await _enlist(open_desk(shop=tmp_path), make_draft)
    page = await staff.open("/staff?q=rights.1&lang=ja")
    assert say("ja", "staff.unreadable") in page
    assert staff.desk.services.bundle.policy.get_unit("rights.1").text in page


async def test_a_reply_is_flagged_when_its_clause_has_changed(
    publishing_desk: tuple[Any, Callable[[], Any]], make_draft: Callable[..., Any]
) -> None:
    desk, publish = publishing_desk
    staff = await _enlist(desk, make_draft)
    assert say("ja", "staff.caution_old") not in await staff.open("/staff?q=third_party&lang=ja")
    publish()
    page = await staff.open("/staff?q=third_party.1&lang=ja")
    assert say("ja", "staff.changed", version="1-48acc39a", clauses="third_party") in page
    assert say("ja", "staff.caution_old") in await staff.open("/staff?q=third_party&lang=ja")
    page = await staff.open("/staff?q=security&lang=ja")
    assert "その後に変わった条文" not in page
    assert say("ja", "staff.caution_old") not in page


async def test_the_page_is_for_no_search_engine_and_brings_its_own_script_only(staff: Officer) -> None:
    response = await staff.client.get(f"/staff?q={RIGHTS}")
    assert response.headers["x-robots-tag"] == "noindex"
    assert re.findall(r"<script[^>]*>", response.text) == [f'<script type="module" src="{find_static("staff.js")}">']
    assert "style=" not in response.text
    for name in ("staff.js", "staff.css"):
        assert (await staff.client.get(f"/static/{name}")).status_code == 200


@pytest.mark.parametrize("role", ["staff", "officer", "approver", "administrator"])
async def test_whoever_may_look_up_is_offered_it(enlist: Callable[..., Awaitable[Officer]], role: str) -> None:
    somebody = await enlist(role)
    assert 'href="/staff?lang=ja"' in await somebody.open("/desk/role?lang=ja")
    assert 'href="/staff?lang=ja"' in await somebody.open("/staff?lang=ja")


async def test_the_session_is_over_on_both_pages_when_signed_out(enlist: Callable[..., Awaitable[Officer]]) -> None:
    somebody = await enlist("staff")
    assert (await somebody.client.post("/desk/sign-out")).status_code == 303
    for path in ("/staff", "/desk/role"):
        assert (await somebody.client.get(path)).status_code == 303
