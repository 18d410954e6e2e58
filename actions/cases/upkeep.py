"""What happens to cases without anybody's hand: mails that left or failed, reminders, what lapses and what is erased.

Every step is an action of the workflow (or writes its own audit entry), so that the chain tells of it too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from sqlalchemy import ColumnElement, exists, func, select, update
from sqlalchemy.orm import Session

from actions.cases.audit import Audit, Entry
from actions.cases.casework import Casework, Order
from actions.cases.correspondence import TO_UNCONFIRMED
from actions.cases.crypto import Sealer
from actions.cases.database import Database
from actions.cases.desk import CaseDesk
from actions.cases.guards import REMINDER_AFTER, SYSTEM, Form, Rules
from actions.cases.instants import now
from actions.cases.mailer import find_file
from actions.cases.outbox import SETTLED, Mail, Outbox
from actions.cases.sealed import OpenCase, open_case
from actions.cases.tables import CaseRow, MailRow, MessageRow
from actions.errors import ConditionError, ImpossibleActionError, NotFoundError, SealError
from actions.settings import Settings

NOTICE = "decision"

logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Upkept:
    """How many of each were, or would be, dealt with."""

    lapsed: int = 0
    reminded: int = 0
    trimmed: int = 0
    erased: int = 0
    deleted: int = 0
    mails: int = 0


class Upkeep:
    """The system's own hand."""

    def __init__(
        self, database: Database, sealer: Sealer, settings: Settings, desk: CaseDesk, casework: Casework
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._settings = settings
        self._desk = desk
        self._audit: Audit = casework.audit
        self._casework = casework
        self._outbox: Outbox = casework.correspondence.outbox

    # --- mails

    def on_sent(self, mail: Mail) -> None:
        """A mail left: codes count from now, the request is acknowledged, and a notice ends its item."""
        self._settle(mail, self._outbox.mark_sent)

    def on_handed(self, mail: Mail) -> None:
        """An officer gave a letter by hand: as good as sent."""
        self._settle(mail, self._outbox.mark_handed)

    def on_dead(self, mail: Mail) -> None:
        """A mail will not go out by itself any more: an officer's task, and the officer is told."""
        with self._database.transaction() as session:
            row = session.get(CaseRow, mail.case_id, with_for_update=True)
            if row is None or mail.audience != "customer":
                return
            row.waiting = True
            self._audit.append(session, Entry("system", "mail_failed", row.id, detail={"letter": mail.template}))
            if row.data_key_sealed:
                opened = OpenCase(session, row, open_case(self._sealer, row))
                self._casework.correspondence.tell_officer(opened, "officer_mail_failed")

    def _settle(self, mail: Mail, mark: Callable[[Session, int, datetime], bool]) -> None:
        moment, rules = now(), self._desk.find_rules()
        with self._database.transaction() as session:
            row = session.get(CaseRow, mail.case_id, with_for_update=True)
            if not mark(session, mail.id, moment) or row is None or mail.audience != "customer":
                return
            if mail.template in TO_UNCONFIRMED:
                self._casework.identity.start_clock(session, row.id, moment)
            else:  # what only asks to confirm the address acknowledges nothing yet
                row.acknowledged_at = row.acknowledged_at or moment
            if mail.template == NOTICE and row.data_key_sealed:
                self._close(OpenCase(session, row, open_case(self._sealer, row)), mail.kind, rules, moment)

    def _close(self, opened: OpenCase, kind: str, rules: Rules, moment: datetime) -> None:
        try:
            self._casework.perform(opened, Order("delivered", SYSTEM, Form(), rules, moment, kind))
        except ImpossibleActionError:
            return  # closed by hand in the meantime, or reopened: the letter has arrived all the same

    # --- time

    def remind(self, *, dry: bool = False) -> int:
        """Remind, a day after, who has not confirmed an address. Returns their number."""
        overdue = now() - REMINDER_AFTER
        wanted = (CaseRow.state == "mail_unverified", CaseRow.created_at <= overdue, CaseRow.reminded_at.is_(None))
        return self._act_on_all("remind", wanted, dry=dry)

    def lapse(self, *, dry: bool = False) -> int:
        """Close what was never confirmed."""
        oldest = now() - timedelta(days=self._settings.unconfirmed_days)
        since = func.coalesce(CaseRow.readdressed_at, CaseRow.created_at)
        return self._act_on_all("lapse", (CaseRow.state == "mail_unverified", since <= oldest), dry=dry)

    def purge(self, *, dry: bool = False) -> Upkept:
        """Everything whose time has come; with `dry`, only count it."""
        settings, moment = self._settings, now()

        def before(days: int) -> datetime:
            return moment - timedelta(days=days)

        free = (CaseRow.on_legal_hold.is_(False), CaseRow.closed_at.is_not(None))
        fresh = exists().where(MessageRow.case_id == CaseRow.id, MessageRow.at >= before(settings.thread_days))
        thread = (*free, CaseRow.trimmed_at.is_(None), CaseRow.closed_at < before(settings.thread_days), ~fresh)
        unconfirmed = (*free, CaseRow.confirmed_at.is_(None), CaseRow.erased_at.is_(None))
        contact = (*free, CaseRow.erased_at.is_(None), CaseRow.closed_at < before(settings.contact_days))
        lapsed = (*unconfirmed, CaseRow.closed_at < before(settings.unconfirmed_days))
        done = Upkept(
            lapsed=self.lapse(dry=dry),  # before the reminders: nobody is reminded of what ends in the same minute
            reminded=self.remind(dry=dry),
            trimmed=self._act_on_all("trim", thread, dry=dry),
            erased=self._act_on_all("erase", contact, dry=dry) + self._act_on_all("erase", lapsed, dry=dry),
            deleted=self._delete_skeletons(before(settings.skeleton_days), dry=dry),
            mails=self._clear_mails(before(settings.mail_days), dry=dry),
        )
        if not dry and (done.trimmed or done.erased or done.deleted or done.mails):
            self._database.scrub()
        return done

    def _act_on_all(self, action: str, wanted: Iterable[ColumnElement[bool]], *, dry: bool) -> int:
        with self._database.reading() as session:
            found = session.scalars(select(CaseRow.id).where(*wanted)).all()
        return len(found) if dry else sum(self._act(one, action) for one in found)

    def _act(self, case_id: str, action: str) -> bool:
        def find(session: Session) -> CaseRow | None:
            return session.get(CaseRow, case_id, with_for_update=True)

        try:
            self._desk.carry_out(find, action, SYSTEM, Form())
        except (ConditionError, ImpossibleActionError, NotFoundError):
            return False  # somebody was faster
        except SealError:
            # A damaged case must not keep all others from their end; `verify-audit` and the desk show which it is.
            logger.error("case unreadable", name=action, code=SealError.code)
            return False
        if action == "erase":
            self._delete_files(case_id)
        return True

    def _delete_files(self, case_id: str) -> None:
        """Delete the .eml files of a case's mails: erased is erased wherever the desk wrote it."""
        with self._database.reading() as session:
            names = session.scalars(select(MailRow.message_id).where(MailRow.case_id == case_id)).all()
        for message_id in names:
            find_file(self._settings.mails, message_id).unlink(missing_ok=True)

    def _delete_skeletons(self, oldest: datetime, *, dry: bool) -> int:
        """Delete what is left of erased cases; the audit chain keeps its entries."""
        wanted = (CaseRow.erased_at.is_not(None), CaseRow.on_legal_hold.is_(False), CaseRow.closed_at < oldest)
        with self._database.transaction() as session:
            rows = session.scalars(select(CaseRow).where(*wanted).with_for_update(skip_locked=True)).all()
            if rows and not dry:
                self._audit.append(session, *(Entry("system", "delete", row.id) for row in rows))
                for row in rows:
                    session.delete(row)
            return len(rows)

    def _clear_mails(self, oldest: datetime, *, dry: bool) -> int:
        """Clear mails that went out long ago, but for those of cases on hold, and the files that were written."""
        held = select(CaseRow.id).where(CaseRow.on_legal_hold)
        done = (MailRow.state.in_(SETTLED), MailRow.sent_at < oldest, MailRow.case_id.not_in(held))
        wanted = (*done, MailRow.content_sealed.is_not(None))
        with self._database.transaction() as session:
            rows = session.execute(select(MailRow.id, MailRow.message_id).where(*wanted)).all()
            kept = session.scalars(select(MailRow.message_id).where(MailRow.case_id.in_(held))).all()
            if dry:
                return len(rows)
            session.execute(update(MailRow).where(*wanted).values(content_sealed=None, recipient_sealed=None))
        spared = {find_file(self._settings.mails, message_id) for message_id in kept}
        for path in self._settings.mails.glob("*"):  # and what a killed process left half written
            if path not in spared:
                _delete_old(path, oldest)
        return len(rows)


def _delete_old(path: Path, oldest: datetime) -> None:
    if path.stat().st_mtime < oldest.timestamp():
        path.unlink(missing_ok=True)
