"""The only door to the conversation: cleans and limits what comes in, keeps turns, answers even without the engine."""

from __future__ import annotations

import secrets
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import structlog
from anyio import to_thread
from itsdangerous import BadSignature, Signer

from actions.cases.locks import ConversationLocks
from actions.cases.records import Draft, Turn
from actions.dialogue.history import IN_REQUEST, read_context, read_offer, read_question, write_context
from actions.dialogue.messages import PAYLOADS, RequestState, Spoken, say_all
from actions.dialogue.offers import Offer, accept, join_opening
from actions.dialogue.replies import reply_alone
from actions.dialogue.requests import take_readers
from actions.dialogue.speech import Speech
from actions.dialogue.steps import only_asks
from actions.dialogue.wishes import list_rights
from actions.errors import DialogueDownError, EmptyMessageError, StorageDownError, TooLongError, TooManyRequestsError
from actions.metrics import SECONDS, count_turn
from actions.services import Services
from actions.texts import LANGUAGES, list_keys
from actions.web.composition import Composer
from actions.web.engine import Engine
from actions.web.guard import Limiter
from actions.web.reduced import answer_alone, answer_unkept, ask_next
from actions.web.unanswered import keep_unanswered
from knowledge.conversation import Context
from knowledge.questions import read_follow_up
from knowledge.text import clean, count_latin_words, normalise
from knowledge.tongue import Heard, hear, recognise

LATIN_WORDS_TO_SWITCH = 3  # "OK" or a name does not change the language of a conversation; a sentence does
# What the opening buttons ask. That these are questions needs no recognising, which is least sure of so few words.
QUESTIONS = frozenset(
    text for language in LANGUAGES for key, text in list_keys(language).items() if key.startswith("questions.")
)

logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message at the door. `at_once`: whoever sends it shows the reply without reading it in the transcript."""

    text: str
    conversation_id: str | None
    message_id: str | None
    language: str | None
    address: str
    at_once: bool = False


@dataclass(frozen=True, slots=True)
class Received:
    """A message where it stands: `heard` is how it is read, `draft` the request that it belongs to.

    `context` is what was answered before it, `asked` what was typed then, `offer` the requests offered with that;
    `accepted` are those of them that it takes up. `is_taken`: it came before, and only its reply was lost.
    `alone` is the reply that needs no engine. `at`: seconds of the monotonic clock.
    """

    text: str
    heard: Heard
    draft: Draft | None
    context: Context
    asked: str
    offer: Offer
    accepted: tuple[str, ...]
    is_taken: bool
    alone: Spoken | None
    at: float


class Gateway:
    """Carries a message to the engine and its words back. One message a conversation at a time."""

    def __init__(self, services: Services, engine: Engine, limiter: Limiter) -> None:
        self._services = services
        self._engine = engine
        self._limiter = limiter
        self._signer = Signer(services.sealer.derive("conversation ids"), sep=".")
        self._locks = ConversationLocks(services.database, services.settings.longest_turn_seconds)

    async def handle(self, incoming: Incoming) -> dict[str, Any]:
        """Answer a message. Returns the reply's full form (`strip_reply` makes the API's of it).

        Raises: EmptyMessageError, TooLongError, TooManyRequestsError, BusyError, StorageDownError; nothing was taken in
        then.
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
        async with self._locks.hold(conversation_id):
            try:
                at = time.monotonic()
                received = await to_thread.run_sync(self._receive, text, conversation_id, message_id, incoming, at)
                if isinstance(received, Turn):
                    return received.reply
                return await self._answer(received, conversation_id, message_id, incoming)
            except StorageDownError:
                if not incoming.at_once or text in PAYLOADS:
                    raise
                logger.warning("turn not kept")
            return await to_thread.run_sync(answer_unkept, self._services, text, incoming.language, conversation_id)

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

    async def _answer(
        self, received: Received, conversation_id: str, message_id: str, incoming: Incoming
    ) -> dict[str, Any]:
        if received.draft and received.draft.asked == "confirmation":
            await self._limiter.check_left("filing", incoming.address)
        language, degraded = received.heard.language, False
        try:
            payloads = await self._ask(conversation_id, message_id, received)
        except DialogueDownError:
            degraded = True
            payloads = await to_thread.run_sync(self._answer_alone, conversation_id, message_id, received)
        reply = await to_thread.run_sync(self._finish, payloads, conversation_id, message_id, received, degraded)
        if (reply["request"] or {}).get("state") == "filed":
            with suppress(TooManyRequestsError):  # it is filed: this one only counts
                await self._limiter.check("filing", incoming.address)
        seconds = time.monotonic() - received.at
        count_turn(reply, seconds)
        logger.info("turn", language=language, degraded=degraded, milliseconds=round(1000 * seconds))
        return reply

    def _finish(
        self,
        payloads: list[dict[str, Any]],
        conversation_id: str,
        message_id: str,
        received: Received,
        degraded: bool,
    ) -> dict[str, Any]:
        """Compose the reply and keep the turn, and its question if the policy did not answer it.

        Where the request stands is read anew, for the engine has changed it. Returns: the reply that is kept.
        """
        conversations, language = self._services.conversations, received.heard.language
        standing = conversations.find_standing(conversation_id)
        reply = Composer(self._services, language).compose(payloads, standing, conversation_id, degraded)
        shown = Composer(self._services, reply["language"]).label(received.text)
        reply = conversations.append_turn(conversation_id, message_id, shown, reply, standing.untold)
        keep_unanswered(self._services, message_id, reply)
        return reply

    def _receive(
        self, text: str, conversation_id: str, message_id: str, incoming: Incoming, at: float
    ) -> Received | Turn:
        """Read a message in its conversation, which takes on the message's language; or the turn that answered it."""
        wanted = incoming.language
        conversations, bundle = self._services.conversations, self._services.bundle
        # A message id just made has been answered by nobody.
        if incoming.message_id and (known := conversations.find_turn(conversation_id, message_id)):
            return known
        standing = conversations.find_standing(conversation_id)
        draft, last, stored = standing.draft, standing.last, standing.language
        found = None if text in PAYLOADS else recognise(bundle, text)
        language = choose_language(text, wanted, stored, found, in_request=draft is not None)
        is_taken = draft is not None and draft.turn == message_id
        if language != stored:
            conversations.open(conversation_id, language)
        # A request takes a person's words as they are.
        heard = Heard(text, language) if draft or text in PAYLOADS else hear(bundle, text, language)
        context = IN_REQUEST if draft else read_context(last)
        offer = read_offer(last)
        chosen = draft is not None or text in PAYLOADS or text in QUESTIONS
        follows = bool(context.question) and read_follow_up(heard.text, language) is not None  # "tell me more"
        accepted = () if chosen or follows else accept(offer, heard.text, take_readers(self._services))
        alone = None
        if draft is None and text not in PAYLOADS:
            alone = reply_alone(self._services, heard.text, language)
        return Received(text, heard, draft, context, read_question(last), offer, accepted, is_taken, alone, at)

    async def _ask(self, conversation_id: str, message_id: str, received: Received) -> list[dict[str, Any]]:
        """The reply's messages: the engine's, or outside a request what needs no engine."""
        if received.draft and received.is_taken:
            return ask_next(self._services, received.draft, received.heard.language)
        if received.alone is not None:
            return received.alone.as_payloads()
        if len(received.accepted) > 1 and not received.offer.is_stopped:
            which = Speech(self._services, received.heard.language).offer(received.accepted)
            return say_all(which, request=RequestState(received.accepted, "offered")).as_payloads()
        return await self._send(conversation_id, message_id, received)

    def _answer_alone(self, conversation_id: str, message_id: str, received: Received) -> list[dict[str, Any]]:
        services, heard = self._services, received.heard
        draft = services.conversations.find_draft(conversation_id)
        if draft and draft.turn == message_id:  # the engine failed after it acted
            return ask_next(services, draft, heard.language)
        return answer_alone(services, heard.text, heard.language, received.draft, received.context, conversation_id)

    async def _send(self, conversation_id: str, message_id: str, received: Received) -> list[dict[str, Any]]:
        """Hand a message to the engine: a button's payload, a question, or what was typed, to be recognised."""
        text, heard = received.text, received.heard
        sent: dict[str, Any] = {"language": heard.language, "text": text, "message_id": message_id}
        if heard.text != text:
            sent["heard"] = heard.text
        command, metadata = PAYLOADS.get(text, ("", {}))
        if text == "/forward":
            sent["details"] = received.asked
        elif received.accepted:
            sent |= {"opening": join_opening(received.offer, text), "kinds": list(received.accepted)}
            command = PAYLOADS[f"/request:{received.accepted[0]}"][0]
        elif not command:
            sent["context"] = write_context(received.context)
            command = "/ask_policy" if self._is_question(received) else ""
        # A leading slash would fire any intent at full confidence: only the buttons' own payloads keep theirs. Rasa
        # strips blanks before it looks, so that "/ /restart" must lose both.
        message = command or normalise(heard.text).lstrip("/ ") or "?"
        with SECONDS.labels("engine").time():
            return await self._engine.send(conversation_id, message, {**sent, **metadata})

    def _is_question(self, received: Received) -> bool:
        """Whether a message is a question, or outside a request nothing but digits."""
        text, heard = received.text, received.heard
        guidance = self._services.bundle.policy.guidance
        if text in QUESTIONS or guidance.find_reading(text, heard.language) or heard.is_foreign:
            return True
        if received.draft is None and normalise(text).replace(" ", "").isdecimal():
            return True
        if list_rights(heard.text) and not only_asks(heard.text):
            return False  # 「なら、やっぱり止めるほうでお願いします」 follows a question and is none
        return bool(received.context.question) and read_follow_up(heard.text, heard.language) is not None


def choose_language(text: str, wanted: str | None, stored: str, recognised: str | None, *, in_request: bool) -> str:
    """The language to answer in: by choice, else by a whole message in the other one, else as before.

    `recognised` is what `recognise` says of the text. A name, an address or "OK" changes nothing; inside a request
    nothing but a choice does; Japanese in Latin letters is answered in Japanese.
    """
    if wanted:
        return wanted
    found = {"ja": "ja", "en": "en", "romaji": "ja"}.get(recognised or "")
    if not stored:
        return found or "ja"
    if in_request or found is None or found == stored:
        return stored
    if recognised in {"en", "romaji"} and count_latin_words(text) < LATIN_WORDS_TO_SWITCH:
        return stored
    return found


def strip_reply(reply: dict[str, Any]) -> dict[str, Any]:
    """The reply as `POST /api/chat` gives it: exactly the documented keys."""
    messages = [{key: one[key] for key in ("text", "citations", "buttons")} for one in reply["messages"]]
    return {key: value for key, value in reply.items() if key != "unkept"} | {"messages": messages}
