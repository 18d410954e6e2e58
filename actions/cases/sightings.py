"""Who asked to see whose contact data: they are masked at the desk until then, and again after signing out."""

from __future__ import annotations

from sqlalchemy import select

from actions.cases.audit import Audit, Entry
from actions.cases.database import Database
from actions.cases.sealed import hash_token
from actions.cases.tables import CaseRow, SessionRow, ShownContactRow
from actions.errors import ImpossibleActionError, NotFoundError, SignInError


class Sightings:
    """What a session has asked to see, case by case. `token` is the session's."""

    def __init__(self, database: Database, audit: Audit) -> None:
        self._database = database
        self._audit = audit

    def is_shown(self, token: str, receipt: str) -> bool:
        """Whether a case's contact data are shown in this session."""
        query = select(ShownContactRow.case_id).join(CaseRow, CaseRow.id == ShownContactRow.case_id)
        with self._database.reading() as session:
            query = query.where(CaseRow.receipt == receipt, ShownContactRow.token_hash == hash_token(token))
            return session.scalar(query) is not None

    def show(self, token: str, receipt: str, account: str) -> None:
        """Show them from now on; the chain tells once who asked.

        Raises: NotFoundError, ImpossibleActionError (they are erased), SignInError (the session has ended).
        """
        key = hash_token(token)
        with self._database.transaction() as session:
            case = None
            if receipt.isprintable():  # PostgreSQL refuses to look for a NUL, which an address can carry
                # Locked: two that press at once are one after the other.
                case = session.scalar(select(CaseRow).where(CaseRow.receipt == receipt).with_for_update())
            if case is None:
                raise NotFoundError
            if case.erased_at:
                raise ImpossibleActionError
            if session.get(SessionRow, key) is None:
                raise SignInError
            if session.get(ShownContactRow, (key, case.id)) is None:
                session.add(ShownContactRow(token_hash=key, case_id=case.id))
                self._audit.append(session, Entry(account, "contact_shown", case.id))
