"""Reading cases: opening what was sealed, and the inbox, which opens names to mask them and nothing else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import fields, replace
from datetime import datetime

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import defer, selectinload

from actions.cases.crypto import Sealer
from actions.cases.database import Database
from actions.cases.inbox import PAGE, TABS, Filter, InboxPage, count_all, filter_cases, sort_cases
from actions.cases.masks import mask
from actions.cases.records import FIELDS, Case, Check, InboxRow, Item, Word
from actions.cases.sealed import hash_token, open_case, read_decision, status_place, word_place
from actions.cases.tables import CaseRow, ItemRow
from actions.errors import NotFoundError, SealError

# Of what the inbox shows, the columns of the case itself.
_PLAIN = tuple(one.name for one in fields(InboxRow) if one.name in CaseRow.__table__.columns)


class Cases:
    """The only code that reads cases."""

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer

    def get(self, receipt: str) -> Case:
        """The case with this receipt. Raises: NotFoundError."""
        # PostgreSQL refuses to look for a NUL, which an address can carry.
        return self._get(CaseRow.receipt == receipt if receipt.isprintable() else None)

    def find_by_filing_key(self, filing_key: str) -> Case | None:
        """The case filed with this key, or None."""
        with self._database.reading() as session:
            row = session.scalar(_whole_cases().where(CaseRow.filing_key == filing_key))
            return self.open(row) if row else None

    def find_by_status(self, token: str) -> Case | None:
        """The case whose status link this is, or None. Every token costs the same: none is told from another."""
        with self._database.reading() as session:
            row = session.scalar(_whole_cases().where(CaseRow.status_hash == hash_token(token)))
            return self.open(row) if row else None

    def find_status_token(self, receipt: str, *, unconfirmed: bool = False) -> str:
        """The token of a case's status link, "" for an erased or unknown case (or, if wished, a confirmed one)."""
        with self._database.reading() as session:
            row = session.scalar(select(CaseRow).where(CaseRow.receipt == receipt))
            if row is None or row.status_sealed is None or (unconfirmed and row.confirmed_at):
                return ""
            return open_case(self._sealer, row).open(row.status_sealed, status_place(row.id))

    def list_all(self) -> list[Case]:
        """All cases, newest first."""
        with self._database.reading() as session:
            return [self.open(row) for row in session.scalars(_whole_cases().order_by(CaseRow.created_at.desc()))]

    def list_related(self, receipt: str) -> list[InboxRow]:
        """Other confirmed cases of the same address or telephone, newest first, at most a page.

        Unconfirmed ones are left out on both sides: whoever types somebody's address must learn nothing by it, and
        an officer must not be led to take them for the person's. `likeness` says by what they are alike: a mailbox that
        was proven on both, or only a telephone number, which nobody proves.
        """
        with self._database.reading() as session:
            case = session.scalar(select(CaseRow).where(CaseRow.receipt == receipt))
            if case is None or case.confirmed_at is None:
                return []
            same = []
            if case.email_index and case.proven_at:
                same.append(and_(CaseRow.email_index == case.email_index, CaseRow.proven_at.is_not(None)))
            if case.phone_index:
                same.append(CaseRow.phone_index == case.phone_index)
            if not same:  # erased: nothing leads to the person any more
                return []
            query = _bare_cases().where(CaseRow.id != case.id, CaseRow.confirmed_at.is_not(None), or_(*same))
            rows = session.scalars(query.order_by(CaseRow.created_at.desc()).limit(PAGE))
            return [replace(_sum_up(row), likeness=_liken(case, row)) for row in rows]

    def list_inbox(self, chosen: Filter, moment: datetime, total: int | None = None) -> InboxPage:
        """A page of the inbox.

        `total` is how many cases the filter shows, where that is known already.
        """
        query = filter_cases(select(CaseRow.id), chosen, moment)
        with self._database.reading() as session:
            if total is None:
                total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
            # The page's cases first: the index knows their order, and only they are read.
            wanted = sort_cases(query, chosen).limit(PAGE).offset((chosen.page - 1) * PAGE)
            ids = session.scalars(wanted).all()
            known = _bare_cases("data_key_sealed", "name_sealed").where(CaseRow.id.in_(ids))
            rows = {row.id: row for row in session.scalars(known)}
            found = tuple(replace(_sum_up(rows[one]), name=self._read_masked_name(rows[one])) for one in ids)
            return InboxPage(found, total, chosen.page)

    def _read_masked_name(self, row: CaseRow) -> str:
        """Enough of a name for a list; "" where there is none any more. One damaged case must not hide the others."""
        with suppress(SealError):
            if row.name_sealed:
                return mask("name", open_case(self._sealer, row).open(row.name_sealed, f"cases.name.{row.id}"))
        return ""

    def count_tabs(self) -> dict[str, int]:
        """How many cases each tab holds."""
        with self._database.reading() as session:
            return dict(zip(TABS, session.execute(count_all()).one(), strict=True))

    def iterate_rows(self, chosen: Filter, moment: datetime) -> Iterator[InboxRow]:
        """All cases that a filter shows, for an export."""
        # As plain columns: rows of 20,000 cases as objects take several times as long.
        query = filter_cases(select(CaseRow.id, *(getattr(CaseRow, name) for name in _PLAIN)), chosen, moment)
        wanted = filter_cases(select(CaseRow.id), chosen, moment)
        parts = select(ItemRow.case_id, ItemRow.kind, ItemRow.state, ItemRow.outcome)
        parts = parts.where(ItemRow.case_id.in_(wanted)).order_by(ItemRow.position)
        items: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
        with self._database.reading() as session:
            for case_id, *item in session.execute(parts):
                items[case_id].append((item[0], item[1], item[2]))
            for case_id, *plain in session.execute(query.order_by(CaseRow.created_at)):
                kinds, states, outcomes = zip(*items[case_id], strict=True)
                known = dict(zip(_PLAIN, plain, strict=True))
                yield InboxRow(kinds=kinds, states=states, outcomes=outcomes, **known)

    def _get(self, condition: object) -> Case:
        with self._database.reading() as session:
            row = session.scalar(_whole_cases().where(condition)) if condition is not None else None  # type: ignore[arg-type]
            if row is None:
                raise NotFoundError
            return self.open(row)

    def open(self, row: CaseRow) -> Case:
        """A row with everything that was sealed opened. Raises: SealError."""
        own = open_case(self._sealer, row) if row.data_key_sealed else None

        def read(name: str) -> str:
            sealed = getattr(row, f"{name}_sealed")
            return own.open(sealed, f"cases.{name}.{row.id}") if own and sealed else ""

        return Case(
            receipt=row.receipt,
            kinds=tuple(item.kind for item in row.items),
            state=row.state,
            channel=row.channel,
            language=row.language,
            policy_version=row.policy_version,
            created_at=row.created_at,
            arrived_at=row.arrived_at,
            fields={name: read(name) for name in FIELDS},
            agent=row.agent,
            represented=read("represented"),
            opening=read("opening"),
            told=read("told"),
            forwarded=row.forwarded,
            items=tuple(_open_item(own, item) for item in row.items),
            confirmed_at=row.confirmed_at,
            readdressed_at=row.readdressed_at,
            acknowledged_at=row.acknowledged_at,
            due_at=row.due_at,
            closed_at=row.closed_at,
            trimmed_at=row.trimmed_at,
            erased_at=row.erased_at,
            identity_level=row.identity_level,
            assignee=row.assignee,
            waiting=row.waiting,
            on_legal_hold=row.on_legal_hold,
            version=row.version,
            words=tuple(
                Word(one.at, one.author, one.template, one.shared, own.open(one.body_sealed, word_place(row.id)))
                for one in row.messages
                if own
            ),
            checks=tuple(Check(one.at, one.account, one.document, one.subject, one.accepted) for one in row.checks),
        )


def _open_item(own: Sealer | None, item: ItemRow) -> Item:
    return Item(
        kind=item.kind,
        state=item.state,
        held_from=item.held_from,
        outcome=item.outcome,
        proposed_by=item.proposed_by,
        proposed_at=item.proposed_at,
        fee_yen=item.fee_yen,
        fee_accepted_at=item.fee_accepted_at,
        target_at=item.target_at,
        remaining_minutes=item.remaining_minutes,
        closed_at=item.closed_at,
        decision=read_decision(own, item) if own else {},
    )


def _liken(case: CaseRow, other: CaseRow) -> str:
    proven = case.proven_at and other.proven_at and case.email_index == other.email_index
    return "mail" if proven else "phone"


def _sum_up(row: CaseRow) -> InboxRow:
    return InboxRow(
        receipt=row.receipt,
        kinds=tuple(item.kind for item in row.items),
        states=tuple(item.state for item in row.items),
        outcomes=tuple(item.outcome for item in row.items),
        state=row.state,
        channel=row.channel,
        language=row.language,
        agent=row.agent,
        forwarded=row.forwarded,
        arrived_at=row.arrived_at,
        confirmed_at=row.confirmed_at,
        acknowledged_at=row.acknowledged_at,
        due_at=row.due_at,
        closed_at=row.closed_at,
        assignee=row.assignee,
        waiting=row.waiting,
    )


def _bare_cases(*wanted: str) -> Select[CaseRow]:
    """Cases and their items without what is sealed, which is most of a row, but for the columns that are `wanted`."""
    names = (column.name for column in CaseRow.__table__.columns if column.name not in wanted)
    sealed = [getattr(CaseRow, name) for name in names if name.endswith("_sealed")]
    return select(CaseRow).options(
        *(defer(column) for column in sealed), selectinload(CaseRow.items).defer(ItemRow.decision_sealed)
    )


def _whole_cases() -> Select[CaseRow]:
    loaded = (CaseRow.items, CaseRow.messages, CaseRow.checks)
    return select(CaseRow).options(*(selectinload(one) for one in loaded))
