"""The audit chain: nothing in it can be changed, removed or put elsewhere without being found."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
import sqlalchemy as sa

from actions.cases.audit import Audit, Entry
from actions.cases.crypto import load_master
from actions.cases.database import Database
from actions.cases.reconciliation import digest
from actions.cases.tables import AuditHeadRow, AuditRow, Base, CaseRow, ItemRow, MessageRow
from tests.actions.cases.conftest import Office


def _tamper(office: Office, *statements: sa.Executable) -> None:
    """What whoever owns the database can do: switch the trigger off, and write."""
    database = office.services.database
    sqlite = database.engine.dialect.name == "sqlite"
    with database.transaction() as session:
        kept = session.execute(sa.text("select sql from sqlite_master where type = 'trigger'")).all() if sqlite else []
        if sqlite:
            for name in ("audit_no_update", "audit_no_delete"):
                session.execute(sa.text(f"DROP TRIGGER {name}"))
        else:
            session.execute(sa.text("ALTER TABLE audit DISABLE TRIGGER USER"))
        for statement in statements:
            session.execute(statement)
        for (sql,) in kept:
            session.execute(sa.text(sql))
        if not sqlite:
            session.execute(sa.text("ALTER TABLE audit ENABLE TRIGGER USER"))


def _problems(office: Office, noted: str = "") -> tuple[str, ...]:
    return office.services.audit.verify(noted).problems


def test_the_chain_is_whole_when_cases_are_worked(office: Office) -> None:
    receipt = office.investigate("disclosure", "correction").receipt
    office.file()
    verdict = office.services.audit.verify()
    assert verdict.problems == ()
    with office.services.database.reading() as session:
        assert verdict.length == session.scalar(sa.select(sa.func.count(AuditRow.seq)))
    told = [(one.actor, one.action, one.kind) for one in office.services.audit.list_for_receipt(receipt)]
    assert told[:2] == [("customer", "submit", "disclosure"), ("customer", "submit", "correction")]
    assert ("hanako", "start", "correction") in told
    assert office.services.audit.list_for_receipt("M-0000-0000") == []


def test_the_newest_come_first_when_listed(office: Office) -> None:
    office.open()
    newest = office.services.audit.list_latest(2)
    older = office.services.audit.list_latest(100, before=newest[-1].seq)
    seqs = [one.seq for one in [*newest, *older]]
    assert seqs == sorted(seqs, reverse=True)
    assert len(seqs) == office.services.audit.verify().length


@pytest.mark.parametrize("statement", [sa.update(AuditRow).values(actor="nobody"), sa.delete(AuditRow)])
def test_the_database_itself_refuses_when_entries_are_changed(office: Office, statement: sa.Executable) -> None:
    office.file()
    with pytest.raises(sa.exc.DatabaseError, match="append-only"), office.services.database.transaction() as session:
        session.execute(statement)
    assert _problems(office) == ()


@pytest.mark.parametrize("column", ["at", "actor", "action", "case_id", "kind", "origin", "state", "detail", "digest"])
def test_any_changed_word_is_found_when_verified(office: Office, column: str) -> None:
    office.investigate()
    changed: Any = sa.func.datetime("2000-01-01") if column == "at" else "other"
    if column == "at" and office.services.database.engine.dialect.name == "postgresql":
        changed = sa.text("at - interval '1 second'")
    _tamper(office, sa.update(AuditRow).where(AuditRow.seq == 2).values({column: changed}))
    assert any("entry 2" in problem for problem in _problems(office))


def test_a_changed_entry_is_found_when_its_hash_is_made_anew_without_the_key(office: Office) -> None:
    office.investigate()
    forged = {"actor": "jiro", "hash": "0" * 64}
    _tamper(office, sa.update(AuditRow).where(AuditRow.seq == 2).values(forged))
    problems = _problems(office)
    assert any("entry 2" in problem for problem in problems)
    assert any("entry 3" in problem for problem in problems)  # the next one stands on it


def test_a_removed_entry_is_found_when_verified(office: Office) -> None:
    office.investigate()
    _tamper(office, sa.delete(AuditRow).where(AuditRow.seq == 2))
    assert any("missing" in problem for problem in _problems(office))


def test_swapped_entries_are_found_when_verified(office: Office) -> None:
    office.investigate()
    move = [
        sa.update(AuditRow).where(AuditRow.seq == one).values(seq=other) for one, other in ((2, 999), (3, 2), (999, 3))
    ]
    _tamper(office, *move)
    assert _problems(office) != ()


def test_a_chain_cut_off_at_its_end_is_found_when_verified(office: Office) -> None:
    office.investigate()
    last = office.services.audit.verify().length
    _tamper(office, sa.delete(AuditRow).where(AuditRow.seq == last))
    assert any(f"should end at entry {last}" in problem for problem in _problems(office))


def test_an_older_end_put_back_is_found_when_the_cases_say_otherwise(office: Office) -> None:
    # Whoever has a copy of the table from yesterday can put chain and head back, but not what the cases say.
    receipt = office.open().receipt
    with office.services.database.reading() as session:
        head = session.get_one(AuditHeadRow, 1)
        old = {"seq": head.seq, "hash": head.hash, "seal": head.seal}
    noted = office.services.audit.verify().head
    office.act(receipt, "start")
    assert _problems(office, noted) == ()
    newer = office.services.audit.verify().head
    _tamper(office, sa.delete(AuditRow).where(AuditRow.seq > old["seq"]), sa.update(AuditHeadRow).values(**old))
    assert f"{receipt} (disclosure) is id_check, but the chain says received" in _problems(office)
    assert any("noted entry" in problem for problem in _problems(office, newer))


def test_a_state_changed_by_hand_is_found_when_verified(office: Office) -> None:
    receipt = office.open().receipt
    with office.services.database.transaction() as session:
        session.execute(sa.update(ItemRow).values(state="closed"))
    assert _problems(office) == (f"{receipt} (disclosure) is closed, but the chain says received",)


def _refuse(office: Office) -> str:
    receipt = office.investigate().receipt
    office.act(receipt, "propose", outcome="refused", ground="disclosure_harm", text="理由です")
    return receipt


@pytest.mark.parametrize(
    ("table", "values", "problem"),
    [
        (ItemRow, {"outcome": "granted"}, "has the outcome granted, but the chain says refused"),
        (ItemRow, {"proposed_by": "jiro"}, "was proposed by jiro, but the chain says hanako"),
        (ItemRow, {"decision_sealed": b"other"}, "holds a text that the chain knows nothing of"),
        (MessageRow, {"body_sealed": b"other"}, "holds a text that the chain knows nothing of"),
    ],
)
def test_a_decision_or_a_word_changed_by_hand_is_found(
    office: Office, table: type[Base], values: dict[str, Any], problem: str
) -> None:
    receipt = _refuse(office)
    office.act(receipt, "note", note="メモ")
    assert _problems(office) == ()
    with office.services.database.transaction() as session:
        session.execute(sa.update(table).values(**values))
    assert any(receipt in one and problem in one for one in _problems(office))


def test_a_case_that_is_gone_is_missed(office: Office) -> None:
    _refuse(office)
    with office.services.database.transaction() as session:
        session.delete(session.scalars(sa.select(CaseRow)).one())
    assert _problems(office) == ("the case that entry 1 tells of is gone",)


def test_a_check_sees_one_moment_while_others_write(office: Office) -> None:
    audit, start = office.services.audit, Barrier(2)
    audit.adopt()

    def write() -> None:
        start.wait()
        for step in range(60):
            audit.record(Entry("system", "test", detail={"step": step}))

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        start.wait()
        verdicts = [audit.verify().problems for _ in range(15)]
        writing.result()
    assert verdicts == [()] * 15


@pytest.mark.parametrize("values", [{"seal": "0" * 64}, {"seq": 1}, {"hash": "0" * 64}])
def test_a_changed_head_is_found_when_verified(office: Office, values: dict[str, Any]) -> None:
    office.investigate()
    with office.services.database.transaction() as session:
        session.execute(sa.update(AuditHeadRow).values(**values))
    assert "the head was changed" in _problems(office)


def test_a_missing_head_is_found_when_verified(office: Office) -> None:
    office.file()
    with office.services.database.transaction() as session:
        session.execute(sa.delete(AuditHeadRow))
    assert "the head is missing" in _problems(office)


@pytest.mark.parametrize("noted", ["9999:ab", "x:y", "1:ab", ":"])
def test_a_noted_head_that_is_not_there_is_said_when_verified(office: Office, noted: str) -> None:
    office.file()
    assert any("noted entry" in problem for problem in _problems(office, noted))


def test_an_empty_chain_is_whole_when_nothing_happened(office: Office) -> None:
    assert office.services.audit.verify().problems == ()
    assert office.services.audit.verify().head == ""


def test_another_key_finds_every_entry_wrong_when_verified(office: Office, tmp_path: Any) -> None:
    office.file()
    stranger = Audit(office.services.database, load_master(tmp_path / "other"))
    assert len(stranger.verify().problems) >= 2


def test_entries_stand_one_after_another_when_written_at_once(office: Office) -> None:
    audit, start = office.services.audit, Barrier(4)
    audit.adopt()

    def write(number: int) -> None:
        start.wait()
        for step in range(5):
            audit.record(Entry("system", "test", detail={"number": number, "step": step}))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    assert audit.verify().length == 20
    assert _problems(office) == ()


def test_erasing_leaves_the_chain_whole_when_verified(office: Office) -> None:
    receipt = office.open().receipt
    office.answer(receipt, "withdraw")
    before = office.services.audit.verify().length
    office.deliver()
    office.age(receipt, days=400)
    office.services.upkeep.purge()
    assert office.get(receipt).erased_at is not None
    assert _problems(office) == ()
    assert office.services.audit.verify().length > before


def test_nothing_personal_is_in_the_chain_when_read(office: Office) -> None:
    receipt = office.investigate().receipt
    office.act(receipt, "note", note="山田さんは本人")
    office.act(receipt, "ask_more", text="どの住所ですか")
    case = office.get(receipt)
    with office.services.database.reading() as session:
        words = [str(value) for row in session.execute(sa.select(AuditRow.__table__)) for value in row]
    secret = [*case.fields.values(), "山田さん", "どの住所", receipt]
    assert [one for one in secret if any(one in word for word in words)] == []


def test_cases_from_before_the_chain_are_taken_up_once_when_adopted(
    office: Office, make_draft: Callable[..., Any], database: Database
) -> None:
    receipt = office.file().receipt
    with database.transaction() as session:  # as a case of the former schema looks after migrating
        session.execute(sa.update(CaseRow).values(status_hash=None, status_sealed=None, state="received"))
        session.execute(sa.update(ItemRow).values(state="received"))
    _tamper(office, sa.delete(AuditRow), sa.delete(AuditHeadRow))
    assert office.services.audit.adopt() == 1
    assert office.services.audit.adopt() == 0
    assert [(one.action, one.state) for one in office.services.audit.list_for_receipt(receipt)] == [
        ("submit", "received")
    ]
    assert _problems(office) == ()


def test_a_digest_names_a_sealed_text_without_telling_it() -> None:
    assert digest(b"sealed") == digest(b"sealed") != digest(b"other")
    assert digest(None) == digest(b"") == ""
