"""The values of a turn: a draft never loses what was added, and a miss counts."""

from __future__ import annotations

import pytest

from actions.cases.records import Draft
from actions.dialogue.steps import CONFIRMATION, QUESTION, Heard, Move, Step, add_details, advance, miss, strip_marks

EMPTY = Draft(("disclosure",), "ja", "1-00000000", "key")


def test_lines_are_added_below_what_stands_there() -> None:
    draft = EMPTY.give("details", "住所")
    assert add_details(draft, "電話も").fields["details"] == "住所\n電話も"
    assert add_details(draft, "住所") == draft  # the same again is no addition


def test_the_first_words_come_first_when_there_are_no_details_yet() -> None:
    draft = Draft(("disclosure",), "ja", "1-00000000", "key", opening="見せて")
    assert add_details(draft, "住所も").fields["details"] == "見せて\n住所も"


def test_a_step_carries_its_notes_when_it_advances() -> None:
    assert advance(EMPTY, "corrected") == Step(EMPTY, Move.ASK, ("corrected",))
    full = EMPTY.give("details", "x").give("name", "y").give("email", "z").give("phone", "")
    assert (advance(full).move, advance(full).draft.asked) == (Move.REVIEW, CONFIRMATION)


def test_a_miss_counts_and_says_why() -> None:
    step = miss(EMPTY, "mail_at")
    assert (step.move, step.draft.misses, step.notes) == (Move.AGAIN, 1, ("mail_at",))


@pytest.mark.parametrize(
    ("text", "asks"),
    [("費用はかかりますか", True), ("なぜ？", True), ("いいですよね", True), ("はい", False), ("why 🙂?", True)],
)
def test_a_question_is_known_by_its_ending(text: str, asks: bool) -> None:
    assert bool(QUESTION.search(text)) is asks
    assert Heard(text, "", 0.0).asks is asks


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("<b>はい</b>（タグ癖ですみません）", "はい"),
        ("**yes**, all good", "yes, all good"),
        ("(なし)", "(なし)"),
        ("はい（まだ送らないで）", "はい（まだ送らないで）"),
        ("Yes (but don't send it yet)", "Yes (but don't send it yet)"),
        ("はい（電話は 090-0000-1111 に直してから）", "はい（電話は 090-0000-1111 に直してから）"),
        ("yes (but my mail is taro@example.com)", "yes (but my mail is taro@example.com)"),
        ("ok (wait)", "ok (wait)"),
        ("<p></p>", "<p></p>"),
        ("", ""),
    ],
)
def test_marks_are_stripped_and_words_are_not(text: str, bare: str) -> None:
    assert strip_marks(text) == bare


def test_markup_hides_no_question() -> None:
    assert Heard("<b>何を集めていますか</b>", "", 0.0).asks
