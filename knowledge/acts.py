"""What a text does, learned from all wordings of both languages: it asks, asks how, wants this or that.

The first step of the readers (`reader`). Each of them learns from a few thousand messages at most; what these words do
in any sentence, it need not learn again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from knowledge.classifier import Kernel, LabelClassifier, fit_classifier
from knowledge.features import Floats, SparseVector, Vocabulary, extract_features
from knowledge.memo import remembered
from knowledge.openings import Example
from knowledge.text import normalise
from knowledge.wordings import GOVERNING_CLAUSES, Wording

QUESTIONS = 2400  # of the many plain questions as many are learned from as of most other acts together
ASIDE = 6  # every sixth wording is kept from the first step, so that the second sees its acts as of something new
RIDGE = 1.0
LEAST_TEXTS = 3  # in which a feature stands; words stay anyway
# Of sentences, since a second wish often follows behind a comma; shorter ones only join words.
_PARTS = re.compile(r"(?<=[。.!?！？…])(?=\s|[^\x00-\x7f]|$)|\n|[、,;:]\s*|\s(?=(?:and|but|then|plus)\s)")
_SHORTEST = 4
_PAUSES = re.compile(r"[。.!！?？、,\n]+")
_EDGES = (2, 3, 4)  # characters from the beginning and from the end of what stands between two pauses
_JAPANESE = re.compile(r"[぀-ヿ㐀-䶿一-鿿]")


@dataclass(frozen=True, slots=True)
class Reading:
    """A message as the readers see it: `acts` (d,) float32 and the words of the whole as a sparse vector."""

    acts: Floats
    words: SparseVector


@dataclass(frozen=True, slots=True, eq=False)
class ActClassifier:
    """What a text does, over both languages: scores of all `acts` (wordings' intents), near 1 for "this one"."""

    acts: tuple[str, ...]
    vocabulary: Vocabulary
    classifier: LabelClassifier

    def read(self, text: str) -> Reading:
        """The acts of the whole, the most that any part scores, those of the last, and how long it is."""
        return _read_remembered(self, text)

    def save(self, folder: Path) -> None:
        """Write it as arrays and JSON into a folder, which is made."""
        folder.mkdir(parents=True)
        (folder / "acts.json").write_text(json.dumps(self.acts), "utf-8")
        self.vocabulary.save(folder)
        self.classifier.save(folder)

    @classmethod
    def load(cls, folder: Path) -> ActClassifier:
        """Read what `save` wrote."""
        acts = tuple(json.loads((folder / "acts.json").read_text("utf-8")))
        return cls(acts, Vocabulary.load(folder), LabelClassifier.load(folder))


@remembered
def _read_remembered(classifier: ActClassifier, text: str) -> Reading:
    parts = [part.strip() for part in _PARTS.split(text) if part and len(part.strip()) >= _SHORTEST] or [text]
    whole = classifier.vocabulary.vectorise(list_features(text))
    scores = classifier.classifier.score(whole)
    single = [scores]
    if len(parts) > 1:
        vectors = (classifier.vocabulary.vectorise(list_features(part)) for part in parts)
        single = [classifier.classifier.score(vector) for vector in vectors]
    shape = [np.log(1 + len(text)), len(parts), float(bool(_JAPANESE.search(text)))]
    acts = np.concatenate([scores, np.max(single, axis=0), single[-1], shape])
    return Reading(np.asarray(acts, dtype=np.float32), whole)


def train_acts(wordings: Sequence[Wording], examples: Sequence[Example] = ()) -> tuple[ActClassifier, list[Example]]:
    """Learn the acts from the wordings of both languages. Build time only.

    `examples`: all messages that the readers are to learn from, whose words are numbered as well.
    Returns: the classifier, and the wordings kept aside, as examples.
    """
    chosen, aside = _divide(wordings)
    documents = [list_features(wording.text) for wording in chosen]
    spoken = [list_features(example.text) for example in examples]
    vocabulary = Vocabulary.fit([*documents, *spoken], min_count=LEAST_TEXTS)
    acts = sorted({_name_act(wording) for wording in chosen})
    targets = np.zeros((len(chosen), len(acts)), dtype=np.float32)
    targets[np.arange(len(chosen)), [acts.index(_name_act(wording)) for wording in chosen]] = 1.0
    kernel = Kernel.compute([vocabulary.vectorise(document) for document in documents], len(vocabulary.index))
    classifier, _ = fit_classifier(kernel, targets, RIDGE)
    return ActClassifier(tuple(acts), vocabulary, classifier), [_as_example(wording) for wording in aside]


def list_features(text: str) -> tuple[str, ...]:
    """A text's words and characters, how it begins and ends between pauses, and whether it asks or holds digits.

    `b:` and `e:` are the beginnings and the ends, in characters and in words: a bare "no, the other one" and a polite
    form at the end say more about what is wanted than all that stands between.
    """
    return (*extract_features(text), *_list_edges(normalise(text).lower()))


def _list_edges(plain: str) -> Iterator[str]:
    for part in filter(None, (part.strip() for part in _PAUSES.split(plain))):
        words = part.split()
        yield from (f"b:{part[:size]}" for size in _EDGES)
        yield from (f"b:{' '.join(words[:count])}" for count in (1, 2))
        yield from (f"e:{part[-size:]}" for size in _EDGES)
    yield f"e:{plain[-2:]}$"
    if "?" in plain:
        yield "asks"
    if re.search(r"\d|@", plain):
        yield "value"


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
