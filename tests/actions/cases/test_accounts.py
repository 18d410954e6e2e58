"""Accounts and sessions: nothing in clear, nothing told to a guesser, nothing that outlives its time."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher, extract_parameters
from argon2.low_level import Type

from actions.cases import accounts as accounts_module
from actions.cases.accounts import LONGEST_NAME, RESERVED, Accounts
from actions.cases.database import Database
from actions.cases.instants import now
from actions.cases.permissions import list_roles
from actions.cases.tables import AccountRow, SessionRow
from actions.errors import SignInError

REAL_DECOY = accounts_module.DECOY  # before the suite's fixture makes it cheap


@pytest.fixture
def accounts(database: Database) -> Accounts:
    return Accounts(database)


def _expire(database: Database) -> None:
    with database.transaction() as session:
        session.execute(sa.update(SessionRow).values(expires_at=now() - timedelta(seconds=1)))


@pytest.mark.parametrize("role", list_roles())
def test_the_account_is_found_by_its_token_when_signed_in(accounts: Accounts, role: str) -> None:
    password = accounts.create("somebody", role)
    found = accounts.find_by_token(accounts.sign_in("somebody", password, hours=1))
    assert found is not None
    assert (found.name, found.role) == ("somebody", role)


def test_a_role_is_refused_when_unknown(accounts: Accounts) -> None:
    with pytest.raises(ValueError, match="role must be one of"):
        accounts.create("somebody", "root")
    assert accounts.count() == 0


def test_accounts_are_counted_when_created(accounts: Accounts) -> None:
    assert accounts.count() == 0
    accounts.create("one", "officer")
    accounts.create("two", "staff")
    accounts.create("one", "officer")
    assert accounts.count() == 2


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("officer", "wrong"),
        ("officer", ""),
        ("nobody", "right"),
        ("", ""),
        ("OFFICER", "right"),
        ("officer ", "right"),
        ("' OR 1=1 --", "right"),
        ("x" * 5000, "right"),
        ("山田", "パスワード"),
        ("officer\0", "right"),  # PostgreSQL cannot even look for it
        ("officer", "right\0"),
    ],
)
def test_nobody_comes_in_when_name_or_password_is_wrong(accounts: Accounts, name: str, password: str) -> None:
    right = accounts.create("officer", "officer")
    with pytest.raises(SignInError) as caught:
        accounts.sign_in(name, password.replace("right", right), hours=1)
    assert type(caught.value) is SignInError  # the same error whichever of them was wrong


def test_an_unknown_name_costs_a_verification_when_signing_in(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Else the time of the answer would tell which names exist.
    accounts.create("officer", "officer")
    verified, real = [], PasswordHasher.verify

    def verify(self: PasswordHasher, known: str, password: str) -> bool:
        verified.append(known)
        return bool(real(self, known, password))

    monkeypatch.setattr(PasswordHasher, "verify", verify)
    for name in ("officer", "nobody"):
        with pytest.raises(SignInError):
            accounts.sign_in(name, "wrong", hours=1)
    assert len(verified) == 2
    assert verified[1] == accounts_module.DECOY


def test_each_token_is_new_when_signing_in_twice(accounts: Accounts) -> None:
    password = accounts.create("officer", "officer")
    first, second = (accounts.sign_in("officer", password, hours=1) for _ in range(2))
    assert first != second
    assert len(first) >= 43  # 32 bytes
    assert accounts.find_by_token(first) is not None


@pytest.mark.parametrize("token", ["", "x", "0" * 64, "山田", "' OR 1=1 --", "\0"])
def test_nobody_is_found_when_the_token_is_unknown(accounts: Accounts, token: str) -> None:
    accounts.create("officer", "officer")
    assert accounts.find_by_token(token) is None


def test_the_stored_hash_opens_nothing_when_used_as_a_token(accounts: Accounts, database: Database) -> None:
    token = accounts.sign_in("officer", accounts.create("officer", "officer"), hours=1)
    with database.reading() as session:
        stored = session.scalars(sa.select(SessionRow.token_hash)).one()
    assert token not in stored
    assert accounts.find_by_token(stored) is None


def test_a_session_ends_when_its_time_is_over(accounts: Accounts, database: Database) -> None:
    password = accounts.create("officer", "officer")
    token = accounts.sign_in("officer", password, hours=1)
    _expire(database)
    assert accounts.find_by_token(token) is None
    accounts.sign_in("officer", password, hours=1)  # clears away what is over
    with database.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(SessionRow)) == 1


def test_a_session_lasts_the_hours_asked_for_when_opened(accounts: Accounts, database: Database) -> None:
    accounts.sign_in("officer", accounts.create("officer", "officer"), hours=12)
    with database.reading() as session:
        left = session.scalars(sa.select(SessionRow.expires_at)).one() - now()
    assert timedelta(hours=11, minutes=59) < left <= timedelta(hours=12)


def test_only_one_session_ends_when_signing_out(accounts: Accounts) -> None:
    password = accounts.create("officer", "officer")
    first, second = (accounts.sign_in("officer", password, hours=1) for _ in range(2))
    accounts.sign_out(first)
    accounts.sign_out("unknown")
    assert accounts.find_by_token(first) is None
    assert accounts.find_by_token(second) is not None


def test_sessions_and_password_end_when_a_new_password_is_made(accounts: Accounts) -> None:
    old = accounts.create("officer", "officer")
    token = accounts.sign_in("officer", old, hours=1)
    new = accounts.create("officer", "staff")
    assert new != old
    assert accounts.find_by_token(token) is None
    with pytest.raises(SignInError):
        accounts.sign_in("officer", old, hours=1)
    found = accounts.find_by_token(accounts.sign_in("officer", new, hours=1))
    assert found is not None
    assert found.role == "staff"


def test_no_password_is_in_clear_when_stored(accounts: Accounts, database: Database) -> None:
    password = accounts.create("officer", "officer")
    with database.reading() as session:
        row = session.get_one(AccountRow, "officer")
    assert password not in row.password_hash
    assert row.password_hash.startswith("$argon2id$")


def test_hashing_is_slow_on_purpose_when_not_in_tests() -> None:
    # The library's defaults are RFC 9106's; the suite's fixture makes them cheap.
    real = extract_parameters(PasswordHasher().hash("x"))
    assert real.type is Type.ID
    assert (real.time_cost, real.memory_cost) >= (3, 64 * 1024)
    assert extract_parameters(REAL_DECOY) == real  # an unknown name takes as long as a wrong password


@pytest.mark.parametrize("name", [*RESERVED, "", "a\0b", "x" * (LONGEST_NAME + 1)])
def test_a_name_is_refused_when_it_could_pass_for_somebody_else(database: Database, name: str) -> None:
    with pytest.raises(ValueError, match="a name has"):
        Accounts(database).create(name, "officer")
    assert Accounts(database).count() == 0


def test_a_removed_account_is_out_at_once(database: Database) -> None:
    accounts = Accounts(database)
    token = accounts.sign_in("hanako", accounts.create("hanako", "officer"), hours=1)
    assert accounts.remove("hanako")
    assert accounts.find_by_token(token) is None
    assert accounts.list_roles() == {}
    assert not accounts.remove("hanako")
    assert not accounts.remove("a\0b")
