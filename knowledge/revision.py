"""What a new version of a policy changes, clause by clause, and what each change touches.

Clauses are the same when their ids are: an id survives renumbering and rewording, so a new id is a new clause.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from knowledge.bindings import Bindings, Register, read_tables
from knowledge.errors import PolicyFormatError, UnknownVersionError
from knowledge.policy import EDITION_NUMBER, LANGUAGES, VERSIONS, Unit, compute_version, read_texts

KINDS = ("added", "removed", "changed", "rendering", "moved")
_NAME = re.compile(rf"(?P<edition>{EDITION_NUMBER.pattern})(?P<digest>-[0-9a-f]{{8}})?")


@dataclass(frozen=True, slots=True)
class Edition:
    """One version as it lies in its folder, a draft perhaps: what is said of its clauses need not fit its text yet.

    `units` language → clause id → unit, in the order of the text; `leads`, `readings` and `guidance` are the tables of
    their files.
    """

    version: str
    units: Mapping[str, Mapping[str, Unit]]
    leads: Mapping[str, Any]
    readings: Mapping[str, Any]
    guidance: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Heading:
    """A section whose heading was reworded; language → heading. Every citation of the section shows it."""

    section_id: str
    before: Mapping[str, str]
    after: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sentence:
    """What is said of a clause (a lead or a reading), language → text; None where there is none.

    `state` says whether someone looked at it: "as before", "rewritten", "written", "missing", "removed" or "left over".
    """

    state: str
    before: Mapping[str, str] | None
    after: Mapping[str, str] | None


@dataclass(frozen=True, slots=True)
class ClauseChange:
    """What happened to one clause (some of `KINDS`) and what that touches; language → unit, empty where it is not.

    "moved" is a clause with another item path, in another section, or at another place among the clauses.
    """

    clause_id: str
    kinds: tuple[str, ...]
    before: Mapping[str, Unit]
    after: Mapping[str, Unit]
    lead: Sentence
    reading: Sentence
    bindings: Bindings


@dataclass(frozen=True, slots=True)
class Revision:
    """All changes between two versions: clauses in the order of the new text, then those that are gone."""

    old: str
    new: str
    headings: tuple[Heading, ...]
    clauses: tuple[ClauseChange, ...]

    @property
    def is_empty(self) -> bool:
        """Whether both versions say the same, in the same order."""
        return not self.headings and not self.clauses

    def as_dict(self) -> dict[str, Any]:
        """Plain data, as `python -m knowledge diff --json` writes it."""
        return asdict(self)


def find_edition(shop: Path, name: str) -> Edition:
    """Read a version by its edition ("2"), its id ("2-1a2b3c4d") or the path of its folder.

    The number of a folder that has no number for a name counts as 0.
    Raises: UnknownVersionError, PolicyFormatError: its text or a table cannot be read.
    """
    named = _NAME.fullmatch(name)
    if named and (folder := shop / VERSIONS / named["edition"]).is_dir():
        edition = _read_edition(folder)
        if named["digest"] and edition.version != name:
            raise UnknownVersionError(f"there is no version {name!r}: edition {folder.name} is {edition.version}")
        return edition
    if not Path(name).is_dir():
        raise UnknownVersionError(f"there is no version {name!r}: give an edition, a version id or a folder")
    return _read_edition(Path(name))


def _read_edition(folder: Path) -> Edition:
    label = folder.resolve().name
    try:
        texts = read_texts(folder)
        leads, readings, guidance = (read_tables(folder / f"{name}.toml") for name in ("leads", "readings", "guidance"))
    except PolicyFormatError as error:
        raise PolicyFormatError(f"edition {label}: {error}") from error
    return Edition(
        version=compute_version(texts["ja"], int(label) if EDITION_NUMBER.fullmatch(label) else 0),
        units={language: {unit.clause_id: unit for unit in texts[language]} for language in LANGUAGES},
        leads=leads,
        readings=readings,
        guidance=guidance,
    )


def compare(old: Edition, new: Edition, register: Register) -> Revision:
    """What `new` changes, and what the register says is bound to it."""
    moved = set(_find_moved(old, new))
    ids = dict.fromkeys([*new.units["ja"], *old.units["ja"]])
    changes = [_compare_clause(old, new, clause_id, register, is_moved=clause_id in moved) for clause_id in ids]
    found = tuple(change for change in changes if change.kinds)
    return Revision(old.version, new.version, tuple(_find_headings(old, new)), found)


def _compare_clause(old: Edition, new: Edition, clause_id: str, register: Register, *, is_moved: bool) -> ClauseChange:
    before, after = _find_units(old, clause_id), _find_units(new, clause_id)
    return ClauseChange(
        clause_id=clause_id,
        kinds=_find_kinds(before, after, is_moved=is_moved),
        before=before,
        after=after,
        lead=_compare_sentences(old.leads, new.leads, clause_id, is_there="ja" in after),
        reading=_compare_sentences(old.readings, new.readings, clause_id, is_there="ja" in after),
        bindings=register.find(clause_id, new.guidance if "ja" in after else old.guidance),
    )


def _find_units(edition: Edition, clause_id: str) -> dict[str, Unit]:
    return {language: units[clause_id] for language, units in edition.units.items() if clause_id in units}


def _find_kinds(before: Mapping[str, Unit], after: Mapping[str, Unit], *, is_moved: bool) -> tuple[str, ...]:
    if "ja" not in before:
        return ("added",)
    if "ja" not in after:
        return ("removed",)
    happened = {
        "changed": _text(before, "ja") != _text(after, "ja"),
        "rendering": _text(before, "en") != _text(after, "en"),
        "moved": is_moved,
    }
    return tuple(kind for kind in KINDS if happened.get(kind))


def _text(units: Mapping[str, Unit], language: str) -> str:
    return units[language].text if language in units else ""


def _compare_sentences(old: Mapping[str, Any], new: Mapping[str, Any], clause_id: str, *, is_there: bool) -> Sentence:
    """How the sentences on a clause fit; `is_there` says whether the new text still has the clause."""
    before, after = (found if isinstance(found := table.get(clause_id), dict) else None for table in (old, new))
    if not is_there:
        state = "removed" if after is None else "left over"
    elif after is None:
        state = "missing"
    elif before is None:
        state = "written"
    else:
        state = "as before" if before == after else "rewritten"
    return Sentence(state, before, after)


def _find_moved(old: Edition, new: Edition) -> Iterator[str]:
    """Ids of clauses that both texts have, with another path or at another place in the second."""
    before, after = old.units["ja"], new.units["ja"]
    for clause_id, unit in after.items():
        if clause_id in before and _place(before[clause_id]) != _place(unit):
            yield clause_id
    # Whole sections, or notes, may change places without another path.
    old_order = [clause_id for clause_id in before if clause_id in after]
    new_order = [clause_id for clause_id in after if clause_id in before]
    for tag, _, _, start, end in SequenceMatcher(None, old_order, new_order, autojunk=False).get_opcodes():
        if tag != "equal":
            yield from new_order[start:end]


def _place(unit: Unit) -> tuple[str, str]:
    return unit.section_id, unit.item


def _find_headings(old: Edition, new: Edition) -> Iterator[Heading]:
    before, after = _list_headings(old), _list_headings(new)
    for section_id, heading in after.items():
        if before.get(section_id, heading) != heading:
            yield Heading(section_id, before[section_id], heading)


def _list_headings(edition: Edition) -> dict[str, dict[str, str]]:
    """Section id → language → heading."""
    found: dict[str, dict[str, str]] = {}
    for language, units in edition.units.items():
        for unit in units.values():
            found.setdefault(unit.section_id, {})[language] = unit.section
    return found
