"""Trains the project's own static sentence encoder on the wordings. Build time only: needs torch.

Model: sentence-transformers' `StaticEmbedding` (a table of feature vectors, averaged). Start: the classifier's
weights, reduced by SVD, so that texts of one label already lie together; this alone lifts paraphrases by six points
over the classifier and makes random starts and long trainings needless (docs/retrieval.md). Then a short fine-tuning
with its `MultipleNegativesRankingLoss` (InfoNCE) over pairs of wordings with the same label; a step draws each label
at most once, so that no true neighbour is pushed away as a negative.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from knowledge.features import Floats, Indices, Vocabulary

if TYPE_CHECKING:
    import torch
    from tokenizers import Tokenizer

DIMENSIONS = 192
STEPS = 40  # more bring nothing measurable (docs/retrieval.md) and cost build time
BATCH = 256  # labels a step, two wordings each
SCALE = 12.0  # inverse temperature of the cosine
LEARNING_RATE = 0.03
DROPOUT = 0.4  # share of a text's features hidden in a pass: the table must not lean on single words


def reduce_weights(weights: npt.NDArray[np.float16], vocabulary: Vocabulary) -> Floats:
    """Project (features, labels) classifier weights on their `DIMENSIONS` main directions, times idf, unit variance."""
    full = weights.astype(np.float32)
    directions = np.linalg.svd(full.T @ full, hermitian=True)[0][:, :DIMENSIONS]
    table = (full @ directions) * vocabulary.idf[:, None]
    return np.asarray(table / table.std(), dtype=np.float32)


def train_encoder(
    documents: Sequence[Indices], labels: Sequence[int], vocabulary: Vocabulary, start: Floats, seed: int = 7
) -> npt.NDArray[np.float16]:
    """Fine-tune `start` (features, d) on texts given as feature ids. Same data and seed, same table (float16)."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding

    torch.manual_seed(seed)
    chance = random.Random(seed)  # noqa: S311  repeatable on purpose, no secret
    generator = np.random.default_rng(seed)
    embedding = StaticEmbedding(_tokenizer(vocabulary), embedding_weights=start.copy())
    loss = MultipleNegativesRankingLoss(SentenceTransformer(modules=[embedding], device="cpu"), scale=SCALE)
    optimizer = torch.optim.Adam(embedding.parameters(), lr=LEARNING_RATE)
    groups = _group_by_label(documents, labels)
    for step in range(STEPS):
        for group in optimizer.param_groups:
            group["lr"] = LEARNING_RATE * (1 - step / STEPS)
        drawn = chance.sample(sorted(groups), min(BATCH, len(groups)))
        pairs = [chance.sample(groups[label], 2) for label in drawn]
        columns = [_bag([documents[pair[side]] for pair in pairs], generator) for side in (0, 1)]
        optimizer.zero_grad()
        loss(columns, torch.empty(0)).backward()
        optimizer.step()
    return np.asarray(embedding.embedding.weight.detach().numpy(), dtype=np.float16)


def _tokenizer(vocabulary: Vocabulary) -> Tokenizer:
    """The vocabulary as a `tokenizers` model: `StaticEmbedding` wants one, though ids are made by `features`."""
    from tokenizers import Tokenizer, models

    return Tokenizer(models.WordLevel(vocabulary.index, unk_token=next(iter(vocabulary.index))))


def _group_by_label(documents: Sequence[Indices], labels: Sequence[int]) -> dict[int, list[int]]:
    """Rows of each label that has at least two non-empty texts: one alone makes no pair."""
    groups: dict[int, list[int]] = {}
    for row, label in enumerate(labels):
        if len(documents[row]):
            groups.setdefault(label, []).append(row)
    return {label: rows for label, rows in groups.items() if len(rows) > 1}


def _bag(documents: Sequence[Indices], generator: np.random.Generator) -> dict[str, torch.Tensor]:
    """Texts as `StaticEmbedding` takes them, each with a random `DROPOUT` share of its features hidden."""
    import torch

    kept = [ids[generator.random(len(ids)) >= DROPOUT] for ids in documents]
    kept = [some if len(some) else whole for some, whole in zip(kept, documents, strict=True)]
    offsets = np.cumsum([0] + [len(ids) for ids in kept[:-1]])
    return {
        "input_ids": torch.from_numpy(np.concatenate(kept).astype(np.int64)),
        "offsets": torch.from_numpy(offsets),
    }
