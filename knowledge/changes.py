"""How a message in the middle of a request changes the kinds that are wanted: each kind with a probability.

"No, the other thing", "that too" and "just the second" say it by what was wanted before. So two readers score the
message, one of first messages (which kinds it wants) and one of changes (`responses`: in which way, and which kinds it
newly names), and a logistic regression over their scores decides for each kind: of those wanted before whether it
stays, of the others whether it comes. It is learned from what the reader of changes makes of writers that it has not
seen (stacking; Wolpert, "Stacked Generalization", 1992). What was measured: docs/retrieval.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from knowledge.acts import ActClassifier
from knowledge.features import Floats
from knowledge.memo import remembering
from knowledge.openings import Example
from knowledge.reader import NOTHING, Reader, train_reader
from knowledge.responses import CHANGES, RIGHTS, SORTS, train_responses

_STRENGTH = 0.3  # inverse of the regularisation's; flat from 0.1 to 10
_SOME = 3  # every third of the first messages, beside thousands of changes
_ALWAYS = 3.0  # what examples that never change tell: likely so, by the logistic scale


@dataclass(frozen=True, slots=True)
class ChangeReader:
    """`openings` (None in a shop without) and `changes` score a message; `staying` and `coming` (d + 1,) weigh that.

    The last of each of the weights is the bias.
    """

    openings: Reader | None
    changes: Reader
    staying: Floats
    coming: Floats

    def read(self, text: str, kinds: Sequence[str]) -> dict[str, float]:
        """How likely each right is wanted from here on, 0..1, when `kinds` were wanted before."""
        told, wants = self.changes.read(text), self.openings.read(text) if self.openings else {}
        return {
            kind: _weigh(self.staying if kind in kinds else self.coming, _describe(told, wants, kinds, kind))
            for kind in RIGHTS
        }

    def save(self, folder: Path) -> None:
        """Write all but acts and openings as arrays and JSON into a folder, which is made."""
        self.changes.save(folder)
        np.save(folder / "staying.npy", self.staying)
        np.save(folder / "coming.npy", self.coming)

    @classmethod
    def load(cls, folder: Path, acts: ActClassifier, openings: Reader | None) -> ChangeReader:
        """Read what `save` wrote, to go with the same acts and openings."""
        weights = (np.load(folder / f"{name}.npy") for name in ("staying", "coming"))
        return cls(openings, Reader.load(folder, acts), *weights)


def train_changes(
    acts: ActClassifier, openings: Reader | None, examples: Sequence[Example], first: Sequence[Example] = ()
) -> ChangeReader:
    """Train both steps. Build time only.

    Examples without `kinds` may be said in the middle of any request and change none. `first` are the examples that
    `openings` learned from: what somebody wants once more, in the middle of a request for it, changes nothing.
    Raises: WordingFormatError: an example is none.
    """
    with remembering():  # each message is read once for all of the readers
        changes = train_responses(CHANGES, acts, examples)
        rows = [*_describe_changes(acts, openings, examples), *_describe_again(acts, changes, first)]
        staying, coming = (_fit([row for row in rows if row.stays is stays]) for stays in (True, False))
        return ChangeReader(openings, changes, staying, coming)


@dataclass(frozen=True, slots=True)
class _Row:
    """A kind beside a message: whether it was wanted before (`stays`), what is told of it, and if it is wanted now."""

    stays: bool
    scores: Floats
    wanted: bool


def _describe_changes(acts: ActClassifier, openings: Reader | None, examples: Sequence[Example]) -> Iterator[_Row]:
    """All examples as a reader of changes scores them that has not seen their writer."""
    for writer in sorted({example.writer for example in examples}):
        own = [example for example in examples if example.writer == writer]
        others = [example for example in examples if example.writer != writer]
        reader = train_responses(CHANGES, acts, others or examples)
        for row, example in enumerate(own):
            before = example.kinds or (RIGHTS[row % len(RIGHTS)],)
            yield from _describe_example(replace(example, kinds=before), reader, openings)


def _describe_again(acts: ActClassifier, changes: Reader, first: Sequence[Example]) -> Iterator[_Row]:
    """Some first messages as if their kinds were wanted already, scored by a reader of half of the writers."""
    writers = sorted({example.writer for example in first if example.writer})
    for half in (writers[::2], writers[1::2]):
        others = [example for example in first if example.writer not in half]
        openings = train_reader(acts, others) if others else None
        wanting = [example for example in first if example.writer in half and example.labels]
        for example in wanting[::_SOME]:
            again = replace(example, kinds=example.labels, labels=("same",))
            yield from _describe_example(again, changes, openings)


def _describe_example(example: Example, changes: Reader, openings: Reader | None) -> Iterator[_Row]:
    told, wants = changes.read(example.text), openings.read(example.text) if openings else {}
    wanted = list_wanted(example)
    for kind in RIGHTS:
        yield _Row(kind in example.kinds, _describe(told, wants, example.kinds, kind), kind in wanted)


def list_wanted(example: Example) -> tuple[str, ...]:
    """The rights that are wanted after a change."""
    if "same" in example.labels:
        return example.kinds
    named = tuple(label for label in example.labels if label in RIGHTS)
    return (*example.kinds, *named) if "also" in example.labels else named


def _describe(told: Mapping[str, float], wants: Mapping[str, float], kinds: Sequence[str], kind: str) -> Floats:
    """What is told of a kind, beside what is told of the best of the others, and the products of all that, (90,)."""
    old = [one for one in kinds if one != kind]
    new = [one for one in RIGHTS if one != kind and one not in kinds]
    scores = [
        told[kind],
        wants.get(kind, 0.0),
        *(told[way] for way in SORTS[CHANGES]),
        wants.get(NOTHING, 0.0),
        *(max((told[one] for one in others), default=0.0) for others in (new, old)),
        *(max((wants.get(one, 0.0) for one in others), default=0.0) for others in (new, old)),
        len(kinds) - 1,
    ]
    single = np.array(scores, dtype=np.float32)
    return np.concatenate([single, np.outer(single, single)[np.triu_indices(len(single))]])


def _weigh(weights: Floats, scores: Floats) -> float:
    return float(1 / (1 + np.exp(-(weights[:-1] @ scores + weights[-1]))))


def _fit(rows: Sequence[_Row]) -> Floats:
    """Logistic regression over standardised scores, as weights (d + 1,) of the scores as they are."""
    # scikit-learn is there at build time only.
    from sklearn.linear_model import LogisticRegression

    scores, wanted = np.stack([row.scores for row in rows]), np.array([row.wanted for row in rows])
    if wanted.all() or not wanted.any():
        return np.append(np.zeros(scores.shape[1]), _ALWAYS * (1 if wanted.all() else -1)).astype(np.float32)
    centre, scale = scores.mean(axis=0), scores.std(axis=0) + 1e-6
    model = LogisticRegression(C=_STRENGTH, max_iter=2000).fit((scores - centre) / scale, wanted)
    weights = model.coef_[0] / scale
    return np.append(weights, model.intercept_[0] - weights @ centre).astype(np.float32)
