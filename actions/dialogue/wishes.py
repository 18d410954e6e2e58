"""Which rights a message wants, and how it changes those of a running request. Words are data (`wishes.toml`).

Pure, as the decider is. A message is read part by part, so that "show me everything and then erase it" wants two.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Any

from actions.dialogue.enumerations import list_items
from actions.dialogue.words import close_gaps, fold

_FILE = Path(__file__).with_name("wishes.toml")
_JAPANESE = re.compile(r"[぀-ヿ㐀-䶿一-鿿]")
_SENTENCES = re.compile(r"(?<=[。.!?])(?=\s|[^\x00-\x7f])|(?<=[。!?])|\n")
_NEAR = 12  # characters between a kind and what gives it up ("開示の請求ではなく", "not a disclosure")
_WORD = re.compile(r"[A-Za-z]+")
_SHORTEST_MENDED, _CLOSE = 5, 0.84  # letters; likeness of a mistyped word, as difflib counts it
_INSTEAD_LAST = re.compile(r"\binstead\W*$")
_VALUE = re.compile(r"から[^。、]{1,12}(?:に|へ)(?:変更|変え|直|訂正|修正)")  # of a value: no request is given up
_SHORT = 40  # characters of a message that keeps only some of the kinds
COMPLAINT = "complaint"


@dataclass(frozen=True, slots=True)
class Wish:
    """A kind that a part of a message speaks of. `wanted`: it wants it done; `given_up`: it wants it no more."""

    kind: str
    part: str
    wanted: bool
    given_up: bool


@dataclass(frozen=True, slots=True)
class Change:
    """How a message changes the kinds of a request: `kinds` after it, none when it gives all of them up."""

    kinds: tuple[str, ...]
    added: bool


@dataclass(frozen=True, slots=True)
class _Forms:
    """One language's patterns."""

    data: re.Pattern[str]
    split: re.Pattern[str]
    wrong: re.Pattern[str]
    wish: re.Pattern[str]
    past: re.Pattern[str]
    instead: re.Pattern[str]
    dropped: re.Pattern[str]
    also: re.Pattern[str]
    others: re.Pattern[str]
    right: re.Pattern[str]
    only: re.Pattern[str]
    turned: re.Pattern[str]
    contact: re.Pattern[str]
    kinds: dict[str, re.Pattern[str]]
    drops_before: bool  # "not a disclosure": what gives a kind up stands before it, in Japanese behind it


def hear_wishes(text: str) -> tuple[Wish, ...]:
    """All kinds a message speaks of, in order; "I asked you to delete it" tells of one and wants nothing."""
    forms = _forms(text)
    heard = _hear_list(text, forms)
    if heard:
        return tuple(heard)
    for sentence in _SENTENCES.split(_fold_lines(text)):
        # What the sentence wants, each of its parts wants: "I want a copy of my data, and my account closed".
        wanted = forms.wish.search(fold(sentence)) is not None
        parts = [fold(part) for part in forms.split.split(sentence) if part and part.strip()]
        heard += [wish for part in parts for wish in _hear_part(part, forms, wanted=wanted)]
    return tuple(heard)


def list_listed(text: str) -> tuple[str, ...]:
    """The rights that a message lists item by item and wants; none when it is no list of several."""
    wanted = [one.kind for one in _hear_list(text, _forms(text)) if one.wanted and not one.given_up]
    kinds = tuple(kind for kind in dict.fromkeys(wanted) if kind != COMPLAINT)
    return kinds if len(kinds) > 1 else ()


def _hear_list(text: str, forms: _Forms) -> list[Wish]:
    """The wishes of a list, each item read by itself; what is wanted of the list is wanted of each."""
    items = list_items(text, lambda part: forms.right.search(fold(part)) is not None)
    wanted = forms.wish.search(fold(text)) is not None
    heard = [wish for item in items for wish in _hear_part(fold(item), forms, wanted=wanted)]
    return heard if len({wish.kind for wish in heard}) > 1 else []


def mend(text: str) -> str:
    """A text for recognition only: mistyped English key words mended ("delte my acount"), Japanese without gaps."""
    if _JAPANESE.search(text):
        return close_gaps(text)
    return _WORD.sub(lambda match: _mend_word(match[0]), text)


def _mend_word(word: str) -> str:
    said, known = word.lower(), _load_mended()
    if len(said) < _SHORTEST_MENDED or any(said.startswith(one[:-1]) for one in known):
        return word
    close = get_close_matches(said, known, 1, _CLOSE)
    return close[0] if close and said[0] == close[0][0] else word


def list_rights(text: str) -> tuple[str, ...]:
    """The rights a message wants exercised, each once, in the order said; complaints are none."""
    wanted = [wish.kind for wish in hear_wishes(text) if wish.wanted and not wish.given_up and wish.kind != COMPLAINT]
    return tuple(dict.fromkeys(wanted)) if is_about_data(text) else ()


def is_about_data(text: str) -> bool:
    """Whether a message names personal data or what is done with it."""
    return _forms(text).data.search(fold(text)) is not None


def order_kinds(text: str, kinds: tuple[str, ...]) -> tuple[str, ...]:
    """Kinds in the order in which a message speaks of them."""
    said = [wish.kind for wish in hear_wishes(text)]
    return tuple(sorted(dict.fromkeys(kinds), key=lambda kind: said.index(kind) if kind in said else len(said)))


def find_place(text: str, kind: str) -> int | None:
    """Where a message has first named a kind, as an offset in the folded text; None where it does not."""
    found = _forms(text).kinds["complaint_said" if kind == COMPLAINT else kind].search(fold(text))
    return found.start() if found else None


def names_others(text: str) -> bool:
    """Whether a message speaks of anybody else who gets data; without that nothing is provided to third parties."""
    return _forms(text).others.search(fold(text)) is not None


def names_kind(text: str, kind: str) -> bool:
    """Whether a message names a kind at all, among whatever else."""
    return _forms(text).kinds[kind].search(fold(text)) is not None


def complains(text: str) -> bool:
    """Whether it says in so many words that it is a complaint (anger alone is none)."""
    forms = _forms(text)
    return any(
        forms.kinds["complaint_said"].search(fold(part)) for part in forms.split.split(_fold_lines(text)) if part
    )


def hear_change(text: str, kinds: tuple[str, ...], *, plainly: bool = False) -> Change | None:
    """How a message changes the kinds of a request, or None.

    With `plainly` only what gives a kind up by name, begins with "instead" or "also", or ends with "instead" counts: in
    the middle of a story such words mean little.
    """
    forms, said = _forms(text), _VALUE.sub(" ", fold(text))
    wishes = hear_wishes(text)
    given_up = {wish.kind for wish in wishes if wish.given_up and wish.kind in kinds}
    wanted = [w.kind for w in wishes if not w.given_up and (w.wanted or given_up) and w.kind not in kinds]
    wanted = [kind for kind in dict.fromkeys(wanted) if kind != COMPLAINT or complains(text)]
    head = said[:_NEAR] if plainly and not _INSTEAD_LAST.search(said) else said
    if wanted and (given_up or forms.instead.search(head)):
        kept = tuple(kind for kind in kinds if kind not in given_up) if given_up and len(kinds) > 1 else ()
        return Change((*kept, *wanted), added=False)
    chosen = {wish.kind for wish in wishes if not wish.given_up}
    if chosen < set(kinds) and chosen and len(text) <= _SHORT and forms.only.search(said):
        return Change(tuple(kind for kind in kinds if kind in chosen), added=False)
    if wanted and forms.also.search(head):
        return Change((*kinds, *wanted), added=True)
    if given_up and not wanted and not given_up & chosen:
        return Change(tuple(kind for kind in kinds if kind not in given_up), added=False)
    return None


def _hear_part(part: str, forms: _Forms, *, wanted: bool) -> list[Wish]:
    """The kinds of one part. The first that fits counts, unless another one is given up beside it."""
    if forms.contact.match(part):
        return []
    found, part = [], forms.turned.sub("", part)
    for kind, pattern in forms.kinds.items():
        match = None if kind == "complaint_said" else pattern.search(part)
        if match:
            given_up = _is_given_up(part, match, forms) and not (kind == "correction" and _VALUE.search(part))
            is_wrong = kind == "suspension" and not given_up and forms.wrong.search(part)
            name = "correction" if is_wrong else kind
            found.append((match.start(), Wish(name, part, wanted and not forms.past.search(part), given_up)))
    dropped = [wish for _, wish in found if wish.given_up]
    kept = [wish for _, wish in found if not wish.given_up]
    return [*dropped, *kept[:1]]


def _is_given_up(part: str, match: re.Match[str], forms: _Forms) -> bool:
    if forms.drops_before:
        return any(match.start() - one.end() in range(-1, 3) for one in forms.dropped.finditer(part, 0, match.end()))
    return forms.dropped.match(part, match.end()) is not None


def _fold_lines(text: str) -> str:
    """The text folded line by line: a line break may end a wish."""
    return "\n".join(fold(line) for line in text.splitlines())


def _forms(text: str) -> _Forms:
    return _load()["ja" if _JAPANESE.search(text) else "en"]


@lru_cache(maxsize=1)
def _load_mended() -> tuple[str, ...]:
    return tuple(_read()["en"]["mend"])


@lru_cache(maxsize=1)
def _read() -> dict[str, Any]:
    return tomllib.loads(_FILE.read_text("utf-8"))


@lru_cache(maxsize=1)
def _load() -> dict[str, _Forms]:
    tables = _read()
    plain = (
        "data",
        "split",
        "wrong",
        "wish",
        "past",
        "instead",
        "dropped",
        "also",
        "others",
        "right",
        "only",
        "turned",
        "contact",
    )
    return {
        language: _Forms(
            **{name: re.compile(table[name]) for name in plain},
            kinds={name: re.compile("|".join(f"(?:{one})" for one in rows)) for name, rows in table["kinds"].items()},
            drops_before=language == "en",
        )
        for language, table in tables.items()
    }
