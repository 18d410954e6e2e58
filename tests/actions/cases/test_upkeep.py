"""What happens without anybody's hand: reminders, lapses, deliveries, and what is erased when."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from actions.cases.instants import now
from actions.cases.tables import AuditRow, CaseRow, CheckRow, CodeRow, ItemRow, MailRow, MessageRow
from actions.errors import ConditionError, NotFoundError, SealError
from tests.actions.cases.conftest import Office

NOTHING = {"reminded": 0, "lapsed": 0, "trimmed": 0, "erased": 0, "deleted": 0, "mails": 0}


def _purge(office: Office, *, dry: bool = False) -> dict[str, int]:
    done = office.services.upkeep.purge(dry=dry)
    return {name: getattr(done, name) for name in NOTHING}


def _close(office: Office, *kinds: str) -> str:
    receipt = office.investigate(*kinds).receipt
    office.act(receipt, "ask_more", text="質問")
    office.answer(receipt, text="答え")
    office.act(receipt, "grant")
    office.act(receipt, "fulfil", text="済み")
    office.deliver()
    return receipt


def _has_files(office: Office) -> bool:
    return office.services.settings.mails.exists() and any(office.services.settings.mails.iterdir())


def test_who_has_not_confirmed_is_reminded_once_with_a_new_code(office: Office) -> None:
    receipt = office.file().receipt
    office.deliver()
    link = office.find_link(receipt)
    assert office.services.upkeep.remind() == 0
    office.age(receipt, hours=25)
    assert office.services.upkeep.remind(dry=True) == 1
    assert office.services.upkeep.remind() == 1
    assert office.services.upkeep.remind() == 0
    assert office.deliver() == ["reminder"]
    assert office.find_link(receipt) != link
    office.services.status.confirm_by_code(office.token(receipt), office.find_code(receipt))


def test_what_is_never_confirmed_lapses_and_is_then_erased(office: Office) -> None:
    receipt = office.file().receipt
    office.deliver()
    office.age(receipt, days=6, hours=23)
    assert office.services.upkeep.lapse() == 0
    office.age(receipt, hours=2)
    assert office.services.upkeep.lapse() == 1
    case = office.get(receipt)
    assert (case.state, case.items[0].outcome) == ("closed", "unverified")
    assert office.deliver() == []  # the address was never shown to be the person's
    office.age(receipt, days=8)
    assert _purge(office)["erased"] == 1
    assert office.get(receipt).fields["email"] == ""


def test_a_sent_notice_closes_its_item_and_an_unsent_one_calls_the_officer(office: Office) -> None:
    receipt = office.investigate("disclosure", "correction").receipt
    for kind in ("disclosure", "correction"):
        office.act(receipt, "grant", kind)
        office.act(receipt, "fulfil", kind, text="済み")
    mails = {mail.kind: mail for mail in office.services.outbox.lease(10, now())}
    office.services.upkeep.on_sent(mails["correction"])
    office.services.upkeep.on_sent(mails["correction"])  # told twice, closed once
    office.services.upkeep.on_dead(mails["disclosure"])
    case = office.get(receipt)
    assert [item.state for item in case.items] == ["notifying", "closed"]
    assert case.waiting
    failed = [one for one in office.services.audit.list_for_receipt(receipt) if one.action == "mail_failed"]
    assert [one.detail for one in failed] == [{"letter": "decision"}]


def test_a_request_is_acknowledged_by_the_first_letter_after_its_confirmation(office: Office) -> None:
    receipt = office.file().receipt
    office.deliver()
    assert office.get(receipt).acknowledged_at is None  # it only asked to confirm the address
    office.services.status.confirm_by_link(office.find_link(receipt))
    assert office.get(receipt).acknowledged_at is None
    office.deliver()
    assert office.get(receipt).acknowledged_at is not None


def test_nobody_is_reminded_of_what_lapses_or_was_withdrawn(office: Office) -> None:
    lapsing, withdrawn = office.file().receipt, office.file().receipt
    office.answer(withdrawn, "withdraw")
    office.age(lapsing, days=8)
    done = office.services.upkeep.purge()
    assert (done.lapsed, done.reminded) == (1, 0)
    assert {mail.state for one in (lapsing, withdrawn) for mail in office.list_mails(one)} == {"void"}


def test_one_damaged_case_keeps_no_other_from_its_end(office: Office) -> None:
    damaged, sound = _close(office), _close(office)
    for receipt in (damaged, sound):
        office.age(receipt, days=400)
    with office.services.database.transaction() as session:
        session.execute(sa.update(CaseRow).where(CaseRow.receipt == damaged).values(data_key_sealed=b"damaged"))
    assert office.services.upkeep.purge().erased == 1
    assert office.get(sound).erased_at is not None
    with pytest.raises(SealError):
        office.get(damaged)


def test_what_was_written_after_the_end_is_kept_as_long_as_anything_else(office: Office) -> None:
    receipt = _close(office)
    office.age(receipt, days=200)
    assert office.services.upkeep.purge().trimmed == 1
    office.answer(receipt, text="やはり教えてください")
    assert office.services.upkeep.purge().trimmed == 0
    assert [word.body for word in office.get(receipt).words] == ["やはり教えてください"]
    office.act(receipt, "reopen", text="もう一度調べます")
    office.act(receipt, "write", text="お待ちください")  # a reopened case can be written to again


def test_erasing_leaves_no_copy_in_log_or_files(office: Office) -> None:
    from actions.cases.mailer import find_file

    receipt = office.file().receipt
    folder = office.services.settings.mails
    folder.mkdir(parents=True)
    files = [find_file(folder, mail.message_id) for mail in office.list_mails(receipt)]
    for path in files:
        path.write_bytes(b"x")
    with office.services.database.reading() as session:
        row = session.scalars(sa.select(CaseRow)).one()
        sealed = [row.data_key_sealed, row.name_sealed]
    office.answer(receipt, "withdraw")
    office.age(receipt, days=8)
    assert office.services.upkeep.purge().erased == 1
    assert files
    assert not [path for path in files if path.exists()]
    if office.services.database.engine.dialect.name == "sqlite":
        name = office.services.database.engine.url.database or ""
        stored = [path.read_bytes() for path in Path(name).parent.glob(f"{Path(name).name}*")]
        assert not [one for one in sealed if one and any(one in block for block in stored)]


def test_a_letter_for_a_case_that_is_gone_is_settled_quietly(office: Office) -> None:
    receipt = office.file().receipt
    mails = office.services.outbox.lease(10, now())
    office.answer(receipt, "withdraw")
    office.age(receipt, days=400)
    _purge(office)
    for mail in mails:
        office.services.upkeep.on_sent(mail)
        office.services.upkeep.on_dead(mail)
    assert office.get(receipt).erased_at is not None


def test_artefacts_end_each_in_its_time(office: Office) -> None:
    receipt = _close(office)
    assert _purge(office) == NOTHING
    office.age(receipt, days=31)
    assert _purge(office)["mails"] >= 5
    case = office.get(receipt)
    assert case.fields["details"]
    assert case.words
    office.age(receipt, days=150)
    assert _purge(office, dry=True) == {**NOTHING, "trimmed": 1}
    assert office.get(receipt).words  # counted, not done
    assert _purge(office) == {**NOTHING, "trimmed": 1}
    case = office.get(receipt)
    assert (case.words, case.fields["details"], case.items[0].decision) == ((), "", {})
    assert case.fields["name"] == "山田花子"
    assert case.items[0].outcome == "granted"
    office.age(receipt, days=185)
    assert _purge(office) == {**NOTHING, "erased": 1}
    case = office.get(receipt)
    assert set(case.fields.values()) == {""}
    assert (case.checks, case.items[0].outcome, case.state) == ((), "granted", "closed")
    office.age(receipt, days=1500)
    assert _purge(office) == {**NOTHING, "deleted": 1}
    with pytest.raises(NotFoundError):
        office.get(receipt)
    assert _purge(office) == NOTHING
    assert office.services.audit.verify().problems == ()


def test_nothing_of_an_erased_case_opens_again(office: Office) -> None:
    receipt = _close(office)
    with office.services.database.reading() as session:
        kept = session.scalars(sa.select(CaseRow)).one()
        sealed = {"data_key_sealed": kept.data_key_sealed, "name_sealed": kept.name_sealed}
    office.age(receipt, days=400)
    _purge(office)
    with office.services.database.reading() as session:
        row = session.scalars(sa.select(CaseRow)).one()
        sealed_columns = [column.key for column in sa.inspect(CaseRow).columns if column.key.endswith("_sealed")]
        assert [name for name in sealed_columns if getattr(row, name)] == []
        assert (row.email_index, row.phone_index, row.status_hash) == ("", "", None)
        for table in (MessageRow, CodeRow, CheckRow):
            assert session.scalar(sa.select(sa.func.count()).select_from(table)) == 0
        mails = session.scalars(sa.select(MailRow)).all()
        assert {mail.state for mail in mails} <= {"sent", "void"}
        assert not [mail for mail in mails if mail.content_sealed or mail.recipient_sealed]
        items = session.scalars(sa.select(ItemRow)).all()
        assert [item.decision_sealed for item in items] == [None]
    # Even a copy of a column from a backup stays shut without the case's key.
    with office.services.database.transaction() as session:
        session.execute(sa.update(CaseRow).values(name_sealed=sealed["name_sealed"]))
    assert office.get(receipt).fields["name"] == ""
    from actions.cases.crypto import make_data_key, open_data_key

    with pytest.raises(SealError):
        open_data_key(make_data_key()).open(sealed["name_sealed"] or b"", f"cases.name.{kept.id}")


def test_a_legal_hold_keeps_everything(office: Office) -> None:
    receipt = _close(office)
    office.act(receipt, "hold", note="訴訟のおそれ")
    before = office.get(receipt).fields
    office.age(receipt, days=3000)
    assert _purge(office) == NOTHING  # not even the mails
    assert office.get(receipt).fields == before
    office.act(receipt, "release", note="解決")
    assert _purge(office)["erased"] == 1


def test_an_open_case_is_never_erased(office: Office) -> None:
    receipt = office.investigate().receipt
    office.age(receipt, days=3000)
    assert {name for name, count in _purge(office).items() if count} <= {"mails"}
    assert office.get(receipt).fields["name"] == "山田花子"


def test_an_erased_case_can_only_be_read(office: Office) -> None:
    receipt = _close(office)
    office.age(receipt, days=400)
    _purge(office)
    for action, form in (("reopen", {"text": "x"}), ("write", {"text": "x"}), ("hold", {"note": "x"})):
        with pytest.raises(ConditionError):
            office.act(receipt, action, **form)
    with pytest.raises(NotFoundError):
        office.services.status.send_code(office.token(receipt))


def test_the_chain_tells_of_every_erasure(office: Office) -> None:
    receipt = _close(office)
    office.age(receipt, days=400)
    _purge(office)
    with office.services.database.reading() as session:
        told = session.scalars(sa.select(AuditRow.action).where(AuditRow.actor == "system")).all()
    assert set(told) >= {"delivered", "trim", "erase"}


def test_old_mail_files_go_and_new_ones_stay(office: Office) -> None:
    import os

    folder = office.services.settings.mails
    folder.mkdir(parents=True)
    old, new = folder / "old.eml", folder / "new.eml"
    for path in (old, new):
        path.write_bytes(b"x")
    long_ago = (now() - timedelta(days=31)).timestamp()
    os.utime(old, (long_ago, long_ago))
    _purge(office, dry=True)
    assert old.exists()
    _purge(office)
    assert (old.exists(), new.exists()) == (False, True)


def test_a_retention_out_of_order_is_refused(make_office: Any) -> None:
    with pytest.raises(ValueError, match="must not shrink"):
        make_office(thread_days=400, contact_days=365)
