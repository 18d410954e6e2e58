"""Cases: filed once, whole or not at all, and unreadable to whoever only has the database."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
import sqlalchemy as sa

from actions.cases.conversations import Conversations
from actions.cases.crypto import Sealer, load_master
from actions.cases.database import Database
from actions.cases.records import Case, Draft
from actions.cases.repository import Cases, make_receipt
from actions.cases.tables import Base, CaseRow, EventRow, ItemRow
from actions.errors import NotFoundError, SealError

RECEIPT = re.compile(r"M-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}")


@pytest.fixture
def cases(database: Database, sealer: Sealer) -> Cases:
    return Cases(database, sealer)


def _count(database: Database, table: type[Base]) -> int:
    with database.reading() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def test_a_case_is_the_draft_when_filed(cases: Cases, make_draft: Callable[..., Draft]) -> None:
    draft = make_draft(kinds=("correction", "complaint"), language="en")
    case, is_new = cases.file(draft, "form")
    assert is_new
    assert (case.kinds, case.kind, case.state) == (("correction", "complaint"), "correction", "received")
    assert (case.channel, case.language, case.policy_version) == ("form", "en", draft.policy_version)
    assert case.fields == draft.fields
    assert [(event.actor, event.action, event.state) for event in case.events] == [("customer", "submit", "received")]
    assert cases.get(case.receipt) == cases.find_by_filing_key(draft.filing_key) == case


def test_the_first_case_is_told_when_the_same_draft_is_filed_again(
    cases: Cases, database: Database, make_draft: Callable[..., Draft]
) -> None:
    draft = make_draft()
    first, _ = cases.file(draft, "chat")
    again, is_new = cases.file(draft.give("name", "別人"), "form")
    assert (again, is_new) == (first, False)
    assert (_count(database, CaseRow), _count(database, ItemRow), _count(database, EventRow)) == (1, 1, 1)


def test_one_case_is_filed_when_threads_file_the_same_draft_at_once(
    cases: Cases, database: Database, make_draft: Callable[..., Draft]
) -> None:
    draft, start = make_draft(), Barrier(4)

    def file(_: int) -> tuple[Case, bool]:
        start.wait()
        return cases.file(draft, "chat")

    with ThreadPoolExecutor(4) as pool:
        filed = list(pool.map(file, range(4)))
    assert len({case.receipt for case, _ in filed}) == 1
    assert sorted(is_new for _, is_new in filed) == [False, False, False, True]
    assert (_count(database, CaseRow), _count(database, EventRow)) == (1, 1)


def test_the_draft_ends_with_the_filing_when_it_came_from_a_conversation(
    cases: Cases, database: Database, sealer: Sealer, make_draft: Callable[..., Draft]
) -> None:
    conversations, draft = Conversations(database, sealer), make_draft()
    conversations.open("c1", "ja")
    conversations.save_draft("c1", draft)
    cases.file(draft, "chat", "c1")
    assert conversations.find_draft("c1") is None


def test_a_leftover_draft_ends_when_its_case_was_filed_before(
    cases: Cases, database: Database, sealer: Sealer, make_draft: Callable[..., Draft]
) -> None:
    conversations, draft = Conversations(database, sealer), make_draft()
    cases.file(draft, "chat")
    conversations.open("c1", "ja")
    conversations.save_draft("c1", draft)
    _, is_new = cases.file(draft, "chat", "c1")
    assert not is_new
    assert conversations.find_draft("c1") is None


def test_the_draft_stays_when_filing_fails(
    cases: Cases,
    database: Database,
    sealer: Sealer,
    make_draft: Callable[..., Draft],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # One transaction: a failure in the middle loses neither the draft nor half a case.
    conversations, draft = Conversations(database, sealer), make_draft()
    conversations.open("c1", "ja")
    conversations.save_draft("c1", draft)

    def fail(*_: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(Cases, "_open", fail)  # after the case was written and the draft deleted
        with pytest.raises(RuntimeError):
            cases.file(draft, "chat", "c1")
    assert conversations.find_draft("c1") == draft
    assert cases.list_all() == []
    case, is_new = cases.file(draft, "chat", "c1")
    assert is_new
    assert cases.list_all() == [case]


def test_another_failure_is_not_taken_for_a_second_filing_when_the_receipt_is_taken(
    cases: Cases, make_draft: Callable[..., Draft], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("actions.cases.repository.make_receipt", lambda: "M-0000-0000")
    cases.file(make_draft(), "chat")
    with pytest.raises(sa.exc.IntegrityError):
        cases.file(make_draft(), "chat")
    assert len(cases.list_all()) == 1


def test_the_newest_comes_first_when_listed(cases: Cases, make_draft: Callable[..., Draft]) -> None:
    assert cases.list_all() == []
    filed = [cases.file(make_draft(), "chat")[0].receipt for _ in range(3)]
    assert [case.receipt for case in cases.list_all()] == filed[::-1]


@pytest.mark.parametrize("receipt", ["M-0000-0000", "", "' OR 1=1 --", "m-0000-0000", "山田", "M" * 500, "M-\0"])
def test_no_case_is_found_when_the_receipt_is_unknown(cases: Cases, receipt: str) -> None:
    with pytest.raises(NotFoundError):
        cases.get(receipt)


def test_no_case_is_found_when_the_filing_key_is_unknown(cases: Cases) -> None:
    assert cases.find_by_filing_key("none") is None


@pytest.mark.parametrize("column", ["name_sealed", "email_sealed", "phone_sealed", "details_sealed", "data_key_sealed"])
def test_a_value_does_not_open_when_moved_to_another_case(
    cases: Cases, database: Database, make_draft: Callable[..., Draft], column: str
) -> None:
    one, _ = cases.file(make_draft(), "chat")
    other, _ = cases.file(make_draft(), "chat")
    with database.transaction() as session:
        taken = session.scalar(sa.select(getattr(CaseRow, column)).where(CaseRow.receipt == one.receipt))
        session.execute(sa.update(CaseRow).where(CaseRow.receipt == other.receipt).values({column: taken}))
    assert cases.get(one.receipt) == one
    with pytest.raises(SealError):
        cases.get(other.receipt)


def test_a_value_does_not_open_when_moved_to_another_column(
    cases: Cases, database: Database, make_draft: Callable[..., Draft]
) -> None:
    # Otherwise whoever may write to the database could make the desk send a reply to another address.
    case, _ = cases.file(make_draft(), "chat")
    with database.transaction() as session:
        session.execute(sa.update(CaseRow).values(email_sealed=CaseRow.details_sealed))
    with pytest.raises(SealError):
        cases.get(case.receipt)


def test_a_case_does_not_open_when_the_ciphertext_is_changed(
    cases: Cases, database: Database, make_draft: Callable[..., Draft]
) -> None:
    case, _ = cases.file(make_draft(), "chat")
    with database.transaction() as session:
        row = session.scalars(sa.select(CaseRow)).one()
        row.details_sealed = row.details_sealed[:-1] + bytes([row.details_sealed[-1] ^ 1])
    with pytest.raises(SealError):
        cases.get(case.receipt)


def test_a_case_does_not_open_when_the_keys_are_lost(
    cases: Cases, database: Database, make_draft: Callable[..., Draft], tmp_path: Path
) -> None:
    case, _ = cases.file(make_draft(), "chat")
    with pytest.raises(SealError):
        Cases(database, load_master(tmp_path / "other")).get(case.receipt)


def test_nothing_is_in_clear_when_at_rest(
    cases: Cases, database: Database, make_draft: Callable[..., Draft], tmp_path: Path
) -> None:
    draft = make_draft()
    cases.file(draft, "chat")
    stored = [path.read_bytes() for path in tmp_path.glob("madoguchi.sqlite3*")]  # the file and its write-ahead log
    with database.reading() as session:
        rows = [tuple(row) for table in Base.metadata.sorted_tables for row in session.execute(sa.select(table))]
    stored += [value if isinstance(value, bytes) else str(value).encode() for row in rows for value in row]
    assert len(rows) == 3
    assert not [value for value in draft.fields.values() if any(value.encode() in block for block in stored)]


def test_receipts_are_read_aloud_easily_when_made() -> None:
    made = {make_receipt() for _ in range(500)}
    assert len(made) == 500
    assert all(RECEIPT.fullmatch(receipt) for receipt in made)
