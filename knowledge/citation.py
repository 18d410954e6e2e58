"""A clause quoted verbatim, with the address where it can be read: checked when it is made and when it is shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass

from knowledge.errors import QuoteError
from knowledge.policy import Policy, PolicyText


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


def cite_all(policy: Policy, clause_ids: Iterable[str], language: str, pages: str) -> tuple[Citation, ...]:
    """Quote several units, each once, in the order given. Raises: QuoteError, KeyError."""
    return tuple(cite(policy, clause_id, language, pages=pages) for clause_id in dict.fromkeys(clause_ids))


def verify_citation(policy: PolicyText, citation: Citation) -> None:
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
