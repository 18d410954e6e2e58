"""Who asks for another person: a parent or guardian (legal), or anybody else who was asked to (appointed).

Pure; words are data (`agents.toml`). What is heard is told and shown in the review, never asked back.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from actions.dialogue.names import read_full_name
from actions.dialogue.words import fold

_FILE = Path(__file__).with_name("agents.toml")

LEGAL, APPOINTED = "legal", "appointed"


@dataclass(frozen=True, slots=True)
class Agent:
    """How somebody acts for another (APPI 37(3)): `capacity` is "legal" or "appointed"; `represented` a name, or ""."""

    capacity: str
    represented: str = ""


def hear_agent(text: str) -> Agent | None:
    """Whether the writer says to act for another person."""
    said = fold(text)
    if _has("not_agent", said):
        return None
    capacity = _find_capacity(said)
    return Agent(capacity, find_represented(text)) if capacity else None


def names_guardian(text: str) -> bool:
    """Whether it names a guardian, a holder of parental authority or another that the law appoints."""
    return _has("guardian", fold(text))


def says_of_age(text: str) -> bool:
    """Whether a child acted for is said to be of age: no parent acts for it by law then."""
    said = fold(text)
    return _has("of_age", said) and _has("child", said)


def names_role(text: str) -> bool:
    """Whether an answer to the question for the name tells a calling whose work it is to act for others."""
    said = fold(text)
    return _has("role", said) and not _has("own", said)


def says_self(text: str) -> bool:
    """Whether the writer says to be the person concerned after all ("本人です")."""
    said = fold(text)
    return _has("not_agent", said) or (_has("self", said) and not _has("acting", said))


def find_represented(text: str) -> str:
    """The name of the person acted for, if it is said plainly ("母の山田春子の代わりに"); else ""."""
    plain = " ".join(unicodedata.normalize("NFKC", text).split())
    for group in ("named", "named_en"):
        for match in _pattern(group).finditer(plain):
            name = read_full_name(match[match.lastgroup or 0])
            if name:
                return name
    return ""


def _find_capacity(said: str) -> str:
    if _has("guardian", said):
        return APPOINTED if re.search("任意後見", said) else LEGAL
    acts = _has("acting", said) or _is_parent(said) or _is_for(said)
    child = _has("child", said) and (acts or _is_about("child", said) or _has("theirs_then", said))
    if child and not _has("own", said):
        return APPOINTED if _has("of_age", said) else LEGAL
    if _has("own", said) and not _has("acting", said):
        return ""
    if (
        _has("acting", said)
        or _is_about("relative", re.sub(_load()["acquaintance"], "", said))  # in an address book, not acted for
        or _is_about("relative_en", said)
        or _has("has_account", said)
        or _is_for(said)
    ):
        return APPOINTED
    return ""


def _is_parent(said: str) -> bool:
    """Whether somebody says to be the child's parent: "母親として", "I'm her mother"."""
    return bool(
        re.search(r"(?:母|父|親|保護者)(?:親)?(?:です|として|の(?:私|立場)|でございます)", said)
        or re.search(
            r"\b(?:as (?:a|his|her|the)|i(?:'m| am) (?:his|her|the|their)) (?:mother|father|mum|mom|dad|parent)\b", said
        )
    )


def _is_about(group: str, said: str) -> bool:
    """Whether the request is about what is another's: "母の登録", "my wife's account"."""
    words = _load()[group]
    named = r"(?:[・、 ][㐀-䶿一-鿿々ァ-ヶぁ-ん ]{2,10}?)?"  # 「娘・早乙女 花音の登録」
    japanese = re.search(rf"(?:{words}){named}(?:{_load()['theirs']})", said) if group != "relative_en" else None
    english = rf"(?:{words})" if group == "child" else rf"\b(?:my|our) (?:\w+ ){{0,2}}(?:{words})"
    return bool(japanese or re.search(rf"{english}{_load()['theirs_en']}", said))


def _is_for(said: str) -> bool:
    """Whether it is asked for another: "母の山田春子の代わりに", "祖母を退会させたい", "I am asking for my mother"."""
    words = _load()
    return bool(
        re.search(rf"(?:{words['relative']}|{words['child']}).{{0,14}}の(?:代わり|かわり)に", said)
        or re.search(
            rf"(?:{words['relative']}|{words['child']}).{{0,30}}させ(?:たい|て(?:ほし|やり|あげ|もら|くだ))", said
        )
        or re.search(rf"{words['for_en']}(?:\w+ ){{0,2}}{words['relative_en']}\b", said)
    )


def _has(group: str, said: str) -> bool:
    return _pattern(group).search(said) is not None


@lru_cache(maxsize=16)
def _pattern(group: str) -> re.Pattern[str]:
    return re.compile(_load()[group])


@lru_cache(maxsize=1)
def _load() -> dict[str, str]:
    return tomllib.loads(_FILE.read_text("utf-8"))
