"""Filing and working cases: filed once, whole or not at all, unreadable to whoever only has the database."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
import sqlalchemy as sa

from actions.cases.casework import Casework
from actions.cases.crypto import load_master
from actions.cases.database import Database
from actions.cases.desk import Arrival, make_receipt
from actions.cases.guards import Form
from actions.cases.instants import now
from actions.cases.records import Case, Draft
from actions.cases.repository import Cases
from actions.cases.tables import AuditRow, Base, CaseRow, ItemRow, MailRow, MessageRow
from actions.errors import (
    AlreadyFiledError,
    ConditionError,
    ImpossibleActionError,
    NotFoundError,
    SealError,
    StaleCaseError,
)
from tests.actions.cases.conftest import HANAKO, JIRO, Office

RECEIPT = re.compile(r"M-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}")


def _count(database: Database, table: type[Base]) -> int:
    with database.reading() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def test_a_case_is_the_draft_when_filed(office: Office, make_draft: Callable[..., Draft]) -> None:
    told = {"told": "開示の請求ですね。", "opening": "見せて", "represented": "山田春子", "agent": "appointed"}
    draft = make_draft(kinds=("correction", "complaint"), language="en", forwarded=True, **told)
    case, is_new = office.services.desk.file(draft, "form")
    assert is_new
    assert (case.kinds, case.kind, case.state) == (("correction", "complaint"), "correction", "mail_unverified")
    assert (case.channel, case.language, case.policy_version) == ("form", "en", draft.policy_version)
    assert case.fields == draft.fields
    assert {name: getattr(case, name) for name in told} == told
    assert case.forwarded
    assert office.get(case.receipt) == case
    assert office.services.cases.find_by_filing_key(draft.filing_key) == case
    assert office.deliver() == ["officer_new", "receipt"]


def test_the_first_case_is_told_when_the_same_draft_is_filed_again(
    office: Office, database: Database, make_draft: Callable[..., Draft]
) -> None:
    draft = make_draft()
    first, _ = office.services.desk.file(draft, "chat")
    again, is_new = office.services.desk.file(draft, "form")
    assert (again, is_new) == (first, False)
    counted = [_count(database, table) for table in (CaseRow, ItemRow, AuditRow, MailRow)]
    assert counted == [1, 1, 1, 2]


def test_another_request_is_not_taken_for_the_one_that_was_filed_with_its_key(
    office: Office, database: Database, make_draft: Callable[..., Draft]
) -> None:
    draft = make_draft()
    office.services.desk.file(draft, "form")
    for other in (draft.give("name", "別人"), replace(draft, kinds=("correction",))):
        with pytest.raises(AlreadyFiledError):
            office.services.desk.file(other, "form")
    assert _count(database, CaseRow) == 1


def test_one_case_is_filed_when_threads_file_the_same_draft_at_once(
    office: Office, database: Database, make_draft: Callable[..., Draft]
) -> None:
    draft, start = make_draft(), Barrier(4)
    office.services.audit.adopt()

    def file(_: int) -> tuple[Case, bool]:
        start.wait()
        return office.services.desk.file(draft, "chat")

    with ThreadPoolExecutor(4) as pool:
        filed = list(pool.map(file, range(4)))
    assert len({case.receipt for case, _ in filed}) == 1
    assert sorted(is_new for _, is_new in filed) == [False, False, False, True]
    assert [_count(database, table) for table in (CaseRow, MailRow, AuditRow)] == [1, 2, 1]


def test_the_draft_ends_with_the_filing_when_it_came_from_a_conversation(
    office: Office, make_draft: Callable[..., Draft]
) -> None:
    conversations, draft = office.services.conversations, make_draft()
    conversations.open("c1", "ja")
    conversations.save_draft("c1", draft)
    office.services.desk.file(draft, "chat", "c1")
    assert conversations.find_draft("c1") is None
    # The conversation has to tell of it, until a reply is kept.
    assert conversations.find_standing("c1").untold == draft.filing_key
    conversations.append_turn("c1", "m0", "はい", {})  # composed before it was filed: it tells nothing of it
    assert conversations.find_standing("c1").untold == draft.filing_key
    conversations.append_turn("c1", "m1", "はい", {}, draft.filing_key)
    assert conversations.find_standing("c1").untold == ""


def test_a_leftover_draft_ends_when_its_case_was_filed_before(office: Office, make_draft: Callable[..., Draft]) -> None:
    conversations, draft = office.services.conversations, make_draft()
    office.services.desk.file(draft, "chat")
    conversations.open("c1", "ja")
    conversations.save_draft("c1", draft)
    _, is_new = office.services.desk.file(draft, "chat", "c1")
    assert not is_new
    assert conversations.find_draft("c1") is None


def test_the_draft_stays_when_filing_fails(
    office: Office, database: Database, make_draft: Callable[..., Draft], monkeypatch: pytest.MonkeyPatch
) -> None:
    # One transaction: a failure in the middle loses neither the draft nor half a case.
    conversations, draft = office.services.conversations, make_draft()
    conversations.open("c1", "ja")
    conversations.save_draft("c1", draft)

    def fail(*_: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(Cases, "open", fail)  # after the case was written and the draft deleted
        with pytest.raises(RuntimeError):
            office.services.desk.file(draft, "chat", "c1")
    assert conversations.find_draft("c1") == draft
    assert [_count(database, table) for table in (CaseRow, MailRow, AuditRow)] == [0, 0, 0]
    case, is_new = office.services.desk.file(draft, "chat", "c1")
    assert is_new
    assert office.services.cases.list_all() == [case]


def test_another_failure_is_not_taken_for_a_second_filing_when_the_receipt_is_taken(
    office: Office, make_draft: Callable[..., Draft], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("actions.cases.desk.make_receipt", lambda: "M-0000-0000")
    office.services.desk.file(make_draft(), "chat")
    with pytest.raises(sa.exc.IntegrityError):
        office.services.desk.file(make_draft(), "chat")
    assert len(office.services.cases.list_all()) == 1


def test_a_request_entered_by_an_officer_needs_no_code(office: Office, make_draft: Callable[..., Draft]) -> None:
    arrived = now() - timedelta(days=2)
    case = office.services.desk.enter(make_draft(), Arrival("telephone", arrived), HANAKO)
    assert (case.state, case.channel, case.arrived_at) == ("received", "telephone", arrived)
    assert case.confirmed_at is not None
    assert [one.actor for one in office.services.audit.list_for_receipt(case.receipt)] == ["hanako"]
    assert office.deliver() == ["acknowledgement"]


@pytest.mark.parametrize("receipt", ["M-0000-0000", "", "' OR 1=1 --", "山田", "M" * 500, "M-\0"])
def test_nothing_is_done_when_the_receipt_is_unknown(office: Office, receipt: str) -> None:
    with pytest.raises(NotFoundError):
        office.act(receipt, "start")


def test_a_stale_form_changes_nothing_when_somebody_was_faster(office: Office) -> None:
    case = office.open()
    desk = office.services.desk
    moved = desk.act(case.receipt, "start", HANAKO, Form(), version=case.version)
    with pytest.raises(StaleCaseError):
        desk.act(case.receipt, "note", HANAKO, Form(note="x"), version=case.version)
    assert office.get(case.receipt) == moved


def test_one_of_two_officers_decides_when_both_do_at_once(office: Office) -> None:
    receipt = office.investigate().receipt
    ground = "disclosure_harm"
    office.act(receipt, "propose", outcome="refused", ground=ground, text="理由")
    version, start = office.get(receipt).version, Barrier(2)

    def decide(action: str) -> str:
        start.wait()
        try:
            office.services.desk.act(receipt, action, JIRO, Form(note="n"), version=version)
        except (StaleCaseError, ImpossibleActionError):
            return "refused"
        return action

    with ThreadPoolExecutor(2) as pool:
        done = set(pool.map(decide, ("approve", "return")))
    assert "refused" in done
    assert len(done) == 2
    state = office.get(receipt).state
    assert state == {"approve": "notifying", "return": "investigating"}[(done - {"refused"}).pop()]
    assert office.services.audit.verify().problems == ()


def test_a_preview_shows_the_letter_and_keeps_nothing(office: Office, database: Database) -> None:
    receipt = office.investigate().receipt
    before = office.get(receipt), [_count(database, table) for table in (MailRow, AuditRow, MessageRow)]
    (letter,) = office.services.desk.preview(receipt, "ask_more", HANAKO, Form(text="どのご注文でしょうか"))
    assert letter.template == "question"
    assert "どのご注文でしょうか" in letter.page
    assert (office.get(receipt), [_count(database, table) for table in (MailRow, AuditRow, MessageRow)]) == before
    office.act(receipt, "ask_more", text="どのご注文でしょうか")
    assert letter.page in [word.body for word in office.get(receipt).words]


def test_a_preview_of_what_cannot_be_done_says_so(office: Office) -> None:
    receipt = office.open().receipt
    with pytest.raises(ImpossibleActionError):
        office.services.desk.preview(receipt, "approve", HANAKO, Form())
    office.act(receipt, "start")
    with pytest.raises(ConditionError):
        office.services.desk.preview(receipt, "confirm_identity", HANAKO, Form())
    with pytest.raises(NotFoundError):
        office.services.desk.preview("M-0000-0000", "start", HANAKO, Form())


@pytest.mark.parametrize("column", ["name_sealed", "email_sealed", "phone_sealed", "details_sealed", "data_key_sealed"])
def test_a_value_does_not_open_when_moved_to_another_case(office: Office, database: Database, column: str) -> None:
    one, other = office.file(), office.file()
    with database.transaction() as session:
        taken = session.scalar(sa.select(getattr(CaseRow, column)).where(CaseRow.receipt == one.receipt))
        session.execute(sa.update(CaseRow).where(CaseRow.receipt == other.receipt).values({column: taken}))
    assert office.get(one.receipt) == one
    with pytest.raises(SealError):
        office.get(other.receipt)


def test_a_value_does_not_open_when_moved_to_another_column(office: Office, database: Database) -> None:
    # Otherwise whoever may write to the database could make the desk send a reply to another address.
    case = office.file()
    with database.transaction() as session:
        session.execute(sa.update(CaseRow).values(email_sealed=CaseRow.details_sealed))
    with pytest.raises(SealError):
        office.get(case.receipt)


def test_a_case_does_not_open_when_the_ciphertext_is_changed(office: Office, database: Database) -> None:
    case = office.file()
    with database.transaction() as session:
        row = session.scalars(sa.select(CaseRow)).one()
        assert row.details_sealed
        row.details_sealed = row.details_sealed[:-1] + bytes([row.details_sealed[-1] ^ 1])
    with pytest.raises(SealError):
        office.get(case.receipt)


def test_a_case_does_not_open_when_the_keys_are_lost(office: Office, database: Database, tmp_path: Path) -> None:
    case = office.file()
    with pytest.raises(SealError):
        Cases(database, load_master(tmp_path / "other")).get(case.receipt)


def test_nothing_is_in_clear_when_at_rest(office: Office, database: Database, tmp_path: Path) -> None:
    receipt = office.investigate(opening="最初の言葉", told="伝えた言葉", represented="山田春子").receipt
    office.act(receipt, "ask_more", text="質問の言葉")
    office.answer(receipt, text="返事の言葉")
    office.act(receipt, "note", note="メモの言葉")
    office.act(receipt, "propose", outcome="refused", ground="disclosure_harm", text="理由の言葉")
    case = office.get(receipt)
    assert len(case.words) == 4
    stored = [path.read_bytes() for path in tmp_path.rglob("*.sqlite3*")]  # the file and its write-ahead log
    with database.reading() as session:
        rows = [tuple(row) for table in Base.metadata.sorted_tables for row in session.execute(sa.select(table))]
    stored += [value if isinstance(value, bytes) else str(value).encode() for row in rows for value in row]
    codes = [office.find_code(receipt), office.find_link(receipt), office.token(receipt)]
    secret = [*case.fields.values(), *codes, "言葉", "山田春子", "hanako@"]
    assert not [value for value in secret if any(value.encode() in block for block in stored)]


def test_receipts_are_read_aloud_easily_when_made() -> None:
    made = {make_receipt() for _ in range(500)}
    assert len(made) == 500
    assert all(RECEIPT.fullmatch(receipt) for receipt in made)


def test_the_engine_room_is_one_when_anybody_acts(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    # Filing, officers, persons and the system all go through the same door.
    asked: list[str] = []
    kept = Casework.perform

    def perform(self: Casework, opened: Any, order: Any) -> None:
        asked.append(order.action)
        kept(self, opened, order)

    monkeypatch.setattr(Casework, "perform", perform)
    receipt = office.open().receipt
    office.act(receipt, "start")
    office.answer(receipt, "withdraw")
    office.age(receipt, days=200)
    office.services.upkeep.purge()
    assert asked == ["submit", "confirm_mail", "start", "withdraw", "trim"]
