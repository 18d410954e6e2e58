"""Sentence encoders: the project's own static one served from numpy, or any sentence-transformers model.

`import sentence_transformers` costs 13 s and 420 MB, so only `TransformerEncoder` does it, when it is configured.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from knowledge.errors import EncoderUnavailableError
from knowledge.features import Floats, SparseVector


class Encoder(Protocol):
    """Turns an analysed text into a unit vector."""

    def encode(self, text: str, vector: SparseVector) -> Floats:
        """Embed one text, (d,) float32 of length 1 (all zero if nothing in it is known)."""
        ...


@dataclass(frozen=True, slots=True)
class StaticEncoder:
    """Mean of trained feature vectors: sentence-transformers' `StaticEmbedding`, exported as an array.

    `table` is (features, d) float16.
    """

    table: npt.NDArray[np.float16]

    def encode(self, text: str, vector: SparseVector) -> Floats:  # noqa: ARG002  the protocol's signature
        """See `Encoder.encode`; `text` itself is not needed."""
        return unit(np.add.reduce(self.table[vector.ids], axis=0, dtype=np.float32))


class TransformerEncoder:
    """A sentence-transformers model by name or folder, loaded at the first use."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._model: Any = None

    def encode(self, text: str, vector: SparseVector) -> Floats:  # noqa: ARG002  the protocol's signature
        """See `Encoder.encode`. Raises: EncoderUnavailableError."""
        return np.asarray(self.encode_many([text])[0], dtype=np.float32)

    def encode_many(self, texts: Sequence[str]) -> Floats:
        """Embed texts in the order given, (n, d) float32. Raises: EncoderUnavailableError."""
        if self._model is None:
            self._model = self._load()
        return np.asarray(self._model.encode(list(texts), normalize_embeddings=True), dtype=np.float32)

    def _load(self) -> Any:  # noqa: ANN401  the library's own type would import it
        try:
            from sentence_transformers import SentenceTransformer

            return SentenceTransformer(self._name, device="cpu")
        except Exception as error:  # the library raises many kinds; each means the same here
            raise EncoderUnavailableError(f"cannot load the sentence encoder {self._name!r}: {error}") from error


def unit(vector: Floats) -> Floats:
    """Scale to length 1; an all-zero vector stays as it is."""
    norm = float(np.linalg.norm(vector))
    return np.divide(vector, norm, dtype=np.float32) if norm else vector
