"""Rasa's custom actions: rasa-sdk classes that carry values between the engine and the desk, and decide nothing.

Everything said goes out as one `custom` payload a message: text and custom of one utterance would arrive as two.
"""

from __future__ import annotations

import os
from typing import Any

from anyio import CapacityLimiter, to_thread
from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.forms import FormValidationAction

from actions.cases.kinds import find_kind_by_intent, list_kinds
from actions.cases.records import FIELDS, Draft
from actions.dialogue.answers import answer
from actions.dialogue.history import parse_context
from actions.dialogue.intake import Heard
from actions.dialogue.messages import PAYLOADS, Spoken
from actions.dialogue.replies import reply
from actions.dialogue.requests import Opening, Progress, continue_request, open_request, wants_request
from actions.services import Services
from knowledge.conversation import Context
from knowledge.memo import remembering

FORM = "request_form"
GIVEN = "given"  # all that a slot ever says of a value


class ActionAnswer(Action):  # type: ignore[misc]  # the SDK is untyped
    """Answers a question from the policy."""

    def __init__(self, services: Services) -> None:
        self._services = services
        # As many at once as there are processors: more would only take turns with the interpreter.
        self._answering = CapacityLimiter(os.cpu_count() or 1)

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_answer"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[EventType]:  # noqa: ANN401, ARG002
        """See rasa_sdk.Action."""
        spoken = await to_thread.run_sync(self._answer, tracker, limiter=self._answering)
        if spoken is None:
            return [FollowupAction(FORM)]
        _utter(dispatcher, spoken)
        return []

    def _answer(self, tracker: Tracker) -> Spoken | None:
        """The answer, None for what opens a request."""
        text, language = _heard(tracker), _metadata(tracker, "language")
        with remembering():
            if _opens(self._services, tracker, text, language):
                return None
            return answer(self._services, text, language, _context(tracker))


class ActionReply(Action):  # type: ignore[misc]  # the SDK is untyped
    """Replies to small talk and acts outside a request."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def name(self) -> str:
        """The action's name in the domain."""
        return "action_reply"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[EventType]:  # noqa: ANN401, ARG002
        """See rasa_sdk.Action."""
        text, language = _heard(tracker), _metadata(tracker, "language")
        if await to_thread.run_sync(_opens, self._services, tracker, text, language):
            return [FollowupAction(FORM)]
        _utter(dispatcher, reply(self._services, _intent(tracker)[0], language))
        return []


class ValidateRequestForm(FormValidationAction):  # type: ignore[misc]  # the SDK is untyped
    """The form's validation: opens or continues the request, utters the next question, reports which slots are given.

    One call a turn. `request_turn` is set each time, so that a turn without a value is not a rejection for Rasa.
    """

    def __init__(self, services: Services) -> None:
        self._services = services

    def name(self) -> str:
        """The action's name in the domain."""
        return f"validate_{FORM}"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[EventType]:  # noqa: ANN401, ARG002
        """See rasa_sdk.Action."""
        progress = await to_thread.run_sync(self._advance_at_once, tracker)
        _utter(dispatcher, progress.spoken)
        return _report(progress.draft)

    def _advance_at_once(self, tracker: Tracker) -> Progress:
        with remembering():
            return self._advance(tracker)

    def _advance(self, tracker: Tracker) -> Progress:
        language, (intent, confidence) = _metadata(tracker, "language"), _intent(tracker)
        # While the form is being activated nothing is asked yet; Rasa already calls the loop active then.
        beginning = tracker.get_slot("requested_slot") is None and not self._goes_on(tracker)
        typed = _text(tracker)
        if beginning and (find_kind_by_intent(intent) or typed):
            details = _metadata(tracker, "details")
            kinds = _taken_up(tracker)
            text = _metadata(tracker, "opening") if kinds else "" if details or typed in PAYLOADS else typed
            message_id, respelled = _metadata(tracker, "message_id"), _metadata(tracker, "heard")
            opening = Opening(text, details, _context(tracker), kinds, message_id, respelled if text == typed else "")
            return open_request(self._services, tracker.sender_id, intent, language, opening, confidence)
        heard = Heard(_text(tracker), intent, confidence, _metadata(tracker, "field"))
        return continue_request(self._services, tracker.sender_id, heard, language, _metadata(tracker, "message_id"))

    def _goes_on(self, tracker: Tracker) -> bool:
        """Whether a request is running that the engine has forgotten, and the message begins no other one."""
        draft = self._services.conversations.find_draft(tracker.sender_id)
        if draft is None:
            return False
        if draft.turn and draft.turn == _metadata(tracker, "message_id"):
            return True  # it began this very request, and its reply was lost
        typed, (intent, confidence) = _text(tracker), _intent(tracker)
        if find_kind_by_intent(intent):
            return False
        language = _metadata(tracker, "language")
        return typed in PAYLOADS or not wants_request(self._services, _heard(tracker), intent, confidence, language)


def _opens(services: Services, tracker: Tracker, text: str, language: str) -> bool:
    """Whether it is a request that the engine did not hear; what a button sends, or the gateway decided, is none.

    Or one that the engine has forgotten: a worker was killed before it wrote down that the request is running.
    """
    if services.conversations.find_draft(tracker.sender_id) is not None:
        return True
    intent, confidence = _intent(tracker)
    is_sure = str((tracker.latest_message or {}).get("text") or "").startswith("/")
    return bool(text) and not is_sure and wants_request(services, text, intent, confidence, language)


def _report(draft: Draft | None) -> list[EventType]:
    """The form's slots after the turn: "given" or nothing, and what is asked next (None ends the form)."""
    fields = draft.fields if draft else {}
    events = [SlotSet(f"request_{name}", GIVEN if name in fields else None) for name in FIELDS]
    events += [SlotSet("request_confirmation", None), SlotSet("request_turn", GIVEN)]
    return [*events, SlotSet("requested_slot", f"request_{draft.asked}" if draft else None)]


def _utter(dispatcher: CollectingDispatcher, spoken: Spoken) -> None:
    for payload in spoken.as_payloads():
        dispatcher.utter_message(json_message=payload)


def _text(tracker: Tracker) -> str:
    """The message as typed: the engine's own copy is normalised for recognition."""
    return _metadata(tracker, "text") or str((tracker.latest_message or {}).get("text") or "")


def _heard(tracker: Tracker) -> str:
    """The message as it is read: what was typed without kanji is spelled with them."""
    return _metadata(tracker, "heard") or _text(tracker)


def _context(tracker: Tracker) -> Context:
    """What was asked and answered before."""
    return parse_context(((tracker.latest_message or {}).get("metadata") or {}).get("context"))


def _taken_up(tracker: Tracker) -> tuple[str, ...]:
    """The kinds that were offered and that the message takes up."""
    kinds = ((tracker.latest_message or {}).get("metadata") or {}).get("kinds")
    return tuple(kind for kind in kinds if kind in list_kinds()) if isinstance(kinds, list) else ()


def _intent(tracker: Tracker) -> tuple[str, float]:
    intent = (tracker.latest_message or {}).get("intent") or {}
    return str(intent.get("name") or ""), float(intent.get("confidence") or 0.0)


def _metadata(tracker: Tracker, key: str) -> str:
    metadata = (tracker.latest_message or {}).get("metadata") or {}
    return str(metadata.get(key) or ("ja" if key == "language" else ""))
