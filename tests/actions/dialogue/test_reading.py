"""The reader's scores weighed with what words say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from actions.dialogue.agents import Agent
from actions.dialogue.openings import hear_kinds
from actions.dialogue.reading import (
    NOTHING,
    Read,
    Readers,
    weigh_agent,
    weigh_change,
    weigh_consent,
    weigh_kinds,
    weigh_offer,
)
from actions.dialogue.wishes import Change
from knowledge.responses import RIGHTS
from knowledge.retriever import Hit, Ranking

NOWHERE = Ranking((), 0.0, 0.5, 0.3, 0.3, 0.1, None)


def _read(**scores: float) -> Read:
    return lambda _: scores


@pytest.mark.parametrize(
    ("scores", "heard", "kinds"),
    [
        ({"suspension": 0.8, NOTHING: 0.1}, (), ("suspension",)),
        ({"suspension": 0.4, NOTHING: 0.2}, (), ("suspension",)),  # something is wanted: the likeliest
        ({"suspension": 0.3, NOTHING: 0.2}, (), ()),  # of what says nothing all labels score a little
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
    read = _read(suspension=0.55, third_party_stop=0.6)
    assert weigh_kinds("Please stop sending me sale mails.", (), read) == ("suspension",)
    assert set(weigh_kinds("Please stop selling my mail.", (), read)) == {"suspension", "third_party_stop"}
    surely = _read(third_party_stop=0.9)
    assert weigh_kinds("Keep it to yourselves.", (), surely) == ("third_party_stop",)  # no list holds every word


def test_what_is_no_question_wants_something_the_rather() -> None:
    read = _read(suspension=0.45, **{NOTHING: 0.5})
    assert weigh_kinds("They keep coming.", (), read) == ("suspension",)
    assert weigh_kinds("Will they keep coming?", (), read) == ()


def test_kinds_come_in_the_order_of_the_sentences_that_want_them() -> None:
    def read(text: str) -> dict[str, float]:
        return {"disclosure": 0.6 if "show" in text else 0.0, "suspension": 0.9 if "gone" in text else 0.0}

    assert weigh_kinds("Have it gone. And show me first.", (), read) == ("suspension", "disclosure")
    assert weigh_kinds("First show me. Then have it gone.", (), read) == ("disclosure", "suspension")


def test_a_complaint_comes_where_it_is_said_to_be_one() -> None:
    def read(text: str) -> dict[str, float]:
        return {"complaint": 0.7 if "apology" in text else 0.3, "suspension": 0.85 if "erase" in text else 0.1}

    text = "First, this is a complaint. I asked you thrice. I want an apology. And erase my data."
    wanted = lambda _: {"complaint": 0.9, "suspension": 0.9}  # noqa: E731
    told = lambda said: wanted(said) if said == text else read(said)  # noqa: E731
    assert weigh_kinds(text, ("suspension", "complaint"), told) == ("complaint", "suspension")


def test_in_one_breath_the_complaint_comes_where_it_is_said() -> None:
    read = _read(complaint=0.9, disclosure=0.9)
    text = "家族にしゃべられて嫌だったので苦情として受け付けてくださいそれと接客メモも見せてください"
    assert weigh_kinds(text, ("disclosure", "complaint"), read) == ("complaint", "disclosure")


def _change(**likely: float) -> Readers:
    return Readers(changes=lambda _, kinds: {kind: 1.0 if kind in kinds else 0.0 for kind in RIGHTS} | likely)


@pytest.mark.parametrize(
    ("likely", "kinds", "change"),
    [
        ({"suspension": 0.7, "disclosure": 0.2}, ("disclosure",), Change(("suspension",), added=False)),
        ({"suspension": 0.7, "disclosure": 0.8}, ("disclosure",), Change(("disclosure", "suspension"), added=True)),
        ({"suspension": 0.5, "disclosure": 0.1}, ("disclosure",), None),  # another kind, but which?
        ({"disclosure": 0.1}, ("disclosure", "suspension"), Change(("suspension",), added=False)),
        ({"disclosure": 0.1, "suspension": 0.1}, ("disclosure", "suspension"), None),  # nothing would be left
        (
            {"disclosure": 0.1},
            ("disclosure", "correction", "suspension"),
            Change(("correction", "suspension"), added=False),
        ),
        (
            {"disclosure": 0.1, "complaint": 0.9, "correction": 0.9},
            ("disclosure", "suspension"),
            Change(("suspension", "correction", "complaint"), added=False),
        ),
        ({}, ("disclosure",), None),
    ],
)
def test_a_change_is_to_the_kinds_that_are_likely_wanted(
    likely: dict[str, float], kinds: tuple[str, ...], change: Change | None
) -> None:
    assert weigh_change("…", _change(**likely), kinds, plainly=False) == change


@pytest.mark.parametrize(
    ("likely", "is_change"),
    [
        ({"suspension": 0.9, "disclosure": 0.1}, True),
        ({"suspension": 0.7, "disclosure": 0.1}, False),
    ],
)
def test_where_something_else_was_asked_only_a_plain_change_counts(
    likely: dict[str, float], *, is_change: bool
) -> None:
    assert (weigh_change("…", _change(**likely), ("disclosure",), plainly=True) is not None) is is_change


def test_where_something_else_was_asked_a_kind_is_dropped_only_plainly() -> None:
    kinds = ("disclosure", "suspension")
    assert weigh_change("…", _change(disclosure=0.3), kinds, plainly=True) is None
    assert weigh_change("…", _change(disclosure=0.05), kinds, plainly=True) == Change(("suspension",), added=False)


def test_nothing_changes_without_a_reader() -> None:
    assert weigh_change("開示はやめて削除で", Readers(), ("disclosure",), plainly=False) is None


@pytest.mark.parametrize(
    ("accept", "wants", "takes_up", "taken"),
    [
        (0.6, {}, False, True),
        (0.45, {}, True, True),  # words say so as well
        (0.45, {}, False, False),
        (0.45, {"suspension": 0.9, NOTHING: 0.1}, False, True),  # it wants something
        (0.6, {NOTHING: 0.9}, False, False),
    ],
)
def test_an_offer_is_taken_up_by_what_reader_and_words_find(
    accept: float, wants: dict[str, float], *, takes_up: bool, taken: bool
) -> None:
    readers = Readers(openings=_read(**wants), offers=_read(accept=accept, other=1 - accept))
    assert weigh_offer("…", readers, takes_up=takes_up) is taken
    assert weigh_offer("…", Readers(), takes_up=takes_up) is takes_up


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
        ({"yes": 0.4, "cancel": 0.45, "chat": 0.1}, False, ""),
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
