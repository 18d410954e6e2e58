"""What may be a name: endings, companies and titles go, names that look like them stay."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.dialogue.candidates import NAME_MAX, is_full, is_plainly_name, may_be_name, only_interjects, tidy


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("佐々木トメ子ですだ", "佐々木トメ子"),
        ("株式会社まるかどの西尾亮介", "西尾亮介"),
        ("なぎさ商事 営業部の小野田翔です", "小野田翔"),
        ("Dr Zoe Martinez PhD", "Zoe Martinez"),
        ("小田まりこ様でお願いします", "小田まりこ"),
        ("株式会社まるかど", None),
        ("Sample Ltd", None),
        ("総務部", None),
    ],
)
def test_what_stands_around_a_name_is_cut_off(text: str, name: str | None) -> None:
    assert tidy(text) == name


@pytest.mark.parametrize(("text", "possible"), [("山田花子", True), ("Cancel my membership", False), ("はい", False)])
def test_a_sentence_or_an_answer_may_be_no_name(text: str, possible: bool) -> None:
    assert may_be_name(text) is possible


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("山田花子", True),
        ("登録住所", False),
        ("控えが対象", False),
        ("関が原太郎", True),
        ("Hanako Yamada", True),
        ("hanako", False),
    ],
)
def test_only_what_nobody_would_take_for_a_thing_is_plainly_a_name(text: str, plain: bool) -> None:
    assert is_plainly_name(text) is plain


def test_words_that_only_lead_to_a_name_are_known() -> None:
    assert only_interjects("ええっと")
    assert not only_interjects("山田")
    assert is_full("山田花子")


@given(st.text())
def test_a_candidate_is_never_too_long(text: str) -> None:
    name = tidy(text)
    assert name is None or 0 < len(name) <= NAME_MAX
