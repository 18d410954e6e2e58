"""The table of transitions: it is whole, says only what exists, and every (state, action) pair does what it says."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import date

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from actions.cases.desk import Step
from actions.cases.effects import EFFECTS
from actions.cases.grounds import list_grounds
from actions.cases.guards import GUARDS, Actor, Form
from actions.cases.kinds import list_kinds
from actions.cases.letters import list_outcomes as list_lettered
from actions.cases.letters import list_templates
from actions.cases.settlements import SETTLEMENTS
from actions.cases.tables import CaseRow
from actions.cases.workflow import (
    COURSES,
    PARTIES,
    find_transition,
    list_actions,
    list_outcomes,
    list_possible,
    list_states,
    list_transitions,
)
from actions.errors import ConditionError, ImpossibleActionError, NotPermittedError
from actions.texts import LANGUAGES, list_keys
from tests.actions.cases.conftest import HANAKO, Office

KINDS = {"rights": "suspension", "hearing": "complaint"}
INPUTS = set(Form.__dataclass_fields__)
EVERYBODY = frozenset(PARTIES)


def test_the_table_names_only_what_exists_when_read() -> None:
    states, templates = set(list_states()), set(list_templates())
    for (course, origin, action), row in list_transitions().items():
        place = f"{course} {origin} {action}"
        assert origin in states | {""}, place
        assert row.to in states | {"same", "held", "outcome"}, place
        assert row.by, place
        assert set(row.by) <= set(PARTIES), place
        assert row.scope in {"case", "item"}, place
        assert set(row.inputs) <= INPUTS, place
        assert set(row.guards) <= set(GUARDS), place
        assert set(row.effects) <= set(EFFECTS) | set(SETTLEMENTS), place
        assert row.letter in templates | {""}, place


def test_nothing_is_left_over_when_the_table_is_read() -> None:
    rows = list_transitions().values()
    assert {guard for row in rows for guard in row.guards} == set(GUARDS)
    assert {effect for row in rows for effect in row.effects} == set(EFFECTS) | set(SETTLEMENTS)
    assert not set(EFFECTS) & set(SETTLEMENTS)
    assert {row.origin for row in rows} == set(list_states()) | {""}


@pytest.mark.parametrize("course", COURSES)
def test_every_state_is_reached_and_left_when_followed(course: str) -> None:
    reached, fresh = {""}, {""}
    while fresh:
        outcomes = [one.name for one in list_outcomes().values() if one.course in {"", course}]
        rows = [row for (one, origin, _), row in list_transitions().items() if one == course and origin in fresh]
        targets = {row.find_target(row.origin, name) for row in rows for name in outcomes if row.to != "held"}
        fresh = targets - reached
        reached |= fresh
    skipped = {"hearing": {"id_check", "fee_wait", "deciding", "fulfilling"}, "rights": set()}[course]
    assert reached - {""} == set(list_states()) - skipped
    for state in reached - {"", "closed"}:
        assert any(row.find_target("received", "refused") != state for row in list_possible(course, state, EVERYBODY))


def test_a_case_is_closed_only_by_a_notice_or_by_the_person_when_followed() -> None:
    # No closing without notice: the exceptions are the person's own wish and an address that was never confirmed.
    closing = {action for (_, _, action), row in list_transitions().items() if row.to == "closed"}
    told = {"delivered", "send_by_hand"}
    assert closing == told | {"withdraw", "record_withdrawal", "decline_fee", "lapse"}
    for action in told:
        assert {origin for (_, origin, one) in list_transitions() if one == action} == {"notifying"}


def test_refusals_need_reason_ground_and_review_when_followed() -> None:
    reviewed = {one.name for one in list_outcomes().values() if one.review}
    assert {"refused", "partial", "alternative_measure"} <= reviewed
    propose = find_transition("rights", "investigating", "propose")
    assert propose is not None
    assert {"outcome", "ground", "text"} <= set(propose.inputs)
    approve = find_transition("rights", "deciding", "approve")
    assert approve is not None
    assert "second_person" in approve.guards
    # Out of `deciding` there is no other way to a decision.
    ways = {row.action for row in list_possible("rights", "deciding", EVERYBODY) if row.to not in {"same"}}
    assert ways == {"approve", "return", "withdraw", "record_withdrawal"}


def test_every_outcome_has_words_and_a_letter_when_read() -> None:
    by_notice = {one.name for one in list_outcomes().values() if one.leads_to != "closed"}
    assert by_notice == set(list_lettered())
    for language in LANGUAGES:
        keys = list_keys(language)
        assert {f"outcomes.{name}" for name in list_outcomes()} <= set(keys)
        assert {f"states.{name}" for name in list_states()} <= set(keys)


@pytest.mark.parametrize("kind", list(list_kinds()))
def test_every_kind_can_be_granted_or_answered_when_read(kind: str) -> None:
    suiting = {one.name for one in list_outcomes().values() if one.suits(kind)}
    assert suiting >= ({"granted", "refused"} if list_kinds()[kind].course == "rights" else {"resolved", "answered"})
    assert ("alternative_measure" in suiting) == (kind in {"suspension", "third_party_stop"})


def test_two_rows_for_one_place_are_refused_when_read(monkeypatch: pytest.MonkeyPatch) -> None:
    from actions.cases import workflow

    row = {"action": "start", "from": ["received"], "to": "same", "by": ["officer"], "scope": "case"}
    monkeypatch.setattr(workflow, "_load", lambda: {"states": {}, "outcomes": {}, "transitions": [row, row]})
    list_transitions.cache_clear()
    try:
        with pytest.raises(ValueError, match="two transitions"):
            list_transitions()
    finally:
        list_transitions.cache_clear()


# --- every pair, carried out


class _TakenBackError(Exception):
    pass


def _fill(kind: str, course: str, receipt: str) -> Form:
    """Every input filled in with something that suits."""
    rights = course == "rights"
    return Form(
        text="本文",
        note="メモ",
        outcome="refused" if rights else "answered",
        ground=list_grounds(kind)[0].code if rights else "",
        document="driving_licence",
        subject="person",
        result="accepted",
        method="post",
        original=receipt,
        assignee="hanako",
        contact="name",
        value="hanako.yamada@example.com",
        date=date(2099, 1, 5),
    )


def _try(office: Office, receipt: str, action: str, actor: Actor, form: Form) -> dict[str, str]:
    """Carry an action out and take it back → the states it led to."""
    desk, states = office.services.desk, {}
    rules = replace(desk.find_rules(), fees=dict.fromkeys(list_kinds(), 500))

    def find(session: Session) -> CaseRow | None:
        return session.scalar(sa.select(CaseRow).where(CaseRow.receipt == receipt))

    with suppress(_TakenBackError), office.services.database.transaction() as session:
        opened = desk._perform(session, find, Step(action, actor, form), rules)
        states = {item.kind: item.state for item in opened.row.items}
        raise _TakenBackError
    return states


@pytest.mark.parametrize("state", list(list_states()))
@pytest.mark.parametrize("course", COURSES)
def test_every_pair_does_what_the_table_says_when_carried_out(
    office: Office, course: str, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = KINDS[course]
    receipt, outcome = office.investigate(kind).receipt, "not_held" if course == "rights" else "answered"
    office.put(receipt, state, held_from="investigating", outcome=outcome, proposed_by="jiro")
    form = _fill(kind, course, receipt)
    for guard in GUARDS:  # each has its own tests; here the table's row must be seen
        monkeypatch.setitem(GUARDS, guard, lambda _: True)
    for action in list_actions():
        row = find_transition(course, state, action)
        if row is None:
            with pytest.raises(ImpossibleActionError):
                _try(office, receipt, action, Actor("hanako", EVERYBODY), form)
            continue
        for party in PARTIES:
            if party not in row.by:
                with pytest.raises(NotPermittedError):
                    _try(office, receipt, action, Actor("hanako", frozenset({party})), form)
                continue
            states = _try(office, receipt, action, Actor("hanako", frozenset({party})), form)
            ended = "duplicate" if action == "link" else outcome
            assert states == {kind: row.find_target("investigating", ended)}, action
        for name in row.inputs:
            empty = replace(form, **{name: None if name == "date" else " "})
            with pytest.raises(ConditionError, match=f"needs_{name}"):
                _try(office, receipt, action, Actor("hanako", EVERYBODY), empty)
    assert office.get(receipt).state == state  # nothing of all that was kept


def test_an_unknown_action_is_impossible_when_asked_for(office: Office) -> None:
    receipt = office.open().receipt
    for action in ("", "close", "delete", "SUBMIT", "submit"):
        with pytest.raises(ImpossibleActionError):
            office.act(receipt, action, by=HANAKO)
