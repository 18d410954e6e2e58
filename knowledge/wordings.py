"""Customers' ways of asking: the project's training data, one JSON object a line.

A row has `q` and says what it is: `clauses` (units that answer it, best first), `silent` (a privacy topic the policy
does not speak of), `offtopic` (not about personal data) or only an `intent` (greet, affirm …). The same rows train the
index and, through `bot.nlu`, Rasa. Standard library only: both environments read them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from knowledge.errors import WordingFormatError

# The five rights of the policy and complaints, by the intent that exercises them; the clause that governs each.
GOVERNING_CLAUSES = {
    "exercise_disclosure": "rights.1",
    "exercise_purpose_notice": "rights.2",
    "exercise_correction": "rights.3",
    "exercise_suspension": "rights.4",
    "exercise_third_party_stop": "rights.5",
    "complaint": "rights.7",
}

# Acts that mean something only while a request is being taken; outside, "why do you need my e-mail?" is a question.
WITHIN_REQUESTS = {"explain", "change"}

_KEYS = {"q", "clauses", "silent", "offtopic", "intent"}


@dataclass(frozen=True, slots=True)
class Wording:
    """One message as a customer would write it, with its label.

    Exactly one of `clauses`, `silent`, `offtopic` says what it is about, or none for small talk and for rows that only
    teach an intent. `source` is the file's name without its endings.
    """

    text: str
    language: str
    clauses: tuple[str, ...] = ()
    silent: str = ""
    offtopic: str = ""
    intent: str = ""
    source: str = ""

    @property
    def answerable(self) -> bool:
        """Whether a clause of the policy answers it."""
        return bool(self.clauses)


def list_files(folder: Path) -> list[Path]:
    """Wordings files of a shop in a stable order (`<name>.<language>.jsonl`)."""
    return sorted(folder.glob("*.??.jsonl"))


def load_wordings(folder: Path, clause_ids: Iterable[str] | None = None) -> list[Wording]:
    """Read all wordings of a folder, each text once (a later duplicate of the same text is dropped).

    Raises: WordingFormatError: bad JSON, unknown keys, no text, or a clause id not in `clause_ids`.
    """
    known = set(clause_ids) if clause_ids is not None else None
    seen: set[tuple[str, str]] = set()
    wordings = []
    for path in list_files(folder):
        for wording in read_file(path, known):
            key = (wording.language, wording.text)
            if key not in seen:
                seen.add(key)
                wordings.append(wording)
    return wordings


def read_file(path: Path, known: set[str] | None = None) -> Iterator[Wording]:
    """Yield the wordings of one file. Raises: WordingFormatError."""
    source, language = path.name.split(".")[0], path.name.split(".")[-2]
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        where = f"{path.name}:{number}"
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise WordingFormatError(f"{where}: not JSON") from error
        yield _wording(row, language, source, where, known)


def _wording(row: object, language: str, source: str, where: str, known: set[str] | None) -> Wording:
    text = row.get("q") if isinstance(row, dict) else None
    if not isinstance(row, dict) or not isinstance(text, str) or not text.strip() or not set(row) <= _KEYS:
        raise WordingFormatError(f"{where}: needs a text `q` and only {sorted(_KEYS)}")
    listed = row.get("clauses", [])
    if not isinstance(listed, list):
        raise WordingFormatError(f"{where}: `clauses` is not a list")
    clauses = tuple(str(clause) for clause in listed)
    if known is not None and not set(clauses) <= known:
        raise WordingFormatError(f"{where}: unknown clause {sorted(set(clauses) - known)}")
    kinds = [bool(clauses), bool(row.get("silent")), bool(row.get("offtopic"))]
    if sum(kinds) > 1 or not (any(kinds) or row.get("intent")):
        raise WordingFormatError(f"{where}: is it answerable, silent, off topic or an act?")
    return Wording(
        text=text,
        language=language,
        clauses=clauses,
        silent=str(row.get("silent", "")),
        offtopic=str(row.get("offtopic", "")),
        intent=str(row.get("intent", "")),
        source=source,
    )


def hash_files(paths: Iterable[Path]) -> str:
    """SHA-256 (hex) over names and contents, to know whether something must be rebuilt."""
    # In the order of names and contents: that of paths would change with the folder, or with how it is spelled.
    parts = sorted(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest() for path in paths)
    return hashlib.sha256(b"".join(parts)).hexdigest()
