"""The tables of what the policy did not answer. What a person typed, or an officer worded, is in a `*_sealed` column.

No question bears a time of day, nor a conversation's id: a keyed hash of it, while the conversation is kept, so that
whoever deletes the conversation deletes these rows with it. Afterwards nothing leads back.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from actions.cases.instants import Instant
from actions.cases.tables import Base


class QuestionRow(Base):
    """A masked question that the policy did not answer, or whose answer was voted down.

    `text_sealed` is empty where too much of a person stood in it to keep it (it is only counted), and once it is
    decided. `text_key` is a keyed hash of the text, for exact repeats. `reason` is the vote's: "" none, "down" one
    without a reason. `decision` is "" while it is open.
    """

    __tablename__ = "questions"
    __table_args__ = (UniqueConstraint("conversation_key", "message_id"),)

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    conversation_key: Mapped[str | None] = mapped_column(String(64))
    message_id: Mapped[str | None] = mapped_column(String(36))
    day: Mapped[date] = mapped_column(index=True)
    language: Mapped[str] = mapped_column(String(2))
    status: Mapped[str] = mapped_column(String(16))
    section: Mapped[str] = mapped_column(String(64), default="")
    clauses: Mapped[str] = mapped_column(String(400), default="")
    policy_version: Mapped[str] = mapped_column(String(32))
    text_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    text_key: Mapped[str] = mapped_column(String(64), default="", index=True)
    reason: Mapped[str] = mapped_column(String(16), default="")
    decision: Mapped[str] = mapped_column(String(16), default="", index=True)
    label: Mapped[str] = mapped_column(String(64), default="")
    decided_by: Mapped[str] = mapped_column(String(64), default="")
    decided_at: Mapped[datetime | None] = mapped_column(Instant)


class VoteRow(Base):
    """What somebody thought of an answer: `verdict` "up" or "down", `reason` a code or ""."""

    __tablename__ = "feedback"
    __table_args__ = (UniqueConstraint("conversation_key", "message_id"),)

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    conversation_key: Mapped[str | None] = mapped_column(String(64))
    message_id: Mapped[str | None] = mapped_column(String(36))
    day: Mapped[date] = mapped_column(index=True)
    verdict: Mapped[str] = mapped_column(String(8))
    reason: Mapped[str] = mapped_column(String(16), default="")


class WordingRow(Base):
    """A reviewed way of asking, in an officer's own words: training data of the next index.

    `decision_id` joins the wordings of one decision, `position` orders them; `kind` is "clause" or "silent", `label`
    the clause's id or the topic; `questions` is how many were decided with it.
    """

    __tablename__ = "reviewed_wordings"

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    decision_id: Mapped[str] = mapped_column(String(16), index=True)
    position: Mapped[int]
    language: Mapped[str] = mapped_column(String(2))
    kind: Mapped[str] = mapped_column(String(16))
    label: Mapped[str] = mapped_column(String(64))
    text_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    questions: Mapped[int]
    policy_version: Mapped[str] = mapped_column(String(32))
    decided_by: Mapped[str] = mapped_column(String(64))
    decided_at: Mapped[datetime] = mapped_column(Instant)
