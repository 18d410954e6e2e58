"""A running request: carries each message to the decider and does what it decides."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from actions.cases.kinds import Kind, find_kind_by_clause, find_kind_by_intent
from actions.cases.records import Draft
from actions.dialogue.answers import answer
from actions.dialogue.fields import read_details
from actions.dialogue.history import IN_REQUEST
from actions.dialogue.intake import Heard, Move, Step, advance, decide, only_asks, tries_command
from actions.dialogue.messages import RequestState, Spoken, say_all
from actions.dialogue.speech import Speech
from actions.services import Services
from knowledge.conversation import NOTHING, Context
from knowledge.retriever import Ranking

CERTAIN = 0.5  # share of the fused score from which retrieval's clause settles the kind of a request


@dataclass(frozen=True, slots=True)
class Progress:
    """What was said, and the draft that goes on; None when the request is filed, cancelled or gone."""

    spoken: Spoken
    draft: Draft | None


@dataclass(frozen=True, slots=True)
class Opening:
    """What opens a request: the message as typed, "" for a button, and what was answered before it.

    `details` are given when a question is passed on.
    """

    text: str = ""
    details: str = ""
    context: Context = NOTHING


BUTTON = Opening()


def open_request(
    services: Services, conversation_id: str, intent: str, language: str, opening: Opening = BUTTON
) -> Progress:
    """Begin a request of the kind the intent asks for.

    The engine's classifier alone is not trusted with an opening message: what only asks is answered, with the request
    offered; so is what is about an order and not about data ("stop my delivery"); and retrieval, which knows the rights
    better, may settle the kind.
    """
    kind = find_kind_by_intent(intent)
    if kind is None:
        raise ValueError(f"{intent} opens no request")
    ranking = services.bundle.retrievers[language].rank(opening.text) if opening.text else None
    if tries_command(opening.text) or only_asks(opening.text) or (ranking and ranking.is_elsewhere):
        return Progress(answer(services, opening.text, language, opening.context), None)
    kind = _settle_kind(kind, ranking)
    speech = Speech(services, language)
    draft = Draft(
        kinds=(kind.name,),
        language=language,
        policy_version=services.bundle.policy.version,
        filing_key=str(uuid.uuid4()),
    )
    given = read_details(opening.details) if opening.details else None
    draft = advance(draft.give("details", given) if given else draft).draft
    services.conversations.save_draft(conversation_id, draft)
    return Progress(say_all(speech.open(kind.name), speech.ask(draft), request=_state(draft)), draft)


def _settle_kind(recognised: Kind, ranking: Ranking | None) -> Kind:
    """The kind of a typed request: retrieval's, when it is certain of a right and the engine took another."""
    certain = ranking is not None and ranking.hits and ranking.hits[0].score >= CERTAIN
    found = find_kind_by_clause(ranking.hits[0].clause_id) if ranking and certain else None
    return found or recognised


def continue_request(services: Services, conversation_id: str, heard: Heard, language: str) -> Progress:
    """Take the next message of a request."""
    speech = Speech(services, language)
    draft = services.conversations.find_draft(conversation_id)
    if draft is None:
        # Outlived its retention, or was filed or deleted by another window.
        return Progress(say_all(speech.closing("expired")), None)
    step = decide(draft, heard)
    if step.move is Move.FILE:
        return _file(services, conversation_id, step.draft, speech)
    if step.move is Move.CANCEL:
        services.conversations.delete_draft(conversation_id)
        cancelled = RequestState(draft.kinds, "cancelled")
        return Progress(say_all(speech.closing("cancelled"), request=cancelled), None)
    if step.draft != draft:
        services.conversations.save_draft(conversation_id, step.draft)
    return Progress(_speak(services, step, heard, speech), step.draft)


def _speak(services: Services, step: Step, heard: Heard, speech: Speech) -> Spoken:
    draft, state = step.draft, _state(step.draft)
    if step.move is Move.ANSWER:
        given = answer(services, heard.text, speech.language, IN_REQUEST).messages[0]
        return say_all(given, speech.ask(draft, lead=speech.say("intake.back_to")), request=state)
    if step.move is Move.SWITCH:
        return say_all(speech.open(draft.kind, switched=True), speech.ask(draft), request=state)
    if step.move is Move.REVIEW:
        return say_all(speech.review(), request=state)
    if step.move is Move.WHICH:
        return say_all(speech.which(), request=state)
    if step.move is Move.EXPLAIN:
        return say_all(speech.explain(draft), request=state)
    return say_all(speech.ask(draft, again=step.move is Move.AGAIN), request=state)


def _file(services: Services, conversation_id: str, draft: Draft, speech: Speech) -> Progress:
    case, is_new = services.cases.file(draft, "chat", conversation_id)
    key = "filed" if is_new else "filed_already"
    filed = RequestState(case.kinds, "filed", case.receipt)
    return Progress(say_all(speech.closing(key, receipt=case.receipt), request=filed), None)


def _state(draft: Draft) -> RequestState:
    return RequestState(draft.kinds, "confirming" if draft.asked == "confirmation" else "collecting")
