"""What a message asks: one question or several, alone or following on from the one before.

Patterns only, no model: a follow-up and a second question show themselves by form, and what they are about is then for
the retriever. Words are data (`questions.toml`).
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from knowledge.text import normalise

_FILE = Path(__file__).parent / "questions.toml"
_MARKS = " 、,。.!?！？…~〜"
LONGEST_FOLLOW_UP = {"ja": 24, "en": 48}  # characters after its opening words: a longer message stands on its own
SHORTEST_QUESTION = {"ja": 6, "en": 12}  # characters: "え？" and "really?" are no questions of their own
MOST_QUESTIONS = 3


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A message that leans on the question before. `kind`: same, why, more or nth.

    `rest` is what it adds ("電話番号" of 「では電話番号は?」); `number` the item asked for, 0 for the last one.
    """

    kind: str
    rest: str = ""
    number: int = 0


@dataclass(frozen=True, slots=True)
class Parts:
    """The questions of a message. `apart`: a word such as "also" says that they are questions of their own."""

    texts: tuple[str, ...]
    apart: bool = False


@dataclass(frozen=True, slots=True)
class _Forms:
    """One language's patterns."""

    why: re.Pattern[str]
    more: re.Pattern[str]
    nth: re.Pattern[str]
    polite: re.Pattern[str]
    same: tuple[re.Pattern[str], ...]
    asks: re.Pattern[str]
    join: re.Pattern[str]
    joiner: re.Pattern[str]
    numbers: dict[str, int]


@lru_cache(maxsize=1)
def _forms() -> dict[str, _Forms]:
    """The patterns of `questions.toml`, compiled."""
    tables = tomllib.loads(_FILE.read_text("utf-8"))
    return {
        language: _Forms(
            why=_compile(table["why"]),
            more=_compile(table["more"]),
            nth=_compile(table["nth"]),
            polite=_compile(table["polite"]),
            same=tuple(_compile(pattern) for pattern in table["same"]),
            asks=_compile(table["asks"]),
            join=_compile(table["join"]),
            joiner=_compile(table["joiner"]),
            numbers=dict(table["numbers"]),
        )
        for language, table in tables.items()
    }


def _compile(pattern: str) -> re.Pattern[str]:
    # ASCII: without it "ı" (U+0131) would match "i", and "fırst" is not in the table of numbers.
    return re.compile(pattern, re.IGNORECASE | re.VERBOSE | re.ASCII)


def read_follow_up(message: str, language: str) -> FollowUp | None:
    """How a message leans on the question before it, or None when it stands on its own."""
    plain, forms = normalise(message).strip(_MARKS), _forms()[language]
    if forms.why.fullmatch(plain):
        return FollowUp("why")
    if forms.more.fullmatch(plain):
        return FollowUp("more")
    if nth := forms.nth.fullmatch(plain):
        number = nth["number"].lower()
        return FollowUp("nth", number=int(number) if number.isdecimal() else forms.numbers[number])
    for same in filter(None, (pattern.fullmatch(plain) for pattern in forms.same)):
        rest = same["rest"].strip()
        if len(rest) <= LONGEST_FOLLOW_UP[language] and not any(map(forms.polite.fullmatch, (plain, rest))):
            return FollowUp("same", rest=rest)
    return None


def split_questions(message: str, language: str) -> Parts:
    """The questions of a message, in order, if it holds two or three that each ask by themselves; else only itself.

    Greetings, thanks and "please tell me" do not count.
    """
    forms = _forms()[language]
    cut = (piece.strip() for line in message.splitlines() for piece in forms.join.split(normalise(line)))
    pieces = [piece for piece in cut if piece and not forms.polite.fullmatch(piece.strip(_MARKS))]
    asking = [piece for piece in pieces if forms.asks.search(piece) and len(piece) >= SHORTEST_QUESTION[language]]
    if not 2 <= len(asking) <= MOST_QUESTIONS or len(asking) != len(pieces):
        return Parts((message,))
    # Two halves of an English sentence ("can I see it and can I change it") may be one question; two sentences are not.
    apart = any(
        forms.joiner.match(piece) and (language == "ja" or before[-1] in "?.!") for before, piece in pairwise(pieces)
    )
    return Parts(tuple(forms.joiner.sub("", piece) or piece for piece in pieces), apart)


def is_brief(message: str, language: str) -> bool:
    """Whether a message is so short that it may lean on what was said before ("手数料はかかる?")."""
    return len(normalise(message)) <= LONGEST_FOLLOW_UP[language]
