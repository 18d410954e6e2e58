"""What opens a request: words, intent and retrieval weighed against each other; and what the first words give."""

from __future__ import annotations

from dataclasses import replace

import pytest

from actions.cases.kinds import list_kinds
from actions.cases.records import Draft
from actions.dialogue.openings import Rank, fill, hear_kinds
from knowledge.retriever import Hit, Ranking

NOWHERE = Ranking((), 0.0, 0.5, 0.3, 0.3, 0.1, None)
ELSEWHERE = replace(NOWHERE, covered=0.1, silent=0.1, elsewhere=0.8)
EMPTY = Draft(("disclosure",), "ja", "1-0", "key")


def _rank(*kinds: str, score: float = 0.6) -> Rank:
    """Retrieval that finds these kinds for everything, the first with the score."""
    hits = tuple(Hit(list_kinds()[kind].clauses[0], score if row == 0 else 0.1) for row, kind in enumerate(kinds))
    return lambda _: replace(NOWHERE, hits=hits)


@pytest.mark.parametrize(
    ("text", "intent", "confidence", "rank", "kinds"),
    [
        ("住所を開示してください", "exercise_disclosure", 0.9, _rank("disclosure"), ("disclosure",)),
        # retrieval settles the kind when it is certain
        ("住所をどうにかして", "exercise_disclosure", 0.4, _rank("correction"), ("correction",)),
        # plain words open what the engine took for a question
        (
            "登録しているメールアドレスを直したいです",
            "ask_policy",
            0.7,
            _rank("correction", score=0.3),
            ("correction",),
        ),
        ("アカウントを消してほしい", "out_of_scope", 0.6, _rank("suspension", score=0.3), ("suspension",)),
        # … and certainty does when the engine heard nothing
        ("my record, all of it, in my inbox", "nlu_fallback", 0.2, _rank("disclosure"), ("disclosure",)),
        # anger with a wish is the wish
        ("腹が立つ。メルマガ止めて", "complaint", 0.6, _rank("suspension"), ("suspension",)),
        ("苦情です、漏れていました", "complaint", 0.9, _rank("complaint"), ("complaint",)),
        # … but who calls it a complaint has both, in the order said
        (
            "This is a complaint about your calls. Delete my phone number from your data. kim@example.com",
            "complaint",
            0.9,
            _rank("complaint"),
            ("complaint", "suspension"),
        ),
        ("You leaked my address", "nlu_fallback", 0.2, _rank("third_party_stop", score=0.2), ("complaint",)),
        # a question is none
        ("第三者に提供しますか", "exercise_third_party_stop", 0.9, _rank("third_party_stop"), ()),
        ("開示請求のやり方を教えてください", "howto", 0.9, _rank("disclosure"), ()),
        ("データの保存期間を知りたいです", "ask_policy", 0.6, _rank("disclosure", score=0.2), ()),
        ("hi, just wondering, am I allowed to ask you to delete my data?", "howto", 0.6, _rank("suspension"), ()),
        # nor is what is about something else
        ("注文の色を訂正してください", "out_of_scope", 0.8, _rank("correction"), ()),
        ("/exercise_disclosure", "exercise_disclosure", 0.9, _rank("disclosure"), ()),
        ("届け日を変えて", "exercise_correction", 0.5, lambda _: ELSEWHERE, ()),
    ],
)
def test_the_kinds_are_heard_when_something_is_wanted(
    text: str, intent: str, confidence: float, rank: Rank, kinds: tuple[str, ...]
) -> None:
    assert hear_kinds(text, intent, confidence, rank) == kinds


def test_several_rights_are_heard_when_retrieval_finds_each_in_its_part() -> None:
    def rank(text: str) -> Ranking:
        return _rank("suspension" if "消" in text or "erase" in text else "disclosure")(text)

    text = "登録情報を全部見せてもらって、そのあと消してください"
    assert hear_kinds(text, "exercise_disclosure", 0.6, rank) == ("disclosure", "suspension")
    assert hear_kinds("disclose my data and then erase it", "nlu_fallback", 0.2, rank) == ("disclosure", "suspension")
    # A right that only the words hear in a part is not taken along.
    assert hear_kinds(text, "exercise_disclosure", 0.6, _rank("disclosure")) == ("disclosure",)


def test_the_first_words_are_the_details_when_they_say_who_and_what() -> None:
    text = "山田 花子です。hanako@example.com です。登録している住所を開示してください"
    draft = fill(EMPTY, text)
    assert draft.fields == {"name": "山田 花子", "email": "hanako@example.com", "details": text}
    assert draft.opening == text


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("登録している住所を開示してください", {}),
        ("開示請求です。hanako@example.com です。", {"email": "hanako@example.com"}),  # no matter yet
    ],
)
def test_details_are_still_asked_when_the_first_words_lack_one_or_the_other(text: str, fields: dict[str, str]) -> None:
    draft = fill(EMPTY, text)
    assert (draft.fields, draft.opening) == (fields, text)


def test_who_acts_for_whom_is_kept_when_the_first_words_say_it() -> None:
    draft = fill(EMPTY, "母の山田春子の代わりに開示を請求します")
    assert (draft.agent, draft.represented) == ("appointed", "山田春子")
