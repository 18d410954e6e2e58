"""Reviewed wordings as files: what the builder reads, what it never sees, and nothing twice."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from actions.cases.reviewed import Exported, export_wordings, is_kept_back
from actions.cases.reviews import Wording
from knowledge.evaluation import load_questions
from knowledge.wordings import load_wordings

MOMENT = datetime(2026, 11, 28, tzinfo=UTC)
CLAUSES = ("purpose", "use")


def _word(text: str, position: int = 0, **more: Any) -> Wording:
    given = {"decision_id": "d1", "language": "ja", "kind": "clause", "label": "purpose", "questions": 1}
    given |= {"decided_by": "hanako", "decided_at": MOMENT}
    return Wording(**{**given, "position": position, "text": text, **more})


def _read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_the_builder_and_the_evaluation_read_what_was_written(tmp_path: Path) -> None:
    several = [_word(f"貝の{number}番目の言い方", number) for number in range(30)]
    silent = _word("Do you list shells?", language="en", kind="silent", label="shells")
    done = export_wordings([silent, *several], CLAUSES, tmp_path)
    kept_back = [one.text for one in several if is_kept_back(one)]
    assert done == Exported(31 - len(kept_back), len(kept_back), 0)
    assert 4 <= len(kept_back) <= 16  # about a third of 29, by a hash
    rows = load_wordings(tmp_path / "wordings", CLAUSES)
    assert {(row.text, row.clauses, row.silent, row.language, row.source) for row in rows} == {
        *((one.text, ("purpose",), "", "ja", "reviewed") for one in several if one.text not in kept_back),
        ("Do you list shells?", (), "shells", "en", "reviewed"),
    }
    asked = load_questions(tmp_path / "development" / "reviewed.ja.jsonl")
    assert {(one.text, one.clauses, one.kind, one.part) for one in asked} == {
        (text, ("purpose",), "answerable", "reviewed") for text in kept_back
    }
    assert len({one.id for one in asked}) == len(asked)


def test_the_first_wording_of_a_decision_always_trains() -> None:
    assert not any(is_kept_back(_word(f"言い方{number}")) for number in range(100))
    assert any(is_kept_back(_word(f"言い方{number}", 1)) for number in range(100))


def test_the_same_is_written_when_exported_again(tmp_path: Path) -> None:
    wordings = [_word(f"言い方{number}", number) for number in range(9)]
    export_wordings(wordings, CLAUSES, tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.jsonl")}
    export_wordings(list(reversed(wordings)), CLAUSES, tmp_path)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_the_newest_decision_counts_when_a_text_was_decided_twice(tmp_path: Path) -> None:
    newer = _word("同じ言い方", label="use", decision_id="d2", decided_at=MOMENT + timedelta(days=1))
    assert export_wordings([newer, _word("同じ言い方")], CLAUSES, tmp_path) == Exported(1, 0, 0)
    assert _read(tmp_path / "wordings" / "reviewed.ja.jsonl") == [{"q": "同じ言い方", "clauses": ["use"]}]


def test_what_the_builder_would_refuse_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "development").mkdir()
    asked = {"id": "1", "part": "tidy", "q": "評価にある言い方", "silent": "shells"}
    (tmp_path / "development" / "ja.jsonl").write_text(json.dumps(asked) + "\n", "utf-8")
    wordings = [_word("なくなった条文の言い方", label="gone.1"), _word("評価にある言い方"), _word("残る言い方")]
    assert export_wordings(wordings, CLAUSES, tmp_path) == Exported(1, 0, 2)
    assert [row["q"] for row in _read(tmp_path / "wordings" / "reviewed.ja.jsonl")] == ["残る言い方"]


def test_a_former_export_goes_when_there_is_nothing_any_more(tmp_path: Path) -> None:
    export_wordings([_word("言い方")], CLAUSES, tmp_path)
    (tmp_path / "wordings" / "few.ja.jsonl").write_text('{"q": "x", "silent": "y"}\n')
    assert export_wordings([], CLAUSES, tmp_path) == Exported(0, 0, 0)
    assert [path.name for path in tmp_path.rglob("*.jsonl")] == ["few.ja.jsonl"]
