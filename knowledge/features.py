"""Text → weighted features: normalised words, word pairs, synonym groups, character n-grams.

What was measured (docs/retrieval.md): normalised forms unify spelling, Sudachi's synonym groups unify 配達/宅配/配送,
the project's own table adds what Sudachi lacks, character n-grams carry typos, kana-only and unsegmented writing.
"""

from __future__ import annotations

import json
import re
import sys
import threading
import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import Stemmer

from knowledge.memo import remembered
from knowledge.text import Morpheme, analyse, normalise

Floats = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int32]

_SYNONYMS_FILE = Path(__file__).parent / "synonyms.toml"
_RUN = re.compile(r"[^\W_]+")
_LATIN = re.compile(r"[a-z0-9']+")


@dataclass(frozen=True, slots=True)
class SparseVector:
    """A text in feature space: `ids` (n,) int32 ascending, `weights` (n,) float32 of unit length.

    `unknown` is the share of the text's words (not n-grams) that the vocabulary has never seen, 0..1.
    """

    ids: Indices
    weights: Floats
    unknown: float


@lru_cache(maxsize=1)
def _own_synonyms() -> dict[str, tuple[str, ...]]:
    """Word (as Sudachi normalises it, or an English stem) → names of the project's own synonym groups."""
    groups: dict[str, list[str]] = tomllib.loads(_SYNONYMS_FILE.read_text("utf-8"))
    table: dict[str, list[str]] = {}
    for name, words in groups.items():
        for word in words:
            table.setdefault(_stem(word) if _LATIN.fullmatch(word) else word, []).append(name)
    return {word: tuple(names) for word, names in table.items()}


@lru_cache(maxsize=8192)
def _stem(word: str) -> str:
    return str(_stemmer().stemWord(word))


_local = threading.local()


def _stemmer() -> Stemmer.Stemmer:
    """One stemmer a thread: it keeps the word it works on in itself, a shared one mixes up two threads' words."""
    if not hasattr(_local, "stemmer"):
        _local.stemmer = Stemmer.Stemmer("english")
    stemmer: Stemmer.Stemmer = _local.stemmer
    return stemmer


@remembered
def extract_features(text: str) -> tuple[str, ...]:
    """Features of a text, repeated as often as they occur. In a turn several models read one text.

    Prefixes tell the kind: `w:` word (stem or normalised form), `p:` pair of neighbouring words, `s:` Sudachi synonym
    group, `o:` own synonym group, `c:` character n-gram (2–3 for Japanese runs, 3–5 inside Latin words).
    """
    plain = normalise(text).lower()
    features: list[str] = []
    previous = ""
    for token, word in _read_words(plain):
        features.append(f"w:{word}")
        features.extend(_name_groups(token, word))
        if previous:
            features.append(f"p:{previous}_{word}")
        previous = word
    features.extend(_character_grams(plain))
    return tuple(features)


def read_meanings(text: str) -> list[tuple[int, int, frozenset[str]]]:
    """The words of a text that carry meaning: half-open offsets in `text` as given, and the meanings as features.

    Two words share a feature when they have the same stem or normalised form, or a synonym group in common.
    """
    return [
        (token.start, token.end, frozenset((f"w:{word}", *_name_groups(token, word))))
        for token, word in _read_words(text)
    ]


def _name_groups(token: Morpheme, word: str) -> Iterable[str]:
    yield from (f"s:{group}" for group in token.synonyms)
    yield from (f"o:{group}" for group in _own_synonyms().get(word, ()))


def _read_words(plain: str) -> Iterable[tuple[Morpheme, str]]:
    """Tokens that carry meaning, each with the word it counts as: an English stem, or the normalised form."""
    for token in analyse(plain):
        if token.carries_meaning:
            latin = token.surface.lower()
            yield token, _stem(latin) if _LATIN.fullmatch(latin) else token.normal


def _character_grams(plain: str) -> Iterable[str]:
    for run in _RUN.findall(plain):
        if _LATIN.fullmatch(run):
            padded, sizes = f"^{run}$", range(3, 6)
        else:
            padded, sizes = run, range(2, 4)
        for size in sizes:
            for start in range(len(padded) - size + 1):
                yield f"c:{padded[start : start + size]}"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Known features with their inverse document frequencies.

    `index` maps a feature to its row; `idf` is (len(index),) float32.
    """

    index: dict[str, int]
    idf: Floats

    @classmethod
    def fit(cls, documents: Sequence[Sequence[str]], min_count: int = 2) -> Vocabulary:
        """Learn the features that stand in at least `min_count` documents (words always stay)."""
        counts = Counter(feature for document in documents for feature in set(document))
        kept = sorted(name for name, count in counts.items() if count >= min_count or name.startswith("w:"))
        total = len(documents)
        idf = np.array([np.log((1 + total) / (1 + counts[name])) + 1 for name in kept], dtype=np.float32)
        return cls.number(kept, idf)

    @classmethod
    def number(cls, names: Iterable[str], idf: Floats) -> Vocabulary:
        """The vocabulary of features in the order of their rows. Names that they share are kept once."""
        return cls({sys.intern(name): row for row, name in enumerate(names)}, idf)

    def save(self, folder: Path) -> None:
        """Write it as an array and JSON into a folder that exists."""
        (folder / "features.json").write_text(json.dumps(list(self.index), ensure_ascii=False), "utf-8")
        np.save(folder / "idf.npy", self.idf)

    @classmethod
    def load(cls, folder: Path) -> Vocabulary:
        """Read what `save` wrote."""
        return cls.number(json.loads((folder / "features.json").read_text("utf-8")), np.load(folder / "idf.npy"))

    def share_unknown(self, text: str) -> float:
        """Share of a text's words that no text learned from has, 0..1; 1 for a text without words."""
        words = {f"w:{word}" for _, word in _read_words(normalise(text).lower())}
        return sum(name not in self.index for name in words) / len(words) if words else 1.0

    def vectorise(self, features: Sequence[str]) -> SparseVector:
        """TF-IDF with sublinear term frequency, unit length; an all-unknown text has no entries."""
        counts = Counter(features)
        known = sorted((self.index[name], count) for name, count in counts.items() if name in self.index)
        words = [name for name in counts if name.startswith("w:")]
        unknown = sum(name not in self.index for name in words) / len(words) if words else 1.0
        ids = np.array([row for row, _ in known], dtype=np.int32)
        weights = (1 + np.log(np.array([count for _, count in known], dtype=np.float32))) * self.idf[ids]
        norm = float(np.linalg.norm(weights))
        return SparseVector(ids, weights / norm if norm else weights, unknown)
