"""Numbers about cases and mails for whoever watches over the desk; nothing of any case or person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, select

from actions.cases.database import Database
from actions.cases.tables import UNSENT, CaseRow, MailRow

# Reasons of failed mails (`mailer`) that lie with the way and not with one mail.
_WAY = ("sign_in", "sender", "timeout", "tls", "unreachable", "unwritable", "unexpected")


@dataclass(frozen=True, slots=True)
class Figures:
    """How things stand at a moment.

    `cases` counts by standing: unconfirmed, open (confirmed, not closed), overdue (of these, past their target).
    `mails` counts by state those that reached nobody yet: pending, leased, written (wait to be sent by hand), dead.
    `way` is "ok", or the reason for which a mail did not leave that waits for another try.
    """

    cases: Mapping[str, int]
    mails: Mapping[str, int]
    way: str


def read_figures(database: Database, moment: datetime) -> Figures:
    """Count, as of one moment of the database. Raises: SQLAlchemyError: no database answers."""
    is_open = and_(CaseRow.closed_at.is_(None), CaseRow.confirmed_at.is_not(None))
    standings = {
        "unconfirmed": CaseRow.state == "mail_unverified",
        "open": is_open,
        "overdue": and_(is_open, CaseRow.due_at < moment),
    }
    by_state = select(MailRow.state, func.count()).where(MailRow.state.in_(UNSENT)).group_by(MailRow.state)
    # What was tried and waits for another try; a mail that leaves loses its reason.
    failed = select(MailRow.last_error).where(MailRow.state.in_(("pending", "leased")), MailRow.last_error.in_(_WAY))
    with database.reading() as session:
        cases = {
            name: session.scalar(select(func.count()).select_from(CaseRow).where(condition)) or 0
            for name, condition in standings.items()
        }
        counted: dict[str, int] = dict(session.execute(by_state).all())
        way = session.scalar(failed.order_by(MailRow.next_at.desc()).limit(1)) or "ok"
    return Figures(cases, {state: counted.get(state, 0) for state in UNSENT}, way)
