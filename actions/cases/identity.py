"""Showing that a mail address is the person's: a six-digit code or a link, from `secrets`, each for one use.

Only HMACs are kept. A code lives ten minutes from when its mail left and bears five tries; limits by address and by
visitor stand at the door (`actions.web`). A new one ends the one before.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from actions.cases.crypto import Sealer
from actions.cases.tables import CaseRow, CodeRow
from actions.errors import ExpiredCodeError, WrongCodeError

DIGITS = 6


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What is sent to the address, in clear here and in the mail only."""

    code: str = field(repr=False)
    link: str = field(repr=False)


class Identity:
    """The only code that reads or writes confirmation codes."""

    def __init__(self, sealer: Sealer, minutes: int, tries: int) -> None:
        self._sealer = sealer
        self._minutes = minutes
        self._tries = tries

    def make(self, session: Session, case: CaseRow, moment: datetime) -> Confirmation:
        """A new code and link for a case; those made before end."""
        for row in session.scalars(select(CodeRow).where(CodeRow.case_id == case.id, CodeRow.used_at.is_(None))):
            row.used_at = moment
        made = Confirmation(f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}", secrets.token_urlsafe(24))
        session.add(
            CodeRow(
                case_id=case.id,
                code_hash=self._hash_code(case, made.code),
                link_hash=self._hash_link(made.link),
                created_at=moment,
                expires_at=moment + timedelta(minutes=self._minutes),
            )
        )
        return made

    def start_clock(self, session: Session, case_id: str, moment: datetime) -> None:
        """The mail left now: its code lives from now on, however long it waited to be sent."""
        row = self._find_open(session, case_id)
        if row:
            row.expires_at = moment + timedelta(minutes=self._minutes)

    def check_code(self, session: Session, case: CaseRow, code: str, moment: datetime) -> None:
        """Use a code up. Raises: WrongCodeError (a try is gone: commit it), ExpiredCodeError."""
        row = self._find_open(session, case.id)
        if row is None or not self._is_live(row, moment) or row.tries >= self._tries:
            raise ExpiredCodeError
        if not hmac.compare_digest(row.code_hash, self._hash_code(case, code)):
            row.tries += 1
            raise WrongCodeError
        row.used_at = moment

    def find_case(self, session: Session, link: str, moment: datetime) -> CaseRow | None:
        """The case a link that is still good belongs to, or None."""
        row = self._find_link(session, link, moment)
        return session.get(CaseRow, row.case_id) if row else None

    def use_link(self, session: Session, link: str, moment: datetime) -> CaseRow:
        """Use a link up → its case. Raises: ExpiredCodeError."""
        row = self._find_link(session, link, moment)
        case = session.get(CaseRow, row.case_id, with_for_update=True) if row else None
        if row is None or case is None:
            raise ExpiredCodeError
        row.used_at = moment
        return case

    def _is_live(self, row: CodeRow, moment: datetime) -> bool:
        """In its minutes. One that has many more left is from before the clock was set back, and would live on."""
        return moment <= row.expires_at <= moment + timedelta(minutes=2 * self._minutes)

    def _find_link(self, session: Session, link: str, moment: datetime) -> CodeRow | None:
        # Looked up by its HMAC: how long that takes tells nothing of the link.
        row = session.scalar(select(CodeRow).where(CodeRow.link_hash == self._hash_link(link)))
        return row if row and row.used_at is None and self._is_live(row, moment) else None

    def _find_open(self, session: Session, case_id: str) -> CodeRow | None:
        query = select(CodeRow).where(CodeRow.case_id == case_id, CodeRow.used_at.is_(None))
        return session.scalar(query.order_by(CodeRow.id.desc()).limit(1).with_for_update())

    def _hash_code(self, case: CaseRow, code: str) -> str:
        return self._sealer.sign("confirmation code", f"{case.id}:{code}")

    def _hash_link(self, link: str) -> str:
        return self._sealer.sign("confirmation link", link)
