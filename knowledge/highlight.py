"""Which words of a quote tell why it was found: those that it shares with the question, by meaning."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

from knowledge.features import read_meanings
from knowledge.text import detect_language

SHORT = 2  # Latin letters: "do", "we", "if" tell nothing however rare they are
COMMON = 0.3  # a meaning that more than this share of the clauses has tells nothing (個人情報, 当社, "information")


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a quote; the pieces of a quote, joined, are the quote."""

    text: str
    is_telling: bool = False


def find_telling(quote: str, question: str, clauses: tuple[str, ...]) -> tuple[Piece, ...]:
    """Cut a quote into pieces, in order, so that the words that answer the question stand alone.

    `clauses` are the texts of the whole policy in the quote's language: what most of them say is not telling.
    """
    asked = {name for _, _, names in read_meanings(question) for name in names} - _find_common(clauses)
    spans = [(start, end) for start, end, names in _read_clause(quote) if asked & names]
    pieces: list[Piece] = []
    at = 0
    for start, end in _join(spans):
        if at < start:
            pieces.append(Piece(quote[at:start]))
        pieces.append(Piece(quote[start:end], is_telling=True))
        at = end
    if at < len(quote):
        pieces.append(Piece(quote[at:]))
    return tuple(pieces)


def _join(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Neighbouring words are one piece (第三者|提供)."""
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and joined[-1][1] == start:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


@lru_cache(maxsize=512)
def _read_clause(text: str) -> tuple[tuple[int, int, frozenset[str]], ...]:
    language = detect_language(text)
    return tuple(one for one in read_meanings(text) if _can_tell(text[one[0] : one[1]], language))


def _can_tell(word: str, language: str | None) -> bool:
    """A name in the other language inside a text stays whole."""
    return not (word.isascii() and len(word) <= SHORT) and not (language == "en" and detect_language(word) == "ja")


@lru_cache(maxsize=8)
def _find_common(clauses: tuple[str, ...]) -> frozenset[str]:
    counts = Counter(name for text in clauses for name in {one for _, _, names in _read_clause(text) for one in names})
    return frozenset(name for name, count in counts.items() if count > COMMON * len(clauses))
