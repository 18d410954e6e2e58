"""What officers do with questions that were not answered: read, decide, and word anew what the next index learns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import ColumnElement, func, select

from actions.cases.audit import Audit, Entry
from actions.cases.crypto import Sealer
from actions.cases.database import Database
from actions.cases.instants import now
from actions.cases.question_tables import QuestionRow, WordingRow
from actions.cases.questions import UNANSWERED, make_id, question_place
from actions.errors import ImpossibleActionError, NotFoundError

QUEUES = ("open", "feedback")
DECISIONS = ("clause", "silent", "discarded")
MOST = 500  # questions of a queue that are read at once, the newest


@dataclass(frozen=True, slots=True)
class Question:
    """A question in a queue, opened. `reason` is why its answer was voted down, "" if it was not."""

    id: str
    day: date
    language: str
    section: str
    clauses: tuple[str, ...]
    reason: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of questions: `label` is a clause or topic; `wordings` are the officer's own, none if discarded."""

    kind: str
    label: str = ""
    wordings: tuple[str, ...] = field(default=(), repr=False)
    language: str = ""
    policy_version: str = ""


@dataclass(frozen=True, slots=True)
class Wording:
    """A reviewed way of asking, opened; see `WordingRow`."""

    decision_id: str
    position: int
    language: str
    kind: str
    label: str
    questions: int
    decided_by: str
    decided_at: datetime
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many questions are open (`counted` of them without a text), in the feedback queue, and decided."""

    open: int
    counted: int
    feedback: int
    decided: int


class Reviews:
    """The officer's side of `Questions`."""

    def __init__(self, database: Database, sealer: Sealer, audit: Audit) -> None:
        self._database = database
        self._sealer = sealer
        self._audit = audit

    def list_queue(self, queue: str, language: str, section: str | None = None) -> list[Question]:
        """The questions of a queue that have a text, newest day first, at most `MOST`; a section of "" is near none."""
        wanted = [_in_queue(queue), QuestionRow.text_sealed.is_not(None), QuestionRow.language == language]
        wanted += [] if section is None else [QuestionRow.section == section]
        query = select(QuestionRow).where(*wanted).order_by(QuestionRow.day.desc(), QuestionRow.id).limit(MOST)
        with self._database.reading() as session:
            return [self._open(row) for row in session.scalars(query)]

    def get(self, identity: str) -> Question:
        """One open question. Raises: NotFoundError: unknown, decided, or deleted with its conversation."""
        with self._database.reading() as session:
            row = session.get(QuestionRow, identity)
            if row is None or row.decision or row.text_sealed is None:
                raise NotFoundError
            return self._open(row)

    def count_sections(self) -> dict[str, int]:
        """How many unanswered questions are open by the section they lie nearest to, "" for none."""
        number = func.count(QuestionRow.id)
        query = select(QuestionRow.section, number).where(_in_queue("open")).group_by(QuestionRow.section)
        with self._database.reading() as session:
            return dict(session.execute(query).all())

    def count(self) -> Tally:
        """How many there are."""
        number, table = func.count(QuestionRow.id), QuestionRow
        with self._database.reading() as session:

            def tell(*wanted: ColumnElement[bool]) -> int:
                return session.scalar(select(number).where(*wanted)) or 0

            return Tally(
                open=tell(_in_queue("open")),
                counted=tell(_in_queue("open"), table.text_sealed.is_(None)),
                feedback=tell(_in_queue("feedback")),
                decided=tell(table.decision != ""),
            )

    def decide(self, identities: Sequence[str], decision: Decision, account: str) -> int:
        """Decide on questions, whose texts end with it; the wordings stay. Returns the number of questions.

        Raises: ImpossibleActionError: none of them is open any more.
        """
        moment, decision_id = now(), make_id()
        query = select(QuestionRow).where(QuestionRow.id.in_(identities), QuestionRow.decision == "")
        with self._database.transaction() as session:
            rows = session.scalars(query.order_by(QuestionRow.id).with_for_update()).all()
            if not rows:
                raise ImpossibleActionError
            for row in rows:
                row.text_sealed, row.text_key = None, ""
                row.decision, row.label = decision.kind, decision.label
                row.decided_by, row.decided_at = account, moment
            for position, text in enumerate(decision.wordings):
                identity = make_id()
                session.add(
                    WordingRow(
                        id=identity,
                        decision_id=decision_id,
                        position=position,
                        language=decision.language,
                        kind=decision.kind,
                        label=decision.label,
                        text_sealed=self._sealer.seal(text, _wording_place(identity)),
                        questions=len(rows),
                        policy_version=decision.policy_version,
                        decided_by=account,
                        decided_at=moment,
                    )
                )
            detail: dict[str, str | int] = {"decision": decision.kind, "label": decision.label, "questions": len(rows)}
            detail |= {"wordings": len(decision.wordings)}
            self._audit.append(session, Entry(account, "decide_questions", detail=detail))
        return len(rows)

    def list_wordings(self) -> list[Wording]:
        """All reviewed wordings, the newest decision first."""
        order = (WordingRow.decided_at.desc(), WordingRow.decision_id, WordingRow.position)
        with self._database.reading() as session:
            rows = session.scalars(select(WordingRow).order_by(*order)).all()
            return [
                Wording(
                    decision_id=row.decision_id,
                    position=row.position,
                    language=row.language,
                    kind=row.kind,
                    label=row.label,
                    questions=row.questions,
                    decided_by=row.decided_by,
                    decided_at=row.decided_at,
                    text=self._sealer.open(row.text_sealed, _wording_place(row.id)),
                )
                for row in rows
            ]

    def _open(self, row: QuestionRow) -> Question:
        return Question(
            id=row.id,
            day=row.day,
            language=row.language,
            section=row.section,
            clauses=tuple(row.clauses.split()),
            reason=row.reason,
            text=self._sealer.open(row.text_sealed or b"", question_place(row.id)),
        )


def _in_queue(queue: str) -> ColumnElement[bool]:
    named = QuestionRow.reason != "" if queue == "feedback" else QuestionRow.status == UNANSWERED
    return named & (QuestionRow.decision == "")


def _wording_place(identity: str) -> str:
    return f"reviewed_wordings.text.{identity}"
