"""What staff look up: a question, or a clause by its id, its number or its name → clauses to choose from, and how sure.

The answer is the one a customer would get. Beside it stand the clauses that come next, and those whose heading has the
words that were looked up, so that whoever knows better can choose.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from knowledge.answer import Answer, Status, answer_question
from knowledge.bundle import Bundle
from knowledge.citation import Citation, cite_all
from knowledge.policy import Policy, PolicyText, Unit
from knowledge.text import normalise

MOST_OTHERS = 5  # clauses to choose from, besides those of the answer
RANKED, LIKELY = 8, 0.03  # clauses of the ranking, and the share of its score, that may be among them
SHORTEST_NAME = 2  # characters; one alone stands in every heading
LONGEST_TITLE = 40  # characters of a unit's first line that is a title and no sentence
_NUMBER = re.compile(r"^(?P<section>.*?)[\s#第]*(?P<item>\d+(?:[.\-]\d+)*)\s*(?:項|条|番|号|節)?$")
_QUOTES = " 「」『』“”\"'"


class Certainty(str, Enum):
    """How sure a result is."""

    SURE = "sure"  # the policy says it, and this is the clause
    NEAR = "near"  # the policy does not say it itself, or it is not clear what is meant: the nearest clauses
    SILENT = "silent"  # the policy does not say it
    ELSEWHERE = "elsewhere"  # about something else than personal data, or in another language
    NAMED = "named"  # looked up by id or number


@dataclass(frozen=True, slots=True)
class Lookup:
    """What was found. `clauses` are those of the answer, best first; `others` may be chosen instead.

    All citations carry both languages. `answer` is None for a clause that was looked up by id or number. `language`
    is that of the words looked up, "ja" if they show none.
    """

    query: str
    language: str
    certainty: Certainty
    answer: Answer | None
    clauses: tuple[Citation, ...]
    others: tuple[Citation, ...] = ()

    @property
    def is_found(self) -> bool:
        """Whether the policy says it, or has the clause."""
        return self.certainty in {Certainty.SURE, Certainty.NAMED}

    def as_dict(self) -> dict[str, object]:
        """Plain data, as `python -m knowledge ask --clause … --json` writes it."""
        return {
            "query": self.query,
            "certainty": self.certainty.value,
            "language": self.language,
            "answer": self.answer.text if self.answer else "",
            "citations": [one.as_dict() for one in self.clauses],
            "others": [one.as_dict() for one in self.others],
        }


def look_up(bundle: Bundle, query: str, language: str | None = None, *, pages: str = "/policy") -> Lookup:
    """Look up a clause, if the words are its id or number, else a question.

    Raises: QuoteError: a quote would not be verbatim; nothing is shown then.
    """
    if exact := find_by_number(bundle.policy, query):
        return show_clauses(bundle, query, exact, language or "ja", pages=pages)
    return look_up_question(bundle, query, language, pages=pages)


def show_clauses(
    bundle: Bundle, query: str, clause_ids: Iterable[str], language: str = "ja", *, pages: str = "/policy"
) -> Lookup:
    """Clauses that were named, each with its items. Raises: QuoteError, KeyError."""
    policy = bundle.policy
    whole = [clause for one in clause_ids for clause in (one, *policy.list_items(one))]
    return Lookup(query, language, Certainty.NAMED, None, _cite(policy, whole, pages))


def look_up_question(bundle: Bundle, query: str, language: str | None = None, *, pages: str = "/policy") -> Lookup:
    """Answer a question as a customer would be answered. `language` "ja" or "en"; None detects it.

    Raises: QuoteError: a quote would not be verbatim; nothing is shown then.
    """
    policy = bundle.policy
    answer = answer_question(bundle, query, language, pages=pages)
    cited = [citation.clause_id for citation in answer.citations]
    likely: list[str] = []
    if answer.question:  # it could be read
        hits = bundle.retrievers[answer.language].rank(answer.question, limit=RANKED).hits
        likely = [hit.clause_id for hit in hits if hit.score >= LIKELY]
    others = [one for one in dict.fromkeys([*find_by_name(policy, query), *likely]) if one not in cited]
    return Lookup(
        query,
        answer.language,
        _judge(answer),
        answer,
        _cite(policy, cited, pages),
        _cite(policy, others[:MOST_OTHERS], pages),
    )


def _judge(answer: Answer) -> Certainty:
    if answer.status is Status.ANSWERED:
        return Certainty.SURE
    if answer.status is Status.OUT_OF_SCOPE:
        return Certainty.ELSEWHERE
    return Certainty.NEAR if answer.citations else Certainty.SILENT


def _cite(policy: Policy, clause_ids: Iterable[str], pages: str) -> tuple[Citation, ...]:
    return cite_all(policy, clause_ids, "en", pages)


def find_by_number(policy: PolicyText, query: str) -> tuple[str, ...]:
    """Clauses that the words name by id ("rights.1.2") or by heading and number (お客様情報に関する事項 1.2).

    A number alone names that item in every section that has it. Empty when the words are nothing of the kind.
    """
    wanted = normalise(query).strip(_QUOTES)
    if policy.find_unit(wanted.lower()):
        return (wanted.lower(),)
    named = _NUMBER.match(wanted)
    if named is None:
        return ()
    heading, item = _fold(named["section"].strip(_QUOTES)), named["item"].replace("-", ".")
    return tuple(
        unit.clause_id
        for unit in policy.units["ja"]
        if unit.item == item and (not heading or any(heading in one for one in _list_headings(policy, unit)))
    )


def find_by_name(policy: PolicyText, query: str) -> tuple[str, ...]:
    """Clauses whose heading or title, in either language, has these words (利用停止), in the policy's order."""
    wanted = _fold(normalise(query).strip(_QUOTES))
    if len(wanted) < SHORTEST_NAME:
        return ()
    found = []
    for unit in policy.units["ja"]:
        tops = _list_tops(policy, unit.section_id)
        titles = _list_titles(policy, unit)
        heads = _list_headings(policy, unit) if unit.clause_id in tops else ()
        if any(wanted in one for one in (*titles, *heads)):
            found.append(unit.clause_id)
    return tuple(found)


def _list_headings(policy: PolicyText, unit: Unit) -> Sequence[str]:
    """Names of the section a unit stands in: its headings in both languages, and its id."""
    english = policy.get_unit(unit.clause_id, "en")
    return _fold(unit.section), _fold(english.section), _fold(unit.section_id)


def _list_titles(policy: PolicyText, unit: Unit) -> Sequence[str]:
    """The titles that some items have as their first line (3. お客様情報の訂正等について), in both languages."""
    lines = [policy.get_unit(unit.clause_id, language).text.split("\n") for language in ("ja", "en")]
    return tuple(_fold(one[0]) for one in lines if len(one) > 1 and len(one[0]) <= LONGEST_TITLE * 2 and unit.item)


def _list_tops(policy: PolicyText, section_id: str) -> Sequence[str]:
    """The clauses that stand for a section: its own paragraph, or all its first items where it has none."""
    if policy.find_unit(section_id):
        return (section_id,)
    return tuple(
        unit.clause_id for unit in policy.units["ja"] if unit.section_id == section_id and unit.item.isdecimal()
    )


def _fold(text: str) -> str:
    return normalise(text).casefold()
