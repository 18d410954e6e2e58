"""What must not be said: by clause and purpose, in both languages, and flagged when its clause has changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.bundle import Bundle
from knowledge.cautions import FILE, list_cautions, load_cautions
from knowledge.errors import PolicyFormatError
from knowledge.policy import LANGUAGES, Policy, load_former, load_policy
from knowledge.replies import Purpose
from tests.editions import REWORDED, add_edition, copy_policy


@pytest.fixture
def plain(policy: Policy) -> Bundle:
    """The policy without an index, which cautions do not need."""
    return Bundle(policy, {}, "")


def _list(shop: Path, bundle: Bundle, *clauses: str, purpose: str = "answered", language: str = "ja") -> list[str]:
    return [one.text for one in list_cautions(load_cautions(shop), bundle, clauses, purpose, language)]


def test_every_caution_names_clauses_and_purposes_that_there_are(shop: Path, policy: Policy) -> None:
    for row in load_cautions(shop):
        assert {*row.clauses} <= {*policy.clause_ids}
        assert {*row.purposes} <= {one.value for one in Purpose}
        assert row.reviewed == policy.version
        assert {*row.text} == {*LANGUAGES}
        assert all(row.text.values())


def test_every_clause_of_consequence_has_a_caution_of_its_own(shop: Path, plain: Bundle, policy: Policy) -> None:
    general = len(_list(shop, plain))
    assert general >= 3
    bare = [one for one in policy.clause_ids if len(_list(shop, plain, one)) == general]
    assert bare == ["contact"]  # an address has nothing to promise


@pytest.mark.parametrize(
    ("clause", "purpose", "said"),
    [
        ("third_party.2", "answered", "Name no recipient that the policy does not name."),
        ("rights.4", "right", "Promise no erasure"),
        ("rights.1.2", "answered", "Name no fee by guessing."),
        ("", "not_covered", "All that can be said is that the policy does not say."),
        ("", "not_covered", "Give no legal view"),
    ],
)
def test_a_caution_is_given_for_its_clause_and_its_items(
    shop: Path, plain: Bundle, clause: str, purpose: str, said: str
) -> None:
    clauses = [clause] if clause else []
    found = _list(shop, plain, *clauses, purpose=purpose, language="en")
    assert any(said in one for one in found)


def test_the_particular_comes_first_and_others_clauses_are_left_out(shop: Path, plain: Bundle) -> None:
    found = _list(shop, plain, "rights.1", purpose="right")
    assert found[-3:] == _list(shop, plain)
    assert not any("代わりの措置" in one for one in found)  # of rights.4
    assert _list(shop, plain, "rights.10", purpose="answered") == _list(shop, plain)  # no item of rights.1


def test_a_caution_is_flagged_when_its_clause_has_changed(shop: Path, tmp_path: Path) -> None:
    newer = copy_policy(shop, tmp_path)
    add_edition(newer, REWORDED)
    bundle = Bundle(load_policy(newer), {}, "", former=load_former(newer))
    rows = load_cautions(shop)
    (first, *rest) = list_cautions(rows, bundle, ["third_party"], "answered", "ja")
    assert first.is_old
    assert not any(one.is_old for one in rest)
    assert not any(one.is_old for one in list_cautions(rows, bundle, ["rights.1"], "right", "ja"))


def test_a_shop_without_cautions_has_none(tmp_path: Path) -> None:
    assert load_cautions(tmp_path) == ()


@pytest.mark.parametrize(
    "text",
    [
        'reviewed = "1"\n[[cautions]]\nja = "x"\n',
        '[[cautions]]\nja = "x"\nen = "y"\n',
        'reviewed = "1"\n[[cautions]]\nja = "x"\nen = "y"\nclause = ["use"]\n',
        'reviewed = "1"\ncautions = [1]\n',
        "[[cautions",
    ],
)
def test_cautions_are_refused_when_malformed(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).parent.mkdir()
    (tmp_path / FILE).write_text(text, "utf-8")
    with pytest.raises(PolicyFormatError, match="cautions"):
        load_cautions(tmp_path)
