"""The word lists: whole messages with polite endings, words anywhere, and fields by name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.dialogue.words import _group, find_fields, fold, has_word, is_word, list_slips

GROUPS = ("cancel", "yes", "no", "none")


@pytest.mark.parametrize(
    ("group", "text"),
    [
        ("cancel", "やめる"),
        ("cancel", "やめます。"),
        ("cancel", "もうやめる!"),
        ("cancel", "キャンセルでお願いします"),
        ("cancel", "キャンセルしてください"),
        ("cancel", "STOP"),
        ("cancel", "Stop it"),
        ("cancel", "cancel, please"),
        ("cancel", "Never mind, thanks."),
        ("cancel", "ｃａｎｃｅｌ"),
        ("yes", "はい"),
        ("yes", "はい！"),
        ("yes", "はい、お願いします"),
        ("yes", "はい,お願いします。"),
        ("yes", "ＯＫ"),
        ("yes", "OKです👍"),
        ("yes", "👍"),
        ("yes", "それでいいですよ"),
        ("yes", "Yes, please."),
        ("yes", "Yes, that’s right"),
        ("yes", "send it"),
        ("no", "いいえ。"),
        ("no", "違います"),
        ("no", "No, that's wrong"),
        ("none", "なし"),
        ("none", "なしでお願いします"),
        ("none", "電話番号はなしです"),
        ("none", "特にありません"),
        ("none", "-"),
        ("none", "N/A"),
        ("none", "None, thanks"),
    ],
)
def test_a_message_is_a_word_when_it_says_nothing_else(group: str, text: str) -> None:
    assert is_word(text, group)


@pytest.mark.parametrize(
    ("group", "text"),
    [
        ("cancel", "注文をキャンセルしたときの情報を消してください"),
        ("cancel", "メールを止めてほしい"),
        ("cancel", "stop sending me newsletters"),
        ("cancel", "don't cancel"),
        ("yes", "はい、でも電話番号が違います"),
        ("yes", "はいえ"),
        ("yes", "いいえ、大丈夫です"),
        ("yes", "送信しないで"),
        ("yes", "yes but my name is wrong"),
        ("yes", "結構です"),
        ("no", "違う名前にしたい"),
        ("none", "なしだ電機に勤めています"),
        ("none", "電話は03-0000-0000です"),
        ("yes", ""),
        ("cancel", "、。!"),
        ("none", "🙂"),
    ],
)
def test_a_message_is_no_word_when_it_says_more(group: str, text: str) -> None:
    assert not is_word(text, group)


def test_a_word_means_one_thing_when_it_decides_a_confirmation() -> None:
    # "no" may decline the telephone number, but nothing may both send and stop.
    yes, no, cancel = (_group(name) for name in ("yes", "no", "cancel"))
    assert not yes & no
    assert not yes & cancel
    assert not no & cancel


@pytest.mark.parametrize(
    ("group", "text", "found"),
    [
        ("why", "なんで電話番号がいるの", True),
        ("why", "Why do you need it", True),
        ("why", "WHAT FOR", True),
        ("why", "電話番号です", False),
        ("instead", "やっぱり訂正ではなく利用停止で", True),
        ("instead", "Actually, I want it deleted", True),
        ("instead", "削除してください", False),
    ],
)
def test_a_word_is_heard_when_it_stands_anywhere(group: str, text: str, found: bool) -> None:
    assert has_word(text, group) is found


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("メールを直したい", ("email",)),
        ("電話番号が違う", ("phone",)),
        ("名前とメール", ("name", "email")),
        ("内容を書き直す", ("details",)),
        ("change my e-mail address", ("email",)),
        ("the EMAIL is wrong", ("email",)),
        ("my phone number", ("phone",)),
        ("phone numbers", ("phone",)),
        ("ＴＥＬ", ("phone",)),
        # Latin words count whole: these are people
        ("Stella Martel", ()),
        ("Ismail", ()),
        ("はい", ()),
        ("", ()),
    ],
)
def test_fields_are_found_when_a_message_names_them(text: str, fields: tuple[str, ...]) -> None:
    assert find_fields(text) == fields


@pytest.mark.parametrize(
    ("text", "folded"),
    [("　Ｓｔｏｐ\n it ", "stop it"), ("That’s", "that's"), ("ﾔﾒﾙ", "ヤメル"), ("İ", "i̇"), ("", "")],
)
def test_case_and_width_are_gone_when_folded(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_a_slip_is_no_address_that_people_have() -> None:
    assert "gmial.com" in list_slips()
    assert not {"gmail.com", "yahoo.co.jp", "icloud.com", "docomo.ne.jp", "example.com"} & list_slips()


@given(st.text(), st.sampled_from(GROUPS))
def test_any_text_is_judged_when_typed(text: str, group: str) -> None:
    assert is_word(text, group) in {True, False}
    assert set(find_fields(text)) <= {"details", "name", "email", "phone"}
