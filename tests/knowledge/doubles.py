"""Retrievers that rank as they are told, for tests of what is made of a ranking: no index, no training."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from knowledge.bundle import Bundle
from knowledge.policy import LANGUAGES, Policy
from knowledge.retriever import Hit, Ranking
from knowledge.romaji import Spelling

THRESHOLD = 0.5


@dataclass(frozen=True)
class KnowsAll:
    """A vocabulary that has seen every word."""

    def share_unknown(self, text: str) -> float:  # noqa: ARG002  the vocabulary's signature
        return 0.0


@dataclass(frozen=True)
class Scripted:
    """Ranks a text as `rankings` says, any other as `default`; `asked` notes what it was asked."""

    default: Ranking
    rankings: Mapping[str, Ranking] = field(default_factory=dict)
    vocabulary: KnowsAll = KnowsAll()
    asked: list[str] = field(default_factory=list)

    def rank(self, question: str, limit: int = 5) -> Ranking:  # noqa: ARG002  the retriever's signature
        self.asked.append(question)
        return self.rankings.get(question, self.default)


def rank(*hits: tuple[str, float], **fields: Any) -> Ranking:
    """A ranking that is sure of its first clause, but for the fields given."""
    values = {"sure": 0.9, "covered": 1.0, "silent": 0.0, "elsewhere": 0.0, "topic": None, **fields}
    return Ranking(hits=tuple(Hit(*hit) for hit in hits), **{"threshold": THRESHOLD, **values})


SILENT = rank(("security", 0.05), sure=0.1, covered=0.2, silent=0.6, elsewhere=0.2)
ELSEWHERE = rank(("security", 0.05), sure=0.1, covered=0.2, silent=0.1, elsewhere=0.7)


def make_bundle(
    policy: Policy, default: Ranking, rankings: Mapping[str, Ranking] | None = None, spelling: Spelling | None = None
) -> Bundle:
    """A bundle whose retrievers, the same in both languages, rank as told."""
    retriever: Any = Scripted(default, rankings or {})
    return Bundle(policy, dict.fromkeys(LANGUAGES, retriever), "", spelling or Spelling())
