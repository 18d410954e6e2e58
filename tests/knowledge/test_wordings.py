from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from knowledge.errors import WordingFormatError
from knowledge.policy import Policy
from knowledge.text import normalise
from knowledge.wordings import GOVERNING_CLAUSES, Wording, hash_files, list_files, load_wordings, read_file

_SHOP = Path(__file__).parents[2] / "knowledge" / "policies" / "coverchord"
_FILES = list_files(_SHOP / "wordings")
_DEVELOPMENT = sorted((_SHOP / "development").glob("*.jsonl"))
_RETRIEVAL = [path for path in _DEVELOPMENT if not path.name.startswith("intents.")]
_MAIL = re.compile(r"[\w.+-]+@([\w-]+(?:\.[\w-]+)+)", re.ASCII)

# Acts that are one fixed phrase: whoever agrees says "yes". They cannot be kept out of training without making the
# assistant worse, and nobody is measured to be better by them than he is.
_FIXED_PHRASES = {
    "yes", "no", "hello", "hey there", "good morning", "thanks a lot", "bye",
    "はい", "いいえ", "やっぱりやめます", "こんにちは", "ごめんください", "サンキュー", "バイバイ",
    "日本語でお願いします",
}  # fmt: skip


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def _essence(text: str) -> str:
    """A text without what the index does not see: case, width, marks. Nothing but marks stays as typed."""
    return "".join(char for char in normalise(text).lower() if char.isalnum()) or text


@pytest.mark.parametrize("path", _FILES, ids=lambda path: path.name)
def test_file_is_valid(path: Path, policy: Policy) -> None:
    rows = list(read_file(path, set(policy.clause_ids)))
    assert rows
    assert {row.language for row in rows} == {path.name.split(".")[-2]}
    assert {row.source for row in rows} == {path.name.split(".")[0]}


def test_folder_holds_nothing_that_is_not_read() -> None:
    assert sorted((_SHOP / "wordings").iterdir()) == _FILES


def test_identical_texts_have_one_label() -> None:
    # The loader keeps the first of two equal texts: with two labels, the name of the file would decide.
    labels: defaultdict[tuple[str, str], set[tuple[Any, ...]]] = defaultdict(set)
    for path in _FILES:
        for row in read_file(path):
            label = (row.clauses, row.silent, row.offtopic, row.intent)
            labels[row.language, normalise(row.text).lower()].add(label)
    assert {text: found for text, found in labels.items() if len(found) > 1} == {}


def test_development_texts_are_never_trained_on() -> None:
    trained = {_essence(row.text): path.name for path in _FILES for row in read_file(path)}
    for phrase in _FIXED_PHRASES:
        trained.pop(_essence(phrase), None)
    leaked = [
        (path.name, row["id"], trained[_essence(row["q"])])
        for path in _DEVELOPMENT
        for row in _rows(path)
        if _essence(row["q"]) in trained
    ]
    assert leaked == []


def test_fixed_phrases_are_acts_and_no_questions() -> None:
    fixed = {_essence(phrase) for phrase in _FIXED_PHRASES}
    assert [row for path in _RETRIEVAL for row in _rows(path) if _essence(row["q"]) in fixed] == []


@pytest.mark.parametrize("path", _RETRIEVAL, ids=lambda path: path.name)
def test_development_questions_are_labelled_once_and_with_known_clauses(path: Path, policy: Policy) -> None:
    rows = _rows(path)
    ids = {row["id"] for row in rows}
    assert len(ids) == len(rows)
    for row in rows:
        kinds = [bool(row.get(kind)) for kind in ("clauses", "silent", "offtopic")]
        assert sum(kinds) == 1, row["id"]
        assert set(row.get("clauses", [])) <= set(policy.clause_ids), row["id"]
        assert row["part"] in {"tidy", "realistic"}, row["id"]
        assert row.get("paraphrase_of", row["id"]) in ids, row["id"]


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_clause_has_wordings_enough_to_learn_from(policy: Policy, wordings: list[Wording], language: str) -> None:
    first = Counter(row.clauses[0] for row in wordings if row.clauses and row.language == language)
    assert {clause_id: first[clause_id] for clause_id in policy.clause_ids if first[clause_id] < 40} == {}


@pytest.mark.parametrize("language", ["ja", "en"])
def test_silent_topics_are_many_and_fine_grained(wordings: list[Wording], language: str) -> None:
    topics = {row.silent for row in wordings if row.silent and row.language == language}
    assert len(topics) > 100


def test_exercise_intents_are_the_six_requests_and_their_clauses_exist(policy: Policy, wordings: list[Wording]) -> None:
    kinds = {"disclosure", "purpose_notice", "correction", "suspension", "third_party_stop", "complaint"}
    assert {intent.removeprefix("exercise_") for intent in GOVERNING_CLAUSES} == kinds
    assert set(GOVERNING_CLAUSES.values()) <= set(policy.clause_ids)
    assert set(GOVERNING_CLAUSES) <= {row.intent for row in wordings}


def test_people_in_wordings_are_invented() -> None:
    texts = [row["q"] for path in (*_FILES, *_DEVELOPMENT) for row in _rows(path)]
    hosts = {host.lower() for text in texts for host in _MAIL.findall(text)}
    assert {host for host in hosts if not re.search(r"(^|\.)example(\.(com|org|net|jp|co\.jp))?$", host)} == set()


def test_rows_are_read_with_their_labels(tmp_path: Path, write_lines: Callable[..., None]) -> None:
    path = tmp_path / "some.name.ja.jsonl"
    write_lines(
        path,
        [
            {"q": "何に使うの", "clauses": ["purpose", "use"]},
            {"q": "消して", "clauses": ["rights.4"], "intent": "exercise_suspension"},
            {"q": "クッキーは", "silent": "cookies"},
            {"q": "送料は", "offtopic": "order"},
            {"q": "はい", "intent": "affirm"},
        ],
    )
    rows = list(read_file(path, {"purpose", "use", "rights.4"}))
    assert rows[0] == Wording("何に使うの", "ja", clauses=("purpose", "use"), source="some")
    assert rows[1].intent == "exercise_suspension"
    assert [row.answerable for row in rows] == [True, True, False, False, False]
    assert [(row.silent, row.offtopic, row.intent) for row in rows[2:]] == [
        ("cookies", "", ""),
        ("", "order", ""),
        ("", "", "affirm"),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "",
        "not json",
        "[]",
        '"text"',
        '{"clauses": ["purpose"]}',
        '{"q": "  ", "clauses": ["purpose"]}',
        '{"q": 3, "clauses": ["purpose"]}',
        '{"q": "x"}',
        '{"q": "x", "clauses": []}',
        '{"q": "x", "clauses": ["nowhere"]}',
        '{"q": "x", "clauses": "purpose", "intent": "ask_policy"}',
        '{"q": "x", "clauses": ["purpose"], "silent": "y"}',
        '{"q": "x", "silent": "y", "offtopic": "z"}',
        '{"q": "x", "clauses": ["purpose"], "note": "misspelt key"}',
    ],
)
def test_row_is_refused_with_its_place_when_it_is_malformed(tmp_path: Path, line: str) -> None:
    path = tmp_path / "few.ja.jsonl"
    path.write_text(f'{{"q": "x", "clauses": ["purpose"]}}\n{line}\n', "utf-8")
    with pytest.raises(WordingFormatError, match=r"^few\.ja\.jsonl:2: "):
        list(read_file(path, {"purpose"}))


def test_clauses_are_not_checked_when_no_policy_is_given(tmp_path: Path, write_lines: Callable[..., None]) -> None:
    # Rasa's side reads the rows without a policy at hand.
    write_lines(tmp_path / "few.ja.jsonl", [{"q": "x", "clauses": ["of.another.shop"]}])
    assert load_wordings(tmp_path)[0].clauses == ("of.another.shop",)


def test_clauses_must_be_a_list_even_when_no_policy_is_given(tmp_path: Path, write_lines: Callable[..., None]) -> None:
    write_lines(tmp_path / "few.ja.jsonl", [{"q": "x", "clauses": "purpose"}])  # would become one label a letter
    with pytest.raises(WordingFormatError, match="not a list"):
        load_wordings(tmp_path)


def test_later_duplicates_are_dropped_within_a_language(tmp_path: Path, write_lines: Callable[..., None]) -> None:
    write_lines(tmp_path / "a.ja.jsonl", [{"q": "TEL", "clauses": ["contact"]}, {"q": "TEL", "silent": "x"}])
    write_lines(tmp_path / "b.ja.jsonl", [{"q": "TEL", "offtopic": "x"}, {"q": "tel", "offtopic": "x"}])
    write_lines(tmp_path / "c.en.jsonl", [{"q": "TEL", "clauses": ["contact"]}])
    rows = load_wordings(tmp_path)
    assert [(row.source, row.text) for row in rows] == [("a", "TEL"), ("b", "tel"), ("c", "TEL")]


def test_files_are_listed_in_a_stable_order_and_others_left_out(tmp_path: Path) -> None:
    for name in ("b.ja.jsonl", "a.en.jsonl", "a.ja.jsonl", "notes.txt", "a.jsonl", "c.japanese.jsonl"):
        (tmp_path / name).touch()
    assert [path.name for path in list_files(tmp_path)] == ["a.en.jsonl", "a.ja.jsonl", "b.ja.jsonl"]


def test_hash_changes_with_names_and_contents_and_not_with_the_order(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.write_text("1")
    other.write_text("2")
    first = hash_files([one, other])
    assert re.fullmatch(r"[0-9a-f]{64}", first)
    assert hash_files([other, one]) == first
    other.write_text("3")
    assert hash_files([one, other]) != first
    other.write_text("2")
    assert hash_files([one, other.rename(tmp_path / "renamed")]) != first
