"""What the person sees of a request's way: always one step, and nothing of a decision before it is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from actions.cases.clocks import MINUTES_A_DAY
from actions.cases.kinds import list_kinds
from actions.cases.records import Case, Item
from actions.cases.workflow import CLOSED, HELD, list_states, list_transitions
from actions.texts import LANGUAGES, list_keys
from actions.web.progress import ItemView, draw_items

MOMENT = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)  # the 3rd in Japan
REACHABLE = sorted({(course, state) for course, state, _ in list_transitions() if state})
KIND = {"rights": "disclosure", "hearing": "complaint"}


def _draw(item: Item, **values: Any) -> ItemView:
    case = Case(
        receipt="M-0000-0000",
        kinds=(item.kind,),
        state=item.state,
        channel="form",
        language="ja",
        policy_version="1",
        created_at=MOMENT,
        arrived_at=MOMENT,
        fields={},
        items=(item,),
    )
    (view,) = draw_items(replace(case, **values))
    return view


@pytest.mark.parametrize(("course", "state"), [place for place in REACHABLE if place[1] not in {CLOSED, HELD}])
def test_an_item_stands_on_one_step_when_it_is_open(course: str, state: str) -> None:
    view = _draw(Item(KIND[course], state))
    places = [step.place for step in view.steps]
    assert places.count("now") == 1
    assert places == sorted(places, key=["done", "now", "ahead"].index)


@pytest.mark.parametrize("held_from", ["id_check", "investigating"])
def test_an_item_stands_where_it_was_held_when_it_waits_for_the_person(held_from: str) -> None:
    assert [
        step.name for step in _draw(Item("disclosure", HELD, held_from=held_from)).steps if step.place == "now"
    ] == [held_from]


def test_no_step_is_left_when_an_item_is_closed() -> None:
    view = _draw(Item("disclosure", CLOSED, outcome="refused", remaining_minutes=600))
    assert (view.steps, view.target, view.days_left, view.legal) == ((), None, 0, None)


@pytest.mark.parametrize(("course", "state"), REACHABLE)
def test_everything_has_its_words_when_shown(course: str, state: str) -> None:
    view = _draw(Item(KIND[course], state, held_from="investigating"))
    wanted = {f"status.about_{view.about}", f"states.{state}"}
    wanted |= {f"status.step_{step.name}" for step in view.steps}
    wanted |= {f"status.place_{step.place}" for step in view.steps}
    for language in LANGUAGES:
        assert wanted <= set(list_keys(language))


@pytest.mark.parametrize("state", list_states())
def test_an_outcome_is_shown_when_the_person_is_told_of_it(state: str) -> None:
    view = _draw(Item("disclosure", state, held_from="investigating", outcome="refused"))
    assert view.outcome == ("refused" if state in {"notifying", "closed"} else "")


@pytest.mark.parametrize(
    ("kind", "counts"),
    [
        ("disclosure", True),
        ("correction", True),
        ("suspension", True),
        ("third_party_stop", True),
        ("purpose_notice", False),
        ("complaint", False),
    ],
)
def test_the_two_weeks_are_told_when_the_law_counts_them(kind: str, *, counts: bool) -> None:
    assert kind in list_kinds()
    # 個人情報保護法39条1項: 33条1項、34条1項、35条1項・3項・5項の請求. The day of arrival is Japan's.
    assert _draw(Item(kind, "received")).legal == (date(2026, 3, 17) if counts else None)


def test_days_left_are_whole_business_days_when_the_clock_stands_still() -> None:
    assert _draw(Item("disclosure", "fee_wait", remaining_minutes=MINUTES_A_DAY * 4 + 1)).days_left == 5
    assert _draw(Item("disclosure", "fee_wait", remaining_minutes=MINUTES_A_DAY * 4)).days_left == 4


def test_the_promised_day_is_japans_when_the_clock_runs() -> None:
    assert _draw(Item("disclosure", "received", target_at=MOMENT)).target == date(2026, 3, 3)


def test_a_fee_is_asked_for_once_when_it_was_accepted() -> None:
    asked = _draw(Item("disclosure", "fee_wait", fee_yen=500))
    assert (asked.fee_yen, asked.about) == (500, "fee_wait")
    assert {"accept_fee", "decline_fee", "withdraw"} <= asked.actions
    agreed = _draw(Item("disclosure", "fee_wait", fee_yen=500, fee_accepted_at=MOMENT))
    assert agreed.about == "fee_agreed"
    assert agreed.actions & {"accept_fee", "decline_fee", "withdraw"} == {"withdraw"}


@pytest.mark.parametrize(("channel", "first"), [("chat", "mail_unverified"), ("form", "mail_unverified")])
def test_the_address_is_a_step_when_it_is_to_be_confirmed(channel: str, first: str) -> None:
    assert _draw(Item("disclosure", "received"), channel=channel).steps[0].name == first


@pytest.mark.parametrize("channel", ["telephone", "letter", "contact_page", "counter"])
def test_the_address_is_no_step_when_an_officer_wrote_the_request_down(channel: str) -> None:
    assert _draw(Item("disclosure", "received"), channel=channel).steps[0].name == "received"
