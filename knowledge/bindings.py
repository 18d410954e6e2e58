"""What names a clause besides the policy: wordings, development questions, guidance, kinds of request.

A policy's next edition is written before all this fits it, so everything here is read as it lies and nothing is refused
for naming a clause that is gone: to find that out is the point.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from knowledge.errors import PolicyFormatError, WordingFormatError
from knowledge.wordings import GOVERNING_CLAUSES

EXAMPLES = 3
CLAUSE_TABLES = ("ways", "lists")  # of `guidance.toml`; rows of its other tables are named by things, not by clauses
# Data of the application that names clauses. It is read as data where it is there: this library imports nothing of it.
KINDS = Path(__file__).parent.parent / "actions" / "cases" / "kinds.toml"


@dataclass(frozen=True, slots=True)
class Rows:
    """How many rows of one file name a clause, with the first few texts."""

    file: str
    count: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Bindings:
    """All that names one clause. `guidance` are tables of `guidance.toml`; `kinds` those of `kinds.toml`.

    `intents` are labels of wordings that stand for the clause without naming it.
    """

    wordings: tuple[Rows, ...]
    questions: tuple[Rows, ...]
    guidance: tuple[str, ...]
    kinds: tuple[str, ...]
    intents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Register:
    """Rows of a shop's files and kinds of request, by the clauses that they name."""

    wordings: Mapping[str, tuple[Rows, ...]]
    questions: Mapping[str, tuple[Rows, ...]]
    kinds: Mapping[str, tuple[str, ...]]

    def find(self, clause_id: str, guidance: Mapping[str, Any]) -> Bindings:
        """Everything that names this clause, with the tables of the `guidance.toml` that is asked about."""
        return Bindings(
            wordings=self.wordings.get(clause_id, ()),
            questions=self.questions.get(clause_id, ()),
            guidance=tuple(_find_tables(clause_id, guidance)),
            kinds=tuple(kind for kind, clauses in self.kinds.items() if clause_id in clauses),
            intents=tuple(intent for intent, clause in GOVERNING_CLAUSES.items() if clause == clause_id),
        )


def load_register(shop: Path, kinds: Path = KINDS) -> Register:
    """Read what a shop's folder and the application say of clauses.

    Raises: WordingFormatError, PolicyFormatError: a file cannot be read, or there is no such folder.
    """
    if not shop.is_dir():
        raise PolicyFormatError(f"{shop} is no folder of a shop")
    listed = read_tables(kinds)
    return Register(
        wordings=_read_rows(shop / "wordings"),
        questions=_read_rows(shop / "development"),
        kinds={kind: tuple(_as_list(row.get("clauses"))) for kind, row in listed.items() if isinstance(row, dict)},
    )


def read_tables(path: Path) -> dict[str, Any]:
    """A TOML file as it is; one that is not there says nothing. Raises: PolicyFormatError: it cannot be read."""
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeError, tomllib.TOMLDecodeError) as error:
        raise PolicyFormatError(f"{path.name}: {error}") from error


def _read_rows(folder: Path) -> dict[str, tuple[Rows, ...]]:
    """The rows of all files of a folder, clause → one entry a file that names it."""
    found: dict[str, list[Rows]] = {}
    for path in sorted(folder.glob("*.jsonl")):
        texts: dict[str, list[str]] = {}
        for text, clauses in _read_file(path):
            for clause_id in clauses:
                texts.setdefault(clause_id, []).append(text)
        for clause_id, named in texts.items():
            found.setdefault(clause_id, []).append(Rows(path.name, len(named), tuple(named[:EXAMPLES])))
    return {clause_id: tuple(rows) for clause_id, rows in found.items()}


def _read_file(path: Path) -> Iterator[tuple[str, list[str]]]:
    """Text and clauses of each row that names any, each clause once."""
    for number, line in enumerate(path.read_bytes().split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            text, clauses = str(row["q"]), list(dict.fromkeys(map(str, _as_list(row.get("clauses")))))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise WordingFormatError(f"{path.name}:{number}: not a row with a text `q`") from error
        if clauses:
            yield text, clauses


def _find_tables(clause_id: str, guidance: Mapping[str, Any]) -> Iterator[str]:
    """Names of the tables that are about a clause or cite it."""
    for table in CLAUSE_TABLES:
        rows = guidance.get(table)
        for name, row in rows.items() if isinstance(rows, dict) else ():
            if name == clause_id:
                yield f"{table}.{name}"
            elif isinstance(row, dict) and clause_id in _as_list(row.get("cites")):
                yield f"{table}.{name} cites it"


def _as_list(value: object) -> list[Any]:
    """What a draft has written where a list belongs; anything else names no clause."""
    return value if isinstance(value, list) else []
