"""What the policy did not answer and what visitors thought of answers: masked, sealed, by day, each with its end."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, TypeVar, cast

from sqlalchemy import CursorResult, Delete, Update, delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from actions.cases.crypto import Sealer
from actions.cases.database import Database
from actions.cases.instants import now
from actions.cases.question_tables import QuestionRow, VoteRow
from actions.cases.tables import ConversationRow
from actions.hours import TOKYO

VERDICTS = ("up", "down")
# 回答が違う, 根拠が違う, 知りたいことがない, 分かりにくい
REASONS = ("wrong_answer", "wrong_source", "missing", "unclear")
UNREASONED = "down"  # a question's reason while its vote has none
UNANSWERED = "not_covered"
MOST_CLAUSES = 8  # kept of those that were shown

Row = TypeVar("Row", QuestionRow, VoteRow)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it may be kept: masked, or "" where it is only counted. `clauses` were shown, nearest first."""

    language: str
    status: str
    policy_version: str
    clauses: tuple[str, ...] = ()
    section: str = ""
    text: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Vote:
    """What somebody thinks of an answer: `verdict` "up" or "down", `reason` one of `REASONS` or ""."""

    verdict: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Purged:
    """How many rows were, or would be, unlinked from their conversations, and deleted."""

    unlinked: int
    deleted: int


class Questions:
    """The only code that writes down what was asked in vain, or voted on. Officers read it through `Reviews`."""

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer

    def record(self, conversation_id: str, message_id: str, asked: Asked) -> None:
        """Note a question that was not answered; a second time for the same message changes nothing."""
        key = hash_conversation(self._sealer, conversation_id)

        def write(session: Session) -> None:
            if _find(session, QuestionRow, key, message_id) is None:
                session.add(self._make_row(key, message_id, asked))

        self._write(conversation_id, write)

    def vote(self, conversation_id: str, message_id: str, vote: Vote, asked: Asked) -> None:
        """Note what somebody thinks of an answer, in place of what they thought before.

        A vote against it puts the question into the officer's queue; taking it back takes it out, while it is open.
        """
        key = hash_conversation(self._sealer, conversation_id)

        def write(session: Session) -> None:
            row = _find(session, VoteRow, key, message_id)
            if row is None:
                row = VoteRow(id=make_id(), conversation_key=key, message_id=message_id, day=find_day())
                session.add(row)
            row.verdict, row.reason = vote.verdict, vote.reason
            self._queue(session, key, message_id, vote, asked)

        self._write(conversation_id, write)

    def list_votes(self, conversation_id: str) -> dict[str, Vote]:
        """All votes of a conversation, message id → vote."""
        key = hash_conversation(self._sealer, conversation_id)
        query = select(VoteRow).where(VoteRow.conversation_key == key)
        with self._database.reading() as session:
            return {row.message_id or "": Vote(row.verdict, row.reason) for row in session.scalars(query)}

    def purge(self, transcript_days: int, question_days: int, *, dry: bool = False) -> Purged:
        """Forget whose a question was when its conversation is gone, and the question when its own time has come.

        A decided question keeps no text; what remains of it, and of votes, counts for `question_days` too.
        """
        today = find_day()
        unlinked = deleted = 0
        with self._database.transaction() as session:
            for table in (QuestionRow, VoteRow):
                aged = table.day < today - timedelta(days=question_days)
                linked = (table.day < today - timedelta(days=transcript_days), table.conversation_key.is_not(None))
                if dry:
                    deleted += session.scalar(select(func.count(table.id)).where(aged)) or 0
                    unlinked += session.scalar(select(func.count(table.id)).where(*linked, ~aged)) or 0
                    continue
                deleted += _execute(session, delete(table).where(aged))
                freed = update(table).where(*linked).values(conversation_key=None, message_id=None)
                unlinked += _execute(session, freed)
        if deleted and not dry:
            self._database.scrub()
        return Purged(unlinked, deleted)

    def _queue(self, session: Session, key: str, message_id: str, vote: Vote, asked: Asked) -> None:
        row = _find(session, QuestionRow, key, message_id)
        if row is not None and row.decision:
            return
        if vote.verdict == "down":
            if row is None:
                row = self._make_row(key, message_id, asked)
                session.add(row)
            row.reason = vote.reason or UNREASONED
        elif row is not None and row.status == UNANSWERED:
            row.reason = ""
        elif row is not None:
            session.delete(row)

    def _make_row(self, key: str, message_id: str, asked: Asked) -> QuestionRow:
        identity = make_id()
        return QuestionRow(
            id=identity,
            conversation_key=key,
            message_id=message_id,
            day=find_day(),
            language=asked.language,
            status=asked.status,
            section=asked.section,
            clauses=" ".join(asked.clauses[:MOST_CLAUSES]),
            policy_version=asked.policy_version,
            text_sealed=self._sealer.seal(asked.text, question_place(identity)) if asked.text else None,
            text_key=self._sealer.index("questions", asked.text),
            reason="",
            decision="",
            label="",
            decided_by="",
        )

    def _write(self, conversation_id: str, write: Callable[[Session], None]) -> None:
        """Carry out a change while the conversation is there; once more if somebody wrote the same row just then.

        The conversation's row is held meanwhile: whoever deletes it at this moment deletes this too, or finds it gone.
        """
        for last in (False, True):
            try:
                with self._database.transaction() as session:
                    if session.get(ConversationRow, conversation_id, with_for_update=True) is not None:
                        write(session)
                return
            except IntegrityError:
                if last:
                    raise


def hash_conversation(sealer: Sealer, conversation_id: str) -> str:
    """The keyed hash that stands for a conversation beside its questions: without the key nobody can tell whose."""
    return sealer.sign("questions of a conversation", conversation_id)


def delete_asked(session: Session, sealer: Sealer, conversation_id: str) -> None:
    """Delete, in the caller's transaction, what was kept of a conversation's questions and votes."""
    key = hash_conversation(sealer, conversation_id)
    for table in (QuestionRow, VoteRow):
        session.execute(delete(table).where(table.conversation_key == key))


def question_place(identity: str) -> str:
    """Where a question's text is sealed for."""
    return f"questions.text.{identity}"


def make_id() -> str:
    """A row's id that says nothing of when it was made."""
    return secrets.token_hex(8)


def find_day() -> date:
    """Today, in Japan."""
    return now().astimezone(TOKYO).date()


def _find(session: Session, table: type[Row], key: str, message_id: str) -> Row | None:
    return session.scalar(select(table).where(table.conversation_key == key, table.message_id == message_id))


def _execute(session: Session, statement: Delete | Update) -> int:
    return cast(CursorResult[Any], session.execute(statement)).rowcount
