"""A case's mails as the officer's desk asks for them: by receipt number, each with the page that it announces."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from sqlalchemy import func, select

from actions.cases.audit import Audit, Entry
from actions.cases.correspondence import pair_pages
from actions.cases.database import Database
from actions.cases.inbox import is_unsent
from actions.cases.outbox import Mail, Outbox
from actions.cases.records import Word
from actions.cases.tables import CaseRow, MailRow
from actions.cases.upkeep import Upkeep
from actions.errors import ImpossibleActionError

BY_HAND = ("written", "dead", "held")  # states of a mail that an officer may have given by hand
SENDABLE = ("written", "dead")  # and may send; one that is held waits for its mailbox to be confirmed


_SECRETS = re.compile(r"(?<=/status/)[\w-]+|(?<=/confirm/)[\w-]+|(?<!\d)\d{6}(?!\d)")


def hide_secrets(text: str) -> str:
    """A mail's text without its links' ends and its code: who has them could act as the person."""
    return _SECRETS.sub("…", text)


@dataclass(frozen=True, slots=True)
class Piece:
    """A mail with its case's receipt; `page` is what the person reads behind the link, "" where the mail says all.

    `is_whole`: with its links and code, which are the person's own key.
    """

    receipt: str
    mail: Mail
    page: str = field(default="", repr=False)
    is_whole: bool = True


class Mailroom:
    """Finds mails for an officer, and takes down that one was given by hand."""

    def __init__(self, database: Database, outbox: Outbox, audit: Audit) -> None:
        self._database = database
        self._outbox = outbox
        self._audit = audit

    def list_for_receipt(self, receipt: str, words: Iterable[Word]) -> list[Piece]:
        """A case's mails to the person, oldest first; `words` is the case's thread. Raises: SealError."""
        with self._database.reading() as session:
            case_id = session.scalar(select(CaseRow.id).where(CaseRow.receipt == receipt))
            mails = self._outbox.list_for_case(case_id or "", session)
        own = [mail for mail in mails if mail.audience == "customer"]
        pages = pair_pages(own, ((word.template, word.body) for word in words))
        return [Piece(receipt, mail, page) for mail, page in zip(own, pages, strict=True)]

    def list_unsent(self) -> list[Piece]:
        """What waits for an officer: dead mails and those to be given by hand, oldest first. Raises: SealError."""
        mails = self._outbox.list_unsent()
        with self._database.reading() as session:
            query = select(CaseRow.id, CaseRow.receipt).where(CaseRow.id.in_({mail.case_id for mail in mails}))
            receipts = {row.id: row.receipt for row in session.execute(query)}
        return [Piece(receipts[mail.case_id], mail) for mail in mails]

    def count_unsent(self, receipts: Collection[str] | None = None) -> dict[str, int]:
        """How many mails wait for an officer, by receipt, of these cases or of all; cases without any are left out."""
        query = select(CaseRow.receipt, func.count(MailRow.id).label("mails")).join(
            MailRow, MailRow.case_id == CaseRow.id
        )
        if receipts is not None:
            query = query.where(CaseRow.receipt.in_(receipts))
        with self._database.reading() as session:
            found = session.execute(query.where(is_unsent()).group_by(CaseRow.receipt))
            return {row.receipt: row.mails for row in found}

    def find_receipt(self, mail: Mail) -> str:
        """The receipt of a mail's case."""
        with self._database.reading() as session:
            return session.scalar(select(CaseRow.receipt).where(CaseRow.id == mail.case_id)) or ""

    def open(self, mail: Mail, actor: str) -> None:
        """An officer wants all of a mail, with the person's own key, to send it. Raises: ImpossibleActionError."""
        if mail.state not in SENDABLE:
            raise ImpossibleActionError
        self._audit.record(Entry(actor, "mail_opened", mail.case_id, mail.kind, detail={"letter": mail.template}))

    def hand(self, mail: Mail, actor: str, upkeep: Upkeep) -> None:
        """An officer gave it to the person. Saying so twice is saying so once. Raises: ImpossibleActionError."""
        if mail.state == "handed":
            return
        if mail.state not in BY_HAND:
            raise ImpossibleActionError
        upkeep.on_handed(mail)
        self._audit.record(Entry(actor, "handed", mail.case_id, mail.kind, detail={"letter": mail.template}))
