"""What was asked and answered before, as the next answer needs it: read from the transcript, carried by the engine."""

from __future__ import annotations

from typing import Any

from actions.cases.records import Turn
from actions.dialogue.offers import Offer
from actions.dialogue.wishes import COMPLAINT, hear_wishes
from knowledge.conversation import NOTHING, Context

# Of a message in a request: it follows on from nothing, and asks for no reading, for the next message is a value.
IN_REQUEST = Context(clarified=True)


def read_context(turn: Turn | None) -> Context:
    """The context a turn leaves: the last question it answered, or nothing."""
    for message in reversed(turn.reply["messages"] if turn else []):
        if message.get("question"):
            return Context(
                question=message["question"],
                clause_ids=tuple(citation["clause_id"] for citation in message["citations"]),
                clarified=bool(message.get("clarified")),
            )
    return NOTHING


def read_question(turn: Turn | None) -> str:
    """What was typed in a turn that answered it, "" after any other: what a person is sent when it is passed on."""
    return turn.message if turn and any(message.get("status") for message in turn.reply["messages"]) else ""


def read_offer(turn: Turn | None) -> Offer:
    """The requests that a turn offered, with what was asked, or those that it stopped; nothing after any other turn.

    What was asked about a right may be wanted in the end, whether or not the answer offered it.
    """
    request, question = (turn.reply.get("request") if turn else None) or {}, read_question(turn)
    if request.get("state") not in {"offered", "cancelled"}:
        # A complaint is made, and not asked after: 「相談したときの録音」 is about none.
        spoken = tuple(dict.fromkeys(wish.kind for wish in hear_wishes(question) if wish.kind != COMPLAINT))
        return Offer(spoken, question, is_implied=True) if question and not request else Offer()
    return Offer(tuple(request["kinds"]), question, is_stopped=request["state"] == "cancelled")


def write_context(context: Context) -> dict[str, Any]:
    """The form in which it travels as a message's metadata (the engine keeps no metadata)."""
    return {"question": context.question, "clauses": list(context.clause_ids), "clarified": context.clarified}


def parse_context(data: object) -> Context:
    """Read what `write_context` wrote; anything else is no context."""
    if not isinstance(data, dict):
        return NOTHING
    question, clauses = data.get("question"), data.get("clauses")
    if not isinstance(question, str) or not isinstance(clauses, list):
        return NOTHING
    return Context(
        question=question,
        clause_ids=tuple(one for one in clauses if isinstance(one, str)),
        clarified=data.get("clarified") is True,
    )
