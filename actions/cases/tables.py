"""The tables. Whatever a person typed is in a `*_sealed` column; everything else is words of this program."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from actions.cases.instants import Instant


class Base(DeclarativeBase):
    """Declarative base of all tables."""


class ConversationRow(Base):
    """A conversation: its language, never its words."""

    __tablename__ = "conversations"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    language: Mapped[str] = mapped_column(String(2), default="")
    created_at: Mapped[datetime] = mapped_column(Instant)


class TurnRow(Base):
    """One message and the reply to it; the same `message_id` again gives the same reply."""

    __tablename__ = "turns"
    __table_args__ = (UniqueConstraint("conversation_id", "message_id"), Index("ix_turns_created_at", "created_at"))

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), index=True)
    message_id: Mapped[str] = mapped_column(String(36))
    message_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    reply_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(Instant)


class DraftRow(Base):
    """A request being entered, one a conversation, gone after `draft_hours`."""

    __tablename__ = "drafts"

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True)
    content_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    updated_at: Mapped[datetime] = mapped_column(Instant, index=True)


class CaseRow(Base):
    """A filed request. `filing_key` makes filing idempotent: a second "yes" finds the same case."""

    __tablename__ = "cases"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    receipt: Mapped[str] = mapped_column(String(16), unique=True)
    filing_key: Mapped[str] = mapped_column(String(36), unique=True)
    state: Mapped[str] = mapped_column(String(32), index=True)
    channel: Mapped[str] = mapped_column(String(16))
    language: Mapped[str] = mapped_column(String(2))
    policy_version: Mapped[str] = mapped_column(String(32))
    data_key_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    name_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    email_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    phone_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    details_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(Instant, index=True)
    items: Mapped[list[ItemRow]] = relationship(order_by="ItemRow.position", cascade="all, delete-orphan")
    events: Mapped[list[EventRow]] = relationship(order_by="EventRow.id")


class ItemRow(Base):
    """One right asked for in a case: a case has one item a kind."""

    __tablename__ = "case_items"
    __table_args__ = (UniqueConstraint("case_id", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    kind: Mapped[str] = mapped_column(String(32))


class EventRow(Base):
    """What happened to a case, appended only: action and actor, no personal data."""

    __tablename__ = "case_events"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    at: Mapped[datetime] = mapped_column(Instant)
    actor: Mapped[str] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(32))
    state: Mapped[str] = mapped_column(String(32))


class AccountRow(Base):
    """Somebody who may sign in at the desk."""

    __tablename__ = "accounts"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    role: Mapped[str] = mapped_column(String(16))
    password_hash: Mapped[str] = mapped_column(String(256))
    created_at: Mapped[datetime] = mapped_column(Instant)


class SessionRow(Base):
    """A signed-in browser: the SHA-256 of its cookie, so that a copy of the table opens nothing."""

    __tablename__ = "sessions"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    account: Mapped[str] = mapped_column(ForeignKey("accounts.name", ondelete="CASCADE"))
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)
