"""What an edition changed, word by word."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from knowledge.comparison import Part, compare_texts, compare_words
from knowledge.policy import PolicyText, Unit


def _text(version: str, **clauses: tuple[str, str]) -> PolicyText:
    """A policy of clauses: id → number path and text, the same in both languages."""
    units = tuple(Unit(clause_id, "s", "見出し", item, text) for clause_id, (item, text) in clauses.items())
    return PolicyText(version, {"ja": units, "en": tuple(replace(unit, section="Heading") for unit in units)})


def test_each_kind_of_change_is_told_when_texts_are_compared() -> None:
    old = _text(
        "1-a", same=("1", "そのまま"), gone=("2", "なくなる"), moved=("3", "うごく"), changed=("4", "同意を得ます")
    )
    new = _text(
        "2-b", same=("1", "そのまま"), moved=("2", "うごく"), changed=("4", "書面で同意を得ます"), new=("5", "ふえる")
    )
    found = compare_texts(old, new)
    assert [(one.clause_id, one.kind, one.before, one.after) for one in found] == [
        ("moved", "moved", "3", "2"),
        ("changed", "changed", "4", "4"),
        ("new", "added", "", "5"),
        ("gone", "removed", "2", ""),
    ]
    assert found[1].parts["ja"] == (Part("added", "書面で"), Part("kept", "同意を得ます"))
    assert found[3].parts["ja"] == (Part("removed", "なくなる"),)
    assert found[0].section_en == "Heading"
    assert compare_texts(old, old) == ()


@given(old=st.text(max_size=60), new=st.text(max_size=60))
def test_both_texts_can_be_read_from_the_parts_when_compared(old: str, new: str) -> None:
    parts = list(compare_words(old, new))
    assert "".join(part.text for part in parts if part.kind != "removed") == new
    assert "".join(part.text for part in parts if part.kind != "added") == old
    assert all(part.text for part in parts)
