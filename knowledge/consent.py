"""What an answer to "Is this right? Shall I send it?" says: every label with a score, learned from answers by hand.

People consent, correct, give up and hesitate in more ways than any list of words holds, and in every dialect. A linear
classifier (regularised least squares) over words, characters and how each sentence begins and ends tells them apart.
What was measured: docs/retrieval.md.

`consents/<writer>.<language>.jsonl` are the examples, one object a line: `q` and `labels` with one of LABELS;
`consents/development/` is the same and is never trained on.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from knowledge.classifier import Kernel, LabelClassifier, fit_classifier
from knowledge.errors import WordingFormatError
from knowledge.features import Vocabulary, extract_features
from knowledge.openings import Example
from knowledge.text import normalise

LABELS = ("yes", "cancel", "change", "wait", "question", "chat")
RIDGE = 0.3
_PARTS = re.compile(r"[。.!！?？、,\n]+")
_EDGES = (2, 3, 4)  # characters from the beginning and from the end of a part


@dataclass(frozen=True, slots=True)
class ConsentReader:
    """The trained model, of both languages at once."""

    vocabulary: Vocabulary
    classifier: LabelClassifier

    def read(self, text: str) -> dict[str, float]:
        """Every label's score, near 1 for "so it is" and near 0 for not; an empty text scores as any."""
        vector = self.vocabulary.vectorise(list(_list_features(text)))
        return dict(zip(LABELS, self.classifier.score(vector).tolist(), strict=True))

    def save(self, folder: Path) -> None:
        """Write it as arrays and JSON into a folder, which is made."""
        folder.mkdir()
        (folder / "features.json").write_text(json.dumps(list(self.vocabulary.index), ensure_ascii=False), "utf-8")
        weights, bias = self.classifier.weights, self.classifier.bias
        np.savez(folder / "arrays.npz", weights=weights, bias=bias, idf=self.vocabulary.idf)

    @classmethod
    def load(cls, folder: Path) -> ConsentReader:
        """Read what `save` wrote."""
        features = json.loads((folder / "features.json").read_text("utf-8"))
        with np.load(folder / "arrays.npz") as arrays:
            vocabulary = Vocabulary({name: row for row, name in enumerate(features)}, arrays["idf"])
            return cls(vocabulary, LabelClassifier(arrays["weights"], arrays["bias"]))


def train_consent(examples: Sequence[Example]) -> ConsentReader:
    """Train it. Build time only. Raises: WordingFormatError: an example has no label, or not one of LABELS."""
    documents = [list(_list_features(example.text)) for example in examples]
    vocabulary = Vocabulary.fit(documents, min_count=1)
    kernel = Kernel.compute([vocabulary.vectorise(document) for document in documents], len(vocabulary.index))
    targets = np.zeros((len(examples), len(LABELS)), dtype=np.float32)
    for row, example in enumerate(examples):
        if len(example.labels) != 1 or example.labels[0] not in LABELS:
            raise WordingFormatError(f"{example.writer}: {example.labels} is none of {', '.join(LABELS)}")
        targets[row, LABELS.index(example.labels[0])] = 1.0
    classifier, _ = fit_classifier(kernel, targets, RIDGE)
    return ConsentReader(vocabulary, classifier)


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
