"""The reader of first messages: what it learns, that it tells several labels, and that it comes back as saved."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from knowledge.acts import ActClassifier, train_acts
from knowledge.errors import WordingFormatError
from knowledge.openings import Example, list_opening_files, load_openings
from knowledge.reader import NOTHING, Reader, train_reader
from knowledge.wordings import GOVERNING_CLAUSES, Wording

WriteLines = Callable[[Path, list[dict[str, Any]]], None]

STORY = 20  # characters; shorter ones, such as "close my account", everybody writes
SEEN = ["I want to see my data", "Please show me what you hold", "Send me a copy of everything you have on me"]
GONE = ["Please delete my account", "Erase all of it", "Remove me from your list"]
ASKED = ["How long do you keep it?", "Do you sell my data?", "Who reads this?", "What is a cookie?"]


def _wordings() -> list[Wording]:
    rows = [(text, "exercise_disclosure") for text in SEEN] + [(text, "exercise_suspension") for text in GONE]
    return [Wording(text, "en", ("rights.1",), intent=intent) for text, intent in rows * 3] + [
        Wording(text, "en", ("use",)) for text in ASKED * 3
    ]


def _examples() -> list[Example]:
    both = [f"{seen}. {gone}." for seen in SEEN for gone in GONE]
    return [
        *(Example(text, "en", ("disclosure",)) for text in SEEN),
        *(Example(text, "en", ("suspension",)) for text in GONE),
        *(Example(text, "en", ("disclosure", "suspension")) for text in both[:6]),
        *(Example(text, "en", ()) for text in ASKED),
        Example("My mother asked me to write. Delete her account.", "en", ("suspension",), "appointed"),
    ]


@pytest.fixture(scope="module")
def reader() -> Reader:
    acts, aside = train_acts(_wordings(), _examples())
    return train_reader(acts, [*_examples(), *aside])


def test_labels_are_kinds_capacities_and_nothing(reader: Reader) -> None:
    assert reader.labels == ("appointed", "disclosure", NOTHING, "suspension")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Show me a copy of my data. Delete my account.", {"disclosure", "suspension"}),
        ("Please show me everything you hold", {"disclosure"}),
        ("Do you keep cookies?", {NOTHING}),
    ],
)
def test_a_message_scores_high_for_all_that_it_wants(reader: Reader, text: str, wanted: set[str]) -> None:
    told = reader.read(text)
    first = sorted(told, key=lambda label: -told[label])[: len(wanted)]
    assert set(first) == wanted


def test_the_reader_comes_back_as_it_was_saved(reader: Reader, tmp_path: Path) -> None:
    reader.acts.save(tmp_path / "acts")
    reader.save(tmp_path / "reader")
    again = Reader.load(tmp_path / "reader", ActClassifier.load(tmp_path / "acts"))
    for text in [*SEEN, "", "日本語です"]:
        assert again.read(text) == pytest.approx(reader.read(text))


def test_an_empty_text_is_no_failure(reader: Reader) -> None:
    assert all(np.isfinite(score) for score in reader.read("").values())


def test_what_the_second_step_sees_was_kept_from_the_first() -> None:
    words = ["apple", "banana", "cherry", "damson", "elder", "fig", "grape"]
    wordings = [Wording(f"show me {word}", "en", ("rights.1",), intent="exercise_disclosure") for word in words]
    acts, aside = train_acts([*wordings, *(Wording(text, "en", ("use",)) for text in ASKED)])
    assert {example.text for example in aside if example.labels} == {"show me apple", "show me grape"}
    vocabulary = acts.vocabulary
    assert [vocabulary.share_unknown(word) for word in words] == [1, 0, 0, 0, 0, 0, 1]


def test_examples_are_read_with_writer_and_language(tmp_path: Path, write_lines: WriteLines) -> None:
    write_lines(tmp_path / "ann.en.jsonl", [{"q": "Delete it", "labels": ["suspension"], "agent": "legal"}])
    (tmp_path / "development").mkdir()
    write_lines(tmp_path / "development" / "ann.en.jsonl", [{"q": "never trained on", "labels": []}])
    assert load_openings(list_opening_files(tmp_path)) == [
        Example("Delete it", "en", ("suspension",), "legal", "ann"),
    ]


@pytest.mark.parametrize(
    "row", [{"labels": []}, {"q": " ", "labels": []}, {"q": "a"}, {"q": "a", "labels": [], "x": 1}]
)
def test_a_row_that_is_no_example_is_refused(tmp_path: Path, row: dict[str, Any], write_lines: WriteLines) -> None:
    write_lines(tmp_path / "ann.en.jsonl", [row])
    with pytest.raises(WordingFormatError, match=r"ann\.en\.jsonl:1"):
        load_openings(list_opening_files(tmp_path))


def test_no_opening_that_measures_is_trained_on(shop: Path, root: Path, wordings: list[Wording]) -> None:
    trained = {one.text for one in load_openings(list_opening_files(shop / "openings"))}
    held_out = {one.text for one in load_openings(list_opening_files(shop / "openings" / "development"))}
    kept = (root / "tests" / "journeys" / "conversations.jsonl").read_text("utf-8").splitlines()
    stories = {text for row in kept for text in json.loads(row)["turns"][:1] if len(str(text)) > STORY}
    assert trained & (held_out | stories) == set()
    assert held_out & {one.text for one in wordings} == set()


def test_openings_want_known_kinds_in_known_capacities(shop: Path) -> None:
    files = [*list_opening_files(shop / "openings"), *list_opening_files(shop / "openings" / "development")]
    kinds = {intent.removeprefix("exercise_") for intent in GOVERNING_CLAUSES}
    examples = load_openings(files)
    assert {label for one in examples for label in one.labels} == kinds
    assert {one.agent for one in examples} == {"", "legal", "appointed"}
    assert len({one.text for one in examples}) == len(examples)
