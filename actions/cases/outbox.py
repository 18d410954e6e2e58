"""The outbox: a mail is written in the transaction of what it tells of, and sent by a worker afterwards.

A mail's `message_id` never changes, so that whatever is sent twice (a worker was killed between sending and writing
that down) is the same mail to whoever receives it. Its states: pending → leased → sent, or written (as a file, for the
officer to send), or pending again, or dead; an officer makes a dead or written one handed (given by hand) or pending;
held while the address that the desk changed is not confirmed, then pending; void when its case was erased.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from actions.cases.crypto import Sealer
from actions.cases.database import Database
from actions.cases.inbox import is_unsent
from actions.cases.instants import now
from actions.cases.letters import Letter
from actions.cases.sealed import open_case
from actions.cases.tables import UNSENT, CaseRow, MailRow
from actions.errors import NotFoundError, SealError

LEASE = timedelta(seconds=60)  # a mail is one worker's so long; sending takes less (`mailer.LONGEST_SEND_SECONDS`)
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=4)
ATTEMPTS = 12  # the last one about 16 hours after the first
FAREWELL = "address_left"  # the letter to a mailbox that is the person's no more
SETTLED = ("sent", "handed", "void")  # nothing is to be done any more
_NO_DOMAIN = "localhost"
_DOMAIN = re.compile(r"[A-Za-z0-9.-]{1,80}")  # what a Message-ID's column leaves beside the UUID


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail, opened. Of an erased case or a trimmed letter, recipient or content are ""."""

    id: int
    case_id: str
    kind: str
    template: str
    language: str
    audience: str
    message_id: str
    recipient: str = field(repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    html: str = field(repr=False)
    attempts: int
    state: str
    created_at: datetime
    sent_at: datetime | None
    last_error: str


class Outbox:
    """The only code that opens mails or says how far they are.

    `domain` stands behind the @ of Message-IDs. What takes a session works in the caller's transaction.
    """

    def __init__(self, database: Database, sealer: Sealer, domain: str = _NO_DOMAIN) -> None:
        if not _DOMAIN.fullmatch(domain):
            raise ValueError("no domain for Message-IDs")
        self._database = database
        self._sealer = sealer
        self._domain = domain

    def enqueue(  # noqa: PLR0913, PLR0917  a mail is just this
        self,
        session: Session,
        case: CaseRow,
        own: Sealer,
        letter: Letter,
        recipient: str,
        audience: str,
        dedupe_key: str,
    ) -> MailRow:
        """Write a mail, sealed with the case's own key. The same `dedupe_key` again gives the mail of the first time.

        Without a recipient it is written already: it can only be given by hand.
        """
        known = session.scalar(select(MailRow).where(MailRow.dedupe_key == dedupe_key))
        if known:
            return known
        moment, message_id = now(), f"<{uuid.uuid4()}@{self._domain}>"
        content = json.dumps({"subject": letter.subject, "text": letter.text, "html": letter.html}, ensure_ascii=False)
        row = MailRow(
            case_id=case.id,
            template=letter.template,
            language=letter.language,
            audience=audience,
            dedupe_key=dedupe_key,
            message_id=message_id,
            recipient_sealed=own.seal(recipient, f"outbox.recipient.{message_id}"),
            content_sealed=own.seal(content, f"outbox.content.{message_id}"),
            state="pending" if recipient else "written",
            next_at=moment,
            created_at=moment,
        )
        session.add(row)
        session.flush()
        return row

    def lease(self, limit: int, moment: datetime) -> list[Mail]:
        """Take mails to send, the longest due first; nobody else gets them for `LEASE`. A transaction of its own.

        One that cannot be opened is dead, one that has lost its content is void; neither is in the way of the others.
        """
        with self._database.reading() as session:  # the usual look finds nothing, and locks nothing
            if session.scalar(select(MailRow.id).where(_is_due(moment)).limit(1)) is None:
                return []
        with self._database.transaction() as session:
            due = select(MailRow).where(_is_due(moment)).order_by(MailRow.next_at, MailRow.id).limit(limit)
            rows = session.scalars(due.with_for_update(skip_locked=True)).all()
            return [mail for row in rows if (mail := self._take(session, row, moment))]

    def mark_sent(self, session: Session, mail_id: int, moment: datetime) -> bool:
        """The server has taken it. Returns: whether that is news. Raises: NotFoundError."""
        return _settle(session, mail_id, "sent", moment)

    def mark_written(self, session: Session, mail_id: int, moment: datetime) -> bool:
        """It is in a file: the officer sends it. Returns: whether that is news. Raises: NotFoundError."""
        return _settle(session, mail_id, "written", moment)

    def mark_handed(self, session: Session, mail_id: int, moment: datetime) -> bool:
        """The person got it in another way. Returns: whether that is news. Raises: NotFoundError."""
        return _settle(session, mail_id, "handed", moment)

    def mark_failed(
        self, session: Session, mail_id: int, moment: datetime, error: str, *, permanent: bool = False
    ) -> bool:
        """It could not be sent, for a reason in one word; it is tried again later unless that is no use.

        Returns: whether it is dead now and was not before. Raises: NotFoundError.
        """
        row = _lock(session, mail_id)
        if row.state != "leased":  # it was settled in the meantime, or another worker's failure was first
            return False
        row.last_error, row.lease_until = error, None
        row.state = "dead" if permanent or row.attempts >= ATTEMPTS else "pending"
        row.next_at = moment + _wait(row.attempts)
        return row.state == "dead"

    def put_back(self, mail: Mail, moment: datetime, error: str, *, permanent: bool = False) -> bool:
        """`mark_failed` in a transaction of its own."""
        with self._database.transaction() as session:
            return self.mark_failed(session, mail.id, moment, error, permanent=permanent)

    def release(self, mail: Mail, moment: datetime) -> None:
        """Give back a leased mail that was not tried to the end, due at once and as if it had not been taken."""
        with self._database.transaction() as session:
            row = _lock(session, mail.id)
            if row.state == "leased":
                row.state, row.lease_until, row.next_at, row.attempts = "pending", None, moment, row.attempts - 1

    def put_aside(self, mail: Mail, moment: datetime) -> bool:
        """`mark_written` in a transaction of its own."""
        with self._database.transaction() as session:
            return self.mark_written(session, mail.id, moment)

    def requeue(self, session: Session, mail_id: int, moment: datetime | None = None) -> bool:
        """Try a dead or written mail again, as the same mail. Returns: whether it was one. Raises: NotFoundError."""
        row = _lock(session, mail_id)
        if row.state not in {"dead", "written"}:
            return False
        row.state, row.attempts, row.next_at, row.sent_at = "pending", 0, moment or now(), None
        return True

    def redirect(self, session: Session, case: CaseRow, own: Sealer, recipient: str, links: tuple[str, str]) -> None:
        """Letters of a case that have not left wait for another address to be confirmed, each still the same mail.

        `links` are the tokens of the former status link, which has ended, and of the new one.
        """
        unsent = (MailRow.case_id == case.id, MailRow.audience == "customer", MailRow.state.in_(UNSENT))
        for row in session.scalars(select(MailRow).where(*unsent, MailRow.template != FAREWELL)):
            if row.content_sealed is None:
                continue
            place = f"outbox.content.{row.message_id}"
            row.content_sealed = own.seal(own.open(row.content_sealed, place).replace(*links), place)
            row.recipient_sealed = own.seal(recipient, f"outbox.recipient.{row.message_id}")
            row.state, row.lease_until, row.last_error = "held", None, ""

    def get(self, mail_id: int) -> Mail:
        """One mail. Raises: NotFoundError, SealError."""
        with self._database.reading() as session:
            row = session.get(MailRow, mail_id)
            if row is None:
                raise NotFoundError
            return self._open(session, row)

    def list_for_case(self, case_id: str, session: Session | None = None) -> list[Mail]:
        """A case's mails, oldest first. Raises: SealError."""
        with nullcontext(session) if session else self._database.reading() as opened:
            rows = opened.scalars(select(MailRow).where(MailRow.case_id == case_id).order_by(MailRow.id))
            return self._open_all(opened, rows)

    def list_unsent(self, limit: int = 200) -> list[Mail]:
        """What waits for an officer: dead mails, and those to be sent by hand; oldest first. Raises: SealError.

        Letters of confirmed requests come before those that anybody can cause by filing.
        """
        with self._database.reading() as session:
            waiting = select(MailRow).join(CaseRow, CaseRow.id == MailRow.case_id).where(is_unsent())
            waiting = waiting.order_by(CaseRow.confirmed_at.is_(None), MailRow.id).limit(limit)
            return self._open_all(session, session.scalars(waiting))

    def _take(self, session: Session, row: MailRow, moment: datetime) -> Mail | None:
        row.state, row.lease_until, row.attempts = "leased", moment + LEASE, row.attempts + 1
        try:
            mail = self._open(session, row)
        except SealError:
            row.state, row.lease_until, row.last_error = "dead", None, "sealed"
            return None
        if not mail.recipient or not mail.text:
            row.state, row.lease_until = "void", None
            return None
        return mail

    def _open_all(self, session: Session, rows: Iterable[MailRow]) -> list[Mail]:
        return [self._open(session, row) for row in rows]

    def _open(self, session: Session, row: MailRow) -> Mail:
        recipient, content = "", {"subject": "", "text": "", "html": ""}
        case = session.get(CaseRow, row.case_id)
        if case is not None and case.data_key_sealed is not None:
            own = open_case(self._sealer, case)
            if row.recipient_sealed is not None:
                recipient = own.open(row.recipient_sealed, f"outbox.recipient.{row.message_id}")
            if row.content_sealed is not None:
                content = json.loads(own.open(row.content_sealed, f"outbox.content.{row.message_id}"))
        return Mail(
            id=row.id,
            case_id=row.case_id,
            kind=row.kind,
            template=row.template,
            language=row.language,
            audience=row.audience,
            message_id=row.message_id,
            recipient=recipient,
            **content,
            attempts=row.attempts,
            state=row.state,
            created_at=row.created_at,
            sent_at=row.sent_at,
            last_error=row.last_error,
        )


def find_domain(address: str) -> str:
    """The domain of a bare mail address in ASCII, for Message-IDs; "localhost" where there is none that fits."""
    try:
        domain = address.rpartition("@")[2].encode("idna").decode()
    except UnicodeError:
        return _NO_DOMAIN
    return domain if _DOMAIN.fullmatch(domain) else _NO_DOMAIN


def _is_due(moment: datetime) -> ColumnElement[bool]:
    """Due, or left over by a worker that was killed, or left far in the future by a clock that was set back since."""
    waits = or_(MailRow.next_at <= moment, MailRow.next_at > moment + LONGEST_WAIT)
    is_lost = or_(MailRow.lease_until <= moment, MailRow.lease_until > moment + LEASE)
    return or_(and_(MailRow.state == "pending", waits), and_(MailRow.state == "leased", is_lost))


def _wait(attempts: int) -> timedelta:
    doubled: int = 2 ** min(max(attempts - 1, 0), ATTEMPTS)
    return min(FIRST_WAIT * doubled, LONGEST_WAIT)


def _lock(session: Session, mail_id: int) -> MailRow:
    row = session.get(MailRow, mail_id, with_for_update=True)
    if row is None:
        raise NotFoundError
    return row


def _settle(session: Session, mail_id: int, state: str, moment: datetime) -> bool:
    row = _lock(session, mail_id)
    if row.state in (*SETTLED, state):
        return False
    row.state, row.lease_until, row.last_error = state, None, ""
    row.sent_at = None if state == "written" else moment
    return True
