"""What the engine's messages become before they are kept and sent: completed with what never passes through it."""

from __future__ import annotations

from typing import Any

from actions.cases.records import Draft, Standing
from actions.dialogue.messages import PAYLOADS, RequestState
from actions.dialogue.speech import Speech
from actions.services import Services
from actions.texts import say
from actions.web.reduced import tell_filed


class Composer:
    """Composes replies in one language."""

    def __init__(self, services: Services, language: str) -> None:
        self._services = services
        self._language = language
        self._speech = Speech(services, language)

    def compose(
        self, payloads: list[dict[str, Any]], standing: Standing, conversation_id: str, degraded: bool
    ) -> dict[str, Any]:
        """The reply's full form: what was said, completed, with the state of the request in the conversation."""
        draft, payloads = standing.draft, self._add_untold(payloads, standing)
        request = next((one["request"] for one in reversed(payloads) if one.get("request")), None)
        if request is None and draft:
            state = "confirming" if draft.asked == "confirmation" else "collecting"
            request = RequestState(draft.kinds, state).as_dict()
        messages = [
            {
                "text": self._draw(one, draft),
                "citations": one.get("citations", []),
                "buttons": [*one.get("buttons", []), *self._find_status_link(one)],
                "status": one.get("status", ""),
                "question": one.get("question", ""),
                "clarified": bool(one.get("clarified")),
            }
            for one in payloads
        ]
        return {
            "conversation_id": conversation_id,
            "language": self._language,
            "messages": messages,
            "request": request,
            "degraded": degraded,
        }

    def label(self, text: str) -> str:
        """What the transcript shows for a button: its title, not its payload."""
        if text not in PAYLOADS:
            return text
        speech = self._speech
        name, _, detail = text[1:].partition(":")
        if name == "request":
            kind = speech.say(f"kinds.{detail}")
            return kind[0].upper() + kind[1:]
        if name == "change":
            if detail in {"kinds", "agent"}:
                return speech.say("buttons.kinds" if detail == "kinds" else "buttons.myself")
            return speech.say("buttons.change", field=speech.say(f"fields.{detail}"))
        return speech.say(f"buttons.{name}") if name in {"affirm", "cancel", "forward"} else name

    def _add_untold(self, payloads: list[dict[str, Any]], standing: Standing) -> list[dict[str, Any]]:
        """What is said, with the receipt of a request whose own reply was lost: who repeats the "yes" must hear it."""
        key = standing.untold
        if not key or any((one.get("request") or {}).get("state") == "filed" for one in payloads):
            return payloads
        case = self._services.cases.find_by_filing_key(key)
        told = tell_filed(self._services, case, self._language) if case else []
        # To the engine the request may be running still, and gone: what it says of that is of no use.
        return [*told, *payloads] if standing.draft is not None or not told else told

    def _draw(self, payload: dict[str, Any], draft: Draft | None) -> str:
        if payload.get("view") == "review" and draft:
            return self._speech.draw_review(draft)
        return str(payload.get("text", ""))

    def _find_status_link(self, payload: dict[str, Any]) -> list[dict[str, str]]:
        """The button that opens the status page of a case just filed: its link never passes through the engine."""
        receipt = (payload.get("request") or {}).get("receipt")
        if payload.get("view") != "filed" or not receipt:
            return []
        path = self._services.desk.find_status_path(receipt)
        return [{"title": say(self._language, "buttons.status"), "payload": path}] if path else []
