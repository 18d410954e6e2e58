"""What a response to the desk's last words means: every label with a score, learned from responses by hand.

People consent, take up an offer, change their mind and hesitate in more ways than any list of words holds, and in every
dialect. Linear classifiers (regularised least squares) over words, characters and how each part begins and ends tell
them apart, one for each of SORTS. What was measured: docs/retrieval.md.

`<sort>/<writer>.<language>.jsonl` are the examples, one object a line: `q`, `labels`, and for changes `kinds`, those of
the request before it; `<sort>/development/` is the same and is never trained on.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from knowledge.classifier import Kernel, LabelClassifier, fit_classifier
from knowledge.errors import WordingFormatError
from knowledge.features import Vocabulary, extract_features
from knowledge.openings import Example, list_opening_files, load_openings
from knowledge.text import normalise

RIGHTS = ("disclosure", "purpose_notice", "correction", "suspension", "third_party_stop", "complaint")
# Each with the labels of which an example has exactly one; a change has the kinds that it newly wants besides.
CONSENTS, OFFERS, CHANGES = "consents", "offers", "changes"
SORTS: dict[str, tuple[str, ...]] = {
    CONSENTS: ("yes", "cancel", "change", "wait", "question", "chat"),  # "Is this right? Shall I send it?"
    OFFERS: ("accept", "other"),  # "Shall I take it down?", "I have stopped."
    CHANGES: ("instead", "also", "drop", "same"),  # any question of a request
}
RIDGE = 0.3
_PARTS = re.compile(r"[。.!！?？、,\n]+")
_EDGES = (2, 3, 4)  # characters from the beginning and from the end of a part


@dataclass(frozen=True, slots=True)
class ResponseReader:
    """The trained model of one sort, of both languages at once."""

    labels: tuple[str, ...]
    vocabulary: Vocabulary
    classifier: LabelClassifier

    def read(self, text: str) -> dict[str, float]:
        """Every label's score, near 1 for "so it is" and near 0 for not; an empty text scores as any."""
        vector = self.vocabulary.vectorise(list(_list_features(text)))
        return dict(zip(self.labels, self.classifier.score(vector).tolist(), strict=True))

    def save(self, folder: Path) -> None:
        """Write it as arrays and JSON into a folder, which is made."""
        folder.mkdir(parents=True)
        header = {"labels": self.labels, "features": list(self.vocabulary.index)}
        (folder / "labels.json").write_text(json.dumps(header, ensure_ascii=False), "utf-8")
        weights, bias = self.classifier.weights, self.classifier.bias
        np.savez(folder / "arrays.npz", weights=weights, bias=bias, idf=self.vocabulary.idf)

    @classmethod
    def load(cls, folder: Path) -> ResponseReader:
        """Read what `save` wrote."""
        header = json.loads((folder / "labels.json").read_text("utf-8"))
        with np.load(folder / "arrays.npz") as arrays:
            vocabulary = Vocabulary.number(header["features"], arrays["idf"])
            return cls(tuple(header["labels"]), vocabulary, LabelClassifier(arrays["weights"], arrays["bias"]))


def list_examples(shop: Path, sort: str) -> list[Example]:
    """What the reader of a sort learns from: its own examples, and for changes the consents, which change no kinds."""
    found = load_openings(list_opening_files(shop / sort))
    if sort != CHANGES or not found:
        return found
    consents = load_openings(list_opening_files(shop / CONSENTS))
    return [*found, *(replace(one, labels=("same",)) for one in consents if "change" not in one.labels)]


def train_responses(sort: str, examples: Sequence[Example]) -> ResponseReader:
    """Train the reader of one of SORTS. Build time only.

    Raises: WordingFormatError: an example has not exactly one label of its sort, or one that is none.
    """
    labels = (*SORTS[sort], *(RIGHTS if sort == CHANGES else ()))
    documents = [list(_list_features(example.text)) for example in examples]
    vocabulary = Vocabulary.fit(documents, min_count=1)
    kernel = Kernel.compute([vocabulary.vectorise(document) for document in documents], len(vocabulary.index))
    targets = np.zeros((len(examples), len(labels)), dtype=np.float32)
    for row, example in enumerate(examples):
        said = set(example.labels)
        if len(said & set(SORTS[sort])) != 1 or not said <= set(labels):
            raise WordingFormatError(f"{example.writer}: {example.labels} is not one of {', '.join(SORTS[sort])}")
        targets[row, [labels.index(label) for label in said]] = 1.0
    classifier, _ = fit_classifier(kernel, targets, RIDGE)
    return ResponseReader(labels, vocabulary, classifier)


def _list_features(text: str) -> Iterator[str]:
    """A text's words and characters, how its parts begin (`b:`) and end (`e:`), and whether it asks or holds digits."""
    yield from extract_features(text)
    plain = normalise(text).lower()
    for part in filter(None, (part.strip() for part in _PARTS.split(plain))):
        words = part.split()
        yield from (f"b:{part[:size]}" for size in _EDGES)
        yield from (f"b:{' '.join(words[:count])}" for count in (1, 2))
        yield from (f"e:{part[-size:]}" for size in _EDGES)
    yield f"e:{plain[-2:]}$"
    if "?" in plain:
        yield "asks"
    if re.search(r"\d|@", plain):
        yield "value"
