"""What was asked and answered before: out of the transcript, through the engine, and back as it was."""

from __future__ import annotations

import json
from typing import Any

import pytest

from actions.cases.instants import now
from actions.cases.records import Turn
from actions.dialogue.answers import answer
from actions.dialogue.history import IN_REQUEST, parse_context, read_context, read_offer, read_question, write_context
from actions.dialogue.offers import Offer
from actions.services import Services
from knowledge.conversation import NOTHING, Context

ASKED = "メールアドレスは収集していますか"
NOTE = {"text": "お答えできる範囲でご案内しています。", "citations": [], "buttons": []}
GARBAGE = [
    None,
    0,
    "question",
    [],
    ["question"],
    {},
    {"question": None, "clauses": []},
    {"question": 5, "clauses": []},
    {"question": [ASKED], "clauses": []},
    {"question": {"question": ASKED}, "clauses": []},
    {"question": ASKED},
    {"question": ASKED, "clauses": None},
    {"question": ASKED, "clauses": 5},
    {"question": ASKED, "clauses": "purpose"},
    {"question": ASKED, "clauses": {"purpose": 1}},
    {"clauses": ["purpose"], "clarified": True},
]


def _turn(*messages: dict[str, Any], typed: str = ASKED) -> Turn:
    return Turn("m1", typed, {"messages": list(messages), "language": "ja"}, now())


def _said(services: Services, question: str, context: Context = NOTHING) -> dict[str, Any]:
    return answer(services, question, "ja", context).messages[0].as_dict()


def test_a_context_is_the_same_when_it_has_been_through_transcript_and_engine(services: Services) -> None:
    context = read_context(_turn(_said(services, ASKED)))
    assert context.question == ASKED
    assert context.clause_ids == ("collected.4", "collected")
    assert context.clarified is False
    # As JSON over two wires.
    assert parse_context(json.loads(json.dumps(write_context(context)))) == context


def test_a_question_back_is_remembered_when_it_was_asked(services: Services, ambiguous: Any) -> None:
    context = read_context(_turn(_said(services, ambiguous.question)))
    assert context == Context(ambiguous.question, ambiguous.clauses, clarified=True)
    assert parse_context(json.loads(json.dumps(write_context(context)))) == context


@pytest.mark.parametrize("context", [NOTHING, IN_REQUEST, Context("why?", ("a", "b.1"), clarified=True)])
def test_any_context_comes_back_when_it_is_written(context: Context) -> None:
    assert parse_context(json.loads(json.dumps(write_context(context)))) == context


def test_a_follow_up_leaves_what_it_was_understood_as_when_answered(services: Services) -> None:
    before = read_context(_turn(_said(services, ASKED)))
    after = read_context(_turn(_said(services, "では電話番号は?", before), typed="では電話番号は?"))
    assert (after.question, after.clause_ids[0]) == ("電話番号は収集していますか", "collected.3")


def test_the_answer_counts_when_something_was_said_after_it(services: Services) -> None:
    said = _said(services, ASKED)
    assert read_context(_turn(said, NOTE)) == read_context(_turn(said))
    assert read_context(_turn({**said, "question": "first"}, said, NOTE)).question == ASKED


@pytest.mark.parametrize("turn", [None, _turn(), _turn(NOTE), _turn({**NOTE, "question": "", "clarified": True})])
def test_there_is_no_context_when_nothing_was_answered(turn: Turn | None) -> None:
    # The second is a turn of a former release, whose messages knew no question.
    assert read_context(turn) == NOTHING


@pytest.mark.parametrize("data", GARBAGE, ids=repr)
def test_garbage_is_no_context_when_it_comes_back(services: Services, data: object) -> None:
    assert parse_context(data) == NOTHING
    # "Why?" of nothing is a question like any other.
    (message,) = answer(services, "それはなぜ?", "ja", parse_context(data)).messages
    assert message.question == "それはなぜ?"


@pytest.mark.parametrize(
    ("clauses", "clarified", "context"),
    [
        (["purpose", 1, None, ["use"], "use"], True, Context(ASKED, ("purpose", "use"), clarified=True)),
        ([], "yes", Context(ASKED)),
        ([], 1, Context(ASKED)),
    ],
)
def test_what_can_be_read_is_read_when_a_part_is_garbage(clauses: Any, clarified: Any, context: Context) -> None:
    assert parse_context({"question": ASKED, "clauses": clauses, "clarified": clarified, "more": 1}) == context


@pytest.mark.parametrize("follow_up", ["もっと詳しく", "2番目は?", "最後は?", "それはなぜ?", "では電話番号は?"])
@pytest.mark.parametrize("clauses", [("gone",), ("gone.1", "gone"), ("gone", "collected"), ("' OR 1=1 --",), ("",)])
def test_a_follow_up_is_answered_when_a_clause_is_no_longer_in_the_policy(
    services: Services, clauses: tuple[str, ...], follow_up: str
) -> None:
    # A transcript outlives the edition that it cites.
    (message,) = answer(services, follow_up, "ja", Context(ASKED, clauses)).messages
    assert message.text
    assert not {"gone", "gone.1"} & {citation["clause_id"] for citation in message.citations}


def test_what_was_typed_is_passed_on_when_the_turn_answered_it(services: Services) -> None:
    silent, foreign = (
        _said(services, "クッキーは使っていますか"),
        _said(services, "Est-ce que vous vendez mes données ?"),
    )
    before = read_context(_turn(_said(services, ASKED)))
    assert read_question(_turn(silent, NOTE, typed="クッキーは?")) == "クッキーは?"
    assert (
        read_question(_turn(_said(services, "では電話番号は?", before), typed="では電話番号は?")) == "では電話番号は?"
    )
    assert read_question(_turn(foreign, typed="Est-ce que")) == "Est-ce que"


@pytest.mark.parametrize(
    "turn", [None, _turn(typed="x"), _turn(NOTE, typed="担当者に相談する"), _turn({**NOTE, "status": ""})]
)
def test_nothing_is_passed_on_when_the_turn_answered_nothing(turn: Turn | None) -> None:
    # A button's title is no question of the customer's.
    assert read_question(turn) == ""


def test_a_request_has_no_context_when_it_begins() -> None:
    assert Context(question="", clause_ids=(), clarified=True) == IN_REQUEST


def test_an_offer_is_read_from_the_turn_that_made_it() -> None:
    reply = {"messages": [{**NOTE, "status": "answered"}], "request": {"kinds": ["suspension"], "state": "offered"}}
    turn = Turn("m1", ASKED, reply, now())
    assert read_offer(turn) == Offer(("suspension",), ASKED)
    stopped = {**reply, "request": {"kinds": ["disclosure", "suspension"], "state": "cancelled"}}
    assert read_offer(Turn("m1", "x", stopped, now())) == Offer(("disclosure", "suspension"), "x", is_stopped=True)
    filed = Turn("m1", ASKED, {**reply, "request": {"kinds": ["suspension"], "state": "filed"}}, now())
    asked = "退会したら登録は消えますか"  # of a right, whatever was answered
    assert read_offer(Turn("m1", asked, {"messages": reply["messages"]}, now())) == Offer(
        ("suspension",), asked, is_implied=True
    )
    assert read_offer(filed) == read_offer(None) == read_offer(_turn(NOTE)) == Offer()
