"""What a bundle is made from, as one hash: to rebuild when, and only when, something changed."""

from __future__ import annotations

import hashlib
from pathlib import Path

from knowledge.bundle import FORMAT, POLICY_FILES
from knowledge.wordings import hash_files, list_files

# The code that shapes a trained bundle; a change in any of them means building again.
_CODE = (
    "abstainer",
    "builder",
    "classifier",
    "dense",
    "encoder",
    "features",
    "lexical",
    "retriever",
    "text",
    "training",
    "wordings",
)


def hash_sources(shop: Path, encoder: str) -> str:
    """SHA-256 (hex) over policy, leads, wordings, synonyms, the building code and the encoder's name."""
    package = Path(__file__).parent
    files = [shop / name for name in POLICY_FILES]
    files += list_files(shop / "wordings")
    files += [package / f"{name}.py" for name in _CODE] + [package / "synonyms.toml"]
    return hashlib.sha256(f"{FORMAT} {encoder} {hash_files(files)}".encode()).hexdigest()
