"""Ranking → an answer with verbatim citations, or an honest "the policy does not say".

Nothing is made up: the text is a reviewed lead sentence of the clause, and each quote is checked to be a substring of
the named policy version before it leaves.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import Enum
from functools import lru_cache
from pathlib import Path
from typing import Any

from knowledge.bundle import Bundle
from knowledge.errors import QuoteError
from knowledge.policy import Policy
from knowledge.retriever import Ranking
from knowledge.text import detect_language, normalise

NEAREST = 3  # clauses shown without a claim
NEAR = 0.12  # share of the fused score a clause needs to be shown as near
RELATED = 0.3  # score of a further clause, relative to the first, to be cited with it
_SENTENCES = Path(__file__).parent / "sentences.toml"


class Status(str, Enum):
    """How far the policy answers."""

    ANSWERED = "answered"
    NOT_COVERED = "not_covered"
    OUT_OF_SCOPE = "out_of_scope"


@dataclass(frozen=True, slots=True)
class Citation:
    """A clause quoted verbatim. `section` and `quote` are Japanese; the `_en` fields are filled for English answers."""

    clause_id: str
    section: str
    item: str
    quote: str
    url: str
    policy_version: str
    section_en: str = ""
    quote_en: str = ""

    def as_dict(self) -> dict[str, str]:
        """The wire form: the English fields only where they are filled."""
        fields: dict[str, str] = asdict(self)
        if not self.quote_en:
            del fields["section_en"], fields["quote_en"]
        return fields


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer in one language. `sure` is the probability, 0..1, that the first citation answers the question."""

    status: Status
    language: str
    text: str
    citations: tuple[Citation, ...] = ()
    suggestions: tuple[str, ...] = ()
    sure: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        """The wire form of `POST /api/ask` and `python -m knowledge ask --json`."""
        return {
            "status": self.status.value,
            "language": self.language,
            "answer": self.text,
            "citations": [citation.as_dict() for citation in self.citations],
            "suggestions": list(self.suggestions),
        }


def answer_question(bundle: Bundle, question: str, language: str | None = None, *, pages: str = "/policy") -> Answer:
    """Answer one question. `language` "ja" or "en"; None detects it. `pages` is where the policy is shown.

    Raises: QuoteError: a quote would not be verbatim; nothing is answered then.
    """
    spoken = language or detect_language(question) or "ja"
    if not any(char.isalnum() for char in normalise(question)):
        return Answer(Status.OUT_OF_SCOPE, spoken, sentence(spoken, "empty"))
    ranking = bundle.retrievers[spoken].rank(question)
    policy = bundle.policy
    if ranking.is_sure:
        cited = _cite_answer(policy, ranking)
        text = policy.leads[cited[0]][spoken]
        return Answer(Status.ANSWERED, spoken, text, _quote(policy, cited, spoken, pages), sure=ranking.sure)
    if ranking.elsewhere > max(ranking.covered, ranking.silent):
        return Answer(Status.OUT_OF_SCOPE, spoken, sentence(spoken, "out_of_scope"), sure=ranking.sure)
    near = [hit.clause_id for hit in ranking.hits[:NEAREST] if hit.score >= NEAR]
    text = f"{sentence(spoken, 'nearest' if near else 'silent')} {contact_officer(policy, spoken)}"
    return Answer(Status.NOT_COVERED, spoken, text, _quote(policy, near, spoken, pages), sure=ranking.sure)


def _cite_answer(policy: Policy, ranking: Ranking) -> list[str]:
    """Clauses to cite, best first: the answer, what belongs to it, and others that score nearly as well.

    A rule is not whole without its cases, nor a name in a list without what the list is: items follow their parent,
    and the parent follows a found item.
    """
    first = ranking.hits[0]
    cited = [first.clause_id, *policy.list_items(first.clause_id)]
    parent = policy.find_parent(first.clause_id)
    while parent:
        cited.append(parent)
        parent = policy.find_parent(parent)
    cited += [hit.clause_id for hit in ranking.hits[1:3] if hit.score >= RELATED * first.score]
    return list(dict.fromkeys(cited))


def _quote(policy: Policy, clause_ids: Iterable[str], language: str, pages: str) -> tuple[Citation, ...]:
    return tuple(cite(policy, clause_id, language, pages=pages) for clause_id in clause_ids)


def cite(policy: Policy, clause_id: str, language: str = "ja", *, pages: str = "/policy") -> Citation:
    """Quote one unit whole. Raises: QuoteError, KeyError."""
    unit = policy.get_unit(clause_id)
    english = policy.get_unit(clause_id, "en") if language == "en" else None
    citation = Citation(
        clause_id=clause_id,
        section=unit.section,
        item=unit.item,
        quote=unit.text,
        url=f"{pages}/{policy.version}#{clause_id}",
        policy_version=policy.version,
        section_en=english.section if english else "",
        quote_en=english.text if english else "",
    )
    verify_citation(policy, citation)
    return citation


def verify_citation(policy: Policy, citation: Citation) -> None:
    """Check a citation against the policy it names. Raises: QuoteError: other version, or not a substring."""
    unit, english = policy.find_unit(citation.clause_id), policy.find_unit(citation.clause_id, "en")
    if (
        citation.policy_version != policy.version
        or unit is None
        or english is None
        or not citation.quote
        or citation.quote not in unit.text
        or citation.quote_en not in english.text
    ):
        raise QuoteError(f"the quote of {citation.clause_id} is not in policy {policy.version}")


def contact_officer(policy: Policy, language: str) -> str:
    """One sentence with the officer's title, telephone, hours and mail."""
    shop = policy.shop
    return sentence(language, "ask_officer").format(
        officer=shop.officer[language], phone=shop.phone, hours=shop.hours[language], email=shop.email
    )


def sentence(language: str, key: str) -> str:
    """A reviewed sentence of `sentences.toml`."""
    return _sentences()[language][key]


@lru_cache(maxsize=1)
def _sentences() -> dict[str, dict[str, str]]:
    loaded: dict[str, dict[str, str]] = tomllib.loads(_SENTENCES.read_text("utf-8"))
    return loaded
