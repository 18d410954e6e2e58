"""Ranking → an answer with verbatim citations, or an honest "the policy does not say".

Nothing is made up: the text consists of reviewed sentences tied to clauses, and each quote is checked to be a substring
of the named policy version before it leaves.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import lru_cache
from pathlib import Path
from typing import Any

from knowledge.bundle import Bundle
from knowledge.citation import Citation, cite_all
from knowledge.conversation import NOTHING, Context, Resolved, resolve
from knowledge.policy import Policy
from knowledge.questions import Parts, split_questions
from knowledge.retriever import Ranking
from knowledge.text import normalise
from knowledge.tongue import Heard, hear

NEAREST = 3  # clauses shown without a claim
NEAR = 0.12  # share of the fused score a clause needs to be shown as near
RELATED = 0.3  # score of a further clause, relative to the first, to be cited with it
# When to ask which was meant: probably covered, and a second reading close behind (docs/retrieval.md).
CLOSE, PROBABLY_COVERED, LEAST_SURE = 0.3, 0.5, 0.25
_SENTENCES = Path(__file__).parent / "sentences.toml"


class Status(str, Enum):
    """How far the policy answers."""

    ANSWERED = "answered"
    NOT_COVERED = "not_covered"
    OUT_OF_SCOPE = "out_of_scope"


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer in one language. `sure` is the probability, 0..1, that the first citation answers the question.

    `suggestions` are the readings to choose from when the answer asks which was meant, else empty. `question` is what
    was answered: the message, or what a follow-up was understood as.
    """

    status: Status
    language: str
    text: str
    citations: tuple[Citation, ...] = ()
    suggestions: tuple[str, ...] = ()
    sure: float = 0.0
    question: str = ""

    def as_dict(self) -> dict[str, Any]:
        """The wire form of `POST /api/ask` and `python -m knowledge ask --json`."""
        return {
            "status": self.status.value,
            "language": self.language,
            "answer": self.text,
            "citations": [citation.as_dict() for citation in self.citations],
            "suggestions": list(self.suggestions),
        }


def answer_question(
    bundle: Bundle, question: str, language: str | None = None, *, context: Context = NOTHING, pages: str = "/policy"
) -> Answer:
    """Answer one message. `language` "ja" or "en"; None detects it. `pages` is where the policy is shown.

    `context` is what was asked and answered before: a follow-up is read with it, and no two clarifying questions
    follow each other.

    Raises: QuoteError: a quote would not be verbatim; nothing is answered then.
    """
    heard = hear(bundle, question, language)
    desk = _Desk(bundle, heard.language, pages)
    if not any(char.isalnum() for char in normalise(question)):
        return Answer(Status.OUT_OF_SCOPE, heard.language, sentence(heard.language, "empty"))
    if heard.is_foreign:
        return Answer(Status.OUT_OF_SCOPE, heard.language, sentence(heard.language, "other_language"))
    return desk.answer(heard, context)


@dataclass(frozen=True, slots=True)
class _Desk:
    """Answers in one language from one bundle."""

    bundle: Bundle
    language: str
    pages: str

    @property
    def policy(self) -> Policy:
        return self.bundle.policy

    def answer(self, heard: Heard, context: Context) -> Answer:
        """The answer to a readable message."""
        chosen = self.policy.guidance.find_reading(heard.text, self.language)
        if chosen:
            return replace(self._state(heard.text, [chosen]), question=heard.text)
        resolved = resolve(self.bundle, heard.text, self.language, context)
        if resolved:
            return self._follow(resolved, clarify=not context.clarified)
        ranking = self._rank(heard.text)
        parts = self._read_parts(split_questions(heard.text, self.language))
        several = self._answer_parts(ranking, parts) if len(parts.texts) > 1 else None
        answer = several or self._answer_one(heard.text, ranking, clarify=not context.clarified)
        return replace(answer, question=heard.text)

    def _rank(self, question: str) -> Ranking:
        return self.bundle.retrievers[self.language].rank(question)

    def _read_parts(self, parts: Parts) -> Parts:
        """The questions of a message; one that leans on the one before it as what it stands for ("…? And Yamato?")."""
        read = list(parts.texts[:1])
        for part in parts.texts[1:]:
            resolved = resolve(self.bundle, part, self.language, Context(question=read[-1]))
            read.append(resolved.question if resolved else part)
        return replace(parts, texts=tuple(read))

    def _follow(self, resolved: Resolved, *, clarify: bool) -> Answer:
        """Answer a follow-up, saying what it was understood as."""
        if resolved.clause_ids:
            answer = self._state(resolved.question, resolved.clause_ids, whole=resolved.whole)
        else:
            answer = self._answer_one(resolved.question, self._rank(resolved.question), clarify=clarify)
        understood = sentence(self.language, resolved.understood).format(
            question=shorten(resolved.shown), number=resolved.number
        )
        text = understood if resolved.whole else f"{understood}\n{answer.text}"
        return replace(answer, text=text, question=resolved.kept or resolved.question)

    def _answer_one(self, question: str, ranking: Ranking, *, clarify: bool) -> Answer:
        if ranking.is_sure:
            return replace(self._state(question, self._cite_ranked(ranking)), sure=ranking.sure)
        if ranking.is_elsewhere:
            return Answer(
                Status.OUT_OF_SCOPE, self.language, sentence(self.language, "out_of_scope"), sure=ranking.sure
            )
        if clarify and _is_close(ranking):
            return self._ask_which(ranking)
        near = [hit.clause_id for hit in ranking.hits[:NEAREST] if hit.score >= NEAR]
        text = (
            f"{sentence(self.language, 'nearest' if near else 'silent')} {contact_officer(self.policy, self.language)}"
        )
        return Answer(Status.NOT_COVERED, self.language, text, self._quote(near), sure=ranking.sure)

    def _answer_parts(self, whole: Ranking, parts: Parts) -> Answer | None:
        """Answer several questions of one message, ranked as a `whole`; None when it is to be read as one.

        That is: unless two of them are surely answered by different clauses, or the message sets them apart itself;
        then what the policy does not say is named beside what it does. A story asks its one question in many sentences,
        and where the whole is sure of a clause that no part leads to, the parts are not questions of their own.
        """
        rankings = [self._rank(part) for part in parts.texts]
        sure = [ranking for ranking in rankings if ranking.is_sure]
        families = {self._find_family(ranking.hits[0].clause_id) for ranking in sure}
        several = len(families) > 1 or (parts.apart and families and len(sure) < len(rankings))
        if not several or (whole.is_sure and self._find_family(whole.hits[0].clause_id) not in families):
            return None
        lines, cited = [], []
        for part, ranking in zip(parts.texts, rankings, strict=True):
            if ranking.is_sure:
                clauses = self._cite_ranked(ranking)
                stated = self._state(part, clauses)
                lines.append(stated.text)
                cited += [citation.clause_id for citation in stated.citations]
            else:
                key, near = _describe_unsaid(ranking)
                lines.append(sentence(self.language, key).format(question=shorten(part)))
                cited += near
        return Answer(
            Status.ANSWERED,
            self.language,
            "\n".join(dict.fromkeys(lines)),
            self._quote(cited),
            sure=min(ranking.sure for ranking in sure),
        )

    def _find_family(self, clause_id: str) -> str:
        """The topmost unit a clause stands under."""
        parent = self.policy.find_parent(clause_id)
        return self._find_family(parent) if parent else clause_id

    def _state(self, question: str, clause_ids: Sequence[str], *, whole: bool = False) -> Answer:
        """What the first clause says: its lead, what a cited list does not name, and the policy's own way."""
        first = clause_ids[0]
        cited = list(clause_ids) if whole else _complete(self.policy, clause_ids)
        lines = [self.policy.leads[first][self.language], *self._find_unnamed(question, cited)]
        if way := self.policy.guidance.ways.get(first):
            lines.append(way.text[self.language])
            cited += way.cites
        return Answer(Status.ANSWERED, self.language, _join(lines, self.language), self._quote(cited), sure=1.0)

    def _find_unnamed(self, question: str, cited: Sequence[str]) -> list[str]:
        """What a cited list names, and that a thing the question asks about is not among it; empty if nothing is so."""
        guidance = self.policy.guidance
        for clause_id in cited:
            if thing := guidance.find_unnamed(clause_id, question, self.language):
                unnamed = guidance.lists[clause_id].text[self.language].format(thing=thing)
                return [self.policy.leads[clause_id][self.language], unnamed]
        return []

    def _ask_which(self, ranking: Ranking) -> Answer:
        """A clarifying question: the close readings, quoted without a claim."""
        best = ranking.hits[0].score
        close = [hit.clause_id for hit in ranking.hits[:3] if hit.score >= CLOSE * best]
        readings = tuple(self.policy.guidance.readings[clause][self.language] for clause in close)
        text = sentence(self.language, "clarify")
        return Answer(Status.NOT_COVERED, self.language, text, self._quote(close), readings, sure=ranking.sure)

    def _cite_ranked(self, ranking: Ranking) -> list[str]:
        """The answer's clause, and others that score nearly as well."""
        first = ranking.hits[0]
        return [first.clause_id, *(hit.clause_id for hit in ranking.hits[1:3] if hit.score >= RELATED * first.score)]

    def _quote(self, clause_ids: Sequence[str]) -> tuple[Citation, ...]:
        return cite_all(self.policy, clause_ids, self.language, self.pages)


def _complete(policy: Policy, clause_ids: Sequence[str]) -> list[str]:
    """Clauses to cite, best first: the answer, what belongs to it, and the others.

    A rule is not whole without its cases, nor a name in a list without what the list is: items follow their parent,
    and the parents follow a found item.
    """
    first = clause_ids[0]
    cited = [first, *policy.list_items(first)]
    parent = policy.find_parent(first)
    while parent:
        cited.append(parent)
        parent = policy.find_parent(parent)
    return list(dict.fromkeys([*cited, *clause_ids[1:]]))


def _describe_unsaid(ranking: Ranking) -> tuple[str, list[str]]:
    """Of a question that is not answered: the key of the sentence to say, and the clause to show without a claim."""
    if ranking.is_elsewhere:
        return "part_elsewhere", []
    near = [hit.clause_id for hit in ranking.hits[:1] if hit.score >= NEAR and ranking.covered > ranking.silent]
    return ("part_near" if near else "part_silent"), near


def _is_close(ranking: Ranking) -> bool:
    """Whether two readings are close and one of them probably answers."""
    if len(ranking.hits) < 2 or ranking.covered < PROBABLY_COVERED or ranking.sure < LEAST_SURE:
        return False
    return ranking.hits[1].score >= CLOSE * ranking.hits[0].score


def _join(lines: Sequence[str], language: str) -> str:
    return ("" if language == "ja" else " ").join(dict.fromkeys(lines))


def shorten(question: str, limit: int = 60) -> str:
    """A question short enough to be repeated inside a sentence."""
    plain = normalise(question).rstrip("。.")
    return plain if len(plain) <= limit else f"{plain[: limit - 1]}…"


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
