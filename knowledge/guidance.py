"""What answers say beyond the leads: readings to choose from, the policy's own ways, and what its lists name.

All of it is reviewed data of one policy version (`readings.toml`, `guidance.toml`), tied to clause ids.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from knowledge.errors import PolicyFormatError
from knowledge.text import normalise

GUIDANCE_FILES = ("readings.toml", "guidance.toml")
_LANGUAGES = ("ja", "en")

Words = Mapping[str, Mapping[str, tuple[str, ...]]]  # name → language → words for it


@dataclass(frozen=True, slots=True)
class Way:
    """How the policy itself says a right is exercised: one sentence a language, and the clauses that say so."""

    cites: tuple[str, ...]
    text: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class NamedList:
    """A clause that lists things by name: which of the known things, and what to say of one it does not name.

    `beside` are things that come up beside such a question without being what it asks about.
    """

    names: tuple[str, ...]
    text: Mapping[str, str]
    beside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Guidance:
    """Readings by clause and language; ways and lists by clause; things and receivers by name and language."""

    readings: Mapping[str, Mapping[str, str]]
    ways: Mapping[str, Way]
    lists: Mapping[str, NamedList]
    things: Words
    receivers: Words
    by_reading: Mapping[tuple[str, str], str]  # (language, reading) → clause

    def find_reading(self, text: str, language: str) -> str | None:
        """Clause whose reading this text is, letter by letter, or None."""
        return self.by_reading.get((language, normalise(text)))

    def replace_like(self, question: str, instead: str, language: str) -> str | None:
        """The question with a receiver and a thing exchanged for their likes that `instead` names; None without one."""
        exchanged = None
        for table in (self.receivers, self.things):
            wanted, present = find_words(table, instead, language), find_words(table, question, language)
            if wanted and present:
                new, old = next(iter(wanted.values())), next(iter(present.values()))
                new = new.replace("\\", r"\\")  # nothing in it is a sign of the replacement's
                exchanged = _pattern(old, language).sub(new, exchanged or normalise(question), count=1)
        return exchanged

    def find_unnamed(self, clause_id: str, text: str, language: str) -> str | None:
        """The word of a thing the text asks about that this clause's list does not name, or None."""
        named = self.lists.get(clause_id)
        if named is None:
            return None
        things = find_words(self.things, text, language)
        return next((word for thing, word in things.items() if thing not in {*named.names, *named.beside}), None)


def load_guidance(folder: Path, clause_ids: Collection[str]) -> Guidance:
    """Read a policy version's guidance. Raises: PolicyFormatError: malformed, or a clause that is not in the policy."""
    try:
        readings = tomllib.loads((folder / "readings.toml").read_text("utf-8"))
        tables = tomllib.loads((folder / "guidance.toml").read_text("utf-8"))
        both = {clause: _read_both(row) for clause, row in readings.items()}
        guidance = Guidance(
            readings=both,
            ways={clause: Way(_read_list(row["cites"]), _read_both(row)) for clause, row in tables["ways"].items()},
            lists={
                clause: NamedList(_read_list(row["names"]), _read_both(row), _read_list(row.get("beside", [])))
                for clause, row in tables["lists"].items()
            },
            things=_read_words(tables["things"]),
            receivers=_read_words(tables["receivers"]),
            by_reading={
                (language, normalise(text)): clause for clause, row in both.items() for language, text in row.items()
            },
        )
    except (OSError, UnicodeError, tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError) as error:
        raise PolicyFormatError(f"guidance of {folder.name}: {error!r}") from error
    if set(guidance.readings) != set(clause_ids):
        raise PolicyFormatError("readings.toml must hold one ja and one en reading for each unit")
    spoken_of = {*guidance.ways, *guidance.lists, *(cited for way in guidance.ways.values() for cited in way.cites)}
    if unknown := spoken_of - set(clause_ids):
        raise PolicyFormatError(f"guidance.toml speaks of unknown clauses {sorted(unknown)}")
    if unknown := {name for one in guidance.lists.values() for name in (*one.names, *one.beside)} - set(
        guidance.things
    ):
        raise PolicyFormatError(f"guidance.toml lists unknown things {sorted(unknown)}")
    return guidance


def find_words(table: Words, text: str, language: str) -> dict[str, str]:
    """Names of the table that the text speaks of → the word it uses, in the order of the text.

    Of overlapping words the longest counts (電話番号, not 電話).
    """
    plain = normalise(text)
    found: dict[str, tuple[int, str]] = {}
    words = [(word, name) for name, row in table.items() for word in row[language]]
    for word, name in sorted(words, key=lambda pair: -len(pair[0])):
        if match := _pattern(word, language).search(plain):
            found.setdefault(name, (match.start(), match[0]))
            plain = _pattern(word, language).sub(lambda match: " " * len(match[0]), plain)
    return {name: word for name, (_, word) in sorted(found.items(), key=lambda pair: pair[1])}


@lru_cache(maxsize=1024)
def _pattern(word: str, language: str) -> re.Pattern[str]:
    """A whole word in English; in Japanese, which has no blanks, a part of the text, but not of a Latin word (VIP)."""
    if language == "en":
        return re.compile(rf"\b{re.escape(word)}\b", re.IGNORECASE)
    start = "(?<![A-Za-z0-9])" if word[0].isascii() else ""
    end = "(?![A-Za-z0-9])" if word[-1].isascii() else ""
    return re.compile(f"{start}{re.escape(word)}{end}", re.IGNORECASE)


def _read_words(rows: dict[str, Any]) -> Words:
    return {name: {language: _read_list(row[language]) for language in _LANGUAGES} for name, row in rows.items()}


def _read_both(row: dict[str, Any]) -> dict[str, str]:
    """The row's sentence in both languages. Raises: KeyError, TypeError."""
    return {language: _read_text(row[language]) for language in _LANGUAGES}


def _read_list(words: object) -> tuple[str, ...]:
    if not isinstance(words, list):
        raise TypeError(f"{words!r} is no list")
    return tuple(map(_read_text, words))


def _read_text(text: object) -> str:
    if not isinstance(text, str) or not normalise(text):
        raise TypeError(f"{text!r} is no text")
    return text
