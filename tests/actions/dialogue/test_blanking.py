"""What may stand in an address: nothing that tells who somebody is, as far as patterns see it."""

from __future__ import annotations

import pytest

from actions.dialogue.masking import BLANK, blank_out
from actions.services import Services


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("山田様の住所を消してほしい", "***様の住所を消してほしい"),
        ("山田 花子 様より", "*** 様より"),
        ("鵜飼玲奈様より", "***様より"),
        ("田中さんから電話があった", "***さんから電話があった"),
        ("佐藤一郎殿の件", "***殿の件"),
        ("山田花子と申します。開示してほしい", "***と申します。開示してほしい"),
        ("氏名: 山田花子", "氏名: ***"),
        ("hanako@example.com に届いた", "*** に届いた"),
        ("ｈａｎａｋｏ＠ｅｘａｍｐｌｅ．ｃｏｍ に届いた", "*** に届いた"),
        ("電話 03-0000-0000 を消して", "電話 *** を消して"),
        ("０３００００００００", "***"),
        ("注文番号 123456 の住所", "注文番号 *** の住所"),
        ("〒244-0817の住所", "***の住所"),
        ("Mr. Tanaka wants to know", "Mr. *** wants to know"),
        ("dear Ms Smith", "dear Ms ***"),
        ("my name is Hanako Yamada, delete my data", "my name is ***, delete my data"),
    ],
)
def test_what_is_personal_is_blanked_out(services: Services, text: str, masked: str) -> None:
    assert blank_out(services, text) == masked
    assert blank_out(services, masked) == masked  # else an address would lead to another for ever


@pytest.mark.parametrize(
    "text",
    [
        "",
        "個人情報は何に使いますか",
        "お客様の情報を第三者に渡しますか",
        "ご本人様の確認はどうするのですか",
        "業者さんに渡していますか",
        "ヤマトさんに渡していますか",
        "ヤマト運輸さんに渡していますか",
        "お母さんの情報",
        "皆様",
        "rights.1.2",
        "お客様情報に関する事項 1.2",
        "お客様情報に関する事項第６項",
        "１．２",
        "33条の2",
        "What do you use my data for?",
        "Do you sell my name?",
        "個人情報　保護",
        BLANK,
    ],
)
def test_a_question_stays_as_it_was_typed(services: Services, text: str) -> None:
    assert blank_out(services, text) == text


@pytest.mark.parametrize("text", ["1" * 2000, "山" * 2000, "様" * 500, "a@" * 500, "+" * 2000, "Mr " * 500])
def test_masking_ends_when_the_text_is_odd(services: Services, text: str) -> None:
    once = blank_out(services, text)
    assert blank_out(services, once) == once
