"""Each guard by itself: when it lets an action through, and when not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from actions.cases.grounds import list_grounds
from actions.cases.guards import GUARDS, Actor, Form, Rules, Situation, is_met
from actions.cases.kinds import list_kinds
from actions.cases.tables import CaseRow, CheckRow, ItemRow
from actions.texts import LANGUAGES, list_keys

NOON = datetime(2026, 12, 1, 3, tzinfo=UTC)  # a Tuesday, 12:00 in Japan
RULES = Rules(
    fees={},
    review_alone_hours=24,
    unconfirmed_days=7,
    target_days=10,
    closing_days=(),
    deciders=frozenset({"hanako", "jiro"}),
    assignees=frozenset({"hanako"}),
)


def _case(identity: str = "c1", **values: Any) -> CaseRow:
    known = {"id": identity, "agent": "", "identity_level": 0, "created_at": NOON, "reminded_at": None}
    known |= {
        "readdressed_at": None,
        "email_index": "",
        "confirmed_at": None,
        "erased_at": None,
        "trimmed_at": None,
        "on_legal_hold": False,
    }
    return CaseRow(**{**known, **values})


def _item(kind: str = "disclosure", **values: Any) -> ItemRow:
    known = {"kind": kind, "state": "investigating", "proposed_by": "", "proposed_at": None, "outcome": ""}
    return ItemRow(**{**known, "fee_yen": None, "fee_accepted_at": None, "target_at": None, **values})


def _seen(*documents: str, accepted: bool = True) -> list[CheckRow]:
    return [CheckRow(document=one, subject="agent", accepted=accepted) for one in documents]


def _situation(case: CaseRow | None = None, item: ItemRow | None = None, **values: Any) -> Situation:
    known: dict[str, Any] = {"form": Form(), "actor": Actor("hanako", frozenset()), "rules": RULES, "moment": NOON}
    return Situation(case or _case(), item or _item(), **{**known, **values})


@pytest.mark.parametrize("guard", list(GUARDS))
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_guard_has_its_sentence_when_it_is_not_met(guard: str, language: str) -> None:
    assert f"conditions.{guard}" in list_keys(language)


@pytest.mark.parametrize(("hours", "reminded", "met"), [(23, None, False), (24, None, True), (30, NOON, False)])
def test_a_reminder_is_due_once_a_day_after(hours: int, reminded: datetime | None, met: bool) -> None:
    case = _case(created_at=NOON - timedelta(hours=hours), reminded_at=reminded)
    assert is_met("reminder_due", _situation(case)) is met


@pytest.mark.parametrize(("days", "met"), [(6, False), (7, True)])
def test_an_unconfirmed_request_lapses_after_its_days(days: int, met: bool) -> None:
    assert is_met("unconfirmed_too_long", _situation(_case(created_at=NOON - timedelta(days=days)))) is met


@pytest.mark.parametrize(
    ("agent", "form", "met"),
    [
        ("", {"document": "driving_licence", "subject": "person", "result": "accepted"}, True),
        ("", {"document": "driving_licence", "subject": "agent", "result": "accepted"}, False),
        ("", {"document": "my_number", "subject": "person", "result": "accepted"}, False),
        ("", {"document": "driving_licence", "subject": "person", "result": "maybe"}, False),
        ("", {"document": "power_of_attorney", "subject": "person", "result": "accepted"}, False),
        ("appointed", {"document": "power_of_attorney", "subject": "agent", "result": "rejected"}, True),
    ],
)
def test_only_documents_that_may_be_asked_for_are_recorded(agent: str, form: dict[str, str], met: bool) -> None:
    assert is_met("document_known", _situation(_case(agent=agent), form=Form(**form))) is met


@pytest.mark.parametrize("kind", list(list_kinds()))
@pytest.mark.parametrize("level", range(4))
def test_identity_is_shown_as_far_as_the_kind_needs_it(kind: str, level: int) -> None:
    met = is_met("level_reached", _situation(_case(identity_level=level), _item(kind)))
    assert met is (level >= list_kinds()[kind].level)
    assert is_met("level_reached", _situation(_case(identity_level=level, agent="legal"), _item(kind))) is (level == 3)


@pytest.mark.parametrize(
    ("agent", "documents", "met"),
    [
        ("", (), True),
        ("legal", (), False),
        ("legal", ("driving_licence",), False),
        ("legal", ("family_register",), True),
        ("appointed", ("power_of_attorney",), False),  # whose power it is must be shown too
        ("appointed", ("power_of_attorney", "principal_seal_certificate"), True),
        ("appointed", ("principal_seal_certificate",), False),
    ],
)
def test_an_agent_shows_the_authority(agent: str, documents: tuple[str, ...], met: bool) -> None:
    assert is_met("authority_shown", _situation(_case(agent=agent, checks=_seen(*documents)))) is met
    refused = _case(agent=agent, checks=_seen(*documents, accepted=False))
    assert is_met("authority_shown", _situation(refused)) is (not agent)


@pytest.mark.parametrize(
    ("kind", "fees", "met"),
    [
        ("disclosure", {"disclosure": 500}, True),
        ("disclosure", {}, False),  # no amount is published
        ("disclosure", {"purpose_notice": 500}, False),
        ("purpose_notice", {"purpose_notice": 300}, True),
        ("correction", {"correction": 500}, False),  # the law allows none, whatever is configured
        ("suspension", {"suspension": 500}, False),
        ("third_party_stop", {"third_party_stop": 500}, False),
    ],
)
def test_a_fee_needs_the_kind_and_a_published_amount(kind: str, fees: dict[str, int], met: bool) -> None:
    assert is_met("fee_published", _situation(item=_item(kind), rules=replace(RULES, fees=fees))) is met


@pytest.mark.parametrize(
    ("yen", "accepted", "guards"),
    [
        (None, None, {"fee_accepted": False, "fee_not_accepted": True, "fee_not_open": True}),
        (500, None, {"fee_accepted": False, "fee_not_accepted": True, "fee_not_open": False}),
        (500, NOON, {"fee_accepted": True, "fee_not_accepted": False, "fee_not_open": True}),
    ],
)
def test_an_open_fee_stands_in_the_way(yen: int | None, accepted: datetime | None, guards: dict[str, bool]) -> None:
    item = _item(fee_yen=yen, fee_accepted_at=accepted)
    assert {guard: is_met(guard, _situation(item=item)) for guard in guards} == guards


@pytest.mark.parametrize(
    ("kind", "outcome", "reviewable", "hearing"),
    [
        ("disclosure", "refused", True, False),
        ("disclosure", "partial", True, False),
        ("disclosure", "alternative_measure", False, False),
        ("suspension", "alternative_measure", True, False),
        ("disclosure", "granted", False, False),  # needs no second person: `grant`
        ("disclosure", "withdrawn", False, False),  # the person's own word
        ("disclosure", "resolved", False, False),
        ("complaint", "refused", False, False),
        ("complaint", "resolved", False, True),
        ("complaint", "answered", False, True),
        ("complaint", "duplicate", False, False),
        ("complaint", "", False, False),
        ("complaint", "nonsense", False, False),
    ],
)
def test_an_outcome_suits_the_kind(kind: str, outcome: str, reviewable: bool, hearing: bool) -> None:
    situation = _situation(item=_item(kind), form=Form(outcome=outcome))
    assert is_met("outcome_reviewable", situation) is reviewable
    assert is_met("outcome_of_hearing", situation) is hearing


@pytest.mark.parametrize("kind", list(list_kinds()))
def test_a_ground_is_one_of_the_kind(kind: str) -> None:
    own = {one.code for one in list_grounds(kind)}
    for code in {one.code for other in list_kinds() for one in list_grounds(other)} | {"", "none"}:
        assert is_met("ground_fits", _situation(item=_item(kind), form=Form(ground=code))) is (code in own)


@pytest.mark.parametrize(
    ("proposer", "deciders", "hours", "alone_after", "met"),
    [
        ("jiro", {"hanako", "jiro"}, 0, 24, True),
        ("hanako", {"hanako", "jiro"}, 100, 24, False),  # there is somebody else
        ("hanako", {"hanako"}, 23, 24, False),
        ("hanako", {"hanako"}, 24, 24, True),
        ("hanako", {"hanako"}, 1000, 0, False),  # by setting: never
        ("hanako", set(), 24, 24, True),
        ("gone", {"hanako"}, 0, 24, True),
    ],
)
def test_a_second_person_reviews(proposer: str, deciders: set[str], hours: int, alone_after: int, met: bool) -> None:
    item = _item(proposed_by=proposer, proposed_at=NOON - timedelta(hours=hours))
    rules = replace(RULES, deciders=frozenset(deciders), review_alone_hours=alone_after)
    assert is_met("second_person", _situation(item=item, rules=rules)) is met


def test_an_own_proposal_without_its_moment_is_not_reviewed_alone() -> None:
    rules = replace(RULES, deciders=frozenset({"hanako"}))
    assert not is_met("second_person", _situation(item=_item(proposed_by="hanako"), rules=rules))


@pytest.mark.parametrize(
    ("own", "other", "met"),
    [
        ({}, {}, True),
        ({"proven_at": None}, {}, False),
        ({}, {"proven_at": None}, False),  # a request whose mailbox was not shown to be the person's absorbs nothing
        ({}, {"email_index": "another"}, False),
        ({"email_index": ""}, {"email_index": ""}, False),
        ({}, {"id": "c1"}, False),
        ({}, {"items": [ItemRow(kind="correction", outcome="")]}, False),
        ({}, {"items": [ItemRow(kind="disclosure", outcome="duplicate")]}, False),  # no chains, no circles
    ],
)
def test_an_original_is_the_same_persons_and_confirmed(own: dict[str, Any], other: dict[str, Any], met: bool) -> None:
    shared = {"proven_at": NOON, "email_index": "same"}
    original = {"id": "c2", "items": [ItemRow(kind="disclosure", outcome="")], **shared, **other}
    case, earlier = _case(**{**shared, **own}), _case(original.pop("id"), **original)
    assert is_met("original_fits", _situation(case, original=earlier)) is met
    assert not is_met("original_fits", _situation(case))


@pytest.mark.parametrize(
    ("chosen", "target", "met"),
    [
        (date(2026, 12, 21), None, True),
        (date(2026, 12, 1), None, False),  # today
        (date(2026, 12, 20), None, False),  # a Sunday
        (date(2027, 1, 1), None, False),  # New Year
        (date(2026, 12, 21), datetime(2026, 12, 21, 9, tzinfo=UTC), False),  # no later than it is
        (date(2026, 12, 22), datetime(2026, 12, 21, 9, tzinfo=UTC), True),
        (date(2027, 12, 1), None, False),  # more than half a year
        (None, None, False),
    ],
)
def test_an_extension_is_to_a_later_business_day(chosen: date | None, target: datetime | None, met: bool) -> None:
    assert is_met("date_later", _situation(item=_item(target_at=target), form=Form(date=chosen))) is met


def test_an_extension_is_not_to_a_closing_day() -> None:
    rules = replace(RULES, closing_days=(date(2026, 12, 21),))
    assert not is_met("date_later", _situation(form=Form(date=date(2026, 12, 21)), rules=rules))


@pytest.mark.parametrize(("method", "met"), [("post", True), ("mail", True), ("pigeon", False), ("", False)])
def test_a_notice_by_hand_names_a_known_way(method: str, met: bool) -> None:
    assert is_met("method_known", _situation(form=Form(method=method))) is met


@pytest.mark.parametrize(("assignee", "met"), [("hanako", True), ("jiro", False), ("nobody", False), ("", False)])
def test_an_assignee_works_cases(assignee: str, met: bool) -> None:
    assert is_met("assignee_known", _situation(form=Form(assignee=assignee))) is met


@pytest.mark.parametrize(
    ("values", "met"),
    [
        (
            {"confirmed_at": NOON},
            {"reachable": True, "not_erased": True, "was_confirmed": True},
        ),
        ({}, {"reachable": False, "not_erased": True, "was_confirmed": False, "not_on_legal_hold": True}),
        ({"confirmed_at": NOON, "erased_at": NOON}, {"reachable": False, "not_erased": False, "was_confirmed": True}),
        ({"confirmed_at": NOON, "trimmed_at": NOON}, {"reachable": False, "not_erased": True}),
        ({"on_legal_hold": True}, {"not_on_legal_hold": False}),
    ],
)
def test_what_is_left_of_a_case_decides_what_can_be_done(values: dict[str, Any], met: dict[str, bool]) -> None:
    assert {guard: is_met(guard, _situation(_case(**values))) for guard in met} == met


@pytest.mark.parametrize(("value", "given"), [("x", True), (" \n", False), ("", False)])
def test_blanks_are_no_input(value: str, given: bool) -> None:
    assert Form(text=value).has("text") is given
    assert Form(date=date(2026, 12, 1)).has("date")
    assert not Form().has("date")


@pytest.mark.parametrize(("held_from", "documents"), [("id_check", True), ("investigating", False)])
def test_what_is_on_hold_waits_for_documents_or_for_an_answer(held_from: str, documents: bool) -> None:
    at = _situation(item=_item(state="on_hold", held_from=held_from))
    assert is_met("documents_awaited", at) is documents
    assert is_met("answer_awaited", at) is not documents


@pytest.mark.parametrize(("contact", "met"), [("name", True), ("phone", True), ("email", False), ("", False)])
def test_an_address_is_not_corrected_without_being_confirmed(contact: str, met: bool) -> None:
    assert is_met("contact_known", _situation(form=Form(contact=contact))) is met


def test_an_address_is_open_from_when_it_was_changed() -> None:
    assert not is_met("address_open", _situation())
    changed = _case(created_at=NOON - timedelta(days=30), readdressed_at=NOON - timedelta(days=6))
    assert is_met("address_open", _situation(changed))
    assert not is_met("unconfirmed_too_long", _situation(changed))
    assert is_met("unconfirmed_too_long", _situation(changed, moment=NOON + timedelta(days=1)))
