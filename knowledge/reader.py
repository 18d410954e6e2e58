"""What a message wants or answers: every label with a score, learned from whole messages written by hand.

Two steps. A linear classifier over all wordings tells the acts of a text and of each of its parts (`acts`); a message
is then a point among the hand-written examples, told by those acts, by its own words and by its length. Regularised
least squares over both (a Gaussian kernel and a linear one): in closed form, in a second for a thousand examples, and
served by numpy alone. What was measured: docs/retrieval.md.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from knowledge.acts import ActClassifier
from knowledge.classifier import Kernel, LabelClassifier, map_array
from knowledge.features import Floats
from knowledge.memo import remembered
from knowledge.openings import Example

NOTHING = "nothing"  # the label of what wants nothing
RIDGE = 0.3  # of the examples
WIDTH = 0.6  # of the Gaussian kernel, per unit of mean squared distance
FURTHEST = 4.0  # standard deviations to which a feature is cut
_ARRAYS = ("centre", "scale", "points", "lengths", "duals")


@dataclass(frozen=True, slots=True, eq=False)
class Reader:
    """The trained model, like no other. `labels` of the scores; n examples as standardised `points` (n, d) float32.

    `centre` and `scale` (d,) standardise; `lengths` (n,) are the points' squared lengths, which no reading need compute
    again; `duals` (n, labels) weigh the examples, `words` their words. Several readers share their `acts`.
    """

    labels: tuple[str, ...]
    acts: ActClassifier
    centre: Floats
    scale: Floats
    points: Floats
    lengths: Floats
    duals: Floats
    words: LabelClassifier

    def read(self, text: str) -> dict[str, float]:
        """Every label's score, near 1 for "so it is" and near 0 for not; an empty text scores as any."""
        return dict(_read_remembered(self, text))

    def save(self, folder: Path) -> None:
        """Write all but the acts as arrays and JSON into a folder, which is made."""
        folder.mkdir(parents=True)
        (folder / "labels.json").write_text(json.dumps(self.labels), "utf-8")
        for name in _ARRAYS:
            np.save(folder / f"{name}.npy", getattr(self, name))
        self.words.save(folder)

    @classmethod
    def load(cls, folder: Path, acts: ActClassifier) -> Reader:
        """Read what `save` wrote, to go with the same acts."""
        labels = tuple(json.loads((folder / "labels.json").read_text("utf-8")))
        arrays = {name: map_array(folder / f"{name}.npy") for name in _ARRAYS}
        return cls(labels, acts, **arrays, words=LabelClassifier.load(folder))


@remembered
def _read_remembered(reader: Reader, text: str) -> dict[str, float]:
    reading = reader.acts.read(text)
    point = _standardise(reading.acts, reader.centre, reader.scale)[None]
    scores = _compare(point, reader.points, reader.lengths)[0] @ reader.duals + reader.words.score(reading.words)
    return dict(zip(reader.labels, scores.tolist(), strict=True))


def train_reader(acts: ActClassifier, examples: Sequence[Example], labels: Sequence[str] = ()) -> Reader:
    """Train the second step. Build time only. `examples` must not be empty.

    `labels`: all that are to be scored, if those of the examples are not all.
    """
    readings = [acts.read(example.text) for example in examples]
    wanted = [set(example.labels or (NOTHING,)) | {example.agent} - {""} for example in examples]
    labels = labels or sorted(set().union(*wanted))
    targets = np.array([[label in one for label in labels] for one in wanted], dtype=np.float32)
    told = np.stack([reading.acts for reading in readings])
    centre, scale = told.mean(axis=0), told.std(axis=0) + 1e-3
    points = _standardise(told, centre, scale)
    lengths = _square_lengths(points)
    kernel = Kernel.compute([reading.words for reading in readings], len(acts.vocabulary.index))
    gram = kernel.gram + _compare(points, points, lengths) + RIDGE * np.eye(len(points), dtype=np.float32)
    bias = targets.mean(axis=0)
    duals: Any = np.linalg.solve(gram, targets - bias)
    words = LabelClassifier(np.asarray(kernel.matrix.T @ duals, dtype=np.float16), bias.astype(np.float32))
    return Reader(tuple(labels), acts, centre, scale, points, lengths, duals.astype(np.float32), words)


def _standardise(told: Floats, centre: Floats, scale: Floats) -> Floats:
    return np.asarray(np.clip((told - centre) / scale, -FURTHEST, FURTHEST), dtype=np.float32)


def _square_lengths(points: Floats) -> Floats:
    return np.asarray((points**2).sum(axis=1), dtype=np.float32)


def _compare(left: Floats, right: Floats, lengths: Floats) -> Floats:
    """Gaussian kernel (len(left), len(right)) of standardised points, those to the right with their squared `lengths`.

    The distance is a mean over features.
    """
    squares = _square_lengths(left)[:, None] + lengths[None] - 2 * left @ right.T
    return np.asarray(np.exp(-WIDTH * squares / left.shape[1]), dtype=np.float32)
