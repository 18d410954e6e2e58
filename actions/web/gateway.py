"""The only door to the conversation: cleans and limits what comes in, keeps turns, answers even without the engine."""

from __future__ import annotations

import asyncio
import secrets
import time
import uuid
from dataclasses import dataclass
from typing import Any
from weakref import WeakValueDictionary

import structlog
from anyio import to_thread
from itsdangerous import BadSignature, Signer

from actions.cases.kinds import find_kind_by_intent
from actions.cases.records import Draft
from actions.dialogue.answers import answer
from actions.dialogue.intake import Heard
from actions.dialogue.messages import PAYLOADS, Button, Message, RequestState, Spoken
from actions.dialogue.speech import Speech
from actions.errors import DialogueDownError, EmptyMessageError, TooLongError
from actions.services import Services
from actions.texts import LANGUAGES, list_keys
from actions.web.engine import Engine
from actions.web.guard import Limiter
from knowledge.text import clean, count_latin_words, detect_language, normalise

LATIN_WORDS_TO_SWITCH = 3  # "OK" or a name does not change the language of a conversation; a sentence does
FORM_PATH = "/requests/new"
# What the opening buttons ask. That these are questions needs no recognising, which is least sure of so few words.
QUESTIONS = frozenset(
    text for language in LANGUAGES for key, text in list_keys(language).items() if key.startswith("questions.")
)

logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message at the door."""

    text: str
    conversation_id: str | None
    message_id: str | None
    language: str | None
    address: str


class Gateway:
    """Carries a message to the engine and its words back. One message a conversation at a time."""

    def __init__(self, services: Services, engine: Engine, limiter: Limiter) -> None:
        self._services = services
        self._engine = engine
        self._limiter = limiter
        self._signer = Signer(services.sealer.derive("conversation ids"), sep=".")
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def handle(self, incoming: Incoming) -> dict[str, Any]:
        """Answer a message. Returns the reply's full form (`strip_reply` makes the API's of it).

        Raises: EmptyMessageError, TooLongError, TooManyRequestsError; nothing was taken in then.
        """
        text = clean(incoming.text)
        if not text:
            raise EmptyMessageError
        if len(text) > self._services.settings.message_max_chars:
            raise TooLongError
        conversation_id = self.verify(incoming.conversation_id) or self.make_conversation_id()
        await self._limiter.check("address", incoming.address)
        await self._limiter.check("conversation", conversation_id)
        message_id = incoming.message_id or str(uuid.uuid4())
        lock = self._locks.setdefault(conversation_id, asyncio.Lock())
        async with lock:
            conversations = self._services.conversations
            known = await to_thread.run_sync(conversations.find_turn, conversation_id, message_id)
            if known:
                return known.reply
            return await self._answer(text, conversation_id, message_id, incoming.language)

    def make_conversation_id(self) -> str:
        """A new, unguessable, signed id: the engine's sender ids are never a client's choice."""
        return self.sign(f"c{secrets.token_urlsafe(12)}")

    def sign(self, value: str) -> str:
        """A value with its signature: for addresses that only we can have made."""
        return self._signer.sign(value).decode()

    def verify(self, conversation_id: str | None) -> str | None:
        """The signed value if it was made here, else None.

        Letter by letter: a signature's base 64 would also be read with marks between it or NULs after it.
        """
        try:
            value = self._signer.unsign((conversation_id or "").encode("utf-8", "replace"))
        except BadSignature:
            return None
        return conversation_id if self._signer.sign(value).decode() == conversation_id else None

    async def _answer(self, text: str, conversation_id: str, message_id: str, wanted: str | None) -> dict[str, Any]:
        started = time.monotonic()
        conversations = self._services.conversations
        draft, stored = await to_thread.run_sync(
            lambda: (conversations.find_draft(conversation_id), conversations.find_language(conversation_id))
        )
        language = choose_language(text, wanted, stored, in_request=draft is not None)
        await to_thread.run_sync(conversations.open, conversation_id, language)
        degraded = False
        try:
            payloads = await self._send(text, conversation_id, language)
        except DialogueDownError:
            degraded = True
            payloads = await to_thread.run_sync(self._answer_alone, text, language, draft)
        reply = await to_thread.run_sync(self._compose, payloads, conversation_id, language, degraded)
        shown = self._label(text, language)
        await to_thread.run_sync(conversations.append_turn, conversation_id, message_id, shown, reply)
        logger.info(
            "turn", language=language, degraded=degraded, milliseconds=round(1000 * (time.monotonic() - started))
        )
        return reply

    async def _send(self, text: str, conversation_id: str, language: str) -> list[dict[str, Any]]:
        command, metadata = PAYLOADS.get(text, ("/ask_policy" if text in QUESTIONS else "", {}))
        sent = {"language": language, "text": text, **metadata}
        if text == "/forward":
            sent["details"] = await to_thread.run_sync(self._find_last_question, conversation_id)
        # A leading slash would fire any intent at full confidence: only the buttons' own payloads keep theirs. Rasa
        # strips blanks before it looks, so that "/ /restart" must lose both.
        return await self._engine.send(conversation_id, command or normalise(text).lstrip("/ ") or "?", sent)

    def _find_last_question(self, conversation_id: str) -> str:
        asked = [turn.message for turn in self._services.conversations.list_turns(conversation_id)]
        return asked[-1] if asked else ""

    def _answer_alone(self, text: str, language: str, draft: Draft | None) -> list[dict[str, Any]]:
        """Reduced mode: questions are answered from the policy, requests are offered by form.

        Within a request nothing is taken in: what is a value and what is not, the engine decides.
        """
        speech = Speech(self._services, language)
        filed = self._services.cases.find_by_filing_key(draft.filing_key) if draft else None
        if filed:
            # The engine failed after the case was written: the receipt is what the person must hear.
            state = RequestState(filed.kinds, "filed", filed.receipt)
            done = speech.closing("filed", receipt=filed.receipt)
            return [{**done.as_dict(), "request": state.as_dict()}]
        if draft:
            note = Message(speech.say("reduced.in_intake"), buttons=(_form(speech, draft.kind),))
            asks = text not in PAYLOADS and Heard(text, intent="", confidence=0.0).asks
            answered = _drop_buttons(answer(self._services, text, language)) if asks else []
            return [*answered, note.as_dict()]
        if text in PAYLOADS:
            opened = find_kind_by_intent(PAYLOADS[text][0].removeprefix("/"))
            return [
                Message(speech.say("reduced.form"), buttons=(_form(speech, opened.name if opened else ""),)).as_dict()
            ]
        spoken = answer(self._services, text, language)
        offered = spoken.request.kinds if spoken.request else ("",)
        note = Message(speech.say("reduced.notice"), buttons=tuple(_form(speech, one) for one in offered))
        return [*_drop_buttons(spoken), note.as_dict()]

    def _compose(
        self, payloads: list[dict[str, Any]], conversation_id: str, language: str, degraded: bool
    ) -> dict[str, Any]:
        draft = self._services.conversations.find_draft(conversation_id)
        request = next((one["request"] for one in reversed(payloads) if one.get("request")), None)
        if request is None and draft:
            state = "confirming" if draft.asked == "confirmation" else "collecting"
            request = RequestState(draft.kinds, state).as_dict()
        messages = [
            {
                "text": self._draw(one, draft, language),
                "citations": one.get("citations", []),
                "buttons": one.get("buttons", []),
                "status": one.get("status", ""),
            }
            for one in payloads
        ]
        return {
            "conversation_id": conversation_id,
            "language": language,
            "messages": messages,
            "request": request,
            "degraded": degraded,
        }

    def _draw(self, payload: dict[str, Any], draft: Draft | None, language: str) -> str:
        if payload.get("view") == "review" and draft:
            return Speech(self._services, language).draw_review(draft)
        return str(payload.get("text", ""))

    def _label(self, text: str, language: str) -> str:
        """What the transcript shows for a button: its title, not its payload."""
        if text not in PAYLOADS:
            return text
        speech = Speech(self._services, language)
        name, _, detail = text[1:].partition(":")
        if name == "request":
            return speech.say(f"kinds.{detail}")
        if name == "change":
            return speech.say("buttons.change", field=speech.say(f"fields.{detail}"))
        return speech.say(f"buttons.{name}") if name in {"affirm", "cancel", "forward"} else name


def _drop_buttons(spoken: Spoken) -> list[dict[str, Any]]:
    """What was said without its buttons, which only the engine understands."""
    return [{**message.as_dict(), "buttons": []} for message in spoken.messages]


def _form(speech: Speech, kind: str) -> Button:
    query = f"?kind={kind}&lang={speech.language}" if kind else f"?lang={speech.language}"
    return Button(speech.say("buttons.form"), f"{FORM_PATH}{query}")


def choose_language(text: str, wanted: str | None, stored: str, *, in_request: bool) -> str:
    """The language to answer in: by choice, else by a whole message in the other one, else as before.

    A name, an address or "OK" changes nothing; inside a request nothing but a choice does.
    """
    if wanted:
        return wanted
    found = None if text in PAYLOADS else detect_language(text)
    if not stored:
        return found or "ja"
    if in_request or found is None or found == stored:
        return stored
    if found == "en" and count_latin_words(text) < LATIN_WORDS_TO_SWITCH:
        return stored
    return found


def strip_reply(reply: dict[str, Any]) -> dict[str, Any]:
    """The reply as `POST /api/chat` gives it: exactly the documented keys."""
    messages = [{key: one[key] for key in ("text", "citations", "buttons")} for one in reply["messages"]]
    return {**reply, "messages": messages}
