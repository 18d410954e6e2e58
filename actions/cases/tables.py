"""The tables. Whatever a person typed is in a `*_sealed` column; everything else is words of this program."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from actions.cases.instants import Instant

INBOX_COLUMNS = (
    "due_at",
    "arrived_at",
    "id",
    "state",
    "closed_at",
    "confirmed_at",
    "waiting",
    "channel",
    "assignee",
    "created_at",
)
UNSENT = ("pending", "leased", "written", "dead", "held")  # states of mails that have not reached anybody yet


class Base(DeclarativeBase):
    """Declarative base of all tables."""


class ConversationRow(Base):
    """A conversation: its language, never its words.

    `untold` is the filing key of a request that was filed in it and whose receipt no kept reply has told yet.
    """

    __tablename__ = "conversations"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    language: Mapped[str] = mapped_column(String(2), default="")
    untold: Mapped[str] = mapped_column(String(36), default="")
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
    """A filed request. `filing_key` makes filing idempotent: a second "yes" finds the same case.

    Erasing a case's personal data clears `data_key_sealed` and every sealed column: without the key nothing that was
    sealed with it opens again, wherever a copy may be. `confirmed_at` is when the request counted as the person's (by
    code or an officer's word), `proven_at` when its mailbox was shown to be, `readdressed_at` when the desk changed its
    address to one that was not confirmed since. `state` and `due_at` sum the items up for the inbox.
    """

    __tablename__ = "cases"
    __table_args__ = (
        Index("ix_cases_closed_at_due_at", "closed_at", "due_at"),
        # All that the inbox filters and sorts by, in its order: read without the rows, which are mostly sealed.
        Index("ix_cases_inbox", *INBOX_COLUMNS),
        Index("ix_cases_waiting", "waiting", "confirmed_at", "state"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    receipt: Mapped[str] = mapped_column(String(16), unique=True)
    filing_key: Mapped[str] = mapped_column(String(36), unique=True)
    state: Mapped[str] = mapped_column(String(32), index=True)
    channel: Mapped[str] = mapped_column(String(16))
    language: Mapped[str] = mapped_column(String(2))
    policy_version: Mapped[str] = mapped_column(String(32))
    agent: Mapped[str] = mapped_column(String(16), default="")
    forwarded: Mapped[bool] = mapped_column(default=False)
    data_key_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    name_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    email_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    phone_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    details_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    represented_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    opening_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    told_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    email_index: Mapped[str] = mapped_column(String(64), default="", index=True)
    phone_index: Mapped[str] = mapped_column(String(64), default="", index=True)
    status_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    status_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    arrived_at: Mapped[datetime] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant, index=True)
    confirmed_at: Mapped[datetime | None] = mapped_column(Instant)
    proven_at: Mapped[datetime | None] = mapped_column(Instant)
    readdressed_at: Mapped[datetime | None] = mapped_column(Instant)
    acknowledged_at: Mapped[datetime | None] = mapped_column(Instant)
    reminded_at: Mapped[datetime | None] = mapped_column(Instant)
    due_at: Mapped[datetime | None] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant, index=True)
    trimmed_at: Mapped[datetime | None] = mapped_column(Instant)
    erased_at: Mapped[datetime | None] = mapped_column(Instant)
    identity_level: Mapped[int] = mapped_column(default=0)
    assignee: Mapped[str] = mapped_column(String(64), default="", index=True)
    waiting: Mapped[bool] = mapped_column(default=False)
    on_legal_hold: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)
    items: Mapped[list[ItemRow]] = relationship(order_by="ItemRow.position", cascade="all, delete-orphan")
    messages: Mapped[list[MessageRow]] = relationship(order_by="MessageRow.id", cascade="all, delete-orphan")
    checks: Mapped[list[CheckRow]] = relationship(order_by="CheckRow.id", cascade="all, delete-orphan")


class ItemRow(Base):
    """One right asked for in a case: a case has one item a kind, each with its own progress, outcome and clock.

    `target_at` is when the service target runs out; while the clock is paused it is empty and `remaining_minutes` says
    how many business minutes are left.
    """

    __tablename__ = "case_items"
    __table_args__ = (
        UniqueConstraint("case_id", "kind"),
        # With the case's id, so that a filter of the inbox is answered without the rows.
        Index("ix_case_items_kind_state", "kind", "state", "case_id"),
        Index("ix_case_items_state", "state", "case_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    kind: Mapped[str] = mapped_column(String(32))
    state: Mapped[str] = mapped_column(String(32))
    held_from: Mapped[str] = mapped_column(String(32), default="")
    outcome: Mapped[str] = mapped_column(String(32), default="")
    decision_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    proposed_by: Mapped[str] = mapped_column(String(64), default="")
    proposed_at: Mapped[datetime | None] = mapped_column(Instant)
    fee_yen: Mapped[int | None]
    fee_accepted_at: Mapped[datetime | None] = mapped_column(Instant)
    target_at: Mapped[datetime | None] = mapped_column(Instant)
    remaining_minutes: Mapped[int | None]
    closed_at: Mapped[datetime | None] = mapped_column(Instant)


class MessageRow(Base):
    """A word in a case's thread: from the customer, to the customer (`shared`), or a note of the desk's own."""

    __tablename__ = "case_messages"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(Instant)
    author: Mapped[str] = mapped_column(String(64))
    template: Mapped[str] = mapped_column(String(32), default="")
    shared: Mapped[bool]
    body_sealed: Mapped[bytes] = mapped_column(LargeBinary)


class CheckRow(Base):
    """A document that an officer saw: which, whose, by whom, when, with what result. No copy of it is kept."""

    __tablename__ = "identity_checks"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(Instant)
    account: Mapped[str] = mapped_column(String(64))
    document: Mapped[str] = mapped_column(String(32))
    subject: Mapped[str] = mapped_column(String(16))
    accepted: Mapped[bool]


class CodeRow(Base):
    """A confirmation that was sent to an address: HMACs of a six-digit code and of a link, both for one use."""

    __tablename__ = "confirmation_codes"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64))
    link_hash: Mapped[str] = mapped_column(String(64), unique=True)
    tries: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)


class MailRow(Base):
    """A mail to be sent, written in the transaction of what it tells of (a transactional outbox).

    `message_id` is fixed when the row is written: however often it is sent, it is the same mail. Recipient and content
    are sealed with the case's own key, so that they end with it.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_state_next_at", "state", "next_at"),
        Index("ix_outbox_unsent", "state", "audience", "case_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"), index=True)
    template: Mapped[str] = mapped_column(String(32))
    language: Mapped[str] = mapped_column(String(2))
    audience: Mapped[str] = mapped_column(String(16))
    kind: Mapped[str] = mapped_column(String(32), default="")
    dedupe_key: Mapped[str] = mapped_column(String(128), unique=True)
    message_id: Mapped[str] = mapped_column(String(128), unique=True)
    recipient_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    content_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(String(16))
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime] = mapped_column(Instant)
    lease_until: Mapped[datetime | None] = mapped_column(Instant)
    last_error: Mapped[str] = mapped_column(String(64), default="")
    created_at: Mapped[datetime] = mapped_column(Instant)
    sent_at: Mapped[datetime | None] = mapped_column(Instant)


class AuditRow(Base):
    """One thing that happened: appended only (by trigger), each row's hash made of its words and the hash before it.

    Words of this program and account names only. `digest` is the SHA-256 of the sealed text it belongs to, so that
    erasing that text leaves the chain whole.
    """

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_case_id_seq", "case_id", "seq"),)

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(Instant)
    actor: Mapped[str] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(32))
    case_id: Mapped[str] = mapped_column(String(32), default="")
    kind: Mapped[str] = mapped_column(String(32), default="")
    origin: Mapped[str] = mapped_column(String(32), default="")
    state: Mapped[str] = mapped_column(String(32), default="")
    detail: Mapped[str] = mapped_column(String(1000), default="")
    digest: Mapped[str] = mapped_column(String(64), default="")
    hash: Mapped[str] = mapped_column(String(64))


class AuditHeadRow(Base):
    """The chain's end: how long it is and its last hash, sealed with an HMAC. Locked by whoever appends."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int]
    hash: Mapped[str] = mapped_column(String(64))
    seal: Mapped[str] = mapped_column(String(64))


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


class ShownContactRow(Base):
    """A case whose contact data somebody asked to see: they stay shown as long as the session lasts."""

    __tablename__ = "shown_contacts"

    token_hash: Mapped[str] = mapped_column(ForeignKey("sessions.token_hash", ondelete="CASCADE"), primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"), primary_key=True, index=True)
