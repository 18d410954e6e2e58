"""The reader's scores weighed with what words say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from actions.dialogue.agents import Agent
from actions.dialogue.openings import hear_kinds
from actions.dialogue.reading import NOTHING, Read, weigh_agent, weigh_consent, weigh_kinds
from knowledge.retriever import Hit, Ranking

NOWHERE = Ranking((), 0.0, 0.5, 0.3, 0.3, 0.1, None)


def _read(**scores: float) -> Read:
    return lambda _: scores


@pytest.mark.parametrize(
    ("scores", "heard", "kinds"),
    [
        ({"suspension": 0.8, NOTHING: 0.1}, (), ("suspension",)),
        ({"suspension": 0.3, NOTHING: 0.2}, (), ("suspension",)),  # something is wanted: the likeliest
        ({"suspension": 0.3, NOTHING: 0.6}, (), ()),
        ({"suspension": 0.5, NOTHING: 0.6}, ("suspension",), ("suspension",)),  # plain words count
        ({"suspension": 0.2, NOTHING: 0.9}, ("suspension",), ()),  # … but not against all
        ({"disclosure": 0.7, "suspension": 0.3}, ("suspension", "disclosure"), ("suspension", "disclosure")),
        ({"disclosure": 0.7, "suspension": 0.3}, ("disclosure",), ("disclosure",)),
    ],
)
def test_the_reader_leads_and_words_count(
    scores: dict[str, float], heard: tuple[str, ...], kinds: tuple[str, ...]
) -> None:
    assert weigh_kinds("…", heard, _read(**scores)) == kinds


def test_nothing_is_provided_to_others_where_nobody_else_is_spoken_of() -> None:
    read = _read(suspension=0.5, third_party_stop=0.6)
    assert weigh_kinds("Please stop sending me sale mails.", (), read) == ("suspension",)
    assert weigh_kinds("Please stop selling my mail to firms.", (), read) == ("suspension", "third_party_stop")


def test_kinds_come_in_the_order_of_the_sentences_that_want_them() -> None:
    def read(text: str) -> dict[str, float]:
        return {"disclosure": 0.6 if "show" in text else 0.0, "suspension": 0.9 if "gone" in text else 0.0}

    assert weigh_kinds("Have it gone. And show me first.", (), read) == ("suspension", "disclosure")
    assert weigh_kinds("First show me. Then have it gone.", (), read) == ("disclosure", "suspension")


@pytest.mark.parametrize(
    ("heard", "scores", "agent"),
    [
        (None, {"appointed": 0.5}, Agent("appointed")),
        (None, {"legal": 0.3, "appointed": 0.2}, Agent("legal")),
        (None, {"appointed": 0.2}, None),
        (Agent("legal", "Ann Poe"), {"appointed": 0.3}, Agent("legal", "Ann Poe")),  # words know the capacity better
        (Agent("appointed"), {"appointed": 0.05}, None),  # "asking for a friend"
    ],
)
def test_who_acts_for_another_is_weighed(heard: Agent | None, scores: dict[str, float], agent: Agent | None) -> None:
    assert weigh_agent(heard, scores) == agent


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("/restart", ()),
        ("When do you stop giving data to others?", ()),  # a plain question alone asks
        ("1. 個人データの開示\n2. 利用停止\n以上を請求します。", ("disclosure", "suspension")),  # a list is certain
        ("my record, with others, all of it", ("third_party_stop",)),
    ],
)
def test_commands_questions_and_lists_are_certain(text: str, kinds: tuple[str, ...]) -> None:
    read = _read(third_party_stop=0.7, **{NOTHING: 0.0})
    assert hear_kinds(text, "nlu_fallback", 0.3, lambda _: NOWHERE, read) == kinds


def test_a_question_is_a_wish_when_the_reader_is_sure() -> None:
    text = "俺の情報よそに渡すのやめてくんない?"
    assert hear_kinds(text, "nlu_fallback", 0.3, lambda _: NOWHERE, _read(third_party_stop=1.0)) == (
        "third_party_stop",
    )
    unsure = _read(third_party_stop=1.0, **{NOTHING: 0.5})
    assert hear_kinds("よそに渡しますか?", "nlu_fallback", 0.3, lambda _: NOWHERE, unsure) == ()


@pytest.mark.parametrize(
    ("told", "agrees", "meant"),
    [
        (None, True, "yes"),
        (None, False, ""),
        ({"yes": 0.8, "cancel": 0.1, "chat": 0.1}, False, "yes"),
        ({"yes": 0.5, "cancel": 0.1, "chat": 0.4}, False, ""),  # as well something else
        ({"yes": 0.5, "cancel": 0.1, "chat": 0.4}, True, "yes"),  # plain words count
        ({"yes": 0.1, "cancel": 0.7, "chat": 0.1}, True, "cancel"),  # … but not against all
        ({"yes": 0.3, "cancel": 0.45, "chat": 0.1}, False, ""),
        ({"yes": 0.1, "cancel": 0.1, "wait": 0.8}, False, ""),
    ],
)
def test_an_answer_to_the_review_is_weighed(told: dict[str, float] | None, agrees: bool, meant: str) -> None:
    assert weigh_consent(told, agrees=agrees) == meant


def test_one_plain_sentence_wants_what_it_says_and_a_story_needs_the_reader() -> None:
    read, wish = _read(**{NOTHING: 0.9}), "Please delete my account"
    assert hear_kinds(wish, "nlu_fallback", 0.3, _rank_suspension) == ("suspension",)
    assert hear_kinds(wish, "nlu_fallback", 0.3, _rank_suspension, read) == ("suspension",)
    assert hear_kinds(f"That was yesterday's wish. {wish}", "nlu_fallback", 0.3, _rank_suspension, read) == ()


def _rank_suspension(_: str) -> Ranking:
    return replace(NOWHERE, hits=(Hit("rights.4", 0.6),))
