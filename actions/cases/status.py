"""The person's own way to a case: by an unguessable link and a confirmed address, without an account.

A link that leads nowhere looks the same whatever the reason: nobody learns here whether a case exists.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from actions.cases.casework import Casework
from actions.cases.correspondence import Correspondence
from actions.cases.crypto import Sealer
from actions.cases.database import Database
from actions.cases.desk import STATUS_PATH, CaseDesk
from actions.cases.guards import CUSTOMER, Form
from actions.cases.identity import Identity
from actions.cases.instants import now
from actions.cases.records import Case
from actions.cases.repository import Cases
from actions.cases.sealed import OpenCase, hash_token, open_case
from actions.cases.tables import CaseRow
from actions.errors import (
    ConditionError,
    ExpiredCodeError,
    ImpossibleActionError,
    NotFoundError,
    TooManyRequestsError,
    WrongCodeError,
)

HOUR_SECONDS = 3600
OWN_ACTIONS = ("write", "withdraw", "accept_fee", "decline_fee")  # what the status page offers


class StatusDesk:
    """What a person does with an own case."""

    def __init__(self, database: Database, sealer: Sealer, desk: CaseDesk, casework: Casework) -> None:
        self._database = database
        self._sealer = sealer
        self._desk = desk
        self._cases = Cases(database, sealer)
        self._identity: Identity = casework.identity
        self._correspondence: Correspondence = casework.correspondence

    def find(self, token: str) -> Case | None:
        """The case of a status link, or None."""
        return self._cases.find_by_status(token)

    def act(self, token: str, action: str, form: Form, kind: str = "", version: int | None = None) -> Case:
        """Write to the officer, withdraw, or agree to a fee.

        What is written while a question is open is the answer to it, or with `kind` "" to all that are open.

        Raises: NotFoundError, StaleCaseError (`version` is what the page showed), ImpossibleActionError,
        ConditionError.
        """
        if action not in OWN_ACTIONS:
            raise ImpossibleActionError
        find = _by_proven_token(token)
        if action != "write":
            return self._desk.carry_out(find, action, CUSTOMER, form, kind=kind, version=version)
        try:
            return self._desk.carry_out(find, "answer", CUSTOMER, form, kind=kind, version=version)
        except (ImpossibleActionError, ConditionError):  # nothing that was asked is open
            return self._desk.carry_out(find, "write_back", CUSTOMER, form, kind=kind, version=version)

    def confirm_by_code(self, token: str, code: str) -> str:
        """Confirm the address with the six digits → the path of the new status link.

        Raises: NotFoundError, WrongCodeError, ExpiredCodeError, ImpossibleActionError (it was confirmed already).
        """
        # A wrong try must be counted even though the turn fails: it has a transaction of its own.
        with self._database.transaction() as session:
            row = _by_token(token)(session)
            if row is None:
                raise NotFoundError
            if not _awaits_confirmation(row):
                raise ImpossibleActionError
            failure = self._try_code(session, row, code)
        if failure:
            raise failure
        return self._confirm(_by_token(token))

    def confirm_by_link(self, link: str) -> str:
        """Confirm the address with the link of the mail → the path of the new status link.

        Raises: ExpiredCodeError, ImpossibleActionError.
        """

        def find(session: Session) -> CaseRow:
            return self._identity.use_link(session, link, now())

        return self._confirm(find)

    def knows_link(self, link: str) -> bool:
        """Whether a confirmation link is still good. Looking uses nothing up: mail scanners look."""
        with self._database.reading() as session:
            return self._identity.find_case(session, link, now()) is not None

    def find_language(self, link: str) -> str:
        """The language of the case that a confirmation link belongs to, "" for none."""
        with self._database.reading() as session:
            row = self._identity.find_case(session, link, now())
            return row.language if row else ""

    def find_address_key(self, token: str) -> str:
        """A key for limits by mail address, which is not the address; "" for an unknown link."""
        with self._database.reading() as session:
            found = session.scalar(select(CaseRow.email_index).where(CaseRow.status_hash == hash_token(token)))
            return found or ""

    def send_code(self, token: str) -> None:
        """Send a new code and link to the address; the former end.

        Raises: NotFoundError, ImpossibleActionError, TooManyRequestsError.
        """
        with self._database.transaction() as session:
            row = _by_token(token)(session)
            if row is None:
                raise NotFoundError
            if not _awaits_confirmation(row):
                raise ImpossibleActionError
            opened = OpenCase(session, row, open_case(self._sealer, row))
            if self._correspondence.has_enough(opened, "code"):
                raise TooManyRequestsError(HOUR_SECONDS)  # and the code that was sent before goes on being good
            self._correspondence.write(opened, "code", confirmation=self._identity.make(session, row, now()))

    def _try_code(self, session: Session, row: CaseRow, code: str) -> WrongCodeError | ExpiredCodeError | None:
        try:
            self._identity.check_code(session, row, code, now())
        except (WrongCodeError, ExpiredCodeError) as error:
            return error
        return None

    def _confirm(self, find: Callable[[Session], CaseRow | None]) -> str:
        try:
            case = self._desk.carry_out(find, "confirm_mail", CUSTOMER, Form())
        except ImpossibleActionError as error:  # confirmed once already; but the address may have changed since
            try:
                case = self._desk.carry_out(find, "confirm_address", CUSTOMER, Form())
            except ConditionError:
                raise error from None
        token = self._cases.find_status_token(case.receipt)
        return f"{STATUS_PATH}{token}"


def _awaits_confirmation(row: CaseRow) -> bool:
    return row.state == "mail_unverified" or row.readdressed_at is not None


def _by_proven_token(token: str) -> Callable[[Session], CaseRow | None]:
    """A case by its link; not while nobody knows whether the address that the desk changed is the person's."""

    def find(session: Session) -> CaseRow | None:
        row = _by_token(token)(session)
        if row is not None and row.readdressed_at:
            raise ImpossibleActionError
        return row

    return find


def _by_token(token: str) -> Callable[[Session], CaseRow | None]:
    def find(session: Session) -> CaseRow | None:
        return session.scalar(select(CaseRow).where(CaseRow.status_hash == hash_token(token)).with_for_update())

    return find
