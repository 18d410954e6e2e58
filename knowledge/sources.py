"""What a bundle is made from, as one hash: to rebuild when, and only when, something changed."""

from __future__ import annotations

import hashlib
from pathlib import Path

from knowledge.bundle import FORMAT
from knowledge.openings import list_opening_files
from knowledge.policy import list_policy_files
from knowledge.responses import SORTS
from knowledge.wordings import hash_files, list_files

# The code that shapes a trained bundle; a change in any of them means building again.
_CODE = (
    "abstainer",
    "acts",
    "builder",
    "changes",
    "classifier",
    "dense",
    "encoder",
    "features",
    "lexical",
    "memo",
    "openings",
    "reader",
    "readers",
    "responses",
    "retriever",
    "romaji",
    "text",
    "training",
    "wordings",
)


def hash_sources(shop: Path, encoder: str) -> str:
    """SHA-256 (hex) over policy, leads, wordings, examples, synonyms, the building code and the encoder's name.

    Raises: PolicyFormatError: the shop's editions are not numbered as they must be.
    """
    package = Path(__file__).parent
    # With their places, in the order of editions: the same file means something else in another edition.
    policy = [f"{name} {hash_files([shop / name])}" for name in list_policy_files(shop)]
    files = list_files(shop / "wordings") + list_opening_files(shop / "openings")
    files += [path for sort in SORTS for path in list_opening_files(shop / sort)]
    files += [package / f"{name}.py" for name in _CODE] + [package / "synonyms.toml"]
    return hashlib.sha256(f"{FORMAT} {encoder} {policy} {hash_files(files)}".encode()).hexdigest()
