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
    list_listed,
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
        ("訂正じゃなくて登録の消去（退会）に変更していただけますか", ("correction",), ("suspension",), False),
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
    text = "Hold on. I would like to see what you have got, so make it a disclosure request instead."
    assert hear_change(text, ("suspension",), plainly=True) == Change(("disclosure",), False)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("苦情として申し立てます", True),
        ("I want to make a complaint", True),
        ("苦情はどこに言えばいいですか", False),
        ("ふざけるな", False),
        ("this is outrageous", False),
        ("I am not having any complaint, only I wish to be notified.", False),
        ("this is not a complaint", False),
        ("I'm not happy and I want to file a complaint", True),
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


def test_a_labelled_way_to_be_reached_is_no_wish() -> None:
    text = "第三者提供停止の請求\n・お電話：不要\n・メール：ren@example.com\n・内容：提携先への提供を停止してください"
    assert list_rights(text) == ("third_party_stop",)
    assert list_rights("Phone: please remove\nPlease disclose my data") == ("disclosure",)


def test_a_right_named_once_more_gives_nothing_up() -> None:
    assert hear_change("訂正じゃなくて、登録の住所の変更をお願いします", ("correction",)) is None


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


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("以下を請求します。\n1. 保有個人データの開示\n2. 利用目的の通知", ("disclosure", "purpose_notice")),
        ("(1)登録住所の訂正 (2)メルマガの配信停止 以上2点お願いします", ("correction", "suspension")),
        ("①私の情報の開示②第三者提供の停止③消去", ("disclosure", "third_party_stop", "suspension")),
        (
            "・登録情報の開示\n・その利用目的の通知\n・第三者への提供の停止\nをお願いいたします",
            ("disclosure", "purpose_notice", "third_party_stop"),
        ),
        ("開示と、その利用目的の通知を請求します", ("disclosure", "purpose_notice")),
        ("ア 電話番号の訂正　イ 広告への利用の停止　を求めます", ("correction", "suspension")),
        (
            "保有個人データの開示及び第三者への提供停止並びに利用目的の通知を請求する。",
            ("disclosure", "third_party_stop", "purpose_notice"),
        ),
        ("電話番号を直して、メルマガも止めてほしい", ("correction", "suspension")),
        ("まず登録内容を見せてほしい。次に、他社への提供をやめてほしい。", ("disclosure", "third_party_stop")),
        ("一つ、住所の訂正。二つ、DMの停止。お願いします。", ("correction", "suspension")),
        ("開示請求、訂正請求、利用停止請求をします", ("disclosure", "correction", "suspension")),
        ("1)データの開示 2)データの消去 をお願いしたいです", ("disclosure", "suspension")),
        (
            "I request: (a) disclosure of my data, (b) cessation of provision to third parties.",
            ("disclosure", "third_party_stop"),
        ),
        (
            "1. A copy of my data\n2. Notification of the purposes of use\n3. Deletion of my account\nPlease do all.",
            ("disclosure", "purpose_notice", "suspension"),
        ),
        (
            "I require that you cease providing my data to third parties and that you notify me of the purposes of use",
            ("third_party_stop", "purpose_notice"),
        ),
        ("Please correct my phone number, and that you stop the newsletter.", ("correction", "suspension")),
        (
            "i) correct my date of birth ii) stop sending me catalogues iii) tell me what you use my data for, please",
            ("correction", "suspension", "purpose_notice"),
        ),
        (
            "- show me my data\n- stop sharing it with other companies\nthanks, please do both",
            ("disclosure", "third_party_stop"),
        ),
        ("He requires first, disclosure of his data; second, that the data be erased.", ("disclosure", "suspension")),
        (
            "I want two things: see what you hold about me, and my old address removed because it is wrong.",
            ("disclosure", "correction"),
        ),
        (
            "Disclosure of my data, erasure of my account, and a notice of the purposes, please",
            ("disclosure", "suspension", "purpose_notice"),
        ),
        (
            "Kindly (1) stop passing my details to partner companies; (2) erase my telephone number",
            ("third_party_stop", "suspension"),
        ),
    ],
)
def test_each_right_of_a_list_is_heard(text: str, kinds: tuple[str, ...]) -> None:
    assert list_listed(text) == kinds or list_rights(text) == kinds


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("やっぱり開示だけで", ("disclosure",)),
        ("訂正だけでいいです", ("correction",)),
        ("開示のみにします", ("disclosure",)),
        ("利用停止はなしで", ("disclosure", "correction")),
        ("開示はもういいです、訂正と利用停止だけお願いします", ("correction", "suspension")),
        ("just the disclosure please", ("disclosure",)),
        ("actually only the deletion", ("suspension",)),
    ],
)
def test_rights_are_dropped_when_only_some_are_kept(text: str, after: tuple[str, ...]) -> None:
    assert hear_change(text, ("disclosure", "correction", "suspension")) == Change(after, added=False)


@pytest.mark.parametrize("text", ["三つとも", "both", "全部お願いします"])
def test_all_rights_stay_when_all_are_said(text: str) -> None:
    assert hear_change(text, ("disclosure", "correction", "suspension")) is None
