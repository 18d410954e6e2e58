"""Forms of the case page: what the table allows and data offer, with what stands in the way said beforehand."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from actions.cases.desk import make_actor
from actions.cases.documents import list_documents
from actions.cases.grounds import list_grounds
from actions.cases.guards import METHODS, Form
from actions.cases.instants import now
from actions.cases.kinds import list_kinds
from actions.cases.prospects import Prospects
from actions.cases.workflow import list_states, list_transitions
from actions.texts import LANGUAGES, list_keys, say
from actions.web.desk_forms import FACTS, ActionForm, Stage, Typed, _load, list_offered, list_telling, make_forms
from tests.actions.cases.conftest import HANAKO, Office
from tests.actions.web.officers import Officer

TODAY = date(2026, 11, 27)


def _make(office: Office, receipt: str, typed: Typed | None = None, **values: Any) -> dict[tuple[str, str], ActionForm]:
    services = office.services
    rules = services.desk.find_rules()
    known = {"case": office.get(receipt), "account": HANAKO.name, "rules": rules, "today": TODAY}
    known |= {"related": tuple(services.cases.list_related(receipt)), "has_dead_mail": False, "language": "ja"}
    prospects = Prospects(services.database).list_for(receipt, make_actor(HANAKO), rules, now())
    made = make_forms(Stage(**{**known, **values}), prospects, typed)
    return {(form.action, form.kind): form for form in made}


def _values(form: ActionForm, name: str) -> list[str]:
    (field,) = [field for field in form.fields if field.name == name]
    return [choice.value for choice in field.choices]


def test_the_data_name_only_what_exists_when_read() -> None:
    for action, row in _load().items():
        assert set(row) <= {"next", "preview", "when"}, action
        assert set(row["next"]) <= {*list_states(), "any"}, action
        assert row.get("when", "waiting") in FACTS, action
        origins = {one.origin for one in list_transitions().values() if one.action == action}
        assert set(row["next"]) - {"any"} <= origins, action


def test_there_are_words_for_every_input_when_read() -> None:
    inputs = {name for row in list_transitions().values() for name in row.inputs}
    assert inputs <= set(Form.__dataclass_fields__)
    for language in LANGUAGES:
        keys = set(list_keys(language))
        assert {f"desk.inputs.{name}" for name in inputs} <= keys
        assert {f"desk.actions.{name}" for name in list_offered()} <= keys
        assert {f"desk.methods.{name}" for name in METHODS} <= keys


def test_the_next_step_of_every_open_state_is_shown_first(officer: Officer) -> None:
    office = officer.office
    for kind in ("disclosure", "complaint"):
        receipt = office.open(kind).receipt
        office.act(receipt, "mark_read")
        for state in list_states():
            office.put(receipt, state)
            found = [form.action for form in _make(office, receipt).values() if form.is_next]
            skipped = {"id_check", "fee_wait", "deciding", "fulfilling"} if kind == "complaint" else set()
            assert bool(found) == (state not in skipped | {"closed"}), (kind, state)


def test_the_grounds_are_the_kinds_own_with_article_and_warning(officer: Officer) -> None:
    receipt = officer.office.investigate("disclosure").receipt
    form = _make(officer.office, receipt)["propose", "disclosure"]
    (field,) = [field for field in form.fields if field.name == "ground"]
    assert [choice.value for choice in field.choices] == ["", *(one.code for one in list_grounds("disclosure"))]
    assert not field.needed
    by_code = {choice.value: choice for choice in field.choices}
    assert by_code["disclosure_harm"].hint == "個人情報保護法第33条第2項第1号"
    assert by_code["disclosure_harm"].warning == ""
    assert by_code["disclosure_obstruction"].warning == say("ja", "desk.not_in_policy")


@pytest.mark.parametrize(
    ("kind", "action", "outcomes"),
    [
        ("disclosure", "propose", ["partial", "refused", "not_held", "not_ours"]),
        ("suspension", "propose", ["partial", "alternative_measure", "refused", "not_held", "not_ours"]),
        ("complaint", "respond", ["resolved", "explained", "answered", "escalated"]),
    ],
)
def test_the_outcomes_are_those_that_suit(officer: Officer, kind: str, action: str, outcomes: list[str]) -> None:
    receipt = officer.office.investigate(kind).receipt
    assert _values(_make(officer.office, receipt)[action, kind], "outcome") == outcomes


def test_what_the_level_asks_for_stands_first_among_documents(officer: Officer) -> None:
    office = officer.office
    for kind in ("correction", "disclosure"):
        receipt = office.open(kind).receipt
        office.act(receipt, "start")
        form = _make(office, receipt)["record_document", ""]
        asked = [one.code for one in list_documents(list_kinds()[kind].level) if one.group != "mail"]
        assert _values(form, "document")[: len(asked)] == asked
        assert "mail_code" not in _values(form, "document")
        assert _values(form, "subject") == ["person"]


def test_an_agents_papers_are_asked_for_when_somebody_acts_for_another(officer: Officer) -> None:
    office = officer.office
    receipt = office.open("correction", agent="appointed").receipt
    office.act(receipt, "start")
    form = _make(office, receipt)["record_document", ""]
    asked = [one.code for one in list_documents(2, "appointed") if one.group != "mail"]
    assert _values(form, "document")[: len(asked)] == asked
    assert _values(form, "subject") == ["person", "agent"]


def test_one_can_take_a_case_oneself_first(officer: Officer) -> None:
    office = officer.office
    office.services.accounts.create("akiko", "officer")
    receipt = office.open("correction").receipt
    assert _values(_make(office, receipt)["assign", ""], "assignee") == ["hanako", "akiko"]


def test_an_earlier_case_of_the_person_can_be_joined_to_only_where_there_is_one(officer: Officer) -> None:
    office = officer.office
    alone = office.open("correction").receipt
    assert ("link", "") not in _make(office, alone)
    again = office.open("correction").receipt
    form = _make(office, again)["link", ""]
    assert _values(form, "original") == [alone]
    assert form.fields[0].value == alone  # there is nothing to choose


def test_only_what_is_apt_is_offered(officer: Officer) -> None:
    office = officer.office
    receipt = office.investigate("disclosure", "correction").receipt
    found = _make(office, receipt)
    assert found["notify_fee", "disclosure"].hindrance == say("ja", "conditions.fee_published")
    assert ("notify_fee", "correction") not in found  # the law allows none
    assert ("hold", "") in found
    assert ("release", "") not in found
    office.act(receipt, "hold", note="係争中")
    found = _make(office, receipt)
    assert ("hold", "") not in found
    assert ("release", "") in found
    assert ("mark_read", "") not in found
    office.answer(receipt, text="追加です")
    assert ("mark_read", "") in _make(office, receipt)
    office.put(receipt, "notifying")
    assert ("resend", "") not in _make(office, receipt)
    assert ("resend", "") in _make(office, receipt, has_dead_mail=True)


def test_a_date_is_later_than_today(officer: Officer) -> None:
    receipt = officer.office.investigate("correction").receipt
    (field,) = [one for one in _make(officer.office, receipt)["extend", "correction"].fields if one.name == "date"]
    assert (field.control, field.least) == ("date", "2026-11-28")


def test_what_was_typed_comes_back_in_its_own_form_alone(officer: Officer) -> None:
    office = officer.office
    receipt = office.investigate("correction", "suspension").receipt
    typed = Typed("ask_more", "suspension", {"text": "どれですか"}, "だめでした")
    found = _make(office, receipt, typed)
    own, other = found["ask_more", "suspension"], found["ask_more", "correction"]
    assert (own.fields[0].value, own.problem, own.is_open) == ("どれですか", "だめでした", True)
    assert (other.fields[0].value, other.problem, other.is_open) == ("", "", False)
    assert "どれですか" not in repr(typed) + repr(own)
    assert len({form.key for form in found.values()}) == len(found)  # no two fields have one name in the page


@pytest.mark.parametrize("kind", list_kinds())
def test_a_notice_says_what_the_outcome_calls_for(kind: str) -> None:
    outcome = "refused" if list_kinds()[kind].course == "rights" else "escalated"
    keys = [notice.key for notice in list_telling(kind, outcome)]
    assert "routes" in keys
    assert set(keys) <= {notice.key for notice in list_telling(kind, "")}
    assert ("reason" in keys) == (list_kinds()[kind].course == "rights")
