"""What of a case is sealed, and for which place: the associated data of each sealed value ("table.column.row")."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from sqlalchemy.orm import Session

from actions.cases.crypto import Sealer, open_data_key
from actions.cases.tables import CaseRow, ItemRow
from actions.errors import SealError


@dataclass(frozen=True, slots=True)
class OpenCase:
    """A case in the transaction that works on it, with the sealer of its own key."""

    session: Session
    row: CaseRow
    own: Sealer


def open_case(sealer: Sealer, row: CaseRow) -> Sealer:
    """The sealer of one case. Raises: SealError: another master key, or the case was erased."""
    if row.data_key_sealed is None:
        raise SealError
    return open_data_key(sealer.open(row.data_key_sealed, f"cases.data_key.{row.id}"))


def read_decision(own: Sealer, item: ItemRow) -> dict[str, str]:
    """What was decided in words: reason, ground, measure, original; empty before a decision."""
    if item.decision_sealed is None:
        return {}
    found: dict[str, str] = json.loads(own.open(item.decision_sealed, decision_place(item.id)))
    return found


def decision_place(item_id: int) -> str:
    """Where an item's decision is sealed for."""
    return f"case_items.decision.{item_id}"


def word_place(case_id: str) -> str:
    """Where a word of a case's thread is sealed for (its row's number is not known before it is written)."""
    return f"case_messages.body.{case_id}"


def status_place(case_id: str) -> str:
    """Where a case's status token is sealed for."""
    return f"cases.status.{case_id}"


def hash_token(token: str) -> str:
    """SHA-256 (hex) of a status token: enough for 256 random bits, and a copy of the table opens nothing."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
