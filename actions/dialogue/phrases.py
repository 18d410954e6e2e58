"""What people say in so many words, as the patterns of `phrases.toml`: a group is heard when one of them is found."""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from pathlib import Path

from actions.dialogue.words import fold

_FILE = Path(__file__).with_name("phrases.toml")
_SENTENCES = re.compile(r"[。.!！？\n]+")
_FACES = re.compile(r"[\u2190-\u2bff\u3030\ufe0f\u200d\U0001f000-\U0001faff]+")


def says(text: str, group: str) -> bool:
    """Whether the message says what the group stands for."""
    return _pattern(group).search(fold(text)) is not None


def leave_out(text: str, group: str) -> str:
    """The message, folded, without the words that say what the group stands for."""
    return _pattern(group).sub(" ", fold(text))


def agrees(text: str, doing: tuple[str, ...] = ()) -> bool:
    """Whether a message is a clear yes: one of its sentences begins with one, and nothing in it doubts.

    "Yes, but my name is wrong" and 「はい?」 are none; of a request for correction "yes, please correct it" is one
    (`doing` are the kinds of the request).
    """
    said = fold(text)
    bare = _pattern("no_doubt").sub(" ", _FACES.sub(" ", said))
    if "correction" in doing:
        bare = _pattern("do_correct").sub(" ", bare)
    if _pattern("doubt").search(bare):
        return False
    parts = [said, *(part.strip(" 、,") for part in _SENTENCES.split(bare)), *re.split(r"[、,]\s*", bare)]
    return any(_pattern("yes").search(part.strip()) for part in parts if part.strip())


@lru_cache(maxsize=32)
def _pattern(group: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in _load()[group]))


@lru_cache(maxsize=1)
def _load() -> dict[str, list[str]]:
    return tomllib.loads(_FILE.read_text("utf-8"))
