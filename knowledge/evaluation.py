"""How good the answers are, on questions never trained on: counts with n and a 95 % Wilson interval.

Files: `development/<name>.<language>.jsonl` or `<language>.jsonl`, a wording's row plus `id`, `part` (tidy,
realistic) and, for a paraphrase, `paraphrase_of`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from knowledge.answer import Status, answer_question
from knowledge.bundle import Bundle


@dataclass(frozen=True, slots=True)
class Question:
    """A labelled question: `clauses` best first, empty when the policy does not answer it."""

    id: str
    part: str
    language: str
    text: str
    clauses: tuple[str, ...]
    kind: str  # answerable, silent, offtopic
    paraphrase_of: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the desk did with a question: clauses ranked, clauses shown, status, probability of being right."""

    question: Question
    ranked: tuple[str, ...]
    shown: tuple[str, ...]
    status: Status
    sure: float

    @property
    def first_right(self) -> bool:
        """The best clause stands first."""
        return bool(self.question.clauses) and self.ranked[:1] == self.question.clauses[:1]

    @property
    def in_top_three(self) -> bool:
        """The best clause stands among the first three."""
        return bool(self.question.clauses) and self.question.clauses[0] in self.ranked[:3]

    @property
    def answered(self) -> bool:
        """The desk gave it as the answer."""
        return self.status is Status.ANSWERED

    @property
    def acceptable(self) -> bool:
        """What stands first is one of the clauses that answer."""
        return bool(self.ranked) and self.ranked[0] in self.question.clauses


@dataclass(frozen=True, slots=True)
class Share:
    """`hits` of `n`, with the Wilson score interval (Wilson 1927; z = 1.96)."""

    hits: int
    n: int

    @property
    def value(self) -> float:
        """The share, 0..1; 0 of nothing is nan."""
        return self.hits / self.n if self.n else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        """Lower and upper bound."""
        if not self.n:
            return (math.nan, math.nan)
        z, p = 1.96, self.value
        middle = p + z * z / (2 * self.n)
        spread = z * math.sqrt(p * (1 - p) / self.n + z * z / (4 * self.n * self.n))
        bounds = (middle - spread) / (1 + z * z / self.n), (middle + spread) / (1 + z * z / self.n)
        return max(bounds[0], 0.0), min(bounds[1], 1.0)


@dataclass(frozen=True, slots=True)
class Measure:
    """A named figure of one part: a share, or a plain value (AUROC and the like) with its n."""

    name: str
    share: Share | None = None
    value: float = math.nan
    n: int = 0


def load_questions(path: Path) -> list[Question]:
    """Read a development file; its language is the last part of its name."""
    language = path.stem.split(".")[-1]
    return [_question(json.loads(line), language) for line in path.read_text("utf-8").splitlines()]


def _question(row: dict[str, object], language: str) -> Question:
    clauses = row.get("clauses")
    kind = "answerable" if clauses else "silent" if row.get("silent") else "offtopic"
    return Question(
        id=str(row["id"]),
        part=str(row["part"]),
        language=language,
        text=str(row["q"]),
        clauses=tuple(str(clause) for clause in clauses) if isinstance(clauses, list) else (),
        kind=kind,
        paraphrase_of=str(row.get("paraphrase_of", "")),
    )


def run_questions(bundle: Bundle, questions: Iterable[Question]) -> list[Outcome]:
    """Answer all questions as the desk would."""
    return [_run(bundle, question) for question in questions]


def _run(bundle: Bundle, question: Question) -> Outcome:
    ranking = bundle.retrievers[question.language].rank(question.text)
    answer = answer_question(bundle, question.text, question.language)
    return Outcome(
        question=question,
        ranked=tuple(hit.clause_id for hit in ranking.hits),
        shown=tuple(citation.clause_id for citation in answer.citations),
        status=answer.status,
        sure=ranking.sure,
    )


def measure_part(outcomes: list[Outcome]) -> list[Measure]:
    """All figures of one part (one language, tidy or realistic)."""
    asked = [outcome for outcome in outcomes if outcome.question.kind == "answerable"]
    silent = [outcome for outcome in outcomes if outcome.question.kind == "silent"]
    offtopic = [outcome for outcome in outcomes if outcome.question.kind == "offtopic"]
    answered = [outcome for outcome in outcomes if outcome.answered]
    return [
        Measure("right clause first", _share(asked, lambda one: one.first_right)),
        Measure("right clause in the first three", _share(asked, lambda one: one.in_top_three)),
        Measure("a right clause first", _share(asked, lambda one: one.acceptable)),
        Measure("right clause among those shown", _share(asked, lambda one: one.question.clauses[0] in one.shown)),
        Measure("coverage: answerable answered", _share(asked, lambda one: one.answered)),
        Measure("precision of answered", _share(answered, lambda one: one.acceptable)),
        Measure("silent shown as answered", _share(silent, lambda one: one.answered)),
        Measure("off-topic shown as answered", _share(offtopic, lambda one: one.answered)),
        Measure("AUROC answerable", value=area_under_curve(outcomes), n=len(outcomes)),
        Measure("FPR at 95 % TPR", value=false_positives_at(outcomes, 0.95), n=len(outcomes)),
    ]


def measure_paraphrases(outcomes: list[Outcome]) -> list[Measure]:
    """Right clause first on originals and on their paraphrases, and the gap in points."""
    by_id = {outcome.question.id: outcome for outcome in outcomes}
    pairs = [
        (by_id[outcome.question.paraphrase_of], outcome)
        for outcome in outcomes
        if outcome.question.paraphrase_of in by_id
    ]
    originals = _share([original for original, _ in pairs], lambda one: one.first_right)
    paraphrases = _share([paraphrase for _, paraphrase in pairs], lambda one: one.first_right)
    gap = 100 * (originals.value - paraphrases.value) if pairs else math.nan
    return [
        Measure("originals: right clause first", originals),
        Measure("paraphrases: right clause first", paraphrases),
        Measure("gap in points", value=gap, n=len(pairs)),
    ]


def measure_sections(outcomes: list[Outcome]) -> list[Measure]:
    """Right clause first by the section of the right clause."""
    sections: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        if outcome.question.clauses:
            sections.setdefault(outcome.question.clauses[0].split(".")[0], []).append(outcome)
    return [Measure(name, _share(found, lambda one: one.first_right)) for name, found in sections.items()]


def area_under_curve(outcomes: list[Outcome]) -> float:
    """AUROC of `sure` for answerable against the rest (Mann–Whitney; ties count half)."""
    positive = [one.sure for one in outcomes if one.question.kind == "answerable"]
    negative = [one.sure for one in outcomes if one.question.kind != "answerable"]
    if not positive or not negative:
        return math.nan
    wins = sum((p > q) + 0.5 * (p == q) for p in positive for q in negative)
    return wins / (len(positive) * len(negative))


def false_positives_at(outcomes: list[Outcome], recall: float) -> float:
    """Share of unanswerable questions above the `sure` that keeps `recall` of the answerable ones."""
    positive = sorted((one.sure for one in outcomes if one.question.kind == "answerable"), reverse=True)
    negative = [one.sure for one in outcomes if one.question.kind != "answerable"]
    if not positive or not negative:
        return math.nan
    threshold = positive[math.ceil(recall * len(positive)) - 1]
    return sum(value >= threshold for value in negative) / len(negative)


def _share(outcomes: list[Outcome], holds: Callable[[Outcome], bool]) -> Share:
    return Share(sum(map(holds, outcomes)), len(outcomes))
