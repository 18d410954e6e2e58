"""Drafts, cases and turns as values: what they give away and what they keep."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.cases.records import FIELDS, Case, Check, Draft, Item, Turn, Word

MOMENT = datetime(2026, 11, 20, 3, 4, 5, tzinfo=UTC)


def _empty() -> Draft:
    return Draft(("complaint",), "ja", "1-00000000", "key")


def test_fields_are_asked_in_order_when_a_draft_is_empty() -> None:
    draft, asked = _empty(), []
    while (missing := draft.find_missing()) is not None:
        asked.append(missing)
        draft = draft.give(missing, "x")
    assert asked == list(FIELDS) == ["details", "name", "email", "phone"]


def test_a_left_out_field_is_not_missing_when_it_is_empty_on_purpose() -> None:
    draft = _empty().give("details", "x").give("name", "y").give("email", "z").give("phone", "")
    assert draft.find_missing() is None


def test_giving_and_taking_leave_the_former_draft_alone_when_called() -> None:
    first = _empty()
    second = first.give("name", "山田花子")
    third = second.take("name")
    assert (first.fields, second.fields, third.fields) == ({}, {"name": "山田花子"}, {})
    assert third.asked == "name"


@pytest.mark.parametrize("change", [lambda draft: draft.give("name", "x"), lambda draft: draft.take("name")])
def test_misses_start_again_when_a_field_changes(change: Callable[[Draft], Draft]) -> None:
    missed = Draft(("complaint",), "ja", "1-00000000", "key", misses=2)
    assert change(missed).misses == 0


@given(
    kinds=st.lists(st.sampled_from(["disclosure", "complaint"]), min_size=1, max_size=2),
    fields=st.dictionaries(st.sampled_from(FIELDS), st.text()),
    misses=st.integers(0, 9),
)
def test_a_draft_is_the_same_when_written_and_read_back(kinds: list[str], fields: dict[str, str], misses: int) -> None:
    draft = Draft(tuple(kinds), "en", "1-00000000", "key", "email", fields, misses)
    assert Draft.from_json(draft.to_json()) == draft


def test_an_older_draft_is_read_when_it_lacks_later_fields() -> None:
    older = {"kinds": ["complaint"], "language": "ja", "policy_version": "1-0", "filing_key": "key"}
    draft = Draft.from_json(json.dumps(older))
    assert draft == Draft(("complaint",), "ja", "1-0", "key")
    assert (draft.agent, draft.represented, draft.told, draft.opening, draft.forwarded) == ("", "", "", "", False)


def test_nothing_typed_shows_when_records_are_printed(make_draft: Callable[..., Draft]) -> None:
    # A record in a log line or a traceback must not carry what a person gave.
    draft = make_draft()
    said = {"opening": "最初の言葉", "told": "伝えた言葉", "represented": "山田春子"}
    word, item = (
        Word(MOMENT, "customer", "", True, "書いた言葉"),
        Item("disclosure", "closed", decision={"reason": "理由の言葉"}),
    )
    case = _case(draft.fields, items=(item,), words=(word,), **said)
    turn = Turn("id", draft.fields["details"], {"messages": [{"text": draft.fields["name"]}]}, MOMENT)
    printed = f"{draft!r} {case!r} {turn!r} {word!r} {item!r}"
    secret = [*draft.fields.values(), "最初の言葉", "伝えた言葉", "山田春子", "書いた言葉", "理由の言葉"]
    assert not [value for value in secret if value in printed]


def _case(fields: dict[str, str], **values: Any) -> Case:
    return Case("M-1", ("disclosure", "complaint"), "received", "form", "en", "1-0", MOMENT, MOMENT, fields, **values)


def test_a_case_has_the_documented_keys_when_listed_as_json(make_draft: Callable[..., Draft]) -> None:
    items = (Item("disclosure", "closed", outcome="granted"), Item("complaint", "received"))
    case = _case(make_draft().fields, items=items, agent="legal", checks=(Check(MOMENT, "hanako", "x", "agent", True),))
    found = json.loads(json.dumps(case.as_dict()))
    assert list(found)[:6] == ["receipt", "kind", "kinds", "state", "fields", "created_at"]
    assert list(found["fields"]) == ["name", "email", "phone", "details"]
    assert (found["kind"], found["kinds"]) == ("disclosure", ["disclosure", "complaint"])
    assert found["created_at"] == found["arrived_at"] == "2026-11-20T03:04:05+00:00"
    assert (found["agent"], found["confirmed"]) == ("legal", False)
    assert found["items"] == [
        {"kind": "disclosure", "state": "closed", "outcome": "granted"},
        {"kind": "complaint", "state": "received", "outcome": ""},
    ]
    assert case.find_item("complaint") == items[1]
    assert case.find_item("correction") is None
