"""What is done with cases: filing them, entering those that came another way, and every action on them.

One call is one transaction. Who may call what is settled before, at the door (`actions.web`); what is possible is
settled here, by the table of transitions, whoever calls.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from actions.cases.accounts import Account, Accounts
from actions.cases.casework import Casework, Order
from actions.cases.clocks import wind
from actions.cases.contacts import index_contact
from actions.cases.correspondence import pair_pages
from actions.cases.crypto import Sealer, make_data_key, open_data_key
from actions.cases.database import Database
from actions.cases.guards import CUSTOMER, Actor, Form, Rules
from actions.cases.instants import now
from actions.cases.permissions import list_parties
from actions.cases.records import FIELDS, Case, Draft
from actions.cases.repository import Cases
from actions.cases.sealed import OpenCase, open_case, word_place
from actions.cases.tables import CaseRow, ConversationRow, DraftRow, ItemRow, MailRow, MessageRow
from actions.cases.work import assign_status_link
from actions.cases.workflow import list_outcomes
from actions.errors import AlreadyFiledError, NotFoundError, StaleCaseError
from actions.settings import Settings

# Without I, L, O, U: read over the telephone (Crockford's base 32).
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CHANNELS = ("telephone", "letter", "contact_page", "counter")  # how a request may come besides chat and form
STATUS_PATH = "/status/"
_REVIEWER = Actor("reviewer", frozenset({"reviewer"}))  # whoever will approve what a preview shows
Finder = Callable[[Session], CaseRow | None]  # finds and locks the case to work on


@dataclass(frozen=True, slots=True)
class Arrival:
    """How and when a request reached the shop."""

    channel: str
    at: datetime | None = None  # now, when left out
    conversation_id: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """What somebody asks to be done; `version` is that of the page it was asked on."""

    action: str
    actor: Actor
    form: Form
    kind: str = ""
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """A letter as it would be sent: `subject` and `text` are the mail, `page` is what the status page shows, or ""."""

    template: str
    subject: str
    text: str = field(repr=False)
    page: str = field(repr=False)


class _TakenBackError(Exception):
    """Ends a preview's transaction: nothing of it stays."""


class CaseDesk:
    """Works cases."""

    def __init__(
        self, database: Database, sealer: Sealer, settings: Settings, accounts: Accounts, casework: Casework
    ) -> None:
        self._database = database
        self._sealer = sealer
        self._settings = settings
        self._accounts = accounts
        self._casework = casework
        self._cases = Cases(database, sealer)

    def file(self, draft: Draft, channel: str, conversation_id: str = "") -> tuple[Case, bool]:
        """File a complete draft: case, items, audit, letters, and the draft's end, in one transaction.

        Returns: the case, and whether it is new. The same draft again gives the case that was filed first.
        Raises: AlreadyFiledError: something else was filed with its `filing_key`.
        """
        return self._insert_once(draft, Arrival(channel, conversation_id=conversation_id), "submit", CUSTOMER)

    def enter(self, draft: Draft, arrival: Arrival, account: Account) -> Case:
        """Write down a request that came by telephone, letter or the shop's own page; it needs no code."""
        case, _ = self._insert_once(draft, arrival, "enter", make_actor(account))
        return case

    def act(
        self, receipt: str, action: str, account: Account, form: Form, *, kind: str = "", version: int | None = None
    ) -> Case:
        """Carry out an officer's action on a case, or on one of its items.

        Raises: NotFoundError, StaleCaseError (`version` is what the page showed), ImpossibleActionError,
        NotPermittedError, ConditionError; nothing has changed then.
        """
        return self.carry_out(_by_receipt(receipt), action, make_actor(account), form, kind=kind, version=version)

    def preview(
        self, receipt: str, action: str, account: Account, form: Form, *, kind: str = ""
    ) -> tuple[Preview, ...]:
        """The letters to the person that an action would send, exactly as it would; nothing is kept. Raises: as `act`.

        The action is carried out and taken back: what is shown is made by what will send it. Of a proposal that needs
        no more than its approval, the letter is the one that the approval would send.
        """
        rules = self.find_rules()
        with suppress(_TakenBackError), self._database.transaction() as session:
            last = session.scalar(select(func.max(MailRow.id))) or 0
            first = session.scalar(select(func.max(MessageRow.id))) or 0
            opened = self._perform(session, _by_receipt(receipt), Step(action, make_actor(account), form, kind), rules)
            if action == "propose" and list_outcomes()[form.outcome].leads_to == "notifying":
                self._perform(session, _by_receipt(receipt), Step("approve", _REVIEWER, Form(), kind), rules)
            letters = self._read_letters(session, opened, first, last)
            raise _TakenBackError
        return letters

    def _read_letters(self, session: Session, opened: OpenCase, word: int, mail: int) -> tuple[Preview, ...]:
        """The letters to the person that were written after a word of the thread and a mail."""
        query = select(MessageRow).where(MessageRow.case_id == opened.row.id, MessageRow.id > word)
        rows = session.scalars(query.order_by(MessageRow.id)).all()
        place = word_place(opened.row.id)
        pages = [(row.template, opened.own.open(row.body_sealed, place)) for row in rows]
        found = self._casework.correspondence.outbox.list_for_case(opened.row.id, session)
        mails = [one for one in found if one.id > mail and one.audience == "customer"]
        paired = zip(mails, pair_pages(mails, pages), strict=True)
        return tuple(Preview(one.template, one.subject, one.text, page) for one, page in paired)

    def carry_out(
        self, find: Finder, action: str, actor: Actor, form: Form, *, kind: str = "", version: int | None = None
    ) -> Case:
        """Carry out an action on the case that `find` finds and locks. Raises: as `act`."""
        rules = self.find_rules()
        with self._database.transaction() as session:
            opened = self._perform(session, find, Step(action, actor, form, kind, version), rules)
            session.expire(opened.row)
            return self._cases.open(opened.row)

    def _perform(self, session: Session, find: Finder, step: Step, rules: Rules) -> OpenCase:
        row = find(session)
        if row is None:
            raise NotFoundError
        if step.version is not None and row.version != step.version:
            raise StaleCaseError
        # An erased case has no key any more: what little can still be done with it seals nothing.
        own = open_case(self._sealer, row) if row.data_key_sealed else open_data_key(make_data_key())
        original = _by_receipt(step.form.original)(session) if step.form.original else None
        opened = OpenCase(session, row, own)
        self._casework.perform(opened, Order(step.action, step.actor, step.form, rules, now(), step.kind, original))
        return opened

    def find_rules(self) -> Rules:
        """What the shop has settled, as the guards want it."""
        settings, roles = self._settings, self._accounts.list_roles()
        may = {name: list_parties(role) for name, role in roles.items()}
        return Rules(
            fees=settings.fees,
            review_alone_hours=settings.review_alone_hours,
            unconfirmed_days=settings.unconfirmed_days,
            target_days=settings.target_days,
            closing_days=settings.closing_days,
            deciders=frozenset(name for name, parties in may.items() if "reviewer" in parties),
            assignees=frozenset(name for name, parties in may.items() if "officer" in parties),
        )

    def find_status_path(self, receipt: str) -> str:
        """The path of an unconfirmed case's status page, "" for any other.

        Once the address is confirmed the link is the mailbox's alone: whoever typed somebody's address and kept the
        receipt must not be led to it.
        """
        token = self._cases.find_status_token(receipt, unconfirmed=True)
        return f"{STATUS_PATH}{token}" if token else ""

    def _insert_once(self, draft: Draft, arrival: Arrival, action: str, actor: Actor) -> tuple[Case, bool]:
        rules = self.find_rules()
        try:
            with self._database.transaction() as session:
                found = _find_by_key(session, draft.filing_key)
                if found and not self._is_same(found, draft):
                    raise AlreadyFiledError
                row = found or self._insert(session, draft, arrival)
                if found is None:
                    own = open_case(self._sealer, row)
                    # The clocks of a request that came by letter began when it came, not when it was written down.
                    moment = row.arrived_at if action == "enter" else row.created_at
                    order = Order(action, actor, Form(), rules, moment)
                    self._casework.perform(OpenCase(session, row, own), order)
                if arrival.conversation_id:
                    _end_draft(session, arrival.conversation_id, draft.filing_key)
                session.flush()
                session.expire(row)
                return self._cases.open(row), found is None
        except IntegrityError:
            # Another process filed the same draft in the meantime: its case is the case.
            with self._database.transaction() as session:
                winner = _find_by_key(session, draft.filing_key)
                if winner is None:
                    raise
                return self._cases.open(winner), False

    def _is_same(self, row: CaseRow, draft: Draft) -> bool:
        """Whether a draft is the one that was filed with its key; of one whose words are deleted nobody can tell."""
        case = self._cases.open(row)
        gone = case.trimmed_at or case.erased_at
        return gone is not None or (case.kinds, case.fields) == (draft.kinds, draft.fields)

    def _insert(self, session: Session, draft: Draft, arrival: Arrival) -> CaseRow:
        identity, moment, data_key = uuid.uuid4().hex, now(), make_data_key()
        own = open_data_key(data_key)
        given = {**{name: draft.fields.get(name, "") for name in FIELDS}}
        given |= {"represented": draft.represented, "opening": draft.opening, "told": draft.told}
        row = CaseRow(
            id=identity,
            receipt=make_receipt(),
            filing_key=draft.filing_key,
            state="",
            channel=arrival.channel,
            language=draft.language,
            policy_version=draft.policy_version,
            agent=draft.agent,
            forwarded=draft.forwarded,
            data_key_sealed=self._sealer.seal(data_key, f"cases.data_key.{identity}"),
            email_index=index_contact(self._sealer, "email", given["email"]),
            phone_index=index_contact(self._sealer, "phone", given["phone"]),
            arrived_at=arrival.at or moment,
            created_at=moment,
            identity_level=0,
            waiting=False,
            version=0,
            items=[ItemRow(position=place, kind=kind, state="") for place, kind in enumerate(draft.kinds)],
            **{f"{name}_sealed": own.seal(value, f"cases.{name}.{identity}") for name, value in given.items() if value},
        )
        assign_status_link(row, own)
        for item in row.items:
            wind(item, self._settings.target_days)
        session.add(row)
        session.flush()
        return row


def make_actor(account: Account) -> Actor:
    """An account as who acts."""
    return Actor(account.name, list_parties(account.role))


def make_receipt() -> str:
    """A receipt number that tells nothing and is read aloud easily: M-XXXX-XXXX, 40 bits from `secrets`."""
    drawn = [secrets.choice(_ALPHABET) for _ in range(8)]
    return f"M-{''.join(drawn[:4])}-{''.join(drawn[4:])}"


def _by_receipt(receipt: str) -> Finder:
    def find(session: Session) -> CaseRow | None:
        # PostgreSQL refuses to look for a NUL, which an address can carry.
        return session.scalar(_lock().where(CaseRow.receipt == receipt)) if receipt.isprintable() else None

    return find


def _find_by_key(session: Session, filing_key: str) -> CaseRow | None:
    return session.scalar(_lock().where(CaseRow.filing_key == filing_key))


def _end_draft(session: Session, conversation_id: str, filing_key: str) -> None:
    """The draft is a case now, of which the conversation has to tell: the reply may be lost on its way."""
    leftover = session.get(DraftRow, conversation_id)
    if leftover:
        session.delete(leftover)
    conversation = session.get(ConversationRow, conversation_id)
    if conversation:
        conversation.untold = filing_key


def _lock() -> Select[CaseRow]:
    """A case for change: two that act at once come one after the other (on SQLite every writer does)."""
    return select(CaseRow).with_for_update()
