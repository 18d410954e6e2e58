"""Lists of wishes: numbers, letters, bullets, and names of rights side by side."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.dialogue.enumerations import list_items


def _is_right(part: str) -> bool:
    return any(word in part for word in ("開示", "訂正", "停止", "erasure", "disclosure"))


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("次の2点です。\n1. 開示\n2. 訂正", ["次の2点です。", "開示", "訂正"]),
        ("①開示②停止", ["開示", "停止"]),
        ("(a) disclosure (b) erasure", ["disclosure", "erasure"]),
        ("・開示\n・訂正\nお願いします", ["開示", "訂正\nお願いします"]),
        ("一つ、開示。二つ、停止。", ["開示。", "停止。"]),
        ("開示、訂正を求めます", ["開示", "訂正を求めます"]),
        ("disclosure and erasure", ["disclosure", "erasure"]),
        ("two things: disclosure, erasure", ["two things", "disclosure", "erasure"]),
    ],
)
def test_items_of_a_list_are_told_apart(text: str, items: list[str]) -> None:
    assert list_items(text, _is_right) == items


@pytest.mark.parametrize(
    "text",
    [
        "開示をお願いします",
        "番地は3-2ではなく3.5です",
        "訂正・追加・削除を請求します",  # one right
        "訂正、追加または削除の請求",
        "住所、電話、メールの開示をお願いします",
        "correction, addition or deletion",
        "",
    ],
)
def test_what_is_no_list_has_no_items(text: str) -> None:
    assert list_items(text, _is_right) == []


@given(st.text())
def test_no_item_is_made_up(text: str) -> None:
    assert all(item in text for item in list_items(text, lambda _: False))
