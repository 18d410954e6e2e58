"""All readers of a shop: what is wanted at first, and what is answered to the desk's words. They share their acts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from knowledge.acts import ActClassifier, train_acts
from knowledge.changes import ChangeReader, train_changes
from knowledge.openings import list_opening_files, load_openings
from knowledge.reader import Reader, train_reader
from knowledge.responses import CHANGES, CONSENTS, OFFERS, SORTS, list_examples, train_responses
from knowledge.wordings import Wording

OPENINGS = "openings"


@dataclass(frozen=True, slots=True)
class Readers:
    """Of each sort of examples a reader; a shop without examples of a sort has none of it."""

    openings: Reader | None = None
    consents: Reader | None = None
    offers: Reader | None = None
    changes: ChangeReader | None = None

    def save(self, folder: Path) -> None:
        """Write them, and once what they share, into a folder, which is made."""
        folder.mkdir(parents=True)
        found = {OPENINGS: self.openings, CONSENTS: self.consents, OFFERS: self.offers, CHANGES: self.changes}
        for name, reader in found.items():
            if reader is not None:
                reader.save(folder / name)
        acts = next((one.acts for one in (self.openings, self.consents, self.offers) if one), None)
        acts = acts or (self.changes.changes.acts if self.changes else None)
        if acts:
            acts.save(folder / "acts")

    @classmethod
    def load(cls, folder: Path) -> Readers:
        """Read what `save` wrote."""
        if not (folder / "acts").is_dir():
            return cls()
        acts = ActClassifier.load(folder / "acts")
        names = (OPENINGS, CONSENTS, OFFERS)
        found = {name: Reader.load(folder / name, acts) for name in names if (folder / name).is_dir()}
        changes = folder / CHANGES
        return cls(**found, changes=ChangeReader.load(changes, acts, found.get(OPENINGS)) if changes.is_dir() else None)


def train_readers(shop: Path, wordings: Sequence[Wording]) -> Readers:
    """Train all that the shop has examples for. Build time only. Raises: WordingFormatError: an example is none."""
    openings = load_openings(list_opening_files(shop / OPENINGS))
    examples = {sort: list_examples(shop, sort) for sort in SORTS}
    known = {one.text: one for found in (openings, *examples.values()) for one in found}
    if not known:
        return Readers()
    acts, aside = train_acts(wordings, list(known.values()))
    first = [*openings, *aside] if openings else []
    opens = train_reader(acts, first) if first else None
    return Readers(
        openings=opens,
        **{sort: train_responses(sort, acts, examples[sort]) for sort in (CONSENTS, OFFERS) if examples[sort]},
        changes=train_changes(acts, opens, examples[CHANGES], first) if examples[CHANGES] else None,
    )
