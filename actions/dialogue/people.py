"""Persons' names that stand in a Japanese text, as the dictionary knows them: a family name, then a given name.

Sudachi's dictionary tells names of persons from other nouns (人名): so a whole name is found in the middle of any
sentence, in whatever dialect, where patterns know only how sentences introduce one.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from actions.dialogue.candidates import KANA_OR_KANJI, is_another, is_full, list_words
from actions.dialogue.choices import choose
from knowledge.text import clean, find_people

_HONORIFIC = re.compile(r"[ 　]?(?:さん|様|さま|ちゃん|くん|君|殿|先生|氏)(?!です|と申)")
_RELATION = re.compile(
    r"[ 　]?の(?:母|父|妻|夫|主人|娘|息子|長男|長女|次男|次女|姉|妹|兄|弟|孫|代理|代わり|家族|保護者|弁護士)"
)
_CLAUSE = re.compile(r"[。、,.!！?？\n]")


@dataclass(frozen=True, slots=True)
class Person:
    """A whole name in a text: `start` and `end` are half-open offsets in the cleaned text's NFKC form."""

    name: str
    start: int
    end: int


def list_people(text: str) -> list[Person]:
    """The whole names of persons in a text that may be the writer's, in order.

    One with さん or 様 is another's, and so is one that is said to be (母の…, …の妻). What width changes is left out: a
    name is kept as it was typed.
    """
    text = clean(text)
    plain = unicodedata.normalize("NFKC", text)
    if not KANA_OR_KANJI.search(plain):
        return []
    found = [Person(plain[start:end], start, end) for start, end in find_people(plain)]
    found = [one for one in found if is_full(one.name) and not one.name.isascii()]  # Latin ones are too often English
    typed = text.replace("\u3000", " ")
    return [one for one in found if one.name in typed and not _is_others(plain, one)]


def pick_person(text: str) -> str | None:
    """The one whole name that a text holds, or the one that is meant of several; None if that is not sure."""
    people = list_people(text)
    if len({_key(one.name) for one in people}) <= 1:
        return people[0].name if people else None
    index = choose(unicodedata.normalize("NFKC", clean(text)), [(one.start, one.end) for one in people])
    return None if index is None else people[index].name


def pick_other(text: str, current: str) -> str | None:
    """The one whole name in a text that is not the current one; None if there are several or none."""
    names = {_key(one.name): one.name for one in list_people(text)}
    names.pop(_key(current), None)
    return next(iter(names.values())) if len(names) == 1 else None


def _key(name: str) -> str:
    return "".join(name.split())


def _is_others(plain: str, person: Person) -> bool:
    if _HONORIFIC.match(plain, person.end) or _RELATION.match(plain, person.end):
        return True
    before = _CLAUSE.split(plain[: person.start])[-1]
    return is_another(f"{before}{person.name}") or before.rstrip("の 　・").endswith(list_words("relatives"))
