"""A desk's back office on either database, and people who use it: what tests of casework say in one line."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from actions.cases.accounts import Account
from actions.cases.database import Database
from actions.cases.guards import Form
from actions.cases.instants import now
from actions.cases.outbox import Mail
from actions.cases.records import Case, Draft
from actions.cases.tables import CaseRow, ItemRow, MailRow
from actions.services import Services

HANAKO, JIRO = Account("hanako", "officer"), Account("jiro", "approver")


@dataclass
class Office:
    """The parts of a desk, an officer (hanako) and an approver (jiro)."""

    services: Services
    make_draft: Callable[..., Draft]

    def file(self, *kinds: str, **values: Any) -> Case:
        """A request by form, unconfirmed."""
        draft = self.make_draft(kinds=kinds or ("disclosure",), **values)
        return self.services.desk.file(draft, "form")[0]

    def open(self, *kinds: str, **values: Any) -> Case:
        """A request whose address is confirmed, with nothing left in the outbox."""
        receipt = self.file(*kinds, **values).receipt
        self.deliver()
        self.services.status.confirm_by_code(self.token(receipt), self.find_code(receipt))
        self.deliver()
        return self.get(receipt)

    def investigate(self, *kinds: str, **values: Any) -> Case:
        """A confirmed request whose identity check is passed."""
        receipt = self.open(*kinds, **values).receipt
        self.act(receipt, "start")
        if self.get(receipt).state == "id_check":
            for document in ("order_facts", "driving_licence"):
                self.act(receipt, "record_document", document=document, subject="person", result="accepted")
            self.act(receipt, "confirm_identity")
        return self.get(receipt)

    def act(self, receipt: str, action: str, kind: str = "", by: Account = HANAKO, **form: Any) -> Case:
        """What somebody at the desk does."""
        return self.services.desk.act(receipt, action, by, Form(**form), kind=kind)

    def answer(self, receipt: str, action: str = "write", kind: str = "", **form: Any) -> Case:
        """What the person does on the status page."""
        return self.services.status.act(self.token(receipt), action, Form(**form), kind)

    def get(self, receipt: str) -> Case:
        """The case now."""
        return self.services.cases.get(receipt)

    def token(self, receipt: str) -> str:
        """The token of the status link."""
        return self.services.cases.find_status_token(receipt)

    def list_mails(self, receipt: str, audience: str = "customer") -> list[Mail]:
        """All mails on a case, oldest first."""
        with self.services.database.reading() as session:
            case_id = session.scalar(sa.select(CaseRow.id).where(CaseRow.receipt == receipt))
            mails = self.services.outbox.list_for_case(case_id)
        return [mail for mail in mails if mail.audience == audience]

    def find_code(self, receipt: str) -> str:
        """The newest six digits that were written to the person."""
        texts = [mail.text for mail in self.list_mails(receipt)]
        return [code for text in texts for code in re.findall(r"\b\d{6}\b", text)][-1]

    def find_link(self, receipt: str) -> str:
        """The newest confirmation link that was written to the person: its last part."""
        texts = [mail.text for mail in self.list_mails(receipt)]
        return [link for text in texts for link in re.findall(r"/confirm/([\w-]+)", text)][-1]

    def deliver(self) -> list[str]:
        """Send everything that waits → the letters that left."""
        sent = []
        while mails := self.services.outbox.lease(50, now()):
            for mail in mails:
                self.services.upkeep.on_sent(mail)
                sent.append(mail.template)
        return sent

    def age(self, receipt: str, **passed: Any) -> None:
        """Let time pass for a case: every moment of it moves into the past (`days=8`)."""
        gone = timedelta(**passed)
        with self.services.database.transaction() as session:
            row = session.scalars(sa.select(CaseRow).where(CaseRow.receipt == receipt)).one()
            mails = session.scalars(sa.select(MailRow).where(MailRow.case_id == row.id))
            for one in (row, *row.items, *row.messages, *mails):
                for column in sa.inspect(type(one)).columns:
                    value = getattr(one, column.key)
                    if column.key.endswith(("at", "_until")) and isinstance(value, datetime):
                        setattr(one, column.key, value - gone)

    def put(self, receipt: str, state: str, **values: Any) -> None:
        """Put every item of a case into a state behind the workflow's back."""
        with self.services.database.transaction() as session:
            case_id = session.scalar(sa.select(CaseRow.id).where(CaseRow.receipt == receipt))
            session.execute(sa.update(ItemRow).where(ItemRow.case_id == case_id).values(state=state, **values))
            session.execute(sa.update(CaseRow).where(CaseRow.id == case_id).values(state=state))


@pytest.fixture
def make_office(
    make_services: Callable[..., Services], database: Database, make_draft: Callable[..., Draft]
) -> Callable[..., Office]:
    """Opens a back office on the test's database; keywords are settings."""

    def make(**settings: Any) -> Office:
        services = make_services(database=database, **settings)
        for account in (HANAKO, JIRO):
            services.accounts.create(account.name, account.role)
        return Office(services, make_draft)

    return make


@pytest.fixture
def office(make_office: Callable[..., Office]) -> Office:
    """A back office with the default settings, on SQLite and on PostgreSQL."""
    return make_office()


def as_role(role: str) -> Account:
    """Somebody of a role."""
    return replace(HANAKO, name=f"some {role}", role=role)
