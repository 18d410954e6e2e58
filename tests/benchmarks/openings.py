"""How well unseen first messages are understood: `python -m tests.benchmarks.openings [--misses]`.

Each writer's openings are read by a reader trained on everybody else's, the development file by one trained on all.
Each figure is the share of messages of which exactly the right kinds (or none) are heard, with n and a 95 % Wilson
interval, beside what words, intent and retrieval hear without the reader. Then the share of policy questions that are
taken for a request.
"""

from __future__ import annotations

import io
import json
import sys
import tarfile
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from actions.dialogue.openings import hear_kinds
from actions.dialogue.reading import Read
from knowledge.acts import train_acts
from knowledge.bundle import Bundle, Library
from knowledge.classifier import LabelClassifier
from knowledge.evaluation import Share, load_questions
from knowledge.features import Vocabulary, extract_features
from knowledge.openings import Example, list_opening_files, load_openings
from knowledge.reader import train_reader
from knowledge.text import normalise
from knowledge.wordings import load_wordings

ROOT = Path(__file__).parents[2]
SHOP = ROOT / "knowledge" / "policies" / "coverchord"
STATE = ROOT / ".madoguchi"
THRESHOLD, AMBIGUOUS, SHARPNESS = 0.3, 0.02, 8.0  # as config.yml and the recogniser have them
Recognise = Callable[[str], tuple[str, float]]


def load_recogniser(model: Path) -> Recognise:
    """The engine's recognition without the engine: its arrays, out of the trained model."""
    with tarfile.open(model) as archive:
        files = {Path(one.name).name: archive.extractfile(one) for one in archive if "recogniser." in one.name}
        header = json.loads((files["recogniser.json"] or io.BytesIO()).read())
        arrays = np.load(io.BytesIO((files["recogniser.npz"] or io.BytesIO()).read()))
    vocabulary = Vocabulary({name: row for row, name in enumerate(header["features"])}, arrays["idf"])
    classifier = LabelClassifier(arrays["weights"], arrays["bias"])

    def recognise(text: str) -> tuple[str, float]:
        scores = classifier.score(vocabulary.vectorise(extract_features(normalise(text))))
        raised = np.exp(SHARPNESS * (scores - scores.max()))
        shares = raised / raised.sum()
        first, second = np.argsort(-shares)[:2]
        if shares[first] < THRESHOLD or shares[first] - shares[second] < AMBIGUOUS:
            return "nlu_fallback", THRESHOLD
        return str(header["intents"][first]), float(shares[first])

    return recognise


def main(*, misses: bool) -> None:
    """Measure and print."""
    bundle, recognise = Library(STATE / "knowledge").bundle, load_recogniser(STATE / "dialogue" / "model.tar.gz")
    examples = load_openings(list_opening_files(SHOP / "openings"))
    held_out = load_openings(list_opening_files(SHOP / "openings" / "development"))
    wordings = load_wordings(SHOP / "wordings")

    def train_without(writer: str) -> Read:
        others = [one for one in examples if one.writer != writer]
        acts, aside = train_acts(wordings, others)
        return train_reader(acts, [*others, *aside]).read

    for writer in sorted({one.writer for one in examples}):
        chosen = [one for one in examples if one.writer == writer]
        _report(f"{writer}, left out", chosen, bundle, recognise, train_without(writer), misses=misses)
    read = train_without("")
    _report("development", held_out, bundle, recognise, read, misses=misses)
    _report_questions(bundle, recognise, read)


def _report(
    title: str, examples: list[Example], bundle: Bundle, recognise: Recognise, read: Read, *, misses: bool
) -> None:
    def is_right(one: Example, reader: Read | None) -> bool:
        return set(_hear(one.text, one.language, bundle, recognise, reader)) == set(one.labels)

    right = [is_right(one, read) for one in examples]
    report_share(f"{title}: kinds exact", right)
    report_share(f"{title}: without the reader", [is_right(one, None) for one in examples])
    for one, is_ok in zip(examples, right, strict=True):
        if misses and not is_ok:
            heard = _hear(one.text, one.language, bundle, recognise, read)
            sys.stdout.write(f"  {heard}, wanted {one.labels}: {' '.join(one.text.split())}\n")


def _report_questions(bundle: Bundle, recognise: Recognise, read: Read) -> None:
    for path in sorted((SHOP / "development").glob("*.jsonl")):
        if path.name.startswith("intents."):
            continue
        questions = load_questions(path)
        for title, reader in (("taken for a request", read), ("without the reader", None)):
            report_share(
                f"{path.stem}: {title}",
                (bool(_hear(one.text, one.language, bundle, recognise, reader)) for one in questions),
            )


def _hear(text: str, language: str, bundle: Bundle, recognise: Recognise, read: Read | None) -> tuple[str, ...]:
    return hear_kinds(text, *recognise(text), bundle.retrievers[language].rank, read)


def report_share(title: str, holds: Iterable[bool]) -> None:
    """Print the share of what holds, with its interval; nothing where there is none."""
    found = list(holds)
    if not found:
        return
    share = Share(sum(found), len(found))
    low, high = share.interval
    sys.stdout.write(f"{title}: {share.value:.3f} ({share.hits} of {share.n}; {low:.3f} – {high:.3f})\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(misses="--misses" in sys.argv)
