"""Mail addresses that are spelled out: "hanako at example dot com", 「hanako アットマーク example ドット com」.

Only what has a name, a sign for "@" and a domain with a dot in it is one; nothing is added that was not said.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).with_name("addresses.toml")
_WORD = r"[a-z0-9][a-z0-9.+_-]*?"
_LABEL = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_AROUND = r"[\s,、]*"


def write_addresses(text: str) -> str:
    """The text (NFKC) with each address that is spelled out in it written with its signs; the rest as it is."""
    plain = unicodedata.normalize("NFKC", text)
    for end, words in _load()["ends"].items():
        plain = re.sub(rf"(?<={_SPOKEN_DOT_ENDS})\s*(?:{'|'.join(words)})", end, plain)
    return _spoken().sub(_write, plain)


_SPOKEN_DOT_ENDS = "[トと点.)ん]"  # how the spoken dots end, after which a domain's end may be spoken as well


def _write(match: re.Match[str]) -> str:
    if re.fullmatch(r"at", match["at"], re.IGNORECASE) and not _is_spelled(match):
        return match[0]  # "ken at example.com" is prose as well: it is asked for again, with a hint
    local = match["local"]
    for sign, words in _load()["signs"].items():
        local = re.sub(rf"\s*(?:{_join_whole(words)})\s*", sign, local, flags=re.IGNORECASE)
    return f" {_put_dots(local)}@{_put_dots(match['domain'])}"


def _join_whole(words: Iterable[str]) -> str:
    """A pattern of words, Latin ones whole: "dash" is no part of "todasho"."""
    return "|".join(rf"(?<![a-z0-9]){word}(?![a-z0-9])" if word.isascii() else word for word in words)


def _is_spelled(match: re.Match[str]) -> bool:
    """Whether the dots are words too, and what stands before "at" is no word of a sentence ("find me at …")."""
    if re.fullmatch(_load()["no_local"], match["local"].strip().lower()):
        return False
    return re.search(_load()["dot"], match["domain"], re.IGNORECASE) is not None


def _put_dots(part: str) -> str:
    return re.sub(rf"{_AROUND}(?:{_load()['dot']}|{_load()['full_stop']}){_AROUND}", ".", part, flags=re.IGNORECASE)


@lru_cache(maxsize=1)
def _spoken() -> re.Pattern[str]:
    words = _load()
    signs = _join_whole(word for group in words["signs"].values() for word in group)
    dot = rf"{_AROUND}(?:{words['dot']}){_AROUND}|{words['full_stop']}"
    joint = rf"{_AROUND}(?:{words['dot']}){_AROUND}|\s*(?:{signs})\s*"
    return re.compile(
        rf"(?<![a-z0-9@._+-])(?P<local>{_WORD}(?:(?:{joint}){_WORD})*?){_AROUND}(?P<at>{words['at']}){_AROUND}"
        rf"(?P<domain>{_LABEL}(?:(?:{dot}){_LABEL})*(?:{dot})[a-z]{{2,}})(?![a-z0-9@])",
        re.IGNORECASE,
    )


@lru_cache(maxsize=1)
def _load() -> dict[str, Any]:
    return tomllib.loads(_FILE.read_text("utf-8"))
