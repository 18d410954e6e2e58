"""Who writes: from lists, signatures and words; never from what a request is about."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.dialogue.contacts import read_contacts, split_signature

PERSON = {"name": "山田 花子", "email": "hanako@example.com", "phone": "03-0000-0000"}
SIGNATURE = """━━━━━━━━━━━━
株式会社サンプル 総務部
山田 花子
〒100-0000 東京都千代田区1-1
TEL 03-0000-0000 / FAX 03-0000-0001
Mail: hanako@example.com
https://example.com/
━━━━━━━━━━━━"""


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("山田 花子です。hanako@example.com です。登録している住所を開示してください", {**PERSON, "phone": None}),
        ("氏名:山田 花子 メール:hanako@example.com 電話:03-0000-0000", PERSON),
        ("氏名　山田　花子　　メール　ｈａｎａｋｏ＠ｅｘａｍｐｌｅ．ｃｏｍ", {**PERSON, "phone": None}),
        ("【氏名】山田 花子\n【メール】hanako@example.com\n【電話】03-0000-0000\n【内容】退会", PERSON),
        ("名前：山田 花子\nメール：hanako@example.com\n電話番号：なし", {**PERSON, "phone": ""}),
        ("開示請求です。山田 花子、hanako@example.com、電話なし。", {**PERSON, "phone": ""}),
        (f"退会したいです。\n{SIGNATURE}", PERSON),
        (
            "Delete my account.\n\nBest regards,\nAnna Lee\nTest Ltd.\nTel: +44 20 7946 0999\nanna@example.com",
            {"name": "Anna Lee", "email": "anna@example.com", "phone": "+44 20 7946 0999"},
        ),
        (
            "Name: Robin Dubois / Email: robin@example.com / Phone: none",
            {"name": "Robin Dubois", "email": "robin@example.com", "phone": ""},
        ),
        ("I'd like a copy. Tomás Silva, tomas@example.com", {"name": "Tomás Silva", "email": "tomas@example.com"}),
    ],
)
def test_who_writes_is_read_when_a_message_says_it(text: str, given: dict[str, str | None]) -> None:
    assert read_contacts(text).given == {name: value for name, value in given.items() if value is not None}


@pytest.mark.parametrize(
    "text",
    [
        "hanako@example.com に届くメルマガを止めて",
        "メールアドレスを old@example.com から new@example.com に変更してください",
        "登録している電話番号が03-0000-0062になっていますが、正しくは03-0000-0026です",
        "注文番号：0000-1111",
        "息子の名前は 三宅 陽向 です",
        "his account, name Max Doyle",
        "大学院生です",
        "山田です",  # a family name alone
        "",
    ],
)
def test_nothing_is_read_when_it_is_what_the_request_is_about(text: str) -> None:
    assert read_contacts(text).given == {}


@pytest.mark.parametrize(
    ("text", "is_all"),
    [
        ("氏名:山田 花子 メール:hanako@example.com", True),
        ("電話はなしで", True),
        ("山田 花子です。住所を開示してください", False),
        ("住所を開示してください", False),
    ],
)
def test_a_message_of_contacts_alone_is_known_as_one(text: str, is_all: bool) -> None:
    assert read_contacts(text).is_all is is_all


def test_a_rule_in_the_middle_of_a_text_begins_no_signature() -> None:
    text = "一行目\n----\n長い説明が続きます。これは署名ではありません。"
    assert split_signature(text) == (text, "")
    assert split_signature(f"退会したい\n{SIGNATURE}")[0] == "退会したい"


@given(st.text())
def test_any_text_is_read_when_typed(text: str) -> None:
    found = read_contacts(text)
    assert set(found.given) <= {"name", "email", "phone"}
