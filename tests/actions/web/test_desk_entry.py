"""Requests that came another way, written down: checked, filed once, with the day they arrived."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest

from actions.cases.clocks import find_legal_date
from actions.cases.desk import CHANNELS
from actions.cases.instants import now
from actions.cases.kinds import list_kinds
from actions.hours import TOKYO
from actions.texts import LANGUAGES, say
from actions.web.desk_entry import LONGEST, OLDEST_DAYS
from tests.actions.web.officers import Officer, PageForm, read_forms

GIVEN = {"kind": "correction", "channel": "telephone", "details": "住所を直してほしい", "name": "山田花子"}
PATH = "/desk/cases/new"


async def _find_form(officer: Officer) -> PageForm:
    return next(form for form in read_forms(await officer.open(PATH)) if form.action.startswith(PATH))


def _day(days: int) -> str:
    return (now().astimezone(TOKYO).date() - timedelta(days=days)).isoformat()


def _count(officer: Officer) -> int:
    return officer.office.services.cases.count_tabs()["all"]


@pytest.mark.parametrize("channel", CHANNELS)
async def test_a_request_is_filed_with_how_and_when_it_came(officer: Officer, channel: str) -> None:
    form = await _find_form(officer)
    more = {"email": "ｈａｎａｋｏ@example.com", "phone": "０３-0000-0000", "arrived": _day(5), "language": "en"}
    response = await officer.send(form, **{**GIVEN, "channel": channel}, **more)
    assert response.status_code == 303
    found = re.fullmatch(r"/desk/cases/(M-[0-9A-Z-]+)\?lang=ja&done=enter#result", response.headers["location"])
    assert found
    case = officer.office.get(found[1])
    assert (case.state, case.channel, case.language, case.kinds) == ("received", channel, "en", ("correction",))
    assert case.fields == {
        "details": "住所を直してほしい", "name": "山田花子", "email": "hanako@example.com", "phone": "03-0000-0000"
    }  # fmt: skip
    assert case.arrived_at.astimezone(TOKYO).date().isoformat() == _day(5)
    assert find_legal_date(case.arrived_at).isoformat() == _day(-9)
    (event,) = officer.office.services.audit.list_for_receipt(case.receipt)
    assert (event.actor, event.action) == ("hanako", "enter")
    assert officer.office.deliver() == ["acknowledgement"]
    assert say("ja", "desk.done", action=say("ja", "desk.actions.enter")) in await officer.open(found[0])


async def test_several_kinds_and_an_agent_are_one_case(officer: Officer) -> None:
    form = await _find_form(officer)
    data = {**form.values, **GIVEN, "kind": ["complaint", "correction"], "agent": "legal", "represented": "山田一郎"}
    response = await officer.client.post(PATH, data=data)
    receipt = re.findall(r"M-[0-9A-Z-]+", response.headers["location"])[0]
    case = officer.office.get(receipt)
    assert case.kinds == ("correction", "complaint")  # in the policy's order
    assert (case.agent, case.represented) == ("legal", "山田一郎")


async def test_letters_are_to_be_given_by_hand_when_there_is_no_address(officer: Officer) -> None:
    response = await officer.send(await _find_form(officer), **GIVEN)
    receipt = re.findall(r"M-[0-9A-Z-]+", response.headers["location"])[0]
    assert officer.office.deliver() == []
    page = await officer.open("/desk/tasks")
    assert receipt in page
    assert say("ja", "desk.mail_no_address") in page
    assert "山田花子" not in page  # who it is for is seen where it is opened
    form = next(form for form in read_forms(page) if "/open?" in form.action)
    assert "山田花子 様" in (await officer.send(form)).text  # the letter itself, to be printed


async def test_sending_twice_is_one_case(officer: Officer) -> None:
    form = await _find_form(officer)
    responses = [await officer.send(form, **GIVEN) for _ in range(2)]
    assert len({response.headers["location"] for response in responses}) == 1
    assert _count(officer) == 1
    assert (await officer.send(await _find_form(officer), **GIVEN)).status_code == 303
    assert _count(officer) == 2  # a new form is a new request


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ({"kind": ""}, "kind"),
        ({"kind": "none"}, "kind"),
        ({"channel": ""}, "channel"),
        ({"channel": "chat"}, "channel"),  # those file themselves
        ({"arrived": ""}, "arrived"),
        ({"arrived": "x"}, "arrived"),
        ({"arrived": _day(-1)}, "arrived"),
        ({"arrived": _day(OLDEST_DAYS + 1)}, "arrived"),
        ({"language": "fr"}, "language"),
        ({"details": " ! "}, "details"),
        ({"details": "あ" * (LONGEST + 1)}, "details"),
        ({"name": ""}, "name"),
        ({"name": "a@example.com"}, "name"),
        ({"email": "hanako"}, "email"),
        ({"phone": "123"}, "phone"),
        ({"agent": "friend"}, "agent"),
        ({"agent": "legal", "represented": "a@b"}, "represented"),
    ],
)
@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_field_comes_back_with_a_word_on_it_and_the_rest_as_typed(
    officer: Officer, changed: dict[str, str], wrong: str, language: str
) -> None:
    form = await _find_form(officer)
    data = {**form.values, **GIVEN, "email": "hanako@example.com", "phone": "03-0000-0000", **changed}
    response = await officer.client.post(f"{PATH}?lang={language}", data=data)
    assert response.status_code == 422
    page = html.unescape(response.text)
    problems = re.findall(r'<p class="problem" id="(\w+)-problem">', page)
    assert problems == [wrong]
    assert say(language, f"desk.entry_problems.{wrong}", days=OLDEST_DAYS, longest=LONGEST) in page
    again = next(form for form in read_forms(response.text) if form.action.startswith(PATH))
    for name, value in data.items():
        if name not in {"kind", "channel", "language", "agent"} or value in again.choices[name]:
            assert again.values.get(name, "") == value, name
    assert _count(officer) == 0


@pytest.mark.parametrize("days", [0, OLDEST_DAYS])
async def test_the_first_and_the_last_day_are_days_of_arrival(officer: Officer, days: int) -> None:
    response = await officer.send(await _find_form(officer), **GIVEN, arrived=_day(days))
    assert response.status_code == 303
    receipt = re.findall(r"M-[0-9A-Z-]+", response.headers["location"])[0]
    case = officer.office.get(receipt)
    assert case.arrived_at.astimezone(TOKYO).date().isoformat() == _day(days)
    assert case.arrived_at <= case.created_at


async def test_every_kind_can_be_written_down(officer: Officer) -> None:
    form = await _find_form(officer)
    assert form.choices["kind"] == list(list_kinds())
    assert form.choices["channel"] == list(CHANNELS)


async def test_markup_is_text_and_an_odd_key_is_a_new_one(officer: Officer) -> None:
    form = await _find_form(officer)
    data = {**form.values, **GIVEN, "details": "<script>alert(1)</script>", "name": "", "filing_key": "x"}
    response = await officer.client.post(PATH, data=data)
    assert "<script" not in response.text
    response = await officer.client.post(PATH, data={**data, "name": "山田花子"})
    assert response.status_code == 303


@pytest.mark.parametrize("header", [{"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}])
async def test_a_form_of_another_site_files_nothing(officer: Officer, header: dict[str, str]) -> None:
    form = await _find_form(officer)
    response = await officer.client.post(PATH, data={**form.values, **GIVEN}, headers=header)
    assert response.status_code == 403
    assert _count(officer) == 0
