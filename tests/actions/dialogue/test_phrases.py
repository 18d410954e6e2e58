"""Patterns of what people say: a clear yes above all, which alone sends anything."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.dialogue.phrases import _load, agrees, says


@pytest.mark.parametrize(
    "text",
    [
        "はい",
        "はーい👍",
        "うん、これでいいです",
        "ええ、このまま送ってもらえますか",
        "はい、多分合っています。お願いします",
        "はい、問題ないです。お返事お待ちしています",
        "Yes. I think everything is right, please go ahead",
        "んだんだ、間違いねえべ",
        "いえ、特に直す箇所はありません。送信してください",
        "おけ",
        "りょ",
        "それで",
        "ええんちゃう",
        "せやで、それで頼んます",
        "そいでよかです。頼みます",
        "合ってる。早くしろ",
        "上記のとおり相違ありません。",
        "いえ、間違いありません。このまま出してください",
        "お待たせしました。はい、この内容で送ってください",
        "わかりました。では送信してください",
        "👌",
        "ok send",
        "lgtm",
        "yup that's me",
        "Correct. You may submit it.",
        "No changes, thank you. Please go ahead and file it.",
        "We confirm.",
        "yh go",
        "Looks good to me",
        "ＹＥＳ",
        # what is said besides a yes is no doubt
        "はい、合ってます。急ぎませんので",
        "はい、それで結構です。日曜は出られません",
        "確認済み。提出願います。",
        "確認しました。問題ございません",
        "はい、ただしい です。おねがいします",
        "内容に相違ございません。お手続きをお願いいたします。",
        "異存ありません",
        "構いません、出してください",
        "以上の内容で受け付けてください",
        "yeah nah thats all good, send it 👍",
        "Yes, please do.\n\n--\nGwen Trevelyan\nTrevelyan Pottery",
    ],
)
def test_a_clear_yes_agrees_in_whatever_words(text: str) -> None:
    assert agrees(text)


@pytest.mark.parametrize(
    "text",
    [
        "はい?",
        "はいえ",
        "はい、たぶん",
        "はい、でも待ってもらえますか",
        "I think it is right",
        "んだども、番号がちがう",
        "直すところがあります",
        "はい、でも電話番号が違います",
        "いいえ、大丈夫です",
        "ちがう",
        "あかん",
        "まって",
        "まだ送らないでください",
        "大丈夫じゃない",
        "それで合ってるのかな",
        "お願いがあります",
        "やっぱりいいです",
        "家族に聞いてからにします、それでいいです",
        "hold on",
        "not yet",
        "yes but my name is wrong",
        "okay, but change the phone",
        "Correct my name please",
        "send me a copy first",
        "yes. no. wait",
        "はい、でも合っていません",
        "同意できません",
        "まだ送りません",
        "nah",
        "🙂",
        "",
    ],
)
def test_nothing_agrees_that_doubts_asks_or_says_something_else(text: str) -> None:
    assert not agrees(text)


@pytest.mark.parametrize(
    ("group", "text"),
    [
        ("cancel", "やっぱりやめておきます。マイページで見られるのに気づきました"),
        ("cancel", "今回はなかったことにしてください"),
        ("cancel", "それなら申請はしなくていいです。取り消してください"),
        ("cancel", "ok never mind then, forget it"),
        ("cancel", "I don't want to continue"),
        ("above", "上に書いたとおりです。"),
        ("above", "さっき書いた通りです"),
        ("above", "Like I said above"),
        ("above", "as I wrote"),
        ("wait", "えっと…ちょっと待ってくださいね"),
        ("wait", "hang on"),
        ("no_phone_said", "電話はなしで"),
        ("no_phone_said", "Phone: none"),
        ("forget", "この会話を削除して"),
        ("forget", "please delete this conversation"),
        ("status", "私の請求どうなりました?"),
        ("status", "M-0000-0000 はまだですか"),
        ("status", "what is the status of my request?"),
        ("adds", "あと、問い合わせの録音も"),
        ("adds", "please add that I moved"),
    ],
)
def test_a_group_is_heard_when_it_is_said(group: str, text: str) -> None:
    assert says(text, group)


@pytest.mark.parametrize(
    ("group", "text"),
    [
        ("cancel", "注文をキャンセルしたときの情報です"),
        ("cancel", "キャンセルした注文の届け先がまだ残っています"),
        ("cancel", "退会をお願いします"),
        ("cancel", "please cancel my account"),
        ("above", "上野の店で買いました"),
        ("forget", "注文の履歴を削除してください"),
        ("forget", "delete my account"),
        ("status", "配送の状況を教えてください"),
        ("no_phone_said", "電話は03-0000-0000です"),
    ],
)
def test_a_group_is_not_heard_when_something_else_is_said(group: str, text: str) -> None:
    assert not says(text, group)


@pytest.mark.parametrize("group", list(_load()))
def test_every_pattern_is_one_and_finds_nothing_in_nothing(group: str) -> None:
    for pattern in _load()[group]:
        assert re.compile(pattern).search("") is None, pattern


@given(st.text())
def test_any_text_is_judged_when_typed(text: str) -> None:
    assert agrees(text) in {True, False}


@pytest.mark.parametrize(
    "text",
    [
        "記載のとおりで間違いありません。ご送付ください。",
        "はい、お願いします。失礼します。",
        "yes please, bye",
        "ye safe send it",
        "I would be happy for you to submit this",
        "送っていただけませんか",
        "はい送ってけ",
    ],
)
def test_a_yes_may_stand_anywhere_in_a_message(text: str) -> None:
    assert agrees(text)


@pytest.mark.parametrize(
    "text",
    [
        "はい、失礼します",
        "ok bye",
        "thanks, goodbye",
        "please send it to my other address",
        "don't send it",
        "can you send it?",
        "問題がありませんか",
        "間違いがないとは言えません",
    ],
)
def test_a_goodbye_or_another_wish_is_no_yes(text: str) -> None:
    assert not agrees(text)
