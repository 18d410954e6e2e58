"""A conversation as its page draws it: what was typed, what was said, and where the request in it stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import structlog

from actions.cases.desk import STATUS_PATH
from actions.cases.questions import Vote
from actions.cases.records import Draft, Turn
from actions.dialogue.speech import FORM_PATH
from actions.texts import say
from actions.web.cards import Card, draw_cards, verify_cards
from actions.web.unanswered import Rating, draw_rating
from knowledge.bundle import Bundle
from knowledge.errors import QuoteError

PAGES = (FORM_PATH, STATUS_PATH)  # buttons that open a page instead of sending a message
STEPS = ("details", "contact", "confirmation", "filed")
CONTACT = ("name", "email", "phone")

logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class SaidView:
    """One thing said. `links` open a page, `buttons` send a message.

    `status` is the answer's, "clarified" for a question about which reading is meant, "" for other words.
    """

    text: str
    status: str = ""
    cards: tuple[Card, ...] = ()
    links: tuple[dict[str, str], ...] = ()
    buttons: tuple[dict[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class TurnView:
    """A message and its reply in the reply's language; `receipt` is the number it tells, or ""."""

    message_id: str
    message: str
    language: str
    said: tuple[SaidView, ...]
    receipt: str
    rating: Rating | None = None


@dataclass(frozen=True, slots=True)
class ProgressView:
    """Where the request being entered stands: `step` of `STEPS`, from 1; `missing` are contact fields still to give."""

    kinds: tuple[str, ...]
    step: int
    missing: tuple[str, ...]


def draw_turn(bundle: Bundle, turn: Turn, votes: dict[str, Vote] | None = None) -> TurnView:
    """Draw a turn as it was answered, whatever language the page is in; with `votes` it can be rated."""
    reply = turn.reply
    request = reply.get("request") or {}
    return TurnView(
        message_id=turn.message_id,
        message=turn.message,
        language=reply["language"],
        said=tuple(_draw_said(bundle, one, turn, reply["language"]) for one in reply["messages"]),
        receipt=(request.get("receipt") or "") if request.get("state") == "filed" else "",
        rating=None if votes is None else draw_rating(turn, votes),
    )


def draw_progress(draft: Draft | None) -> ProgressView | None:
    """Where a draft stands, or None without one. Outside the contact's turn nothing of it is missing."""
    if draft is None:
        return None
    step = "contact" if draft.asked in CONTACT else draft.asked
    missing = [name for name in CONTACT if name not in draft.fields] if step == "contact" else []
    return ProgressView(draft.kinds, STEPS.index(step) + 1, tuple(missing))


def _draw_said(bundle: Bundle, message: dict[str, Any], turn: Turn, language: str) -> SaidView:
    # A message cites one version, the one that was in force when it was written.
    cited = message["citations"][0]["policy_version"] if message["citations"] else ""
    policy = bundle.find_version(cited) or bundle.policy
    try:
        verify_cards(policy, message["citations"])
    except QuoteError as error:
        logger.error("quote withheld", reason=str(error))
        return SaidView(say(language, "replies.withheld"), message["status"])
    links = tuple(one for one in message["buttons"] if one["payload"].startswith(PAGES))
    return SaidView(
        text=message["text"],
        status="clarified" if message.get("clarified") else message["status"],
        cards=tuple(draw_cards(policy, message["citations"], message.get("question") or turn.message)),
        links=links,
        buttons=tuple(one for one in message["buttons"] if one not in links),
    )
