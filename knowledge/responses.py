"""Responses to the desk's last words, as people write them: what the readers of each of SORTS learn from.

People consent, take up an offer, change their mind and hesitate in more ways than any list of words holds, and in every
dialect. `<sort>/<writer>.<language>.jsonl` are the examples, one object a line: `q`, `labels`, and for changes `kinds`,
those of the request before it; `<sort>/development/` is the same and is never trained on. What was measured:
docs/retrieval.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from knowledge.acts import ActClassifier
from knowledge.errors import WordingFormatError
from knowledge.openings import Example, list_opening_files, load_openings
from knowledge.reader import Reader, train_reader

RIGHTS = ("disclosure", "purpose_notice", "correction", "suspension", "third_party_stop", "complaint")
# Each with the labels of which an example has exactly one; a change has the kinds that it newly wants besides.
CONSENTS, OFFERS, CHANGES = "consents", "offers", "changes"
SORTS: dict[str, tuple[str, ...]] = {
    CONSENTS: ("yes", "cancel", "change", "wait", "question", "chat"),  # "Is this right? Shall I send it?"
    OFFERS: ("accept", "other"),  # "Shall I take it down?", "I have stopped."
    CHANGES: ("instead", "also", "drop", "same"),  # any question of a request
}


def list_examples(shop: Path, sort: str) -> list[Example]:
    """What the reader of a sort learns from: its own examples, and for changes the consents, which change no kinds."""
    found = load_openings(list_opening_files(shop / sort))
    if sort != CHANGES or not found:
        return found
    consents = load_openings(list_opening_files(shop / CONSENTS))
    return [*found, *(replace(one, labels=("same",)) for one in consents if "change" not in one.labels)]


def train_responses(sort: str, acts: ActClassifier, examples: Sequence[Example]) -> Reader:
    """Train the reader of one of SORTS. Build time only.

    Raises: WordingFormatError: an example has not exactly one label of its sort, or one that is none.
    """
    labels = (*SORTS[sort], *(RIGHTS if sort == CHANGES else ()))
    for example in examples:
        said = set(example.labels)
        if len(said & set(SORTS[sort])) != 1 or not said <= set(labels):
            raise WordingFormatError(f"{example.writer}: {example.labels} is not one of {', '.join(SORTS[sort])}")
    return train_reader(acts, examples, labels)
