"""Reduced mode: what the desk says while the dialogue engine, or the database, is down or slow."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from actions.cases.kinds import find_kind_by_intent
from actions.cases.records import Case, Draft
from actions.dialogue.answers import answer
from actions.dialogue.intake import Heard
from actions.dialogue.messages import PAYLOADS, Button, Message, RequestState, Spoken, say_all
from actions.dialogue.speech import FORM_PATH, Speech
from actions.dialogue.steps import CONFIRMATION
from actions.dialogue.words import is_word
from actions.errors import StorageDownError
from actions.services import Services
from knowledge.conversation import NOTHING, Context
from knowledge.tongue import hear


def answer_alone(
    services: Services,
    text: str,
    language: str,
    draft: Draft | None,
    context: Context = NOTHING,
    conversation_id: str = "",
) -> list[dict[str, Any]]:
    """Reduced mode: questions are answered from the policy, requests are offered by form.

    Within a request nothing is taken in: what is a value and what is not, the engine decides. Only its end counts:
    whoever stops leaves nothing behind.
    """
    speech = Speech(services, language)
    filed = services.cases.find_by_filing_key(draft.filing_key) if draft else None
    if filed:
        # The engine failed after the case was written: the receipt is what the person must hear.
        return tell_filed(services, filed, language)
    if draft and (text == "/cancel" or is_word(text, "cancel")):
        services.conversations.delete_draft(conversation_id)
        stopped = RequestState(draft.kinds, "cancelled")
        return say_all(speech.closing("cancelled"), request=stopped).as_payloads()
    if draft:
        note = Message(speech.say("reduced.in_intake"), buttons=(_form(speech, draft.kind),))
        asks = text not in PAYLOADS and Heard(text, intent="", confidence=0.0).asks
        answered = _drop_buttons(answer(services, text, language, context)) if asks else []
        return [*answered, note.as_dict()]
    if text in PAYLOADS:
        opened = find_kind_by_intent(PAYLOADS[text][0].removeprefix("/"))
        return [Message(speech.say("reduced.form"), buttons=(_form(speech, opened.name if opened else ""),)).as_dict()]
    spoken = answer(services, text, language, context)
    offered = spoken.request.kinds if spoken.request else ("",)
    note = Message(speech.say("reduced.notice"), buttons=tuple(_form(speech, one) for one in offered))
    return [*_drop_buttons(spoken), note.as_dict()]


def ask_next(services: Services, draft: Draft, language: str) -> list[dict[str, Any]]:
    """The question that a request stands at, for who sent a value again because its reply was lost."""
    speech = Speech(services, language)
    next_one = speech.review(draft) if draft.asked == CONFIRMATION else speech.ask(draft)
    return [next_one.as_dict()]


def answer_unkept(services: Services, text: str, wanted: str | None, conversation_id: str) -> dict[str, Any]:
    """While nothing can be kept: a question is answered all the same. What may be a value or a wish is not.

    Returns: the reply's full form. Raises: StorageDownError: it is no question; nothing was taken in.
    """
    if not Heard(text, intent="", confidence=0.0).asks:
        raise StorageDownError
    heard = hear(services.bundle, text, wanted)
    note = Message(Speech(services, heard.language).say("reduced.unkept"))
    said = [*_drop_buttons(answer(services, text, heard.language)), note.as_dict()]
    return {
        "conversation_id": conversation_id,
        "language": heard.language,
        "messages": said,
        "request": None,
        "degraded": True,
        "unkept": True,
    }


def tell_filed(services: Services, case: Case, language: str) -> list[dict[str, Any]]:
    """The receipt of a request that is filed."""
    done = Speech(services, language).closing("filed", view="filed", receipt=case.receipt)
    return say_all(done, request=RequestState(case.kinds, "filed", case.receipt)).as_payloads()


def _drop_buttons(spoken: Spoken) -> list[dict[str, Any]]:
    """What was said without the buttons that only the engine understands. A reading to choose is a plain question."""
    return [
        replace(message, buttons=tuple(one for one in message.buttons if one.payload not in PAYLOADS)).as_dict()
        for message in spoken.messages
    ]


def _form(speech: Speech, kind: str) -> Button:
    query = f"?kind={kind}&lang={speech.language}" if kind else f"?lang={speech.language}"
    return Button(speech.say("buttons.form"), f"{FORM_PATH}{query}")
