"""The reader of answers to the review: what it learns, that it comes back as saved, and what it refuses to learn."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from knowledge.consent import LABELS, ConsentReader, train_consent
from knowledge.errors import WordingFormatError
from knowledge.openings import Example, list_opening_files, load_openings

SHOP = Path(__file__).parents[2] / "knowledge" / "policies" / "coverchord"
SAID = {
    "yes": ["はい、送ってください", "それでお願いします", "yes, send it", "looks right, go ahead"],
    "cancel": ["やっぱりやめます", "送らないでください", "never mind, I'll leave it", "don't send it at all"],
    "change": ["名前が違います", "住所を直したい", "the name is wrong", "my mail has changed"],
    "wait": ["ちょっと待って", "まだ送らないで", "hang on a minute", "give me a second"],
    "question": ["費用はいくら?", "いつ届きますか?", "what does it cost?", "who reads this?"],
    "chat": ["今日は暑いですね", "おおきに", "lovely weather", "thanks dear"],
}


@pytest.fixture(scope="module")
def reader() -> ConsentReader:
    """Trained on a few answers of each label."""
    return train_consent([Example(text, "ja", (label,)) for label, texts in SAID.items() for text in texts])


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("はい、それでお願いします", "yes"),
        ("please send it, looks right", "yes"),
        ("やめます", "cancel"),
        ("待って", "wait"),
    ],
)
def test_an_unseen_answer_scores_highest_for_what_it_says(reader: ConsentReader, text: str, label: str) -> None:
    scores = reader.read(text)
    assert tuple(scores) == LABELS
    assert max(scores, key=lambda one: scores[one]) == label


def test_the_reader_comes_back_as_it_was_saved(reader: ConsentReader, tmp_path: Path) -> None:
    reader.save(tmp_path / "consent")
    again = ConsentReader.load(tmp_path / "consent")
    for text in ("はい", "send it", ""):
        assert again.read(text) == pytest.approx(reader.read(text))


@pytest.mark.parametrize("text", ["", "\ud800", "?" * 2000, "はい" * 1000])
def test_any_text_is_scored(reader: ConsentReader, text: str) -> None:
    assert all(np.isfinite(score) for score in reader.read(text).values())


@pytest.mark.parametrize("labels", [(), ("yes", "chat"), ("perhaps",)])
def test_an_example_has_one_known_label(labels: tuple[str, ...]) -> None:
    with pytest.raises(WordingFormatError):
        train_consent([Example("はい", "ja", labels, writer="first")])


def test_no_development_answer_is_trained_on() -> None:
    trained = {one.text for one in load_openings(list_opening_files(SHOP / "consents"))}
    held_out = {one.text for one in load_openings(list_opening_files(SHOP / "consents" / "development"))}
    assert held_out
    assert not trained & held_out
