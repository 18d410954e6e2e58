"""A turn of the intake as values: a message as heard, the draft after it, and what to do next."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum

from actions.cases.records import Draft
from actions.dialogue.phrases import says
from actions.dialogue.wishes import Change
from actions.dialogue.words import fold, has_word

SURE = 0.5  # confidence from which an intent counts while a field is asked
SURE_IN_DETAILS = 0.75  # … while details are asked: there, text is the value unless it is plainly a command
LONGEST_COMMAND = 30  # characters; a longer message tells a story
CONFIRMATION = "confirmation"

QUESTION = re.compile(
    r"[?\uff1f][\s\U0001f000-\U0001faff]*$|(?:です|ます|ません|でしょう|でしょ|デス|マス|デショウ)[かカ][ねな。\s]*$|(?:ますよね|ですよね|ませんよね)[。\s]*$"
)
_MARKUP = re.compile(r"</?[A-Za-z][^<>]*>|\*\*|__|`")
_ASIDE = re.compile(r"[(（]([^()（）]{1,40})[)）]\s*$")
_VALUE = re.compile(r"[\d@?？]")
_RESERVATIONS = ("doubt", "wait", "holds_back", "no", "corrects", "removes", "cancel")
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
    KINDS = "kinds"  # which kind it shall be instead
    SWITCH = "switch"  # other kinds of request
    WAIT = "wait"  # there is time
    STATUS = "status"  # how a filed request is followed
    FORGET = "forget"  # how this conversation is deleted


@dataclass(frozen=True, slots=True)
class Heard:
    """A message as the dialogue engine understood it. `field` comes from a button that names one.

    `consent`: an answer to the review as the trained reader scores it (`knowledge.responses`), else None. `change`: the
    kinds that the readers find wanted from here on, None where they find the same.
    """

    text: str
    intent: str
    confidence: float
    field: str = ""
    consent: Mapping[str, float] | None = None
    change: Change | None = None

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
        said = _MARKUP.sub("", unquote(self.text))
        return QUESTION.search(said) is not None or self.means("ask_policy", "howto", "explain")


@dataclass(frozen=True, slots=True)
class Step:
    """The draft after the message, the move, and `notes`: keys of sentences to say first (`intake.note_*`)."""

    draft: Draft
    move: Move
    notes: tuple[str, ...] = ()


def advance(draft: Draft, *notes: str) -> Step:
    """Ask for the next missing field, or show the review."""
    missing = draft.find_missing()
    if missing is None:
        return Step(replace(draft, asked=CONFIRMATION), Move.REVIEW, notes)
    return Step(replace(draft, asked=missing), Move.ASK, notes)


def miss(draft: Draft, *notes: str) -> Step:
    """Ask once more: the value could not be read."""
    return Step(replace(draft, misses=draft.misses + 1), Move.AGAIN, notes)


def add_details(draft: Draft, text: str) -> Draft:
    """The draft with some more lines of details, which are asked for still if there are none yet."""
    kept = draft.fields.get("details") or draft.opening
    if text in kept:
        return draft
    return replace(draft, fields={**draft.fields, "details": f"{kept}\n{text}" if kept else text})


def unquote(text: str) -> str:
    """A message without the lines that it quotes ("> Your name?"): what they ask, the desk asked."""
    return "\n".join(line for line in text.splitlines() if not line.lstrip().startswith((">", "＞")))


def strip_marks(text: str) -> str:
    """A message without markup and without an idle aside at its end: 「<b>はい</b>（癖ですみません）」 is a yes.

    An aside that asks, waits, corrects or gives a value stays: "yes (but wait)" is none.
    """
    bare = _MARKUP.sub("", text).strip()
    aside = _ASIDE.search(bare)
    if aside and not (_VALUE.search(aside[1]) or any(says(aside[1], group) for group in _RESERVATIONS)):
        bare = bare[: aside.start()].strip() or bare
    return bare or text


def tries_command(text: str) -> bool:
    """Whether somebody typed a command ("/restart"): whatever word is in it, it asks for nothing."""
    return fold(text).startswith("/")


def only_asks(text: str) -> bool:
    """Whether a message is plainly a question and wants nothing done ("第三者に提供しますか").

    An English one that opens as a question asks, whatever verbs it holds ("When do you stop giving data to others?").
    """
    if not QUESTION.search(fold(text)) or says(text, "bids"):
        return False
    return not has_word(text, "wants") or bool(_OPENS_AS_QUESTION.match(text) and not has_word(text, "polite"))
