"""A question without what says who asks: addresses, numbers and names become marks, as far as patterns can find them.

Patterns miss things, so what comes out is still kept sealed and for a limited time; what holds too much of a person
is not to be kept at all (`Masked.is_keepable`). Patterns are data (`masking.toml`).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from actions.dialogue.contacts import read_contacts, split_signature
from actions.dialogue.names import read_full_name
from actions.services import Services
from knowledge.text import clean, detect_language, find_people, normalise

LONGEST = 400  # characters of a question that is kept: a longer one tells a life
MOST_MARKS = 2  # of a question that is kept: with more it is somebody's details
LEAST_LETTERS = 2  # left beside the marks
LEAST_NAMES = 2  # capitalised words in a row that may be a name
MOST_KNOWN = 0.4  # share of a row of capitalised words that customers' wordings may lack without its being a name

BLANK = "***"  # marks only: retrieval reads nothing into it

_FILE = Path(__file__).with_name("masking.toml")
_HOLE = "\0"  # around a mark's name, until the marks are written: nothing is masked twice
_MARK = re.compile(f"{_HOLE}(\\w+){_HOLE}")
_REST = re.compile(rf"[一-鿿々ヶ]{{1,3}}(?={_HOLE}name{_HOLE}[ 　]?(?:様|さま|さん|殿|氏))")
_CAPITALS = re.compile(r"\b[A-Z][\w'’-]+(?:\s+(?:[A-Z]\.?\s+)?[A-Z][\w'’-]+){1,3}")


@dataclass(frozen=True, slots=True)
class Masked:
    """A text with its marks, which `marks` counts.

    `signed`: it bears a signature, or says two things of name, mail and telephone.
    """

    text: str
    marks: int
    signed: bool = False

    @property
    def is_keepable(self) -> bool:
        """Whether little enough of a person was in it to keep the rest."""
        letters = sum(map(str.isalpha, re.sub(r"〔.*?〕|\[.*?\]", "", self.text)))
        return not self.signed and self.marks <= MOST_MARKS and letters >= LEAST_LETTERS and len(self.text) <= LONGEST


def mask(services: Services, text: str, language: str) -> Masked:
    """Mask a text; blanks become one, width is normalised. Works on any text."""
    kept = clean(text)
    signed = bool(split_signature(kept)[1]) or len(read_contacts(kept).given) > 1
    plain, count = _cover_all(services, kept, language)
    marks = _load()["marks"][language]
    return Masked(_MARK.sub(lambda hole: str(marks[hole[1]]), plain), count, signed)


def _cover_all(services: Services, text: str, language: str) -> tuple[str, int]:
    """A clean text with a hole for each thing that is personal, and how many there are."""
    plain = normalise(text).replace(_HOLE, " ")
    said = read_contacts(text).name
    name = read_full_name(said) if said else None
    if name:
        plain = plain.replace(normalise(name), _hole("name"))
    shop = services.bundle.policy.shop
    known = (shop.name, shop.company)
    patterns = _list_patterns()
    for mark, pattern in patterns:
        plain = plain if mark == "name" else pattern.sub(partial(_cover, mark, known), plain)
    plain = _cover_people(plain, known)  # before the patterns for names, which see no border between two words
    for mark, pattern in patterns:
        plain = pattern.sub(partial(_cover, mark, known), plain) if mark == "name" else plain
    plain = _REST.sub(_drop_rest, _CAPITALS.sub(partial(_cover_stranger, services, language), plain))
    return plain, len(_MARK.findall(plain))


def blank_out(services: Services, text: str) -> str:
    """A text that may stand in an address: `BLANK` for what is personal; as it was where nothing is.

    Blanking out again changes nothing: else an address would lead to another for ever.
    """
    plain, marks = _cover_all(services, clean(text), detect_language(text) or "en")
    while marks:
        text = _MARK.sub(BLANK, plain)
        plain, marks = _cover_all(services, text, detect_language(text) or "en")
    return text


def has_contact_data(services: Services, text: str, language: str) -> bool:
    """Whether there is anything in a text that would be masked."""
    return mask(services, text, language).marks > 0


def _hole(mark: str) -> str:
    return f"{_HOLE}{mark}{_HOLE}"


def _cover(mark: str, known: Collection[str], found: re.Match[str]) -> str:
    """The match with its value covered; as it was, if its value is nobody's name."""
    name = next((group for group, value in found.groupdict().items() if value), "")
    value = found[name] if name else found[0]
    if _HOLE in value or (mark == "name" and _is_nobody(value, known)):
        return found[0]
    if not name:
        return _hole(mark)
    start, end = (place - found.start() for place in found.span(name))
    return f"{found[0][:start]}{_hole(mark)}{found[0][end:]}"


def _cover_people(plain: str, known: Collection[str]) -> str:
    """Cover the people that Japanese words name; Latin ones are too often English ("can" is a name to it)."""
    for start, end in reversed(find_people(plain)):
        name = plain[start:end]
        if _HOLE not in name and not name.isascii() and not _is_nobody(name, known):
            plain = f"{plain[:start]}{_hole('name')}{plain[end:]}"
    return plain


def _drop_rest(found: re.Match[str]) -> str:
    """What stands directly before a name with さん is its beginning: of 鵜飼せせらぎ様 only the end may be known."""
    return found[0] if found[0] in _load()["names"]["beside"] else ""


def _cover_stranger(services: Services, language: str, found: re.Match[str]) -> str:
    """Cover capitalised words in a row of which no wording has ever had one: somebody's name, in all likelihood."""
    words = found[0].split()
    shop = services.bundle.policy.shop.name.lower()
    start = next((place for place, word in enumerate(words) if word.lower() not in {*_openers(), shop}), len(words))
    name = " ".join(words[start:])
    if len(words) - start < LEAST_NAMES:
        return found[0]
    unknown = services.bundle.retrievers[language].vocabulary.share_unknown(name)
    return " ".join([*words[:start], _hole("name")]) if unknown > MOST_KNOWN else found[0]


def _is_known(value: str, known: Collection[str]) -> bool:
    """Whether a name is a shop's or carrier's, or a word that is no name here."""
    said = value.strip().lower()
    return said in _load()["names"]["words"] or any(said in one.lower() for one in known)


def _is_nobody(value: str, known: Collection[str]) -> bool:
    """Whether what stands before さん is nobody's name (業者さん); one character only by itself: 花子 ends in 子."""
    said = value.strip().lower()
    nobody = _load()["names"]["nobody"]
    return _is_known(value, known) or any(said == word or (len(word) > 1 and said.endswith(word)) for word in nobody)


@lru_cache(maxsize=1)
def _openers() -> frozenset[str]:
    return frozenset(_load()["names"]["openers"])


@lru_cache(maxsize=1)
def _list_patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((row["mark"], re.compile(row["pattern"], re.IGNORECASE)) for row in _load()["patterns"])


@lru_cache(maxsize=1)
def _load() -> dict[str, Any]:
    return tomllib.loads(_FILE.read_text("utf-8"))
