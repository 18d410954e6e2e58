"""Which of two values somebody means: 「A ではなく B」, "B, not A", "A (old), B (new)", "reach me at A, hers is B".

The words around the values decide (`choices.toml`); when they do not, none is chosen.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import lru_cache
from pathlib import Path

_FILE = Path(__file__).with_name("choices.toml")
_CLAUSE = re.compile(r"[。.!?;]\s|[、,。\n)]|\s-\s")
_EDGE = " 　、,。.;:・…-–—\n"


def choose(text: str, spans: list[tuple[int, int]]) -> int | None:
    """The index of the one value that is meant, of those that stand in a text (NFKC) at `spans`; None if unsure."""
    verdicts = judge(text, spans)
    left = [index for index, verdict in enumerate(verdicts) if verdict >= 0]
    right = [index for index, verdict in enumerate(verdicts) if verdict > 0]
    if len(left) == 1:
        return left[0]
    return right[0] if len(right) == 1 else None


def judge(text: str, spans: list[tuple[int, int]]) -> list[int]:
    """Of each value whether the words around it say that it is not meant (-1), that it is (1), or nothing (0)."""
    verdicts: list[int] = []
    for index, (start, end) in enumerate(spans):
        before = _find_clause_before(text[spans[index - 1][1] if index else 0 : start])
        behind = _find_clause_behind(text[end : spans[index + 1][0] if index + 1 < len(spans) else None])
        taken = verdicts[-1:] == [-1] and _pattern("wrong_behind").search(
            _find_clause_behind(text[spans[index - 1][1] : start])
        )
        if _pattern("wrong_behind").search(behind):
            verdicts.append(-1)
        elif _pattern("right_before").search(before) or _pattern("right_behind").search(behind):
            verdicts.append(1)
        else:  # what stands before may speak of the value before
            verdicts.append(-1 if not taken and _pattern("wrong_before").search(before) else 0)
    return verdicts


def choose_text(text: str, found: list[tuple[int, int, str]]) -> str | None:
    """The value that is meant, of (start, end, value); the only one if all are the same."""
    values = {value for _, _, value in found}
    if len(values) <= 1:
        return values.pop() if values else None
    index = choose(text, [(start, end) for start, end, _ in found])
    return None if index is None else found[index][2]


def keep_meant(text: str) -> str:
    """A text without the name that it takes back: of "not A but B" B, of 「A じゃなくて B」 B; else the text."""
    plain = unicodedata.normalize("NFKC", text)
    kept = _pattern("instead").split(plain)[-1]
    kept = _pattern("not_but").split(kept)[-1]
    kept = _pattern("but_not").sub("", kept) or kept
    parts = re.split(r"[、,\n]", kept)
    present = [part for part in parts if not _pattern("former").search(part)]
    kept = "、".join(present) if present and len(present) < len(parts) else kept
    return kept if kept != plain and any(map(str.isalpha, kept)) else text


def _find_clause_before(text: str) -> str:
    return _CLAUSE.split(text.rstrip(_EDGE + "("))[-1].lower()


def _find_clause_behind(text: str) -> str:
    return text.lstrip(_EDGE.replace("-", "")).lower()


@lru_cache(maxsize=16)
def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(_load()[name], re.IGNORECASE)


@lru_cache(maxsize=1)
def _load() -> dict[str, str]:
    return tomllib.loads(_FILE.read_text("utf-8"))
