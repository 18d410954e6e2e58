"""Rights by role: each role has what it is for and nothing else; an unknown one has nothing."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from actions.cases import permissions
from actions.cases.permissions import Right, has_right, list_parties, list_roles
from actions.cases.workflow import PARTIES

FILE = Path(permissions.__file__).with_name("permissions.toml")


def test_the_file_names_only_rights_and_parties_that_exist() -> None:
    rows = tomllib.loads(FILE.read_text("utf-8"))
    assert {right for row in rows.values() for right in row["rights"]} <= {right.value for right in Right}
    assert {party for row in rows.values() for party in row["parties"]} <= set(PARTIES) - {"customer", "system"}
    assert set(rows) == set(list_roles()) == {"staff", "officer", "approver", "administrator"}


def test_every_right_belongs_to_somebody() -> None:
    assert [right for right in Right if not any(has_right(role, right) for role in list_roles())] == []
    assert [right.value for right in Right] == sorted(right.value for right in Right)


def test_personal_data_is_for_those_who_decide() -> None:
    assert {role for role in list_roles() if has_right(role, Right.READ_CASES)} == {"officer", "approver"}
    assert {role for role in list_roles() if "officer" in list_parties(role)} == {"officer"}
    assert {role for role in list_roles() if "reviewer" in list_parties(role)} == {"officer", "approver"}


@pytest.mark.parametrize("role", ["", "nobody", "OFFICER", "officer "])
def test_an_unknown_role_has_nothing(role: str) -> None:
    assert not any(has_right(role, right) for right in Right)
    assert list_parties(role) == frozenset()
