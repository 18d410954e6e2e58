"""Cases against the audit chain: what was changed behind the workflow's back, or cut off the chain, shows here.

The chain's own hashes cannot tell that a row of another table was changed; but every change that is allowed has an
entry, so that what has none was not allowed.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from actions.cases.tables import AuditRow, CaseRow, ItemRow, MessageRow

_BATCH = 1000


def reconcile(session: Session) -> Iterator[str]:
    """Problems in words, by receipt where there is one."""
    yield from _check_items(session)
    yield from _check_proposers(session)
    yield from _check_texts(session)
    yield from _check_missing(session)


def digest(sealed: bytes | None) -> str:
    """SHA-256 (hex) of a sealed text, "" for none."""
    return hashlib.sha256(sealed).hexdigest() if sealed else ""


def _check_items(session: Session) -> Iterator[str]:
    """State and outcome of every item are those of its last entry."""
    ends = (
        select(AuditRow.case_id, AuditRow.kind, func.max(AuditRow.seq).label("seq"))
        .where(AuditRow.state != "")
        .group_by(AuditRow.case_id, AuditRow.kind)
        .subquery()
    )
    last = and_(ends.c.case_id == ItemRow.case_id, ends.c.kind == ItemRow.kind)
    query = (
        select(CaseRow.receipt, ItemRow.kind, ItemRow.state, ItemRow.outcome, AuditRow.state, AuditRow.detail)
        .join(CaseRow, CaseRow.id == ItemRow.case_id)
        .outerjoin(ends, last)
        .outerjoin(AuditRow, AuditRow.seq == ends.c.seq)
    )
    for receipt, kind, state, outcome, known, detail in session.execute(query):
        if state != known:
            yield f"{receipt} ({kind}) is {state}, but the chain says {known or 'nothing of it'}"
        told = json.loads(detail).get("outcome", "") if detail else ""
        if outcome != told:
            yield f"{receipt} ({kind}) has the outcome {outcome or 'none'}, but the chain says {told or 'none'}"


def _check_proposers(session: Session) -> Iterator[str]:
    """Whoever stands as the proposer is who proposed it last: an own review must not pass for another's."""
    ends = (
        select(AuditRow.case_id, AuditRow.kind, func.max(AuditRow.seq).label("seq"))
        .where(AuditRow.action == "propose")
        .group_by(AuditRow.case_id, AuditRow.kind)
        .subquery()
    )
    last = and_(ends.c.case_id == ItemRow.case_id, ends.c.kind == ItemRow.kind)
    query = (
        select(CaseRow.receipt, ItemRow.kind, ItemRow.proposed_by, AuditRow.actor)
        .join(CaseRow, CaseRow.id == ItemRow.case_id)
        .outerjoin(ends, last)
        .outerjoin(AuditRow, AuditRow.seq == ends.c.seq)
        .where(ItemRow.proposed_by != "")
    )
    for receipt, kind, proposer, known in session.execute(query):
        if proposer != known:
            yield f"{receipt} ({kind}) was proposed by {proposer}, but the chain says {known or 'nobody'}"


def _check_texts(session: Session) -> Iterator[str]:
    """Every decision, and every word that somebody wrote in a thread, is the one that an entry was made for."""
    told: dict[str, set[str]] = defaultdict(set)
    entries = select(AuditRow.case_id, AuditRow.digest).where(AuditRow.digest != "")
    for case_id, known in session.execute(entries.execution_options(yield_per=_BATCH)):
        told[case_id].add(known)
    decisions = select(CaseRow.id, CaseRow.receipt, ItemRow.decision_sealed).join(
        CaseRow, CaseRow.id == ItemRow.case_id
    )
    words = select(CaseRow.id, CaseRow.receipt, MessageRow.body_sealed).join(CaseRow, CaseRow.id == MessageRow.case_id)
    texts = (decisions.where(ItemRow.decision_sealed.is_not(None)), words.where(MessageRow.template == ""))
    for query in texts:
        for case_id, receipt, sealed in session.execute(query.execution_options(yield_per=_BATCH)):
            if digest(sealed) not in told[case_id]:
                yield f"{receipt} holds a text that the chain knows nothing of"


def _check_missing(session: Session) -> Iterator[str]:
    """A case that the chain tells of is there, unless the chain also tells that it was deleted."""
    deleted = select(AuditRow.case_id).where(AuditRow.action == "delete")
    query = select(AuditRow.case_id).where(AuditRow.case_id != "", AuditRow.case_id.not_in(select(CaseRow.id)))
    for case_id in session.scalars(query.where(AuditRow.case_id.not_in(deleted)).distinct()):
        first = session.scalar(select(func.min(AuditRow.seq)).where(AuditRow.case_id == case_id))
        yield f"the case that entry {first} tells of is gone"
