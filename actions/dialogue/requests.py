"""A running request: carries each message to the decider and does what it decides."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace

from actions.cases.kinds import find_kind_by_intent
from actions.cases.records import Draft
from actions.dialogue.answers import answer
from actions.dialogue.fields import read_details
from actions.dialogue.history import IN_REQUEST
from actions.dialogue.intake import Heard, Move, Step, advance, decide
from actions.dialogue.matters import find_topic
from actions.dialogue.messages import PAYLOADS, Message, RequestState, Spoken, say_all
from actions.dialogue.openings import BUTTON, Opening, fill, hear_kinds
from actions.dialogue.reading import Readers, weigh_change
from actions.dialogue.speech import Speech
from actions.dialogue.steps import CONFIRMATION, strip_marks, tries_command
from actions.dialogue.switches import is_plain_needed
from actions.dialogue.wishes import COMPLAINT
from actions.services import Services

__all__ = ["BUTTON", "Opening", "Progress", "continue_request", "open_request", "wants_request"]


@dataclass(frozen=True, slots=True)
class Progress:
    """What was said, and the draft that goes on; None when the request is filed, cancelled or gone."""

    spoken: Spoken
    draft: Draft | None


def take_readers(services: Services) -> Readers:
    """The trained readers of the shop in service."""
    found = services.bundle.readers
    openings, consents, offers = (one.read if one else None for one in (found.openings, found.consents, found.offers))
    return Readers(openings, consents, offers, found.changes.read if found.changes else None)


def wants_request(services: Services, text: str, intent: str, confidence: float, language: str) -> bool:
    """Whether a message that the engine took for none opens a request all the same."""
    return bool(_hear(services, text, intent, language, confidence))


def open_request(
    services: Services,
    conversation_id: str,
    intent: str,
    language: str,
    opening: Opening = BUTTON,
    confidence: float = 1.0,
) -> Progress:
    """Begin a request of the kinds that a message wants, or of the one that a button's intent names.

    The engine's classifier alone is not trusted with an opening message: what only asks is answered, with the request
    offered; so is what is about an order and not about data ("stop my delivery").
    """
    kinds = _find_kinds(services, intent, language, opening, confidence)
    if not kinds:
        return Progress(answer(services, opening.heard or opening.text, language, opening.context), None)
    speech = Speech(services, language)
    if not services.settings.complaints_in_chat:
        kinds = tuple(kind for kind in kinds if kind != COMPLAINT)
        if not kinds:
            return Progress(say_all(speech.closing("complaint_elsewhere")), None)
    draft = Draft(
        kinds=kinds,
        language=language,
        policy_version=services.bundle.policy.version,
        filing_key=str(uuid.uuid4()),
    )
    given = read_details(opening.details) if opening.details else None
    draft = replace(draft.give("details", given), forwarded=True) if given else draft
    if opening.text:
        read = take_readers(services).openings
        draft = fill(draft, opening.text, opening.heard, accepted=opening.accepted, read=read)
    draft = replace(draft, turn=opening.message_id)
    told = [speech.open(*kinds), *([speech.introduce_agent(draft)] if draft.agent else [])]
    step = advance(_note_told(draft, told))
    services.conversations.save_draft(conversation_id, step.draft)
    return Progress(say_all(*told, _ask_next(step, speech), request=_state(step.draft)), step.draft)


def _find_kinds(services: Services, intent: str, language: str, opening: Opening, confidence: float) -> tuple[str, ...]:
    """The kinds a typed message wants, or takes up; of a button the one it names (ValueError for none)."""
    if opening.kinds:
        return opening.kinds
    if opening.text:
        return _hear(services, opening.heard or opening.text, intent, language, confidence)
    kind = find_kind_by_intent(intent)
    if kind is None:
        raise ValueError(f"{intent} opens no request")
    return (kind.name,)


def _hear(services: Services, text: str, intent: str, language: str, confidence: float) -> tuple[str, ...]:
    read = take_readers(services).openings
    return hear_kinds(text, intent, confidence, services.bundle.retrievers[language].rank, read)


def continue_request(
    services: Services, conversation_id: str, heard: Heard, language: str, message_id: str = ""
) -> Progress:
    """Take the next message of a request; the one taken in last is not taken in again."""
    speech = Speech(services, language)
    draft = services.conversations.find_draft(conversation_id)
    if draft is None:
        # Outlived its retention, or was filed or deleted by another window.
        return Progress(say_all(speech.closing("expired")), None)
    if message_id and draft.turn == message_id:
        return Progress(say_all(*_say_again(draft, speech), request=_state(draft)), draft)
    step = decide(draft, _read(services, draft, heard))
    if COMPLAINT in set(step.draft.kinds) - set(draft.kinds) and not services.settings.complaints_in_chat:
        return Progress(say_all(speech.closing("complaint_elsewhere"), speech.ask(draft), request=_state(draft)), draft)
    if step.move is Move.FILE:
        return _file(services, conversation_id, step.draft, speech)
    if step.move is Move.CANCEL:
        services.conversations.delete_draft(conversation_id)
        cancelled = RequestState(draft.kinds, "cancelled")
        return Progress(say_all(speech.closing("cancelled"), request=cancelled), None)
    said, step = _speak(services, step, heard, speech)
    step = replace(step, draft=replace(step.draft, turn=message_id))
    if step.draft != draft:
        services.conversations.save_draft(conversation_id, step.draft)
    return Progress(say_all(*said, request=_state(step.draft)), step.draft)


def _read(services: Services, draft: Draft, heard: Heard) -> Heard:
    """The message with what the readers make of it: whether it changes the kinds; at the review whether it agrees."""
    if tries_command(heard.text) or heard.text in PAYLOADS:
        return heard
    readers = take_readers(services)
    change = weigh_change(strip_marks(heard.text), readers, draft.kinds, plainly=is_plain_needed(draft, heard.text))
    consents = draft.asked == CONFIRMATION and readers.consents
    return replace(heard, change=change, consent=consents(strip_marks(heard.text)) if consents else None)


def _speak(services: Services, step: Step, heard: Heard, speech: Speech) -> tuple[list[Message], Step]:
    """What is said in a turn that goes on, and the step with what was told kept in its draft."""
    told = _tell(step, speech)
    step = replace(step, draft=_note_told(step.draft, told))
    notes = [speech.closing(f"note_{note}") for note in step.notes if note not in _TOLD]
    if step.move is Move.FORGET:
        return [speech.forget(), speech.ask(step.draft)], step
    if step.move is Move.ANSWER:
        topic = find_topic(heard.text)
        given = speech.about(topic, step.draft) or answer(services, heard.text, speech.language, IN_REQUEST).messages[0]
        return [*notes, *told, given, speech.ask(step.draft, lead=speech.say("intake.back_to"))], step
    return [*notes, *told, _ask_next(step, speech)], step


def _say_again(draft: Draft, speech: Speech) -> list[Message]:
    """What a turn ended with whose reply was lost (a process was killed): what was told of the right, and the question.

    A second time the message would be taken for the answer to the next question.
    """
    question = speech.review(draft) if draft.asked == CONFIRMATION else speech.ask(draft)
    return [Message(draft.told), question] if draft.told else [question]


# Notes that are no sentence: what the desk tells of the right and of the documents is put together from data.
_TOLD = {"agent", "kind_added"}


def _tell(step: Step, speech: Speech) -> list[Message]:
    """What the desk tells of the right in this turn: of new kinds, and of what an agent shows."""
    told = []
    if step.move is Move.SWITCH:
        is_added = "kind_added" in step.notes
        told.append(speech.open(*step.draft.kinds[-1 if is_added else 0 :], change="added" if is_added else "switched"))
    if "agent" in step.notes:
        told.append(speech.introduce_agent(step.draft))
    return told


def _ask_next(step: Step, speech: Speech) -> Message:
    """The question a turn ends with."""
    draft = step.draft
    if step.move is Move.REVIEW or (step.move is Move.SWITCH and draft.asked == CONFIRMATION):
        return speech.review(draft)
    if step.move is Move.STATUS:
        return speech.ask(draft, lead=speech.say("replies.status"))
    simple = {
        Move.WHICH: speech.which,
        Move.EXPLAIN: speech.explain,
        Move.WAIT: speech.wait,
    }
    if step.move in simple:
        return simple[step.move](draft)
    if step.move is Move.KINDS:
        return speech.which_kind()
    return speech.ask(draft, again=step.move is Move.AGAIN)


def _note_told(draft: Draft, told: list[Message]) -> Draft:
    """The draft with what the desk told the person, to which the case is pinned."""
    texts = [one for one in (draft.told, *(message.text for message in told)) if one]
    return replace(draft, told="\n".join(texts)) if told else draft


def _file(services: Services, conversation_id: str, draft: Draft, speech: Speech) -> Progress:
    case, is_new = services.desk.file(draft, "chat", conversation_id)
    key = "filed" if is_new else "filed_already"
    filed = RequestState(case.kinds, "filed", case.receipt)
    return Progress(say_all(speech.closing(key, view="filed", receipt=case.receipt), request=filed), None)


def _state(draft: Draft) -> RequestState:
    return RequestState(draft.kinds, "confirming" if draft.asked == CONFIRMATION else "collecting")
