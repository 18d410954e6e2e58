"""The word lists of `words.toml`, matched whole or anywhere."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).with_name("words.toml")
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


def list_name_words(group: str) -> tuple[str, ...]:
    """Words around a name: `before`, `after`, `fillers`, `never`."""
    return tuple(_load()["name"][group])


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
