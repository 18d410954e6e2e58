"""The reader of changes: what is wanted after a message in the middle of a request, and that it comes back as saved."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from knowledge.acts import train_acts
from knowledge.changes import ChangeReader, list_wanted, train_changes
from knowledge.openings import Example
from knowledge.reader import train_reader
from knowledge.responses import RIGHTS
from knowledge.wordings import Wording

NAMED = {"disclosure": ("開示", "写し"), "suspension": ("削除", "消去"), "correction": ("訂正", "修正")}
WRITERS = ("ann", "ben", "cho")


def _wordings() -> list[Wording]:
    wanted = [
        Wording(f"{word}してください", "ja", ("rights.1",), intent=f"exercise_{kind}")
        for kind, words in NAMED.items()
        for word in words
    ]
    return [*wanted, *(Wording(text, "ja", ("use",)) for text in ("いつまで?", "誰が?", "どこで?"))]


def _openings() -> list[Example]:
    return [
        Example(f"{word}をお願いします。{writer}です", "ja", (kind,), writer=writer)
        for kind, words in NAMED.items()
        for word in words
        for writer in WRITERS
    ]


def _changes() -> list[Example]:
    """Three writers who change every kind to every other, add one, leave one out, and say something else."""
    pairs = [(old, new) for old in NAMED for new in NAMED if old != new]
    ends = dict(zip(WRITERS, ("で", "でお願い", "にして"), strict=True))
    found: list[Example] = []
    for writer, end in ends.items():
        for old, new in pairs:
            was, now = NAMED[old][0], NAMED[new][0]
            found += [
                Example(f"{was}ではなく{now}{end}", "ja", ("instead", new), writer=writer, kinds=(old,)),
                Example(f"あと{now}も{end}", "ja", ("also", new), writer=writer, kinds=(old,)),
                Example(f"{was}はいらない、{now}だけ{end}", "ja", ("drop", new), writer=writer, kinds=(old, new)),
                Example(f"{was}の件、山田{end}", "ja", ("same",), writer=writer, kinds=(old,)),
            ]
    return found


@pytest.fixture(scope="module")
def reader() -> ChangeReader:
    acts, aside = train_acts(_wordings(), [*_openings(), *_changes()])
    first = [*_openings(), *aside]
    return train_changes(acts, train_reader(acts, first), _changes(), first)


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [
        ("開示じゃなく削除でお願い", ("disclosure",), {"suspension"}),
        ("あと訂正もお願い", ("suspension",), {"suspension", "correction"}),
        ("開示はいらない、削除だけで", ("disclosure", "suspension"), {"suspension"}),
        ("削除の件、山田です", ("suspension",), {"suspension"}),
    ],
)
def test_what_is_wanted_depends_on_what_was(
    reader: ChangeReader, text: str, before: tuple[str, ...], after: set[str]
) -> None:
    likely = reader.read(text, before)
    assert tuple(likely) == RIGHTS
    assert {kind for kind, score in likely.items() if score > 1 / 2} == after


@pytest.mark.parametrize("text", ["", "\ud800", "?" * 2000, "開示" * 1000])
def test_any_text_is_scored(reader: ChangeReader, text: str) -> None:
    assert all(0 <= score <= 1 for score in reader.read(text, ("disclosure",)).values())


def test_the_reader_comes_back_as_it_was_saved(reader: ChangeReader, tmp_path: Path) -> None:
    reader.save(tmp_path / "changes")
    again = ChangeReader.load(tmp_path / "changes", reader.changes.acts, reader.openings)
    for text in ("写しではなく消去で", "yes", ""):
        assert again.read(text, ("disclosure",)) == pytest.approx(reader.read(text, ("disclosure",)))


def test_a_shop_without_openings_hears_changes_all_the_same() -> None:
    acts, _ = train_acts(_wordings(), _changes())
    likely = train_changes(acts, None, _changes()).read("開示ではなく削除で", ("disclosure",))
    assert likely["suspension"] > likely["disclosure"]


def test_examples_that_never_change_let_all_kinds_stay() -> None:
    same = [one for one in _changes() if one.labels == ("same",)]
    acts, _ = train_acts(_wordings(), same)
    likely = train_changes(acts, None, same).read("開示ではなく削除で", ("disclosure",))
    assert likely["disclosure"] > 1 / 2 > likely["suspension"]


@pytest.mark.parametrize(
    ("labels", "kinds", "wanted"),
    [
        (("same",), ("disclosure",), ("disclosure",)),
        (("instead", "suspension"), ("disclosure",), ("suspension",)),
        (("also", "suspension"), ("disclosure",), ("disclosure", "suspension")),
        (("drop", "suspension"), ("disclosure", "suspension"), ("suspension",)),
    ],
)
def test_what_is_wanted_after_a_change_is_told_by_its_labels(
    labels: tuple[str, ...], kinds: tuple[str, ...], wanted: tuple[str, ...]
) -> None:
    assert list_wanted(Example("…", "ja", labels, kinds=kinds)) == wanted


def test_no_score_of_the_shops_reader_is_without_a_bound(reader: ChangeReader) -> None:
    assert np.isfinite(reader.staying).all()
    assert np.isfinite(reader.coming).all()
