"""What the desk says in a turn: messages with citations and buttons, and the state of a request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from actions.cases.kinds import list_kinds
from actions.cases.records import FIELDS

# What a button sends → what the dialogue engine gets, and with which metadata. Anything else that begins with "/" is a
# person's text, not a command.
PAYLOADS: dict[str, tuple[str, dict[str, str]]] = {
    **{f"/request:{kind.name}": (f"/{kind.intent}", {}) for kind in list_kinds().values()},
    **{f"/change:{name}": ("/change", {"field": name}) for name in (*FIELDS, "kinds", "agent")},
    "/affirm": ("/affirm", {}),
    "/deny": ("/deny", {}),
    "/cancel": ("/cancel", {}),
    "/forward": ("/complaint", {}),
    "/human": ("/human", {}),
    "/help": ("/help", {}),
}


@dataclass(frozen=True, slots=True)
class Button:
    """A quick reply: what it shows and what it sends (a payload above, a plain question, or a page's path)."""

    title: str
    payload: str


@dataclass(frozen=True, slots=True)
class Message:
    """One thing said. `view` names what the gateway draws itself ("review") or completes ("filed"), else "".

    Of an answer, `question` is what was answered, and `clarified` says that it asks which reading was meant.
    """

    text: str
    citations: tuple[dict[str, str], ...] = ()
    buttons: tuple[Button, ...] = ()
    status: str = ""
    view: str = ""
    question: str = ""
    clarified: bool = False

    def as_dict(self) -> dict[str, Any]:
        """The form in which it travels through the dialogue engine."""
        return {
            "text": self.text,
            "citations": list(self.citations),
            "buttons": [{"title": button.title, "payload": button.payload} for button in self.buttons],
            "status": self.status,
            "view": self.view,
            "question": self.question,
            "clarified": self.clarified,
        }


@dataclass(frozen=True, slots=True)
class RequestState:
    """Where a request stands: offered, collecting, confirming, filed or cancelled."""

    kinds: tuple[str, ...]
    state: str
    receipt: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """The wire form of `request` in `POST /api/chat`."""
        return {"kind": self.kinds[0], "kinds": list(self.kinds), "state": self.state, "receipt": self.receipt}


@dataclass(frozen=True, slots=True)
class Spoken:
    """All that was said in one action, and the request's state if there is one."""

    messages: tuple[Message, ...]
    request: RequestState | None = None

    def as_payloads(self) -> list[dict[str, Any]]:
        """One payload a message; the last one carries the request's state."""
        payloads = [message.as_dict() for message in self.messages]
        if payloads and self.request:
            payloads[-1]["request"] = self.request.as_dict()
        return payloads


def say_all(*messages: Message, request: RequestState | None = None) -> Spoken:
    """Shorthand for several messages."""
    return Spoken(tuple(messages), request)
