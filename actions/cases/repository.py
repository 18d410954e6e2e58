"""Filed cases: filing is one transaction, and reading opens what was sealed."""

from __future__ import annotations

import secrets
import uuid

from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, selectinload

from actions.cases.crypto import Sealer, make_data_key, open_data_key
from actions.cases.database import Database
from actions.cases.instants import now
from actions.cases.records import FIELDS, Case, Draft, Event
from actions.cases.tables import CaseRow, DraftRow, EventRow, ItemRow
from actions.errors import NotFoundError

# Without I, L, O, U: read over the telephone (Crockford's base 32).
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class Cases:
    """The only code that reads or writes cases."""

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer

    def file(self, draft: Draft, channel: str, conversation_id: str = "") -> tuple[Case, bool]:
        """File a complete draft: case, items, event, and the draft's end, in one transaction.

        Returns: the case, and whether it is new. The same `filing_key` again gives the case that was filed first.
        """
        try:
            with self._database.transaction() as session:
                found = self._find_by_key(session, draft.filing_key)
                row = found or self._insert(session, draft, channel)
                if conversation_id:
                    leftover = session.get(DraftRow, conversation_id)
                    if leftover:
                        session.delete(leftover)
                session.flush()
                return self._open(row), found is None
        except IntegrityError:
            # Another process filed the same draft in the meantime: its case is the case.
            with self._database.transaction() as session:
                winner = self._find_by_key(session, draft.filing_key)
                if winner is None:
                    raise
                return self._open(winner), False

    def find_by_filing_key(self, filing_key: str) -> Case | None:
        """The case filed with this key, or None."""
        with self._database.reading() as session:
            row = self._find_by_key(session, filing_key)
            return self._open(row) if row else None

    def get(self, receipt: str) -> Case:
        """The case with this receipt. Raises: NotFoundError."""
        with self._database.reading() as session:
            # PostgreSQL refuses to look for a NUL, which an address can carry.
            row = session.scalar(_cases().where(CaseRow.receipt == receipt)) if receipt.isprintable() else None
            if row is None:
                raise NotFoundError
            return self._open(row)

    def list_all(self) -> list[Case]:
        """All cases, newest first."""
        with self._database.reading() as session:
            return [self._open(row) for row in session.scalars(_cases().order_by(CaseRow.created_at.desc()))]

    def _find_by_key(self, session: Session, filing_key: str) -> CaseRow | None:
        return session.scalar(_cases().where(CaseRow.filing_key == filing_key))

    def _insert(self, session: Session, draft: Draft, channel: str) -> CaseRow:
        identity, moment, data_key = uuid.uuid4().hex, now(), make_data_key()
        own = open_data_key(data_key)
        sealed = {f"{name}_sealed": own.seal(draft.fields.get(name, ""), f"cases.{name}.{identity}") for name in FIELDS}
        row = CaseRow(
            id=identity,
            receipt=make_receipt(),
            filing_key=draft.filing_key,
            state="received",
            channel=channel,
            language=draft.language,
            policy_version=draft.policy_version,
            data_key_sealed=self._sealer.seal(data_key, f"cases.data_key.{identity}"),
            created_at=moment,
            items=[ItemRow(position=position, kind=kind) for position, kind in enumerate(draft.kinds)],
            events=[EventRow(at=moment, actor="customer", action="submit", state="received")],
            **sealed,
        )
        session.add(row)
        return row

    def _open(self, row: CaseRow) -> Case:
        own = open_data_key(self._sealer.open(row.data_key_sealed, f"cases.data_key.{row.id}"))
        return Case(
            receipt=row.receipt,
            kinds=tuple(item.kind for item in row.items),
            state=row.state,
            channel=row.channel,
            language=row.language,
            policy_version=row.policy_version,
            created_at=row.created_at,
            fields={name: own.open(getattr(row, f"{name}_sealed"), f"cases.{name}.{row.id}") for name in FIELDS},
            events=tuple(Event(event.at, event.actor, event.action, event.state) for event in row.events),
        )


def _cases() -> Select[CaseRow]:
    return select(CaseRow).options(selectinload(CaseRow.items), selectinload(CaseRow.events))


def make_receipt() -> str:
    """A receipt number that tells nothing and is read aloud easily: M-XXXX-XXXX, 40 bits from `secrets`."""
    drawn = [secrets.choice(_ALPHABET) for _ in range(8)]
    return f"M-{''.join(drawn[:4])}-{''.join(drawn[4:])}"
