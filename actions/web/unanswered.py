"""What of a turn may be rated, and what may be kept when it was not answered or not liked: masked, or only counted.

The words of a turn inside a request are never kept here: what is typed there is a person's own matter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import structlog

from actions.cases.questions import REASONS, UNANSWERED, Asked, Vote
from actions.cases.records import Turn
from actions.dialogue.masking import mask
from actions.services import Services

INSIDE = {"collecting", "confirming", "filed", "cancelled"}  # states of a request that the turn belongs to

logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Rating:
    """An answer that can be rated: its turn's message id, the vote so far or None, and the reasons to choose from."""

    message_id: str
    vote: Vote | None
    reasons: tuple[str, ...] = REASONS


def draw_rating(turn: Turn, votes: dict[str, Vote]) -> Rating | None:
    """The rating of a turn, None where nothing was answered."""
    return Rating(turn.message_id, votes.get(turn.message_id)) if find_answer(turn.reply) else None


def keep_unanswered(services: Services, message_id: str, reply: dict[str, Any]) -> None:
    """Note a turn's question if the policy did not answer it. Never fails: the answer matters more.

    A question that was answered by asking which reading was meant is none of these.
    """
    answer = find_answer(reply)
    if answer is None or answer["status"] != UNANSWERED or answer.get("clarified") or is_inside_request(reply):
        return
    try:
        services.questions.record(reply["conversation_id"], message_id, read_asked(services, reply, answer))
    except Exception as error:  # noqa: BLE001  whatever it is, the person has the answer
        logger.error("question not kept", kind=type(error).__name__)


def find_answer(reply: dict[str, Any]) -> dict[str, Any] | None:
    """The first message of a reply that answers a question, as it does or does not; None if none does."""
    return next((message for message in reply["messages"] if message.get("status")), None)


def is_inside_request(reply: dict[str, Any]) -> bool:
    """Whether a reply belongs to a request that was being entered."""
    return (reply["request"] or {}).get("state") in INSIDE


def read_asked(services: Services, reply: dict[str, Any], answer: dict[str, Any]) -> Asked:
    """A turn's question as it may be kept, with what was shown."""
    policy, language = services.bundle.policy, reply["language"]
    clauses = tuple(dict.fromkeys(citation["clause_id"] for citation in answer["citations"]))
    unit = policy.find_unit(clauses[0]) if clauses else None
    masked = mask(services, answer.get("question", ""), language)
    return Asked(
        language=language,
        status=answer["status"],
        policy_version=policy.version,
        clauses=clauses,
        section=unit.section_id if unit else "",
        text=masked.text if masked.is_keepable and not is_inside_request(reply) else "",
    )
