"""Rights by role as data: whole, without surprises, and nothing for whom nobody named."""

from __future__ import annotations

import pytest

from actions.cases.permissions import Right, _load, has_right, list_parties, list_roles
from actions.cases.workflow import PARTIES


def test_the_data_name_only_what_exists_when_read() -> None:
    for role in list_roles():
        row = _load()[role]
        assert set(row) == {"rights", "parties"}, role
        assert set(row["rights"]) <= {right.value for right in Right}, role
        assert set(row["parties"]) <= set(PARTIES) - {"customer", "system"}, role  # nobody signs in as those
        assert len(row["rights"]) == len(set(row["rights"])), role


def test_every_right_is_somebodys_when_read() -> None:
    for right in Right:
        assert any(has_right(role, right) for role in list_roles()), right


@pytest.mark.parametrize("role", ["", "visitor", "OFFICER", "officer "])
def test_an_unknown_role_has_nothing_when_asked_for(role: str) -> None:
    assert not any(has_right(role, right) for right in Right)
    assert list_parties(role) == frozenset()


@pytest.mark.parametrize("role", list_roles())
def test_who_acts_as_somebody_has_the_right_that_goes_with_it(role: str) -> None:
    # The doors go by rights and the casework by parties: one without the other would open half a door.
    assert ("officer" in list_parties(role)) == has_right(role, Right.WORK_CASES)
    assert ("reviewer" in list_parties(role)) == has_right(role, Right.REVIEW_CASES)


def test_who_decides_or_takes_away_can_read_when_asked_for() -> None:
    for role in list_roles():
        for right in (Right.WORK_CASES, Right.REVIEW_CASES, Right.ENTER_CASES, Right.EXPORT_CASES):
            assert has_right(role, Right.READ_CASES) or not has_right(role, right), role


def test_staff_and_administrators_read_no_case_when_asked_for() -> None:
    assert [role for role in list_roles() if not has_right(role, Right.READ_CASES)] == ["staff", "administrator"]
