"""What staff must not say beside a reply, by clause or purpose: data of a shop (`<shop>/replies/cautions.toml`).

Each names the version of the policy that it was checked against: where its clause has changed since, that is said.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from knowledge.bindings import read_tables
from knowledge.bundle import Bundle
from knowledge.errors import PolicyFormatError
from knowledge.policy import LANGUAGES

FILE = Path("replies", "cautions.toml")  # in a shop's folder
_KEYS = {*LANGUAGES, "clauses", "purposes", "reviewed"}


@dataclass(frozen=True, slots=True)
class Caution:
    """What must not be said, in one language. `is_old`: its clause has changed since this was checked."""

    text: str
    is_old: bool


@dataclass(frozen=True, slots=True)
class CautionRow:
    """A caution as it is written. No clauses and no purposes: always; a clause stands for its items too."""

    text: dict[str, str]
    reviewed: str
    clauses: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()

    def find_clauses(self, clause_ids: Iterable[str]) -> tuple[str, ...]:
        """Those of the clauses that it is about."""
        return tuple(one for one in clause_ids if f"{one}.".startswith(tuple(f"{own}." for own in self.clauses)))


def list_cautions(
    rows: Iterable[CautionRow], bundle: Bundle, clause_ids: Iterable[str], purpose: str, language: str
) -> tuple[Caution, ...]:
    """What must not be said beside a reply of this purpose on these clauses, the most particular first."""
    clauses, particular, general = tuple(clause_ids), [], []
    for row in rows:
        meant = row.find_clauses(clauses)
        is_old = bool(bundle.find_changed(row.reviewed, meant))
        if meant or purpose in row.purposes:
            particular.append(Caution(row.text[language], is_old))
        elif not row.clauses and not row.purposes:
            general.append(Caution(row.text[language], is_old))
    return (*particular, *general)


@lru_cache(maxsize=4)
def load_cautions(shop: Path) -> tuple[CautionRow, ...]:
    """A shop's cautions in the order of the file, read once; none where it has no such file.

    Raises: PolicyFormatError: malformed, or a caution that is not said in every language.
    """
    tables = read_tables(shop / FILE)
    try:
        return tuple(_read_row(row, str(tables["reviewed"])) for row in tables.get("cautions", []))
    except (KeyError, TypeError, AttributeError) as error:
        raise PolicyFormatError(f"{FILE}: {error!r}") from error


def _read_row(row: dict[str, Any], reviewed: str) -> CautionRow:
    if unknown := {*row} - _KEYS:
        raise KeyError(f"unknown {sorted(unknown)}")
    text = {language: str(row[language]) for language in LANGUAGES}
    lists = (tuple(map(str, row.get(name, []))) for name in ("clauses", "purposes"))
    return CautionRow(text, str(row.get("reviewed", reviewed)), *lists)
