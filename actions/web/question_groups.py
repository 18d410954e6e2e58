"""Questions that are alike, as an officer reads them: groups with their weeks, and what the policy says nearest.

Grouped each time they are looked at, by the index in service: a new index sees new likenesses.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta

from actions.cases.questions import find_day
from actions.cases.reviews import QUEUES, Question
from actions.services import Services
from actions.texts import LANGUAGES, say
from actions.web.charts import Sparkline, draw_sparkline
from knowledge.likeness import group_alike
from knowledge.policy import Unit

WEEKS = 12
NEAREST = 3  # clauses shown beside a question


@dataclass(frozen=True, slots=True)
class Group:
    """Questions that are alike: `shown` is the one that stands for them, `section` the one most lie nearest to."""

    questions: tuple[Question, ...]
    section: str
    spark: Sparkline

    @property
    def shown(self) -> Question:
        """The one that stands for all."""
        return self.questions[0]

    @property
    def first(self) -> date:
        """The day of the oldest."""
        return min(one.day for one in self.questions)

    @property
    def last(self) -> date:
        """The day of the newest."""
        return max(one.day for one in self.questions)


def list_groups(services: Services, queue: str, spoken: str, section: str | None, language: str) -> list[Group]:
    """A queue in groups, the largest first, described in `language`.

    `spoken` is the questions' language, "" any; `section` the one they lie nearest to, "" none, None any.
    """
    groups: list[Group] = []
    for one in (spoken,) if spoken else LANGUAGES:
        questions = services.reviews.list_queue(queue, one, section)
        places = group_alike(services.bundle.retrievers[one], [question.text for question in questions])
        groups += [_make_group([questions[place] for place in group], language) for group in places]
    return sorted(groups, key=lambda group: (len(group.questions), group.last), reverse=True)


def _make_group(questions: list[Question], language: str) -> Group:
    sections = Counter(question.section for question in questions)
    counts = count_weeks([question.day for question in questions], find_day())
    description = say(language, "unanswered.spark", counts=", ".join(map(str, counts)))
    return Group(tuple(questions), sections.most_common(1)[0][0], draw_sparkline(description, counts))


def count_weeks(days: list[date], today: date) -> list[int]:
    """How many days fall into each of the last `WEEKS` weeks, oldest first; the last ends today."""
    counts = Counter((today - day) // timedelta(weeks=1) for day in days)
    return [counts[week] for week in reversed(range(WEEKS))]


def list_open(services: Services, spoken: str) -> dict[str, Question]:
    """All open questions of a language in either queue, by id."""
    return {one.id: one for queue in QUEUES for one in services.reviews.list_queue(queue, spoken)}


def find_group(services: Services, question: Question, language: str) -> Group:
    """The open questions like this one, in either queue, itself first, described in `language`."""
    others = [one for identity, one in list_open(services, question.language).items() if identity != question.id]
    texts = [question.text, *(one.text for one in others)]
    places = next(group for group in group_alike(services.bundle.retrievers[question.language], texts) if 0 in group)
    return _make_group([[question, *others][place] for place in places], language)


def find_nearest(services: Services, question: Question) -> tuple[list[Unit], str]:
    """The clauses that were shown or rank first now, and the topic that lies nearest."""
    policy, ranking = services.bundle.policy, services.bundle.retrievers[question.language].rank(question.text)
    ids = dict.fromkeys([*question.clauses, *(hit.clause_id for hit in ranking.hits)])
    units = [unit for unit in map(policy.find_unit, ids) if unit]
    return units[:NEAREST], ranking.topic.name if ranking.topic and ranking.topic.kind == "silent" else ""


def list_topics(services: Services) -> list[str]:
    """All silent topics: those of the index, and those that wait for the next one."""
    labels = [label for retriever in services.bundle.retrievers.values() for label in retriever.labels]
    waiting = {one.label for one in services.reviews.list_wordings() if one.kind == "silent"}
    return sorted({label.name for label in labels if label.kind == "silent"} | waiting)


def name_sections(services: Services, language: str) -> dict[str, str]:
    """Headings by section; "" is near none."""
    units = services.bundle.policy.units[language]
    return {"": say(language, "unanswered.nowhere"), **{unit.section_id: unit.section for unit in units}}
