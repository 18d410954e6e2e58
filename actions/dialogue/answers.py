"""A question → the answer as a message, with what can be done next. The same for Rasa's action and for reduced mode."""

from __future__ import annotations

from dataclasses import replace

import structlog

from actions.cases.instants import now
from actions.cases.kinds import Kind, find_kind_by_clause
from actions.cases.letters import say_day
from actions.dialogue.messages import Button, Message, RequestState, Spoken, say_all
from actions.dialogue.words import has_word
from actions.hours import is_open, next_business_day
from actions.metrics import SECONDS
from actions.services import Services
from actions.texts import say
from knowledge.answer import Answer, Status, answer_question, contact_officer
from knowledge.conversation import NOTHING, Context
from knowledge.errors import QuoteError
from knowledge.text import detect_language

logger = structlog.get_logger()

# Clauses that tell the way to exercise a right without being one right's own.
_WAYS = {"changes": ("correction", "suspension"), "changes.note": ("correction",), "rights.7": ("complaint",)}


def find_answer(services: Services, question: str, language: str | None, context: Context = NOTHING) -> Answer:
    """The policy's answer; where the policy is silent, also whether somebody is at the counter now.

    An answer with a quote that is not verbatim is withheld, and says so.
    """
    # A newer edition may have come into force since the last answer, without one of the clauses it cited.
    policy = services.bundle.policy
    context = replace(context, clause_ids=tuple(one for one in context.clause_ids if policy.find_unit(one)))
    try:
        with SECONDS.labels("retrieval").time():
            found = answer_question(services.bundle, question, language, context=context)
    except QuoteError as error:
        logger.error("quote withheld", reason=str(error))
        spoken = language or detect_language(question) or "ja"
        withheld = f"{say(spoken, 'replies.withheld')} {contact_officer(services.bundle.policy, spoken)}"
        return Answer(Status.NOT_COVERED, spoken, f"{withheld} {describe_counter(services, spoken)}")
    if found.status is Status.NOT_COVERED and not found.suggestions:
        return replace(found, text=f"{found.text} {describe_counter(services, found.language)}")
    return found


def describe_counter(services: Services, language: str) -> str:
    """One sentence: whether the human counter is open now, else when it opens next."""
    days = services.settings.closing_days
    if is_open(now(), days):
        return say(language, "replies.open_now")
    return say(language, "replies.closed_now", day=say_day(next_business_day(now(), days), language))


def answer(services: Services, question: str, language: str, context: Context = NOTHING) -> Spoken:
    """Answer a question; where the policy is silent, offer to send it to a person."""
    found = find_answer(services, question, language, context)
    kinds = () if found.suggestions else _offered_kinds(found, wanted=has_word(question, "wants"))
    buttons = [Button(reading, reading) for reading in found.suggestions]
    buttons += [
        Button(say(language, "buttons.request", kind=say(language, f"kinds.{kind}")), f"/request:{kind}")
        for kind in kinds
    ]
    if found.status is Status.NOT_COVERED:
        buttons.append(Button(say(language, "buttons.forward"), "/forward"))
    message = Message(
        text=found.text,
        citations=tuple(citation.as_dict() for citation in found.citations),
        buttons=tuple(buttons),
        status=found.status.value,
        question=found.question,
        clarified=bool(found.suggestions),
    )
    return say_all(message, request=RequestState(kinds, "offered") if kinds else None)


def _offered_kinds(found: Answer, *, wanted: bool) -> tuple[str, ...]:
    """The requests that the clause shown first is about: the answer, or the nearest to a wish ("退会したい")."""
    if not found.citations or not (wanted or found.status is Status.ANSWERED):
        return ()
    first = found.citations[0].clause_id
    kind: Kind | None = find_kind_by_clause(first)
    return (kind.name,) if kind else _WAYS.get(first, ())
