"""Many cases out of a few: each copy is a person's own, sealed with its own key, with its own links, mails and age.

Nothing is a shortcut for who reads it: every sealed value opens at its place, and the audit chain is whole.
"""

from __future__ import annotations

import json
import random
import secrets
import uuid
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from actions.cases.audit import Entry
from actions.cases.crypto import Sealer, make_data_key, open_data_key
from actions.cases.database import Database
from actions.cases.desk import make_receipt
from actions.cases.effects import SEALED
from actions.cases.instants import now
from actions.cases.reconciliation import digest
from actions.cases.sealed import decision_place, hash_token, open_case, status_place, word_place
from actions.cases.tables import AuditRow, Base, CaseRow, CheckRow, CodeRow, ItemRow, MailRow, MessageRow
from actions.services import Services
from tests.benchmarks.models import SHARES, Model, work_models

AGES = {"unconfirmed": 6.5, "todo": 21.0, "waiting": 30.0, "closed": 170.0}  # days, at most: nothing is to be purged
CASES_A_PERSON = 4
FAMILY = ("佐藤", "鈴木", "高橋", "田中", "渡辺", "伊藤", "山本", "中村", "小林", "加藤")
GIVEN = ("花子", "太郎", "一郎", "春菜", "夏樹", "秋江", "冬馬", "美咲", "健太", "由美")
BATCH = 500  # cases written in one transaction
OWN = (ItemRow, MessageRow, CheckRow, CodeRow, MailRow)  # what belongs to a case, besides its audit entries

Values = dict[str, Any]


def fill(services: Services, count: int, seed: int = 1) -> int:
    """Fill an empty desk with so many cases → the number of rows written."""
    patterns = read_patterns(services, work_models(services))
    chance = random.Random(seed)
    numbers = {table: max((row["id"] for one in patterns for row in one.rows[table]), default=0) for table in OWN}
    copier = Copier(services, chance, max(1, count // CASES_A_PERSON), numbers)
    tabs = chance.choices(list(SHARES), list(SHARES.values()), k=count - len(patterns))
    wanted = [chance.choice([one for one in patterns if one.tab == tab]) for tab in tabs]
    moment = now()
    return sum(
        _write(services, [copier.copy(one, moment) for one in wanted[first : first + BATCH]])
        for first in range(0, len(wanted), BATCH)
    )


def _write(services: Services, copies: list[tuple[dict[type[Base], list[Values]], list[Entry]]]) -> int:
    """Write copies in one transaction → the number of their rows."""
    with services.database.transaction() as session:
        rows = {table: [row for made, _ in copies for row in made[table]] for table in (CaseRow, *OWN)}
        for table, values in rows.items():
            if values:
                session.execute(sa.insert(table), values)
        entries = [entry for _, found in copies for entry in found]
        services.audit.append(session, *entries)
    return sum(len(values) for values in rows.values()) + len(entries)


@dataclass(frozen=True, slots=True)
class Pattern:
    """A model case in clear: rows by table, sealed values opened, and its audit entries.

    `digests` are those of its texts as they were sealed: the entries name them.
    """

    tab: str
    case: Values
    rows: dict[type[Base], list[Values]]
    digests: list[str]
    entries: list[Entry]


@dataclass
class Copier:
    """Makes copies; `random` decides ages and people, so that the same seed gives the same desk."""

    services: Services
    random: random.Random
    people: int
    numbers: dict[type[Base], int] = field(default_factory=dict)  # the last id used

    def copy(self, pattern: Pattern, moment: datetime) -> tuple[dict[type[Base], list[Values]], list[Entry]]:
        """A copy's rows by table, cases first, and its audit entries."""
        identity, key = uuid.uuid4().hex, make_data_key()
        own, age = open_data_key(key), timedelta(days=self.random.random() * AGES[pattern.tab])
        case = self._copy_case(pattern.case, identity, own, age)
        case["data_key_sealed"] = self.services.sealer.seal(key, f"cases.data_key.{identity}")
        if pattern.tab == "unconfirmed" and age > timedelta(hours=20):
            case["reminded_at"] = case["created_at"] + timedelta(hours=24)
        if case["assignee"]:
            case["assignee"] = self.random.choice(["hanako", "saburo"])
        made: dict[type[Base], list[Values]] = {CaseRow: [case]}
        for table in OWN:
            made[table] = [self._copy_row(table, row, identity, own, age) for row in pattern.rows[table]]
        texts = zip(pattern.digests, (digest(sealed) for sealed in _list_texts(made)), strict=True)
        digests = {former: new for former, new in texts if former}
        oldest = moment - timedelta(days=self.services.settings.mail_days - 1)
        for mail in made[MailRow]:
            if mail["sent_at"] and mail["sent_at"] < oldest:  # its text has been cleared since
                mail |= {"content_sealed": None, "recipient_sealed": None}
        entries = pattern.entries
        return made, [replace(one, case_id=identity, digest=digests.get(one.digest, one.digest)) for one in entries]

    def _copy_case(self, case: Values, identity: str, own: Sealer, age: timedelta) -> Values:
        person = self.random.randrange(self.people)
        name = f"{FAMILY[person % 10]}{GIVEN[person // 10 % 10]}"
        email, phone, token = f"person{person}@example.com", f"03-0000-{person % 10000:04}", secrets.token_urlsafe(32)
        given = {"name": name, "email": case["email"] and email, "phone": phone, "status": token}
        words = {one: given.get(one, case[one]) for one in SEALED}
        sealed = {one: own.seal(value, f"cases.{one}.{identity}") if value else None for one, value in words.items()}
        sealer = self.services.sealer
        return {
            **{key: _shift(value, age) for key, value in case.items() if key not in SEALED},
            **{f"{one}_sealed": value for one, value in sealed.items()},
            "id": identity,
            "receipt": make_receipt(),
            "filing_key": str(uuid.uuid4()),
            "email_index": sealer.index("email", words["email"]),
            "phone_index": sealer.index("phone", phone.replace("-", "")),
            "status_hash": hash_token(token),
        }

    def _copy_row(self, table: type[Base], row: Values, identity: str, own: Sealer, age: timedelta) -> Values:
        self.numbers[table] = number = self.numbers.get(table, 0) + 1
        made = {key: _shift(value, age) for key, value in row.items()}
        made |= {"id": number, "case_id": identity}
        if table is CodeRow:
            made |= {"link_hash": secrets.token_hex(32), "code_hash": secrets.token_hex(32)}
        if table is MailRow:
            made["message_id"] = f"<{uuid.uuid4()}@bench.example.com>"
            made["dedupe_key"] = f"{identity}.{row['dedupe_key'].partition('.')[2]}"
        for column, place in _list_places(table, made):
            made[column] = own.seal(row[column], place) if row[column] is not None else None
        return made


def _list_texts(rows: dict[type[Base], list[Values]]) -> list[bytes | None]:
    """The sealed texts that the audit chain vouches for: decisions, and the words of the thread."""
    return [row["decision_sealed"] for row in rows[ItemRow]] + [row["body_sealed"] for row in rows[MessageRow]]


def _list_places(table: type[Base], row: Values) -> list[tuple[str, str]]:
    """The sealed columns of a row and the places they are sealed for."""
    if table is ItemRow:
        return [("decision_sealed", decision_place(row["id"]))]
    if table is MessageRow:
        return [("body_sealed", word_place(row["case_id"]))]
    if table is MailRow:
        return [(f"{one}_sealed", f"outbox.{one}.{row['message_id']}") for one in ("recipient", "content")]
    return []


def read_patterns(services: Services, models: list[Model]) -> list[Pattern]:
    """The model cases, opened."""
    with services.database.reading() as session:
        return [_read_pattern(services, session, model) for model in models]


def _read_pattern(services: Services, session: Session, model: Model) -> Pattern:
    row = session.get_one(CaseRow, model.case_id)
    own = open_case(services.sealer, row)
    case = _read_values(row)
    for one in SEALED:
        sealed = case.pop(f"{one}_sealed")
        place = status_place(row.id) if one == "status" else f"cases.{one}.{row.id}"
        case[one] = own.open(sealed, place) if sealed else ""
    rows: dict[type[Base], list[Values]] = {}
    for table in OWN:
        found = session.scalars(sa.select(table).where(table.case_id == row.id).order_by(table.id))
        rows[table] = [_read_values(one) for one in found]
    digests = [digest(sealed) for sealed in _list_texts(rows)]
    for table in OWN:
        for values in rows[table]:
            for column, place in _list_places(table, values):
                values[column] = own.open(values[column], place) if values[column] is not None else None
    entries = session.scalars(sa.select(AuditRow).where(AuditRow.case_id == row.id).order_by(AuditRow.seq))
    return Pattern(model.tab, case, rows, digests, [_read_entry(one) for one in entries])


def _read_values(row: Base) -> Values:
    return {column.key: getattr(row, column.key) for column in sa.inspect(type(row)).columns}


def _read_entry(row: AuditRow) -> Entry:
    detail = json.loads(row.detail) if row.detail else {}
    return Entry(row.actor, row.action, row.case_id, row.kind, row.origin, row.state, detail, row.digest)


def _shift(value: Any, age: timedelta) -> Any:
    return value - age if isinstance(value, datetime) else value


def copy_desk(source: Database, target: Database) -> None:
    """Write all rows of a desk into another, empty one (sealed values open there too, with the same keys)."""
    for table in Base.metadata.sorted_tables:
        with source.reading() as reading, target.transaction() as writing:
            for rows in reading.execute(sa.select(table), execution_options={"yield_per": BATCH}).partitions():
                writing.execute(sa.insert(table), [row._asdict() for row in rows])
            if target.engine.dialect.name == "postgresql" and table.name in {one.__tablename__ for one in OWN}:
                # Rows that brought their number along have not moved the counter.
                number = sa.select(sa.func.max(table.c.id)).scalar_subquery()
                writing.execute(sa.select(sa.func.setval(sa.func.pg_get_serial_sequence(table.name, "id"), number)))
