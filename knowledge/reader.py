"""What a first message wants: every label with a score, learned from whole messages written by hand.

Two steps. A linear classifier over all wordings tells the act of a text and of each of its parts (asks, asks how,
wants this or that); a message is then a point among the hand-written examples, told by those acts, by its own words and
by its length. Regularised least squares over both (a Gaussian kernel and a linear one): in closed form, in a
second for a thousand examples, and served by numpy alone. What was measured: docs/retrieval.md.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from knowledge.classifier import Kernel, LabelClassifier, fit_classifier
from knowledge.features import Floats, SparseVector, Vocabulary, extract_features
from knowledge.memo import remembered
from knowledge.openings import Example
from knowledge.wordings import GOVERNING_CLAUSES, Wording

NOTHING = "nothing"  # the label of what wants nothing
QUESTIONS = 2400  # of the many plain questions as many are learned from as of most other acts together
ASIDE = 6  # every sixth wording is kept from the first step, so that the second sees its acts as of something new
ACT_RIDGE = 1.0
RIDGE = 0.3  # of the examples
WIDTH = 0.6  # of the Gaussian kernel, per unit of mean squared distance
FURTHEST = 4.0  # standard deviations to which a feature is cut
# Of sentences, since a second wish often follows behind a comma; shorter ones only join words.
_PARTS = re.compile(r"(?<=[。.!?！？…])(?=\s|[^\x00-\x7f]|$)|\n|[、,;:]\s*|\s(?=(?:and|but|then|plus)\s)")
_SHORTEST = 4
_ARRAYS = ("centre", "scale", "points", "duals")
_JAPANESE = re.compile(r"[぀-ヿ㐀-䶿一-鿿]")


@dataclass(frozen=True, slots=True)
class Reading:
    """A message as the reader sees it: `acts` (d,) float32 and the words of the whole as a sparse vector."""

    acts: Floats
    words: SparseVector


@dataclass(frozen=True, slots=True)
class ActClassifier:
    """What a text does, over both languages: scores of all `acts` (wordings' intents), near 1 for "this one"."""

    acts: tuple[str, ...]
    vocabulary: Vocabulary
    classifier: LabelClassifier

    def read(self, text: str) -> Reading:
        """The acts of the whole, the most that any part scores, those of the last, and how long it is."""
        parts = [part.strip() for part in _PARTS.split(text) if part and len(part.strip()) >= _SHORTEST] or [text]
        whole = self.vocabulary.vectorise(extract_features(text))
        scores = self.classifier.score(whole)
        single = [scores]
        if len(parts) > 1:
            single = [self.classifier.score(self.vocabulary.vectorise(extract_features(part))) for part in parts]
        shape = [np.log(1 + len(text)), len(parts), float(bool(_JAPANESE.search(text)))]
        acts = np.concatenate([scores, np.max(single, axis=0), single[-1], shape])
        return Reading(np.asarray(acts, dtype=np.float32), whole)


@dataclass(frozen=True, slots=True, eq=False)
class Reader:
    """The trained model, like no other. `labels` of the scores; n examples as standardised `points` (n, d) float32.

    `centre` and `scale` (d,) standardise; `duals` (n, labels) weigh the examples, `words` their words.
    """

    labels: tuple[str, ...]
    acts: ActClassifier
    centre: Floats
    scale: Floats
    points: Floats
    duals: Floats
    words: LabelClassifier

    def read(self, text: str) -> dict[str, float]:
        """Every label's score, near 1 for "wanted" and near 0 for not; an empty text scores as any."""
        return dict(_read_remembered(self, text))

    def score(self, reading: Reading) -> dict[str, float]:
        """The same for a message that was read before."""
        likeness = _compare(_standardise(reading.acts, self.centre, self.scale)[None], self.points)[0]
        scores = likeness @ self.duals + self.words.score(reading.words)
        return dict(zip(self.labels, scores.tolist(), strict=True))

    def save(self, folder: Path) -> None:
        """Write it as arrays and JSON into a folder, which is made."""
        folder.mkdir()
        header = {"labels": self.labels, "acts": self.acts.acts, "features": list(self.acts.vocabulary.index)}
        (folder / "labels.json").write_text(json.dumps(header, ensure_ascii=False), "utf-8")
        arrays = {name: getattr(self, name) for name in _ARRAYS}
        np.savez(
            folder / "arrays.npz",
            idf=self.acts.vocabulary.idf,
            act_weights=self.acts.classifier.weights,
            act_bias=self.acts.classifier.bias,
            word_weights=self.words.weights,
            word_bias=self.words.bias,
            **arrays,
        )

    @classmethod
    def load(cls, folder: Path) -> Reader:
        """Read what `save` wrote."""
        header = json.loads((folder / "labels.json").read_text("utf-8"))
        with np.load(folder / "arrays.npz") as arrays:
            vocabulary = Vocabulary.number(header["features"], arrays["idf"])
            classifier = LabelClassifier(arrays["act_weights"], arrays["act_bias"])
            return cls(
                labels=tuple(header["labels"]),
                acts=ActClassifier(tuple(header["acts"]), vocabulary, classifier),
                words=LabelClassifier(arrays["word_weights"], arrays["word_bias"]),
                **{name: arrays[name] for name in _ARRAYS},
            )


@remembered
def _read_remembered(reader: Reader, text: str) -> dict[str, float]:
    return reader.score(reader.acts.read(text))


def train_reader(wordings: Sequence[Wording], examples: Sequence[Example]) -> Reader:
    """Train both steps. Build time only. `examples` must not be empty."""
    acts, aside = train_acts(wordings)
    examples = [*examples, *aside]
    return fit_reader(acts, examples, [acts.read(example.text) for example in examples])


def train_acts(wordings: Sequence[Wording]) -> tuple[ActClassifier, list[Example]]:
    """Learn the acts from the wordings of both languages; and the wordings kept aside, as examples."""
    chosen, aside = _divide(wordings)
    documents = [extract_features(wording.text) for wording in chosen]
    vocabulary = Vocabulary.fit(documents)
    acts = sorted({_name_act(wording) for wording in chosen})
    targets = np.zeros((len(chosen), len(acts)), dtype=np.float32)
    targets[np.arange(len(chosen)), [acts.index(_name_act(wording)) for wording in chosen]] = 1.0
    kernel = Kernel.compute([vocabulary.vectorise(document) for document in documents], len(vocabulary.index))
    classifier, _ = fit_classifier(kernel, targets, ACT_RIDGE)
    return ActClassifier(tuple(acts), vocabulary, classifier), [_as_example(wording) for wording in aside]


def fit_reader(acts: ActClassifier, examples: Sequence[Example], readings: Sequence[Reading]) -> Reader:
    """Fit the second step on examples as the first step reads them."""
    wanted = [set(example.labels or (NOTHING,)) | {example.agent} - {""} for example in examples]
    labels = sorted(set().union(*wanted))
    targets = np.array([[label in one for label in labels] for one in wanted], dtype=np.float32)
    told = np.stack([reading.acts for reading in readings])
    centre, scale = told.mean(axis=0), told.std(axis=0) + 1e-3
    points = _standardise(told, centre, scale)
    kernel = Kernel.compute([reading.words for reading in readings], len(acts.vocabulary.index))
    gram = kernel.gram + _compare(points, points) + RIDGE * np.eye(len(points), dtype=np.float32)
    bias = targets.mean(axis=0)
    duals: Any = np.linalg.solve(gram, targets - bias)
    words = LabelClassifier(np.asarray(kernel.matrix.T @ duals, dtype=np.float16), bias.astype(np.float32))
    return Reader(tuple(labels), acts, centre, scale, points, duals.astype(np.float32), words)


def _name_act(wording: Wording) -> str:
    return wording.intent or ("out_of_scope" if wording.offtopic else "ask_policy")


def _as_example(wording: Wording) -> Example:
    labels = (wording.intent.removeprefix("exercise_"),) if wording.intent in GOVERNING_CLAUSES else ()
    return Example(wording.text, wording.language, labels)


def _divide(wordings: Sequence[Wording]) -> tuple[list[Wording], list[Wording]]:
    """Wordings to learn the acts from, and those kept aside; of the plain questions only some, evenly."""
    questions = [wording for wording in wordings if _name_act(wording) == "ask_policy"]
    others = [wording for wording in wordings if _name_act(wording) != "ask_policy"]
    step = max(2, len(questions) // QUESTIONS)
    chosen = [wording for row, wording in enumerate(others) if row % ASIDE]
    return [*chosen, *questions[::step]], [*others[::ASIDE], *questions[1 :: step * ASIDE // 4]]


def _standardise(told: Floats, centre: Floats, scale: Floats) -> Floats:
    return np.asarray(np.clip((told - centre) / scale, -FURTHEST, FURTHEST), dtype=np.float32)


def _compare(left: Floats, right: Floats) -> Floats:
    """Gaussian kernel (len(left), len(right)) of standardised points; the distance is a mean over features."""
    squares = (left**2).sum(axis=1)[:, None] + (right**2).sum(axis=1)[None] - 2 * left @ right.T
    return np.asarray(np.exp(-WIDTH * squares / left.shape[1]), dtype=np.float32)
