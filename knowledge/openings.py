"""First messages as people write them, each with everything it wants: the examples of the `reader`.

`openings/<writer>.<language>.jsonl`, one object a line: `q`, `labels` (what it wants, in the order said; none for what
wants nothing) and, for whoever acts for another, `agent`. `development/openings.<language>.jsonl` is the same and is
never trained on.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from knowledge.errors import WordingFormatError

_KEYS = {"q", "labels", "agent", "kinds"}


@dataclass(frozen=True, slots=True)
class Example:
    """A message and its labels; `writer` is the file's name without its endings.

    `kinds`: those of the request in whose middle it was written; of a first message none.
    """

    text: str
    language: str
    labels: tuple[str, ...]
    agent: str = ""
    writer: str = ""
    kinds: tuple[str, ...] = ()


def list_opening_files(folder: Path) -> list[Path]:
    """The files of a folder in a stable order; none if it does not exist."""
    return sorted(folder.glob("*.??.jsonl"))


def load_openings(paths: list[Path]) -> list[Example]:
    """Read the examples of files. Raises: WordingFormatError: bad JSON, unknown keys, or no text."""
    return [example for path in paths for example in _read(path)]


def _read(path: Path) -> Iterator[Example]:
    writer, language = path.name.split(".")[0], path.name.split(".")[-2]
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        where = f"{path.name}:{number}"
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise WordingFormatError(f"{where}: not JSON") from error
        text = row.get("q") if isinstance(row, dict) else None
        if not isinstance(text, str) or not text.strip() or not set(row) <= _KEYS or "labels" not in row:
            raise WordingFormatError(f"{where}: needs a text `q`, a list `labels`, and only {sorted(_KEYS)}")
        labels, kinds = (tuple(map(str, row.get(key, ()))) for key in ("labels", "kinds"))
        yield Example(text, language, labels, str(row.get("agent", "")), writer, kinds)
