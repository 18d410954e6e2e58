"""The audit chain: what was done, by whom, when; appended only, and any change to it is found.

Each row's hash is an HMAC over its words and the hash before it; the head says how long the chain is. Triggers refuse
UPDATE and DELETE; whoever gets around them (with the database's own tools) lacks the key. Cut off at its end, the chain
no longer agrees with its head, and even with an older head put back, no longer with the cases: states, outcomes,
proposers and texts must be those that the chain tells of (`reconciliation`). A row holds words of the program and
account names, so that erasing a person's data leaves the chain whole.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from actions.cases.crypto import Sealer
from actions.cases.database import Database
from actions.cases.instants import now
from actions.cases.reconciliation import reconcile
from actions.cases.tables import AuditHeadRow, AuditRow, CaseRow

_HEAD = 1
_GENESIS = "0" * 64
_BATCH = 1000
_KEY = "audit chain"


@dataclass(frozen=True, slots=True)
class Entry:
    """Something to be written down: `detail` in words of the program, `digest` of the sealed text it goes with."""

    actor: str
    action: str
    case_id: str = ""
    kind: str = ""
    origin: str = ""
    state: str = ""
    detail: dict[str, str | int] = field(default_factory=dict)
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """An entry as it was written."""

    seq: int
    at: datetime
    actor: str
    action: str
    kind: str
    origin: str
    state: str
    detail: dict[str, str | int]
    receipt: str = ""  # of the case, as long as there is one; only where events of several cases are listed


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check of the chain found. `problems` is empty when it is whole; `head` is to be noted elsewhere."""

    length: int
    head: str
    problems: tuple[str, ...] = ()


class Audit:
    """The only code that reads or writes the chain."""

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer

    def append(self, session: Session, *entries: Entry) -> None:
        """Write entries in the caller's transaction: with what they tell of, or not at all."""
        head = self._lock_head(session)
        for entry in entries:
            row = AuditRow(
                seq=head.seq + 1,
                at=now(),
                actor=entry.actor,
                action=entry.action,
                case_id=entry.case_id,
                kind=entry.kind,
                origin=entry.origin,
                state=entry.state,
                detail=json.dumps(entry.detail, ensure_ascii=False, sort_keys=True) if entry.detail else "",
                digest=entry.digest,
            )
            row.hash = self._hash(row, head.hash)
            session.add(row)
            head.seq, head.hash = row.seq, row.hash
        head.seal = self._seal(head)
        session.flush()

    def record(self, entry: Entry) -> None:
        """Write one entry in a transaction of its own."""
        with self._database.transaction() as session:
            self.append(session, entry)

    def list_for_receipt(self, receipt: str) -> list[Event]:
        """What happened to a case, oldest first; nothing for an unknown receipt."""
        query = select(AuditRow).join(CaseRow, CaseRow.id == AuditRow.case_id).where(CaseRow.receipt == receipt)
        with self._database.reading() as session:
            return [_read(row) for row in session.scalars(query.order_by(AuditRow.seq))]

    def list_latest(self, limit: int, before: int | None = None) -> list[Event]:
        """The newest entries of the whole desk, newest first; `before` pages on."""
        named = select(AuditRow, CaseRow.receipt).outerjoin(CaseRow, CaseRow.id == AuditRow.case_id)
        query = named.order_by(AuditRow.seq.desc()).limit(limit)
        if before is not None:
            query = query.where(AuditRow.seq < before)
        with self._database.reading() as session:
            return [_read(row, receipt or "") for row, receipt in session.execute(query)]

    def verify(self, noted: str = "") -> Verdict:
        """Check the whole chain, its head and the items' states; `noted` is a head kept elsewhere ("seq:hash")."""
        with self._database.reading() as session:
            problems = list(self._check_rows(session))
            head = session.get(AuditHeadRow, _HEAD)
            last = session.scalar(select(AuditRow).order_by(AuditRow.seq.desc()).limit(1))
            problems += self._check_head(head, last)
            problems += reconcile(session)
            problems += _check_noted(session, noted)
        return Verdict(last.seq if last else 0, f"{last.seq}:{last.hash}" if last else "", tuple(problems))

    def adopt(self) -> int:
        """Make the head, and take up cases that were filed before there was a chain.

        Returns: the number of those. Nothing happens twice.
        """
        with suppress(IntegrityError), self._database.transaction() as session:  # another process may be first
            self._lock_head(session)
        known = select(AuditRow.case_id).where(AuditRow.action == "submit")
        query = select(CaseRow).where(
            CaseRow.id.not_in(known), CaseRow.status_hash.is_(None), CaseRow.erased_at.is_(None)
        )
        with self._database.reading() as session:
            if not session.scalar(query.with_only_columns(func.count())):
                return 0
        with self._database.transaction() as session:
            rows = session.scalars(query.order_by(CaseRow.created_at)).all()
            for row in rows:
                entries = [
                    Entry(
                        "customer", "submit", row.id, item.kind, "", item.state, {"arrived": row.arrived_at.isoformat()}
                    )
                    for item in row.items
                ]
                self.append(session, *entries)
            return len(rows)

    def _lock_head(self, session: Session) -> AuditHeadRow:
        """The head, locked until the transaction ends: entries are written one after another."""
        head = session.get(AuditHeadRow, _HEAD, with_for_update=True, populate_existing=True)
        if head is None:
            head = AuditHeadRow(id=_HEAD, seq=0, hash=_GENESIS, seal="")
            head.seal = self._seal(head)
            session.add(head)
            session.flush()
        return head

    def _check_rows(self, session: Session) -> Iterator[str]:
        before, expected = _GENESIS, 1
        query = select(AuditRow).order_by(AuditRow.seq).execution_options(yield_per=_BATCH)
        for row in session.scalars(query):
            if row.seq != expected:
                yield f"entries {expected} to {row.seq - 1} are missing"
            if self._hash(row, before) != row.hash:
                yield f"entry {row.seq} was changed, or one before it was moved or removed"
            before, expected = row.hash, row.seq + 1

    def _check_head(self, head: AuditHeadRow | None, last: AuditRow | None) -> Iterator[str]:
        if head is None:
            if last is not None:
                yield "the head is missing"
            return
        if self._seal(head) != head.seal:
            yield "the head was changed"
        if (head.seq, head.hash) != ((last.seq, last.hash) if last else (0, _GENESIS)):
            yield f"the chain should end at entry {head.seq}"

    def _hash(self, row: AuditRow, before: str) -> str:
        words = [row.seq, row.at.isoformat(), row.actor, row.action, row.case_id, row.kind, row.origin, row.state]
        content = json.dumps([*words, row.detail, row.digest, before], ensure_ascii=False)
        return self._sealer.sign(_KEY, content)

    def _seal(self, head: AuditHeadRow) -> str:
        return self._sealer.sign(f"{_KEY} head", f"{head.seq}:{head.hash}")


def _check_noted(session: Session, noted: str) -> Iterator[str]:
    if not noted:
        return
    seq, _, known = noted.partition(":")
    found = session.get(AuditRow, int(seq)) if seq.isdecimal() else None
    if found is None or found.hash != known:
        yield f"the chain no longer holds the noted entry {seq}"


def _read(row: AuditRow, receipt: str = "") -> Event:
    detail = json.loads(row.detail) if row.detail else {}
    return Event(row.seq, row.at, row.actor, row.action, row.kind, row.origin, row.state, detail, receipt)
