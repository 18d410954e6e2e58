"""The word lists of `words.toml`, matched whole or anywhere, and the shapes of an address and a number."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).with_name("words.toml")
# Whole runs only: half of a too long address or of two numbers would be one that nobody gave.
MAIL = re.compile(
    r"(?<![A-Za-z0-9.!#$%&'*+/=?^_`{|}~-])[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,190}(?![A-Za-z0-9.-])"
)
PHONE = re.compile(r"\+?\(?\d[\d() .-]{6,}\d")
_LONG_WORD = re.compile(r"[a-z]{5,}|[ァ-ヶー]{3,}|[一-鿿]{2,}")
_GENERAL = {"please", "would", "could", "should", "cancel", "request", "things", "everything", "thank", "thanks"}
_KANA_GAP = re.compile(r"(?<=[、。぀-ヿ㐀-䶿一-鿿])[ \u3000]+(?=[぀-ヿ㐀-䶿一-鿿])")
_MARKS = " 、。,.!!?…~〜ー♪☆★😊☺🙇🙏👍🙆👌"


def is_word(text: str, group: str) -> bool:
    """Whether the whole message is one of the group's words, with or without a polite ending."""
    words, endings = _group(group), _group("endings")
    if fold(text) in words:
        return True
    said = fold(text).strip(_MARKS)
    if said in words:
        return True
    parts = [part.strip(_MARKS) for part in said.replace(",", "、").split("、")]
    if len(parts) > 1 and all(part in words or part in endings for part in parts):
        return True
    return any(said.endswith(end) and said[: -len(end)].strip(_MARKS) in words for end in endings)


def has_word(text: str, group: str) -> bool:
    """Whether one of the group's words stands anywhere in the message."""
    said = fold(text)
    return any(word in said for word in _group(group))


def find_fields(text: str) -> tuple[str, ...]:
    """The fields a message names; Latin words count whole: Stella and Ismail name none."""
    said = fold(text)
    return tuple(name for name, pattern in _field_patterns().items() if pattern.search(said))


@lru_cache(maxsize=1)
def list_slips() -> frozenset[str]:
    """Domains that are slips of the well-known ones."""
    return frozenset(_load()["slips"])


def close_gaps(text: str) -> str:
    """A text without the blanks that some put between Japanese words."""
    return _KANA_GAP.sub("", text)


def fold(text: str) -> str:
    """NFKC, lower case, straight apostrophes, single blanks."""
    return " ".join(unicodedata.normalize("NFKC", text).lower().replace("’", "'").split())


@lru_cache(maxsize=1)
def _field_patterns() -> dict[str, re.Pattern[str]]:
    def write(word: str) -> str:
        return rf"(?<![a-z])(?:e-?)?{word}s?(?![a-z])" if word.isascii() else word

    return {name: re.compile("|".join(map(write, words))) for name, words in _load()["fields"].items()}


@lru_cache(maxsize=16)
def _group(name: str) -> frozenset[str]:
    return frozenset(fold(word) for word in _load()[name])


@lru_cache(maxsize=1)
def _load() -> dict[str, Any]:
    return tomllib.loads(_FILE.read_text("utf-8"))


def shares_word(one: str, other: str) -> bool:
    """Whether two texts have a word in common that names something: five letters, three of katakana, two of kanji."""
    words = [set(_LONG_WORD.findall(fold(text))) for text in (one, other)]
    return bool((words[0] & words[1]) - _GENERAL)
