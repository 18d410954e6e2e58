"""Which rights a message wants, in the order said, and how it changes those of a running request."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.cases.kinds import list_kinds
from actions.dialogue.wishes import (
    Change,
    complains,
    hear_change,
    hear_wishes,
    is_about_data,
    list_rights,
    mend,
    order_kinds,
)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("登録情報を全部見せてもらって、そのあと消してください", ("disclosure", "suspension")),
        ("disclose my data and then erase it", ("disclosure", "suspension")),
        ("First correct my surname, then close my account please", ("correction", "suspension")),
        ("保有個人データの開示、および第三者提供の停止を請求いたします", ("disclosure", "third_party_stop")),
        ("他社への提供をやめて、持っている私のデータは全部消去してください", ("third_party_stop", "suspension")),
        ("勝手に送ってきて腹が立つ。メルマガ止めて", ("suspension",)),
        ("住所の利用目的を通知してください", ("purpose_notice",)),
        ("Please stop sharing my details with other companies", ("third_party_stop",)),
        ("退会したい", ("suspension",)),
        ("たいかいしたいです", ("suspension",)),
        # deleted because it is wrong: a correction
        ("間違った住所を削除してください", ("correction",)),
        ("please delete the wrong phone number from my account", ("correction",)),
        # asked before, not now
        ("削除を頼んだのにまだ残っています", ()),
        ("I asked you to delete my data last month", ()),
        # about goods
        ("新作のコートを見せて", ()),
        ("please delete this stain", ()),
        ("個人情報は何年保存しますか", ()),
    ],
)
def test_rights_are_listed_in_the_order_said(text: str, kinds: tuple[str, ...]) -> None:
    assert list_rights(text) == kinds


@pytest.mark.parametrize(
    ("text", "kinds", "after", "added"),
    [
        ("開示ではなく削除で", ("disclosure",), ("suspension",), False),
        ("やっぱり訂正にします", ("disclosure",), ("correction",), False),
        ("あと削除もお願いします", ("disclosure",), ("disclosure", "suspension"), True),
        ("and also delete it", ("disclosure",), ("disclosure", "suspension"), True),
        ("Not disclosure, please delete it", ("disclosure",), ("suspension",), False),
        ("I want to see my data instead of deleting it", ("suspension",), ("disclosure",), False),
        ("Drop the complaint and just delete my account", ("complaint",), ("suspension",), False),
        ("削除はやめます", ("disclosure", "suspension"), ("disclosure",), False),
        ("退会はやめます", ("suspension",), (), False),
    ],
)
def test_kinds_change_when_a_message_says_so(
    text: str, kinds: tuple[str, ...], after: tuple[str, ...], added: bool
) -> None:
    assert hear_change(text, kinds) == Change(after, added)


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("勝手に送ってきて腹が立つ", ("suspension",)),  # anger is no complaint
        ("開示してください", ("disclosure",)),  # the same
        ("山田じゃなくて山口です", ("disclosure",)),
        ("はい", ("disclosure",)),
        ("ok", ("disclosure",)),
    ],
)
def test_kinds_stay_when_a_message_wants_no_other(text: str, kinds: tuple[str, ...]) -> None:
    assert hear_change(text, kinds) is None


def test_in_a_story_only_plain_words_change_the_kinds() -> None:
    text = "古い電話番号と、まだ残っている住所があるので、そちらも実際には消してほしいという気持ちもあります"
    assert hear_change(text, ("disclosure",), plainly=True) is None
    assert hear_change("開示ではなく削除してください", ("disclosure",), plainly=True) == Change(("suspension",), False)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("苦情として申し立てます", True),
        ("I want to make a complaint", True),
        ("苦情はどこに言えばいいですか", False),
        ("ふざけるな", False),
        ("this is outrageous", False),
    ],
)
def test_a_complaint_is_one_when_it_says_so(text: str, said: bool) -> None:
    assert complains(text) is said


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        ("pls delte my acount", "pls delete my account"),
        ("unsubscibe", "unsubscribe"),
        ("My adress is wrong", "My address is wrong"),
        ("I deleted the photo in my collection", "I deleted the photo in my collection"),
        ("住所をdelteして", "住所をdelteして"),  # Japanese is left alone
    ],
)
def test_key_words_are_mended_when_mistyped(text: str, mended: str) -> None:
    assert mend(text) == mended


def test_kinds_stand_in_the_order_of_the_message() -> None:
    assert order_kinds("苦情です。それから削除してください", ("suspension", "complaint")) == ("complaint", "suspension")


def test_data_is_told_from_goods() -> None:
    assert is_about_data("登録した住所")
    assert is_about_data("my account")
    assert not is_about_data("コートの色")


@given(st.text())
def test_any_text_is_heard_when_typed(text: str) -> None:
    known = set(list_kinds())
    assert {wish.kind for wish in hear_wishes(text)} <= known
    assert set(list_rights(text)) <= known - {"complaint"}
    change = hear_change(text, ("disclosure",))
    assert change is None or set(change.kinds) <= known
