"""What a request is for changes in its middle, and only where that is meant."""

from __future__ import annotations

from dataclasses import replace

import pytest

from actions.dialogue.intake import Move, decide
from actions.dialogue.switches import holds_value, is_plain_needed
from actions.dialogue.wishes import Change
from tests.actions.dialogue.drafts import hear, make_draft


@pytest.mark.parametrize(
    ("asked", "text", "intent", "confidence"),
    [
        ("email", "やっぱり訂正ではなく利用停止で", "exercise_suspension", 0.6),
        ("details", "やっぱり利用停止で", "exercise_suspension", 0.3),
        ("name", "suspension instead", "exercise_suspension", 0.6),
        ("confirmation", "利用停止に変更して", "exercise_suspension", 0.6),
        ("email", "利用停止したい", "exercise_suspension", 0.9),
        ("phone", "stop using my data", "exercise_suspension", 0.9),
        ("confirmation", "利用停止したい", "exercise_suspension", 0.9),
        ("email", "/exercise_suspension", "exercise_suspension", 1.0),
    ],
)
def test_the_kind_changes_when_another_is_asked_for(asked: str, text: str, intent: str, confidence: float) -> None:
    draft = make_draft(asked, misses=1)
    step = decide(draft, hear(text, intent, confidence))
    assert (step.move, step.draft.kinds, step.draft.misses) == (Move.SWITCH, ("suspension",), 0)
    assert (step.draft.asked, step.draft.fields) == (asked, draft.fields)  # nothing given is lost


@pytest.mark.parametrize(
    ("asked", "text", "intent", "confidence"),
    [
        ("details", "利用停止したい", "exercise_suspension", 0.99),  # it may be what is asked for
        ("name", "利用停止したい", "exercise_suspension", 0.99),
        ("email", "開示してほしい", "exercise_disclosure", 0.99),  # the same kind
        ("email", "利用停止したい", "exercise_suspension", 0.4),
        (
            "email",
            "利用停止はどうやって申し込むのか手順を教えていただけないものでしょうか",
            "exercise_suspension",
            0.99,
        ),
    ],
)
def test_the_kind_stays_when_no_other_is_surely_asked_for(
    asked: str, text: str, intent: str, confidence: float
) -> None:
    step = decide(make_draft(asked), hear(text, intent, confidence))
    assert step.move is not Move.SWITCH
    assert step.draft.kinds == ("disclosure",)


@pytest.mark.parametrize(
    ("asked", "text", "kinds", "added"),
    [
        ("name", "それより消すほうを", ("suspension",), False),
        ("phone", "you know what, bin it all", ("disclosure", "suspension"), True),
    ],
)
def test_what_the_readers_find_wanted_is_taken(asked: str, text: str, kinds: tuple[str, ...], *, added: bool) -> None:
    step = decide(make_draft(asked), replace(hear(text), change=Change(kinds, added=added)))
    assert (step.move, step.draft.kinds) == (Move.SWITCH, kinds)
    assert ("kind_added" in step.notes) is added


@pytest.mark.parametrize(
    "text", ["oh shoot left out a letter. its hanakko@example.com", "hanakko@example.com のほうでした"]
)
def test_another_address_is_no_correction_of_data(text: str) -> None:
    change = Change(("disclosure", "correction"), added=True)
    step = decide(make_draft("phone"), replace(hear(text), change=change))
    assert step.draft.kinds == ("disclosure",)
    assert step.draft.fields["email"] == "hanakko@example.com"


@pytest.mark.parametrize(
    "text",
    ["I am not comfortable sharing phone number", "uncomfortable giving out my number", "電話はなしでよかですか"],
)
def test_a_refused_telephone_is_no_wish(text: str) -> None:
    change = Change(("disclosure", "third_party_stop"), added=True)
    step = decide(make_draft("phone"), replace(hear(text), change=change))
    assert (step.draft.kinds, step.draft.fields["phone"]) == (("disclosure",), "")


@pytest.mark.parametrize(
    ("asked", "text", "holds"),
    [
        ("phone", "03-0000-0000", True),
        ("phone", "none", True),
        ("phone", "電話番号はなしでお願いします", True),
        ("phone", "開示はやめて削除で", False),
        ("email", "hanako@example.com", True),
        ("email", "just use example.com", False),
    ],
)
def test_what_is_asked_for_is_no_change(asked: str, text: str, *, holds: bool) -> None:
    assert holds_value(make_draft(asked), text) is holds


@pytest.mark.parametrize(
    ("asked", "text", "is_needed"),
    [
        ("details", "削除のほうで", True),
        ("name", "山田花子", True),
        ("email", "削除のほうで", False),
        ("confirmation", "名前がちがう", True),
        ("confirmation", "削除のほうで", False),
    ],
)
def test_only_a_plain_change_counts_where_anything_may_be_the_answer(asked: str, text: str, *, is_needed: bool) -> None:
    assert is_plain_needed(make_draft(asked), text) is is_needed


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        (
            "I'd like a copy of the data you've got on me as well. Add that to the request please.",
            {"suspension", "disclosure"},
        ),
        ("Please also stop the printed catalogue. Add that to the request.", {"suspension"}),
        (
            "内容を直してもらえますか。「宣伝のメールとハガキの両方を止めてほしい」に書き換えてください。",
            {"suspension"},
        ),
    ],
)
def test_what_is_added_at_the_review_is_another_right_or_more_of_the_same(text: str, kinds: set[str]) -> None:
    step = decide(make_draft("confirmation", ("suspension",)), hear(text))
    assert set(step.draft.kinds) == kinds
    assert text in step.draft.fields["details"]
