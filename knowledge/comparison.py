"""What one edition of a policy changed, clause by clause and word by word, as its readers see it.

`revision` tells those who write an edition what else must follow it; this only needs the two published texts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise

from knowledge.policy import PolicyText, Unit
from knowledge.text import analyse


@dataclass(frozen=True, slots=True)
class Part:
    """Words that both texts have ("kept"), or only the old ("removed") or the new one ("added")."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Difference:
    """A clause that differs: "added", "removed", "changed" or, with the same words at another place, "moved".

    `before` and `after` are its number paths, "" where it is not; `parts` by language.
    """

    clause_id: str
    section: str
    section_en: str
    kind: str
    before: str
    after: str
    parts: dict[str, tuple[Part, ...]]


def compare_texts(old: PolicyText, new: PolicyText) -> tuple[Difference, ...]:
    """The clauses that differ: first those of the new text in its order, then those that are gone."""
    ids = dict.fromkeys([*new.clause_ids, *old.clause_ids])
    return tuple(found for clause_id in ids if (found := _compare_clause(old, new, clause_id)))


def _compare_clause(old: PolicyText, new: PolicyText, clause_id: str) -> Difference | None:
    before, after = old.find_unit(clause_id), new.find_unit(clause_id)
    kind = _find_kind(before, after)
    shown = after or before
    if not kind or shown is None:
        return None
    english = (new if after else old).get_unit(clause_id, "en")
    return Difference(
        clause_id=clause_id,
        section=shown.section,
        section_en=english.section,
        kind=kind,
        before=before.item if before else "",
        after=after.item if after else "",
        parts={
            language: tuple(compare_words(_text(old, clause_id, language), _text(new, clause_id, language)))
            for language in new.units
        },
    )


def _find_kind(before: Unit | None, after: Unit | None) -> str:
    if before is None:
        return "added"
    if after is None:
        return "removed"
    if before.text != after.text:
        return "changed"
    return "moved" if (before.section, before.item) != (after.section, after.item) else ""


def _text(policy: PolicyText, clause_id: str, language: str) -> str:
    unit = policy.find_unit(clause_id, language)
    return unit.text if unit else ""


def compare_words(old: str, new: str) -> Iterator[Part]:
    """Parts in reading order; the kept and the added ones joined are `new`, the kept and the removed ones `old`."""
    before, after = _split(old), _split(new)
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            yield Part("kept", "".join(before[a:b]))
            continue
        if a < b:
            yield Part("removed", "".join(before[a:b]))
        if c < d:
            yield Part("added", "".join(after[c:d]))


def _split(text: str) -> list[str]:
    """Words and what stands between them; joined they are the text."""
    cuts = sorted({0, len(text), *(edge for token in analyse(text) for edge in (token.start, token.end))})
    return [text[start:end] for start, end in pairwise(cuts)]
