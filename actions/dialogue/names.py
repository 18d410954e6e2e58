"""A person's name in a message: introduced ("山田花子と申します", "my name is …"), or the message itself.

What is no name is none: a sentence, a place, a matter. Words are data (`names.toml`). A name is always a piece of what
was typed, blanks made one.
"""

from __future__ import annotations

import re

from actions.dialogue.candidates import (
    BRACKETS,
    CAPITAL,
    FACES,
    KANA_OR_KANJI,
    NAME_MAX,
    QUOTES,
    find_ending,
    is_another,
    is_full,
    is_plainly_name,
    list_words,
    load_words,
    may_be_name,
    only_interjects,
    tidy,
)
from actions.dialogue.choices import keep_meant
from actions.dialogue.phrases import says
from actions.dialogue.words import MAIL, PHONE
from knowledge.text import clean

__all__ = ["NAME_MAX", "is_another", "is_full", "read_full_name", "read_introduced_name", "read_name"]

_MOST_SENTENCES = 3  # of a message that may be a name
_SHORT = 60  # characters, in Japanese; twice as many in Latin letters
# A full stop after one or two letters is an abbreviation's: "Anne-Marie St. John".
_SENTENCE = re.compile(
    r"((?:[^。!！?？\n.]|\.(?!\s|$)|(?<=\b[A-Z][a-z])\.|(?<=\b[A-Z])\.|(?<=\bMrs)\.|(?<=\bProf)\.)+)([。!！?？\n.]*)"
)
_PARTS = re.compile(
    r"[、,，／|｜]|\s[/–—-]\s|[\u2600-\u27bf\U0001f000-\U0001faff]+|[ 　](?:and|but)[ 　]", re.IGNORECASE
)
_TAGS = re.compile(r"</?[A-Za-z][^<>]*>")
_REVERSED = re.compile(rf"{CAPITAL}, {CAPITAL}")  # "Dubois, Robin"
_NOT_BUT = re.compile(r"(?:じゃ|では|で|や)なく")


def read_name(text: str, *, asked: bool) -> str | None:
    """A person's name: introduced, or, when it was `asked` for, the message itself; None when there is none."""
    if asked and _is_short(text) and (meant := keep_meant(text)) != text and (name := read_name(meant, asked=True)):
        return name
    bare = PHONE.sub("、", MAIL.sub("、", _TAGS.sub(" ", clean(text))))
    if asked and (joined := _join_parts(bare)):
        return joined
    said = [(one[1], one[2]) for one in _SENTENCE.finditer(bare)]
    sentences = [sentence for sentence, stop in said if sentence.strip() and not set(stop) & set("?？")]
    found = [name for one in sentences for name in [_find_introduced(one, asked=asked)] if name]
    if not asked:
        return found[0] if found else None
    turned = _REVERSED.fullmatch(" ".join(bare.split()))
    if turned and not found and may_be_name(turned[0].replace(",", "")):
        return turned[0]
    alone = _list_alone(bare, sentences, found)
    candidates = found or alone
    if candidates and is_full(candidates[0]):
        return candidates[0]
    # "前田や、前田浩二", "堀口だ。堀口剛": the whole name is the one that holds the other.
    return max((one for one in [*found, *alone] if candidates[0] in one), key=len) if candidates else None


def _list_alone(bare: str, sentences: list[str], found: list[str]) -> list[str]:
    """Names that stand in a message by themselves: the longer it is, the plainer they must be."""
    alone = [name for one in sentences[:_MOST_SENTENCES] for name in _list_bare(one)] if _is_short(bare) else []
    if not _is_short(2 * bare):
        return [name for name in alone if is_plainly_name(name)]
    alone = [name for name in alone if not only_interjects(name)] or alone
    return alone if found or any(map(is_full, alone)) else [*_list_last(sentences), *alone]


def _is_short(text: str) -> bool:
    """Whether it may be a name with a few words around it; a longer text tells something."""
    return len(" ".join(text.split())) <= (_SHORT if KANA_OR_KANJI.search(text) else 2 * _SHORT)


def read_introduced_name(text: str) -> str | None:
    """The name that a correction gives: introduced for sure, whatever else the message says of it."""
    for one in _SENTENCE.finditer(clean(text)):
        plain = " ".join(one[1].split())
        name = _find_for_sure(plain, _lower(plain))
        if name and not _NOT_BUT.search(name):
            return name
    return None


def read_full_name(text: str) -> str | None:
    """The name a text is, when nobody asked for one: only what plainly is one, as beside a mail address."""
    name = tidy(text)
    return name if name and is_plainly_name(name) else None


def _join_parts(text: str) -> str | None:
    """A name given as family name and given name, in the order of its language."""
    for key, order in (("parts_ja", ("family", "given")), ("parts_en", ("given", "family"))):
        match = re.search(load_words()[key], text, re.IGNORECASE)
        if match and may_be_name(name := " ".join(match[part].strip() for part in order)):
            return name
    return None


def _list_last(sentences: list[str]) -> list[str]:
    """Names at the end of a short sentence, behind words that lead to them: "さっきも言ったけど…", "told you: …"."""
    parts = [re.split(load_words()["joint"], " ".join(one.split())) for one in sentences]
    found = [tidy(part[-1]) for part in parts if len(part) > 1]
    return [name for name in found if name and is_full(name) and is_plainly_name(name)]


def _find_introduced(sentence: str, *, asked: bool) -> str | None:
    """The name one sentence introduces: the writer's, so that not asked for, another's (母は…) is none."""
    plain = " ".join(sentence.split())
    lowered = _lower(plain)
    if not asked and (is_another(plain) or says(plain, "about_data")):
        return None
    sure = _find_for_sure(plain, lowered)
    if sure:
        return sure
    perhaps = _find_after_mark(plain, lowered, list_words("before_weak"))
    if perhaps and is_plainly_name(perhaps):
        return perhaps
    ended = find_ending().search(FACES.sub("", BRACKETS.sub("", plain)).rstrip(QUOTES))
    name = tidy(_PARTS.split(ended.string[: ended.start()])[-1]) if ended else None
    return name if name and is_plainly_name(name) else None


def _lower(plain: str) -> str:
    """In lower case, each character in its place: İ alone would become two."""
    lowered = plain.replace("\u0130", "I").lower().replace("’", "'").replace("：", ":")
    return lowered if len(lowered) == len(plain) else plain


def _find_for_sure(plain: str, lowered: str) -> str | None:
    sure = _find_after_mark(plain, lowered, list_words("before"))
    if sure:
        return sure
    for mark in list_words("after"):
        head, found, _ = plain.partition(mark)
        name = tidy(_PARTS.split(head)[-1]) if found else None
        if name:
            return name
    return None


def _find_after_mark(plain: str, lowered: str, marks: tuple[str, ...]) -> str | None:
    for mark in marks:
        at = lowered.find(mark)
        while at >= 0:
            if at == 0 or not lowered[at - 1].isascii() or lowered[at - 1] in " ,.(":
                rest = plain[at + len(mark) :]
                if mark[-1].isascii() and mark[-1].isalpha() and rest[:1].isalpha():
                    rest = ""  # "name ist"
                turned = _REVERSED.fullmatch(rest.strip(QUOTES))
                name = turned[0] if turned else tidy(_PARTS.split(rest.lstrip(QUOTES))[0])
                if name:
                    return name
            at = lowered.find(mark, at + 1)
    return None


def _list_bare(sentence: str) -> list[str]:
    """The names a sentence consists of, filler words and politeness left out."""
    return [name for part in _PARTS.split(" ".join(sentence.split())) for name in [tidy(part)] if name]
