"""Reading a value out of a message: what is there, as it was typed, or nothing at all."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from actions.dialogue.fields import (
    NAME_MAX,
    declines,
    find_named_field,
    read_details,
    read_email,
    read_name,
    read_phone,
)

# Words around a value, so that properties are tried on what people write and not on noise alone.
PIECES = st.sampled_from(
    [
        "山田花子",
        "まえだよしこ",
        "です",
        "と申します",
        "だ",
        "名前は",
        "my name is ",
        "I'm ",
        "Stella",
        "İ",
        "、",
        "。",
        " ",
        "\n",
        ",",
        "hanako@example.com",
        "'",
        "@",
        "03-0000-0000",
        "０３ー００００ー００００",
        "+81 3",
        "なし",
        "はい",
        "?",
        "？",
        "違います",
        "電話",
        "mail",
    ]
)
MESSAGES = st.one_of(st.text(), st.lists(PIECES, max_size=8).map("".join))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("山田花子", "山田花子"),
        ("山田 花子", "山田 花子"),
        ("山田　花子", "山田 花子"),
        (" 山田花子。", "山田花子"),
        ("「山田花子」", "山田花子"),
        ("山田花子です", "山田花子"),
        ("山田花子です。よろしくお願いします", "山田花子"),
        ("山田花子と申します。", "山田花子"),
        ("はい、山田花子です", "山田花子"),
        ("えっと、山田花子です", "山田花子"),
        ("名前は山田花子です", "山田花子"),
        ("名前：山田花子", "山田花子"),
        ("氏名:山田花子", "山田花子"),
        ("私の名前は山田花子といいます", "山田花子"),
        ("山田だ", "山田"),
        ("ヤマダ ハナコ", "ヤマダ ハナコ"),
        ("ﾔﾏﾀﾞ ﾊﾅｺ", "ﾔﾏﾀﾞ ﾊﾅｺ"),
        # names with だ, です's little sister: they must not be cut
        ("やまだ", "やまだ"),
        ("やまだはなこ", "やまだはなこ"),
        ("まえだよしこ", "まえだよしこ"),
        ("よしだようこです", "よしだようこ"),
        ("ただのぶ", "ただのぶ"),
        ("Hanako Yamada", "Hanako Yamada"),
        ("My name is Hanako Yamada", "Hanako Yamada"),
        ("my full name is Hanako Yamada.", "Hanako Yamada"),
        ("I’m Hanako Yamada", "Hanako Yamada"),
        ("Name: Hanako Yamada", "Hanako Yamada"),
        ("Well, Hanako Yamada", "Hanako Yamada"),
        ("Hello, my name is Ana", "Ana"),
        ("İstanbul. My name is Ana", "Ana"),  # İ becomes two characters in lower case
        ("O'Brien", "O'Brien"),
        ("Anne-Marie St. John", "Anne-Marie St. John"),
        ("José Ñuñez", "José Ñuñez"),
        ("김철수", "김철수"),
        ("王小明", "王小明"),
        ("Ng", "Ng"),
        ("X", "X"),
        # words of refusal inside a name
        ("Swantje Meyer", "Swantje Meyer"),
        ("Show Kimura", "Show Kimura"),
        ("Stella Wright", "Stella Wright"),
        # more than the name in one message
        ("山田花子、hanako@example.com", "山田花子"),
        ("山田花子 hanako@example.com", "山田花子"),
        ("山田花子 03-0000-0000", "山田花子"),
        ("山田花子，03-0000-0000，hanako@example.com", "山田花子"),
        ("Stella Martel, stella@example.com", "Stella Martel"),
        ("山田花子、電話は03-0000-0000", "山田花子"),
        ("<b>山田</b>", "山田"),  # markup is none of the name
    ],
)
def test_the_name_is_read_when_it_was_asked_for(text: str, name: str) -> None:
    assert read_name(text, asked=True) == name


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "。。。",
        "12345",
        "03-0000-0000",
        "hanako@example.com",
        "メールはhanako@example.com",
        "メールは、hanako@example.com",
        "名前 hanako@example.com",
        "なぜ必要ですか",
        "なぜ名前がいるの？",
        "どうして?",
        "why do you need it",
        "教えたくない",
        "言いたくありません",
        "削除してほしい",
        "please delete me",
        "I want my data",
        "https://example.com/",
        "山田;花子",
        "はい",
        "いいえ",
        "OK",
        "it's ok",
        "I'm not sure",
        "なし",
        "やめる",
        "名前が違います",
        "my name is wrong",
        "山" * (NAME_MAX + 1),
        "🙂",
        "\0\0",
    ],
)
def test_no_name_is_read_when_the_message_is_none(text: str) -> None:
    assert read_name(text, asked=True) is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("名前は山田太郎です", "山田太郎"),
        ("山田太郎と申します", "山田太郎"),
        ("my name is Taro Yamada", "Taro Yamada"),
        ("my name is Stella", "Stella"),
        ("山田太郎", None),  # a bare word may be anything when no name was asked for
        ("やまだ", None),
        ("名前を直したいです", None),
        ("名前が違います", None),
        ("名前が間違っています", None),
        ("名前は合っています", None),
        ("名前は大丈夫です", None),
        ("名前はそのままで", None),
        ("The name is wrong", None),
        ("my name is not right", None),
        ("電話は03-0000-0000です", None),
        ("メールはhanako@example.comです", None),
        ("はい、お願いします", None),
        ("個人情報とは何ですか", None),
        ("保有個人データといいますか?", None),
        ("担当者は山田さんですか", None),
    ],
)
def test_only_an_introduced_name_is_read_when_not_asked_for(text: str, name: str | None) -> None:
    assert read_name(text, asked=False) == name


@pytest.mark.parametrize(
    ("text", "email"),
    [
        ("hanako@example.com", "hanako@example.com"),
        ("メールはhanako@example.comです", "hanako@example.com"),
        ("ｈａｎａｋｏ＠ｅｘａｍｐｌｅ．ｃｏｍ", "hanako@example.com"),
        ("hanako@example.com。", "hanako@example.com"),
        ("It is hanako@example.com.", "hanako@example.com"),
        ("<hanako@example.com>", "hanako@example.com"),
        ("mailto:hanako@example.com", "hanako@example.com"),
        ("'hanako@example.com'", "hanako@example.com"),
        ("`hanako@example.com`", "hanako@example.com"),
        ("メール=hanako@example.com", "hanako@example.com"),
        ("メール/hanako@example.com", "hanako@example.com"),
        ("{hanako@example.com}", "hanako@example.com"),
        ("Hanako@EXAMPLE.com", "Hanako@example.com"),  # the domain's case means nothing, the other part's may
        ("hanako+privacy@mail.example.co.jp", "hanako+privacy@mail.example.co.jp"),
        ("hanako@example.com hanako@example.com", "hanako@example.com"),  # twice the same is one
        ("hanako@example.com 03-0000-0000 山田花子", "hanako@example.com"),
        ("a@example.com と b@example.com", None),
        ("hanako@", None),
        ("@example.com", None),
        ("hanako@localhost", None),
        ("hanako@example", None),
        ("hanako@@example.com", None),
        ("hanako@-example.com", None),
        ("hanako@example..com", None),
        ("hanako..yamada@example.com", None),
        (f"{'x' * 65}@example.com", None),  # not its last 64 characters
        (f"hanako@{'example.' * 30}com", None),
        ("hanako at example.com", None),
        ("なし", None),
        ("", None),
    ],
)
def test_the_one_address_is_read_when_a_message_holds_it(text: str, email: str | None) -> None:
    assert read_email(text) == email


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("03-0000-0000", "03-0000-0000"),
        ("0300000000", "0300000000"),
        ("電話は03-0000-0000です", "03-0000-0000"),
        ("０３−００００−００００", "03-0000-0000"),
        ("０３ー００００ー００００", "03-0000-0000"),
        ("03‐0000‐0000", "03-0000-0000"),
        ("(03)0000-0000", "(03)0000-0000"),
        ("(03) 0000 0000", "(03) 0000 0000"),
        ("+81 3 0000 0000", "+81 3 0000 0000"),
        ("+1 202-555-0100", "+1 202-555-0100"),
        ("090 0000 0000", "090 0000 0000"),
        ("0120-000-000", "0120-000-000"),
        ("hanako2026@example.com 03-0000-0000", "03-0000-0000"),
        ("020 7946 0153, with +44 in front, so +44 20 7946 0153", "+44 20 7946 0153"),
        ("+44 20 79ab cdef", None),
        ("+44 20 79", None),
        ("090-0000-1111desu", "090-0000-1111"),
        ("03-0000-0000FAX兼用", "03-0000-0000"),
        ("03-0000-0000 または 090-0000-0000", None),
        ("03-0000-0000 090-0000-0000", None),
        ("12345", None),
        ("110", None),
        ("0" * 30, None),
        ("hanako20260101@example.com", None),
        ("なし", None),
        ("", None),
    ],
)
def test_the_one_number_is_read_when_a_message_holds_it(text: str, phone: str | None) -> None:
    assert read_phone(text) == phone


@pytest.mark.parametrize(
    ("text", "details"),
    [
        ("住所を消して", "住所を消して"),
        ("  一行目\n\n二行目  ", "一行目\n\n二行目"),  # as typed: line breaks are the person's
        ("Ｗｈｙ？", "Ｗｈｙ？"),
        ("a\0b\ud800c", "abc"),
        ("消して", "消して"),
        ("x", None),
        ("!?", None),
        ("🙂🙂", None),
        ("\n", None),
        ("", None),
    ],
)
def test_details_are_the_message_when_it_says_something(text: str, details: str | None) -> None:
    assert read_details(text) == details


@pytest.mark.parametrize(("text", "left_out"), [("なし", True), ("skip", True), ("03-0000-0000", False), ("", False)])
def test_an_optional_field_is_left_out_when_declined(text: str, left_out: bool) -> None:
    assert declines(text) is left_out


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("メールを直したい", "email"),
        ("change the phone", "phone"),
        ("名前", "name"),
        ("内容です", "details"),
        ("my name is Stella", "name"),
        ("名前とメール", None),
        ("直したい", None),
        ("", None),
    ],
)
def test_the_one_field_is_found_when_a_message_names_it(text: str, field: str | None) -> None:
    assert find_named_field(text) == field


def _visible(text: str) -> str:
    """A text without width, case, and blanks: what it says."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).casefold()


@given(MESSAGES, st.booleans())
@example("İİ my name is Ana", True)
@example("まえだよしこ", True)
@example("\ud800 my name is \ud800x", True)
def test_no_name_is_invented_when_any_text_is_typed(text: str, asked: bool) -> None:
    name = read_name(text, asked=asked)
    kept = "".join(char for char in text if not _drops(char))
    assert name is None or (0 < len(name) <= NAME_MAX and _visible(name) in _visible(kept))


def _drops(char: str) -> bool:
    """What `clean` leaves out before anything is read."""
    return unicodedata.category(char) in {"Cc", "Cs", "Co", "Cn"} and char not in "\n\t"


@given(MESSAGES)
def test_no_address_is_invented_when_any_text_is_typed(text: str) -> None:
    email = read_email(text)
    # A punycode domain is shown in its own script; nothing else may differ from what was typed.
    assert email is None or not email.isascii() or _visible(email) in _visible(text)


@given(MESSAGES)
def test_no_number_is_invented_when_any_text_is_typed(text: str) -> None:
    phone = read_phone(text)
    digits = re.sub(r"\D", "", unicodedata.normalize("NFKC", text))
    assert phone is None or (phone.isascii() and re.sub(r"\D", "", phone) in digits)
    assert phone is None or len(re.sub(r"\D", "", phone)) <= 15


@given(MESSAGES)
def test_no_details_are_invented_when_any_text_is_typed(text: str) -> None:
    details = read_details(text)
    assert details is None or _visible(details) in _visible("".join(char for char in text if not _drops(char)))


@pytest.mark.parametrize("text", ["電話は03の0000の0098です", "03 の 0000 の 0098"])
def test_a_number_that_is_spoken_is_read(text: str) -> None:
    assert read_phone(text) == "03-0000-0098"
