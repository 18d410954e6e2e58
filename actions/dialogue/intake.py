"""The intake's one decider: a message in a running request → what to keep, what to say, what to ask next.

Pure: a draft and a message in, a draft and a move out. Rasa's form and its validation action only carry them; so every
path can be tested without Rasa, and the rules are the same for whoever calls.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import Enum

from actions.cases.kinds import find_kind_by_intent
from actions.cases.records import FIELDS, Draft
from actions.dialogue.fields import declines, find_named_field, read_details, read_email, read_name, read_phone
from actions.dialogue.words import fold, has_word, is_word

SURE = 0.5  # confidence from which an intent counts while a field is asked
SURE_IN_DETAILS = 0.75  # … while details are asked: there, text is the value unless it is plainly a command
LONGEST_COMMAND = 30  # characters; a longer message tells a story
CONFIRMATION = "confirmation"

_QUESTION = re.compile(r"[?\uff1f]\s*$|(?:です|ます|でしょう|でしょ|デス|マス|デショウ)[かカ][。\s]*$")
BUTTON = "/request:"  # how what the buttons of the six kinds send begins
_OPENS_AS_QUESTION = re.compile(
    r"\s*(?:(?:so|and|but|hi|hello)[\s,]+)*(?:(?:in|on|under|for|by)\s+)?"
    r"(?:what|how|why|when|where|who|whose|which|is|are|am|does|do|did|has|have)\b[^.!]*\?\s*$",
    re.IGNORECASE,
)


class Move(str, Enum):
    """What the decider decided."""

    ASK = "ask"  # ask for the next field
    AGAIN = "again"  # the value could not be read: ask once more
    REVIEW = "review"  # everything is there: show it and ask for confirmation
    FILE = "file"
    CANCEL = "cancel"
    ANSWER = "answer"  # a question in between: answer it, then ask again
    EXPLAIN = "explain"  # why the field is needed
    WHICH = "which"  # which field to correct
    SWITCH = "switch"  # another kind of request


@dataclass(frozen=True, slots=True)
class Heard:
    """A message as the dialogue engine understood it. `field` comes from a button that names one."""

    text: str
    intent: str
    confidence: float
    field: str = ""

    def means(self, *intents: str) -> bool:
        """Whether one of the intents was recognised with enough confidence to act on it."""
        return self.intent in intents and self.confidence >= SURE

    @property
    def is_short(self) -> bool:
        """Short enough for a command."""
        return len(self.text) <= LONGEST_COMMAND

    @property
    def asks(self) -> bool:
        """Whether it asks something."""
        return bool(_QUESTION.search(self.text)) or self.means("ask_policy", "howto", "explain")


@dataclass(frozen=True, slots=True)
class Step:
    """The draft after the message, and the move."""

    draft: Draft
    move: Move


def advance(draft: Draft) -> Step:
    """Ask for the next missing field, or show the review."""
    missing = draft.find_missing()
    if missing is None:
        return Step(replace(draft, asked=CONFIRMATION), Move.REVIEW)
    return Step(replace(draft, asked=missing), Move.ASK)


def decide(draft: Draft, heard: Heard) -> Step:
    """Decide a turn of the intake."""
    command = _find_command(draft, heard)
    if command is not None:
        return command
    if draft.asked == CONFIRMATION:
        return _decide_confirmation(draft, heard)
    return _decide_value(draft, heard)


def _find_command(draft: Draft, heard: Heard) -> Step | None:
    """Cancel, a button's field, or a change of kind: understood at any point."""
    needed = SURE_IN_DETAILS if draft.asked == "details" else SURE
    plain = heard.confidence >= needed and heard.is_short and not _holds_value(draft, heard.text)
    # A name or a story can look like anything to the classifier: there only the words themselves cancel.
    pressed = heard.text == "/cancel"
    recognised = heard.intent == "cancel" and plain and draft.asked not in {"details", "name"}
    if pressed or recognised or is_word(heard.text, "cancel"):
        return Step(draft, Move.CANCEL)
    if heard.field in FIELDS:
        return Step(draft.take(heard.field), Move.ASK)
    kind = find_kind_by_intent(heard.intent)
    chosen = kind is not None and heard.text == f"{BUTTON}{kind.name}"
    if kind and kind.name in draft.kinds:
        # The button of the request that is being entered already is no value.
        return advance(draft) if chosen else None
    if kind and chosen:
        return Step(replace(draft, kinds=(kind.name,), misses=0), Move.SWITCH)
    if kind is None or not heard.is_short or (heard.confidence < 1.0 and tries_command(heard.text)):
        return None
    if has_word(heard.text, "instead") or (plain and draft.asked not in {"details", "name"}):
        return Step(replace(draft, kinds=(kind.name,), misses=0), Move.SWITCH)
    return None


def tries_command(text: str) -> bool:
    """Whether somebody typed a command ("/restart"): whatever word is in it, it asks for nothing."""
    return fold(text).startswith("/")


def only_asks(text: str) -> bool:
    """Whether a message is plainly a question and wants nothing done ("第三者に提供しますか").

    An English one that opens as a question asks, whatever verbs it holds ("When do you stop giving data to others?").
    """
    if not _QUESTION.search(fold(text)):
        return False
    return not has_word(text, "wants") or bool(_OPENS_AS_QUESTION.match(text) and not has_word(text, "polite"))


def _decide_confirmation(draft: Draft, heard: Heard) -> Step:
    if is_word(heard.text, "yes"):
        # "はい?" is no consent.
        return Step(draft, Move.AGAIN if _QUESTION.search(heard.text) else Move.FILE)
    named = find_named_field(heard.text)
    if named and not heard.asks:
        return _correct(draft, named, heard.text)
    if is_word(heard.text, "no") or heard.means("deny", "change"):
        return Step(draft, Move.WHICH)
    if heard.means("affirm") and heard.is_short and not _QUESTION.search(heard.text):
        return Step(draft, Move.FILE)
    if heard.means("explain"):
        return Step(draft, Move.EXPLAIN)
    if heard.asks:
        return Step(draft, Move.ANSWER)
    return Step(replace(draft, misses=draft.misses + 1), Move.AGAIN)


def _correct(draft: Draft, named: str, text: str) -> Step:
    """Correct a field: with the new value if it stands in the same message, else by asking for it."""
    value = _read(named, text) if named in {"email", "phone"} else None
    if named == "name":
        value = read_name(text, asked=False)
    return Step(draft.take(named), Move.ASK) if value is None else advance(draft.give(named, value))


def _decide_value(draft: Draft, heard: Heard) -> Step:
    if _asks_instead(draft, heard):
        why = heard.intent == "explain" or has_word(heard.text, "why")
        return Step(draft, Move.EXPLAIN if why else Move.ANSWER)
    named = find_named_field(heard.text)
    if heard.means("change") and named in draft.fields and draft.asked != "details":
        return Step(draft.take(named), Move.ASK)
    value = _read(draft.asked, heard.text)
    if value is None:
        return Step(replace(draft, misses=draft.misses + 1), Move.AGAIN)
    return advance(_give_others(draft.give(draft.asked, value), heard.text, draft.asked))


def _asks_instead(draft: Draft, heard: Heard) -> bool:
    """Whether the message asks something rather than giving the value.

    A request may be worded as a question, so in the details only a plainly recognised one is taken for a question, and
    in a complaint none is.
    """
    if draft.asked == "details":
        asked = _QUESTION.search(heard.text) and heard.means("ask_policy", "howto", "explain")
        return bool(asked) and "complaint" not in draft.kinds
    return heard.asks and not _holds_value(draft, heard.text)


def _holds_value(draft: Draft, text: str) -> bool:
    if draft.asked == "name":
        return read_name(text, asked=False) is not None  # introduced: "my name is …"
    return draft.asked in {"email", "phone"} and _read(draft.asked, text) is not None


def _read(name: str, text: str) -> str | None:
    """The value of a field; "" when an optional one is left out."""
    if name == "phone":
        return "" if declines(text) else read_phone(text)
    if name == "email":
        return read_email(text)
    if name == "name":
        return read_name(text, asked=True)
    return read_details(text)


def _give_others(draft: Draft, text: str, asked: str) -> Draft:
    """Take name, mail and phone that stand in the same message and are not there yet.

    Not from the details: a number or address in them may be what is to be corrected.
    """
    if asked == "details":
        return draft
    found = {"email": read_email(text), "phone": read_phone(text), "name": read_name(text, asked=False)}
    for name, value in found.items():
        if value and name not in draft.fields:
            draft = draft.give(name, value)
    return draft
