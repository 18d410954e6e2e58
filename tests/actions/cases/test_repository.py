"""Reading cases: by receipt, key or link; the inbox by urgency; nothing personal where nothing is opened."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from actions.cases.inbox import PAGE, TABS, Filter, InboxPage
from actions.cases.instants import now
from actions.cases.tables import CaseRow
from actions.errors import NotFoundError
from tests.actions.cases.conftest import Office


def _receipts(office: Office, **chosen: Any) -> list[str]:
    return [row.receipt for row in office.services.cases.list_inbox(Filter(**chosen), now()).rows]


@pytest.mark.parametrize("receipt", ["M-0000-0000", "", "' OR 1=1 --", "m-0000-0000", "山田", "M" * 500, "M-\0"])
def test_no_case_is_found_when_the_receipt_is_unknown(office: Office, receipt: str) -> None:
    office.file()
    with pytest.raises(NotFoundError):
        office.get(receipt)
    assert office.services.cases.find_status_token(receipt.replace("\0", "")) == ""


def test_no_case_is_found_when_the_filing_key_is_unknown(office: Office) -> None:
    assert office.services.cases.find_by_filing_key("none") is None


@pytest.mark.parametrize("token", ["", "x", "\0", "é", "\ud800", "a" * 5000])
def test_no_case_is_found_when_the_link_is_unknown(office: Office, token: str) -> None:
    office.file()
    assert office.services.cases.find_by_status(token) is None


def test_a_case_is_found_by_its_link_and_not_by_its_hash(office: Office) -> None:
    case = office.file()
    assert office.services.cases.find_by_status(office.token(case.receipt)) == case
    with office.services.database.reading() as session:
        stored = session.scalars(sa.select(CaseRow.status_hash)).one()
    assert stored
    assert office.services.cases.find_by_status(stored) is None


def test_the_newest_comes_first_when_all_are_listed(office: Office) -> None:
    assert office.services.cases.list_all() == []
    filed = [office.file().receipt for _ in range(3)]
    assert [case.receipt for case in office.services.cases.list_all()] == filed[::-1]


def test_tabs_hold_what_they_say_when_listed(office: Office) -> None:
    unconfirmed, received = office.file().receipt, office.open().receipt
    held, closed = office.investigate().receipt, office.open().receipt
    office.act(held, "ask_more", text="?")
    office.answer(closed, "withdraw")
    office.act(closed, "mark_read")
    office.deliver()
    assert _receipts(office, tab="unconfirmed") == [unconfirmed]
    assert _receipts(office, tab="waiting") == [held]
    assert _receipts(office, tab="closed") == [closed]
    assert set(_receipts(office, tab="all")) == {unconfirmed, received, held, closed}
    assert received in _receipts(office)
    assert held not in _receipts(office)
    office.answer(held, text="答え")
    assert held in _receipts(office)
    counts = office.services.cases.count_tabs()
    assert counts == {tab: len(_receipts(office, tab=tab)) for tab in TABS}
    assert counts["all"] == 4
    assert counts["closed"] == 1


def test_what_the_person_wrote_after_the_end_is_to_be_done(office: Office) -> None:
    receipt = office.open().receipt
    office.answer(receipt, "withdraw")
    office.act(receipt, "mark_read")
    assert _receipts(office) == []
    office.answer(receipt, text="やはりお願いします")
    assert _receipts(office) == [receipt]


def test_the_most_urgent_comes_first_when_listed(office: Office) -> None:
    later, sooner = office.open().receipt, office.open().receipt
    with office.services.database.transaction() as session:
        soon = sa.update(CaseRow).where(CaseRow.receipt == sooner)
        session.execute(soon.values(due_at=now() - timedelta(days=1)))
    assert _receipts(office) == [sooner, later]
    assert _receipts(office, overdue=True) == [sooner]


def test_filters_narrow_the_inbox_when_chosen(office: Office) -> None:
    one, other = office.open("disclosure", "correction").receipt, office.open("complaint").receipt
    office.act(other, "start")
    assert _receipts(office, kind="correction") == [one]
    assert _receipts(office, kind="complaint", state="investigating") == [other]
    assert _receipts(office, kind="disclosure", state="investigating") == []
    assert _receipts(office, assignee="hanako") == [other]
    assert _receipts(office, assignee="-") == [one]
    assert set(_receipts(office, channel="form")) == {one, other}
    assert _receipts(office, channel="chat") == []
    assert set(_receipts(office, tab="nonsense")) == {one, other}
    rows = list(office.services.cases.iterate_rows(Filter("all", kind="complaint"), now()))
    assert [row.receipt for row in rows] == [other]


def test_pages_hold_so_many_when_listed(office: Office) -> None:
    receipts = [office.file().receipt for _ in range(PAGE + 1)]
    first = office.services.cases.list_inbox(Filter("all"), now())
    second = office.services.cases.list_inbox(Filter("all", page=2), now())
    assert (len(first.rows), len(second.rows), first.total, first.pages) == (PAGE, 1, PAGE + 1, 2)
    assert [row.receipt for row in [*first.rows, *second.rows]] == receipts[::-1]
    assert InboxPage((), 0, 1).pages == 1


def test_the_inbox_opens_names_to_mask_them_and_nothing_else(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    from actions.cases.crypto import Sealer

    office.open()
    opened, kept = [], Sealer.open

    def take_down(self: Sealer, sealed: bytes, place: str) -> str:
        opened.append(place.rpartition(".")[0])
        return kept(self, sealed, place)

    monkeypatch.setattr(Sealer, "open", take_down)
    (row,) = office.services.cases.list_inbox(Filter("all"), now()).rows
    assert (row.kinds, row.name) == (("disclosure",), "山＊＊＊")
    assert opened == ["cases.data_key", "cases.name"]
    assert "山" not in repr(row)
    (row,) = office.services.cases.iterate_rows(Filter("all"), now())
    assert (row.kinds, row.states, row.outcomes, row.name) == (("disclosure",), ("received",), ("",), "")
    assert opened == ["cases.data_key", "cases.name"]  # an export opens nothing at all


def test_a_damaged_case_does_not_hide_the_others_in_the_inbox(office: Office) -> None:
    damaged, whole = office.open().receipt, office.open().receipt
    with office.services.database.transaction() as session:
        session.execute(sa.update(CaseRow).where(CaseRow.receipt == damaged).values(name_sealed=b"x" * 40))
    names = {row.receipt: row.name for row in office.services.cases.list_inbox(Filter("all"), now()).rows}
    assert names == {damaged: "", whole: "山＊＊＊"}


def test_a_persons_other_cases_are_found_by_mail_and_by_telephone(office: Office) -> None:
    same = {"details": "x", "name": "山田", "email": "HANAKO@example.com", "phone": ""}
    phone = {"details": "x", "name": "山田", "email": "other@example.com", "phone": "0300000000"}
    stranger = {"details": "x", "name": "別", "email": "betsu@example.com", "phone": "03-0000-0009"}
    own = office.open().receipt
    by_mail, by_phone = office.open(fields=same).receipt, office.open(fields=phone).receipt
    office.open(fields=stranger)
    assert [row.receipt for row in office.services.cases.list_related(own)] == [by_phone, by_mail]
    assert office.services.cases.list_related("M-0000-0000") == []
