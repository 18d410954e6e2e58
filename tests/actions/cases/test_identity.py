"""Codes and links that show an address to be the person's: for one use, for ten minutes, for five tries."""

from __future__ import annotations

import inspect
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
import sqlalchemy as sa

from actions.cases import identity
from actions.cases.instants import now
from actions.cases.tables import CodeRow
from actions.errors import ExpiredCodeError, ImpossibleActionError, NotFoundError, WrongCodeError
from tests.actions.cases.conftest import Office


def _wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


def _expire(office: Office, minutes: int) -> None:
    with office.services.database.transaction() as session:
        for row in session.scalars(sa.select(CodeRow)):
            row.expires_at -= timedelta(minutes=minutes)


@pytest.fixture
def receipt(office: Office) -> str:
    """A request whose receipt mail has left."""
    filed = office.file().receipt
    office.deliver()
    return filed


def test_the_code_confirms_the_address_and_the_link_is_a_new_one(office: Office, receipt: str) -> None:
    token = office.token(receipt)
    path = office.services.status.confirm_by_code(token, office.find_code(receipt))
    case = office.get(receipt)
    assert (case.state, case.identity_level) == ("received", 1)
    assert case.confirmed_at is not None
    assert path == f"/status/{office.token(receipt)}"
    assert office.token(receipt) != token
    assert office.services.status.find(token) is None  # whoever typed the address has no link any more
    assert office.deliver() == ["acknowledgement"]


def test_the_link_confirms_the_address_once(office: Office, receipt: str) -> None:
    link = office.find_link(receipt)
    for _ in range(3):  # mail scanners look
        assert office.services.status.knows_link(link)
        assert office.get(receipt).state == "mail_unverified"
    assert office.services.status.find_language(link) == "ja"
    assert office.services.status.confirm_by_link(link).startswith("/status/")
    assert office.get(receipt).state == "received"
    assert not office.services.status.knows_link(link)
    with pytest.raises(ExpiredCodeError):
        office.services.status.confirm_by_link(link)


def test_code_and_link_end_together(office: Office, receipt: str) -> None:
    code, link, token = office.find_code(receipt), office.find_link(receipt), office.token(receipt)
    office.services.status.confirm_by_link(link)
    with pytest.raises(NotFoundError):
        office.services.status.confirm_by_code(token, code)
    with pytest.raises(ImpossibleActionError):
        office.services.status.confirm_by_code(office.token(receipt), code)


def test_five_wrong_tries_end_a_code(office: Office, receipt: str) -> None:
    code, token = office.find_code(receipt), office.token(receipt)
    for _ in range(5):
        with pytest.raises(WrongCodeError):
            office.services.status.confirm_by_code(token, _wrong(code))
    with pytest.raises(ExpiredCodeError):
        office.services.status.confirm_by_code(token, code)  # the right one comes too late
    office.services.status.send_code(token)
    office.deliver()
    office.services.status.confirm_by_code(token, office.find_code(receipt))
    assert office.get(receipt).state == "received"


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "１２３４５６", "\0", "0" * 9000, "-1", "é"])
def test_nonsense_is_a_wrong_code(office: Office, receipt: str, code: str) -> None:
    with pytest.raises(WrongCodeError):
        office.services.status.confirm_by_code(office.token(receipt), code)
    assert office.get(receipt).state == "mail_unverified"


def test_a_code_dies_after_ten_minutes(office: Office, receipt: str) -> None:
    _expire(office, 11)
    with pytest.raises(ExpiredCodeError):
        office.services.status.confirm_by_code(office.token(receipt), office.find_code(receipt))
    assert not office.services.status.knows_link(office.find_link(receipt))
    with pytest.raises(ExpiredCodeError):
        office.services.status.confirm_by_link(office.find_link(receipt))


def test_the_ten_minutes_begin_when_the_mail_leaves(office: Office) -> None:
    receipt = office.file().receipt
    _expire(office, 60)  # the mail server was down for an hour
    office.deliver()
    office.services.status.confirm_by_code(office.token(receipt), office.find_code(receipt))
    assert office.get(receipt).state == "received"


def test_a_new_code_ends_the_one_before(office: Office, receipt: str) -> None:
    code, link = office.find_code(receipt), office.find_link(receipt)
    office.services.status.send_code(office.token(receipt))
    assert office.deliver() == ["code"]
    assert office.find_link(receipt) != link
    assert not office.services.status.knows_link(link)
    if office.find_code(receipt) != code:
        with pytest.raises(WrongCodeError):
            office.services.status.confirm_by_code(office.token(receipt), code)


def test_a_code_opens_only_its_own_case(office: Office, receipt: str) -> None:
    other = office.file().receipt
    office.deliver()
    if office.find_code(receipt) != office.find_code(other):
        with pytest.raises(WrongCodeError):
            office.services.status.confirm_by_code(office.token(other), office.find_code(receipt))


def test_no_code_is_sent_when_the_address_is_confirmed_or_the_link_unknown(office: Office) -> None:
    receipt = office.open().receipt
    with pytest.raises(ImpossibleActionError):
        office.services.status.send_code(office.token(receipt))
    with pytest.raises(NotFoundError):
        office.services.status.send_code("unknown")
    with pytest.raises(NotFoundError):
        office.services.status.confirm_by_code("unknown", "123456")


def test_one_of_two_confirms_when_both_do_at_once(office: Office, receipt: str) -> None:
    link, code, token, start = office.find_link(receipt), office.find_code(receipt), office.token(receipt), Barrier(2)

    def confirm(by_link: bool) -> bool:
        start.wait()
        try:
            if by_link:
                office.services.status.confirm_by_link(link)
            else:
                office.services.status.confirm_by_code(token, code)
        except (ExpiredCodeError, NotFoundError, ImpossibleActionError):
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(confirm, (True, False))) == [False, True]
    confirmed = [one for one in office.services.audit.list_for_receipt(receipt) if one.action == "confirm_mail"]
    assert len(confirmed) == 1


def test_an_address_is_not_flooded_whoever_files_for_it(make_office: Any) -> None:
    office: Office = make_office(confirmations_per_hour=5)
    receipts = [office.file().receipt for _ in range(6)]
    other = {"details": "x", "name": "別人", "email": "betsu@example.com", "phone": ""}
    stranger = office.file(fields=other).receipt
    written = [bool(office.list_mails(receipt)) for receipt in [*receipts, stranger]]
    assert written == [True] * 5 + [False, True]
    assert office.get(receipts[-1]).state == "mail_unverified"  # taken all the same
    for receipt in receipts[:5]:
        office.age(receipt, hours=1)
    office.services.status.send_code(office.token(receipts[-1]))
    assert office.list_mails(receipts[-1])


def test_only_hmacs_are_kept(office: Office, receipt: str) -> None:
    with office.services.database.reading() as session:
        row = session.scalars(sa.select(CodeRow)).one()
    stored = f"{row.code_hash} {row.link_hash}"
    assert office.find_code(receipt) not in stored
    assert office.find_link(receipt) not in stored
    assert len(row.code_hash) == len(row.link_hash) == 64


def test_codes_are_drawn_from_the_systems_randomness() -> None:
    # A predictable code was CVE-2023-48224: `random` must not come near.
    source = inspect.getsource(identity)
    assert "import secrets" in source
    assert "import random" not in source
    assert "compare_digest" in source


def test_codes_differ_when_made_again_and_again(office: Office) -> None:
    made: list[Any] = []
    row_of = office.file().receipt
    with office.services.database.transaction() as session:
        from actions.cases.tables import CaseRow

        case = session.scalars(sa.select(CaseRow).where(CaseRow.receipt == row_of)).one()
        room = identity.Identity(office.services.sealer, 10, 5)
        made = [room.make(session, case, now()) for _ in range(50)]
    assert all(len(one.code) == 6 and one.code.isdecimal() for one in made)
    assert len({one.link for one in made}) == 50
    assert len({one.code for one in made}) > 40
