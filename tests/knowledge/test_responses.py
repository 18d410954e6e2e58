"""The readers of responses: what they learn, that they come back as saved, and what they refuse to learn."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from knowledge.acts import train_acts
from knowledge.errors import WordingFormatError
from knowledge.openings import Example, list_opening_files, load_openings
from knowledge.reader import Reader
from knowledge.responses import CHANGES, CONSENTS, OFFERS, RIGHTS, SORTS, train_responses
from knowledge.wordings import Wording

SHOP = Path(__file__).parents[2] / "knowledge" / "policies" / "coverchord"
SAID = {
    "yes": ["はい、送ってください", "それでお願いします", "yes, send it", "looks right, go ahead"],
    "cancel": ["やっぱりやめます", "送らないでください", "never mind, I'll leave it", "don't send it at all"],
    "change": ["名前が違います", "住所を直したい", "the name is wrong", "my mail has changed"],
    "wait": ["ちょっと待って", "まだ送らないで", "hang on a minute", "give me a second"],
    "question": ["費用はいくら?", "いつ届きますか?", "what does it cost?", "who reads this?"],
    "chat": ["今日は暑いですね", "おおきに", "lovely weather", "thanks dear"],
}


GONE = ["削除してください", "消してほしい", "データを消して"]
ASKED = ["いつまで保管しますか?", "誰が読みますか?", "クッキーとは?"]


@pytest.fixture(scope="module")
def reader() -> Reader:
    """Trained on a few answers of each label."""
    examples = [Example(text, "ja", (label,)) for label, texts in SAID.items() for text in texts]
    return train(CONSENTS, examples)


def train(sort: str, examples: list[Example]) -> Reader:
    wordings = [
        *(Wording(text, "ja", ("rights.1",), intent="exercise_suspension") for text in GONE),
        *(Wording(text, "ja", ("use",)) for text in ASKED),
    ]
    acts, _ = train_acts(wordings, examples)
    return train_responses(sort, acts, examples)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("はい、それでお願いします", "yes"),
        ("please send it, looks right", "yes"),
        ("やめます", "cancel"),
        ("待って", "wait"),
    ],
)
def test_an_unseen_answer_scores_highest_for_what_it_says(reader: Reader, text: str, label: str) -> None:
    scores = reader.read(text)
    assert tuple(scores) == SORTS[CONSENTS]
    assert max(scores, key=lambda one: scores[one]) == label


def test_a_change_is_told_with_the_kinds_that_it_wants() -> None:
    said = [
        Example("開示はやめて削除にして", "ja", ("instead", "suspension")),
        Example("コピーはいらない、消して", "ja", ("instead", "suspension")),
        Example("ついでに住所も直して", "ja", ("also", "correction")),
        Example("あと名前の訂正も", "ja", ("also", "correction")),
        Example("山田花子です", "ja", ("same",)),
        Example("電話はありません", "ja", ("same",)),
    ]
    scores = train(CHANGES, said).read("写しはやめて、消してほしい")
    assert tuple(scores) == (*SORTS[CHANGES], *RIGHTS)
    assert max(SORTS[CHANGES], key=lambda one: scores[one]) == "instead"
    assert max(RIGHTS, key=lambda one: scores[one]) == "suspension"


def test_the_reader_comes_back_as_it_was_saved(reader: Reader, tmp_path: Path) -> None:
    reader.save(tmp_path / "readers" / CONSENTS)
    again = Reader.load(tmp_path / "readers" / CONSENTS, reader.acts)
    assert again.labels == reader.labels
    for text in ("はい", "send it", ""):
        assert again.read(text) == pytest.approx(reader.read(text))


@pytest.mark.parametrize("text", ["", "\ud800", "?" * 2000, "はい" * 1000])
def test_any_text_is_scored(reader: Reader, text: str) -> None:
    assert all(np.isfinite(score) for score in reader.read(text).values())


@pytest.mark.parametrize(
    ("sort", "labels"),
    [
        (CONSENTS, ()),
        (CONSENTS, ("yes", "chat")),
        (CONSENTS, ("perhaps",)),
        (OFFERS, ("yes",)),
        (CHANGES, ("suspension",)),
        (CHANGES, ("instead", "also", "suspension")),
        (CHANGES, ("instead", "deletion")),
    ],
)
def test_an_example_has_one_label_of_its_sort(sort: str, labels: tuple[str, ...]) -> None:
    with pytest.raises(WordingFormatError):
        train(sort, [Example("はい", "ja", labels, writer="first")])


def test_no_development_answer_is_trained_on() -> None:
    trained = {one.text for one in load_openings(list_opening_files(SHOP / CONSENTS))}
    held_out = {one.text for one in load_openings(list_opening_files(SHOP / CONSENTS / "development"))}
    assert held_out
    assert not trained & held_out


def test_every_change_example_says_what_its_kinds_become() -> None:
    """What is newly wanted was not wanted before; what is left of several was."""
    for example in load_openings(list_opening_files(SHOP / CHANGES)):
        named, before = set(example.labels) & set(RIGHTS), set(example.kinds)
        fits = {"drop": named < before, "same": not named}.get(example.labels[0], bool(named - before))
        assert fits, example
        assert before, example
