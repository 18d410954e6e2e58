from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from knowledge.bindings import EXAMPLES, KINDS, Bindings, Register, Rows, load_register, read_tables
from knowledge.errors import PolicyFormatError, WordingFormatError
from knowledge.policy import Policy

Write = Callable[[Path, list[dict[str, Any]]], None]


@pytest.fixture
def small(tmp_path: Path, write_lines: Write) -> Path:
    """A shop of a few rows."""
    for name in ("wordings", "development"):
        (tmp_path / name).mkdir()
    rows = [{"q": f"question {number}", "clauses": ["use"]} for number in range(EXAMPLES + 2)]
    rows += [{"q": "both", "clauses": ["purpose", "use", "use"]}, {"q": "silent", "silent": "cookies"}]
    write_lines(tmp_path / "wordings" / "a.en.jsonl", rows)
    write_lines(tmp_path / "wordings" / "b.ja.jsonl", [{"q": "\u2028目的", "clauses": ["purpose"], "intent": "howto"}])
    write_lines(tmp_path / "development" / "ja.jsonl", [{"id": "1", "part": "tidy", "q": "何に", "clauses": ["use"]}])
    write_lines(tmp_path / "development" / "intents.ja.jsonl", [{"id": "i", "q": "?", "intent": "help"}])
    return tmp_path


def test_rows_are_counted_by_file_with_a_few_examples(small: Path) -> None:
    register = load_register(small)
    found = register.find("use", {})
    assert found.wordings == (Rows("a.en.jsonl", EXAMPLES + 3, tuple(f"question {n}" for n in range(EXAMPLES))),)
    assert found.questions == (Rows("ja.jsonl", 1, ("何に",)),)
    assert register.find("purpose", {}).wordings == (
        Rows("a.en.jsonl", 1, ("both",)),
        Rows("b.ja.jsonl", 1, ("\u2028目的",)),
    )


def test_nothing_is_bound_when_nothing_names_the_clause(small: Path) -> None:
    assert load_register(small).find("nowhere", {}) == Bindings((), (), (), (), ())


def test_rows_that_name_a_clause_that_is_gone_are_read_all_the_same(small: Path, write_lines: Write) -> None:
    write_lines(small / "wordings" / "c.ja.jsonl", [{"q": "昔の", "clauses": ["gone.1"]}])
    assert load_register(small).find("gone.1", {}).wordings == (Rows("c.ja.jsonl", 1, ("昔の",)),)


@pytest.mark.parametrize("line", [b"not json", b"[]", b"3", b'{"clauses": ["use"]}', b"\xff\xff"])
@pytest.mark.parametrize("folder", ["wordings", "development"])
def test_malformed_row_is_refused_by_its_place(small: Path, folder: str, line: bytes) -> None:
    (small / folder / "x.ja.jsonl").write_bytes(b'{"q": "x", "clauses": ["use"]}\n' + line + b"\n")
    with pytest.raises(WordingFormatError, match=r"^x\.ja\.jsonl:2: "):
        load_register(small)


def test_clauses_that_are_no_list_name_nothing(small: Path) -> None:
    (small / "wordings" / "x.ja.jsonl").write_text('{"q": "x", "clauses": "use"}\n{"q": "y", "clauses": null}\n')
    assert [rows.file for rows in load_register(small).find("use", {}).wordings] == ["a.en.jsonl"]


def test_tables_of_guidance_are_named_when_they_are_about_a_clause_or_cite_it() -> None:
    guidance = {
        "ways": {
            "rights.3": {"cites": ["changes", "rights.3"]},
            "rights.4": {"cites": ["changes"]},
            "rights.5": {"cites": "changes"},
            "rights.7": {},
        },
        "lists": {"changes": {"names": ["address"]}, "other": 3},
        # A thing that customers name may have the name of a clause, and is none.
        "things": {"changes": {"ja": ["変更"], "cites": ["changes"]}},
        "receivers": {"changes": {"ja": ["他社"]}},
    }
    register = Register({}, {}, {})
    assert register.find("changes", guidance).guidance == (
        "ways.rights.3 cites it",
        "ways.rights.4 cites it",
        "lists.changes",
    )
    assert register.find("rights.3", guidance).guidance == ("ways.rights.3",)


@pytest.mark.parametrize("guidance", [{}, {"ways": 3}, {"ways": [], "lists": "x"}])
def test_no_table_is_named_when_a_draft_has_none_to_read(guidance: dict[str, Any]) -> None:
    assert Register({}, {}, {}).find("changes", guidance).guidance == ()


def test_register_is_refused_when_there_is_no_such_shop(tmp_path: Path) -> None:
    with pytest.raises(PolicyFormatError, match="no folder of a shop"):
        load_register(tmp_path / "nowhere")


def test_kinds_of_request_are_read_as_data(small: Path, tmp_path: Path) -> None:
    path = tmp_path / "kinds.toml"
    path.write_text('[disclosure]\nclauses = ["rights.1", "use"]\n[complaint]\nclauses = ["contact"]\n[odd]\n')
    assert load_register(small, path).find("use", {}).kinds == ("disclosure",)
    assert load_register(small, tmp_path / "none.toml").find("use", {}).kinds == ()


def test_intents_stand_for_the_clause_that_governs_them(small: Path) -> None:
    assert load_register(small).find("rights.7", {}).intents == ("complaint",)


def test_every_clause_of_the_real_policy_is_bound_to_wordings(shop: Path, policy: Policy) -> None:
    register, guidance = load_register(shop), read_tables(shop / "versions" / "1" / "guidance.toml")
    assert KINDS.exists()
    found = {clause_id: register.find(clause_id, guidance) for clause_id in policy.clause_ids}
    assert [clause_id for clause_id, bound in found.items() if not bound.wordings] == []
    assert {"disclosure", "correction", "complaint"} <= {kind for bound in found.values() for kind in bound.kinds}
    assert found["entrusted.1"].guidance == ("lists.entrusted.1",)
    assert set(register.wordings) == set(policy.clause_ids)


@pytest.mark.parametrize("content", [b"= broken", b"\xff\xfe"])
def test_table_is_refused_by_name_when_it_is_malformed(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "kinds.toml").write_bytes(content)
    with pytest.raises(PolicyFormatError, match=r"^kinds\.toml: "):
        read_tables(tmp_path / "kinds.toml")


def test_bindings_are_plain_data(small: Path) -> None:
    from dataclasses import asdict

    assert json.loads(json.dumps(asdict(load_register(small).find("use", {}))))["questions"][0]["file"] == "ja.jsonl"
