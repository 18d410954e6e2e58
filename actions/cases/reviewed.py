"""Reviewed wordings as files of a shop, in the form that `python -m knowledge build` and `evaluate` read.

`wordings/reviewed.<language>.jsonl` is trained on; `development/reviewed.<language>.jsonl` is kept from it, so that
evaluation asks what the index has never seen. The first wording of a decision always trains: an officer's decision must
tell. Of its further ones a share, chosen by a hash of the text and so the same at every export, is kept back.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from actions.cases.reviews import Wording

SOURCE = "reviewed"
ONE_IN = 3  # of the further wordings of a decision one in so many is kept back
FOLDERS = ("wordings", "development")


@dataclass(frozen=True, slots=True)
class Exported:
    """How many wordings went where; `left_out` name a clause that is gone, or stand in another development file."""

    trained: int
    kept_back: int
    left_out: int


def export_wordings(wordings: Iterable[Wording], clause_ids: Collection[str], shop: Path) -> Exported:
    """Write all wordings into a shop's folder, in place of a former export. Raises: OSError: it cannot be written.

    `wordings` come newest first: of one text that was decided twice, the newest decision counts.
    """
    others = _read_texts(path for path in (shop / "development").glob("*.jsonl") if path.name.split(".")[0] != SOURCE)
    newest: dict[tuple[str, str], Wording] = {}
    for wording in wordings:
        newest.setdefault((wording.language, wording.text), wording)
    fitting = [
        one for one in newest.values() if one.text not in others and (one.kind != "clause" or one.label in clause_ids)
    ]
    rows: dict[tuple[str, str], list[dict[str, object]]] = {}
    for wording in sorted(fitting, key=lambda one: (one.decided_at, one.decision_id, one.position)):
        folder = FOLDERS[is_kept_back(wording)]
        rows.setdefault((folder, wording.language), []).append(_as_row(wording, folder))
    _write_all(rows, shop)
    kept_back = sum(map(is_kept_back, fitting))
    return Exported(len(fitting) - kept_back, kept_back, len(newest) - len(fitting))


def is_kept_back(wording: Wording) -> bool:
    """Whether a wording is a development question and not trained on."""
    return wording.position > 0 and int(_hash(wording.text)[:8], 16) % ONE_IN == 0


def _as_row(wording: Wording, folder: str) -> dict[str, object]:
    label: dict[str, object] = {"clauses": [wording.label]} if wording.kind == "clause" else {"silent": wording.label}
    row = {"q": wording.text, **label}
    return row if folder == "wordings" else {"id": f"{SOURCE}-{_hash(wording.text)[:12]}", "part": SOURCE, **row}


def _write_all(rows: dict[tuple[str, str], list[dict[str, object]]], shop: Path) -> None:
    for folder in FOLDERS:
        (shop / folder).mkdir(parents=True, exist_ok=True)
        former = {path.name.split(".")[1] for path in (shop / folder).glob(f"{SOURCE}.??.jsonl")}
        for language in sorted(former | {language for where, language in rows if where == folder}):
            path = shop / folder / f"{SOURCE}.{language}.jsonl"
            lines = [json.dumps(row, ensure_ascii=False) for row in rows.get((folder, language), ())]
            if not lines:
                path.unlink(missing_ok=True)
                continue
            fresh = path.with_suffix(".new")
            fresh.write_text("\n".join([*lines, ""]), "utf-8")
            os.replace(fresh, path)


def _read_texts(paths: Iterable[Path]) -> set[str]:
    lines = [line for path in paths for line in path.read_bytes().split(b"\n") if line.strip()]
    return {str(json.loads(line).get("q", "")) for line in lines}


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
