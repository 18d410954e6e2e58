"""Rows that tests put straight into a database, where the way that leads to them is not what is tried."""

from __future__ import annotations

import uuid

from actions.cases.crypto import Sealer, make_data_key, open_data_key
from actions.cases.database import Database
from actions.cases.instants import now
from actions.cases.tables import CaseRow


def add_case(database: Database, sealer: Sealer) -> tuple[CaseRow, Sealer]:
    """A bare case without items or fields, and the sealer of its own key."""
    identity, key = uuid.uuid4().hex, make_data_key()
    row = CaseRow(
        id=identity,
        receipt=f"M-{identity[:4]}-{identity[4:8]}",
        filing_key=str(uuid.uuid4()),
        state="received",
        channel="form",
        language="ja",
        policy_version="1-0",
        data_key_sealed=sealer.seal(key, f"cases.data_key.{identity}"),
        arrived_at=now(),
        created_at=now(),
    )
    with database.transaction() as session:
        session.add(row)
    return row, open_data_key(key)
