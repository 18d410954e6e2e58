"""Who writes: from lists, signatures and words; never from what a request is about."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.dialogue.contacts import declines_mail, read_contacts, says_question, split_signature

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


@pytest.mark.parametrize(
    ("text", "email", "phone"),
    [
        ("会員のアドレスは old.usagi@example.net です。退会にして、データも消してください", None, None),
        ("登録している番号は03-0000-0021です。消してください", None, None),
        ("her account is old@example.com, please remove it", None, None),
        (
            "I'm Graham Meeks, reach me at graham@example.com or +44 20 7946 0148, hers is the account ros@example.com",
            "graham@example.com",
            "+44 20 7946 0148",
        ),
        ("登録メール：old@example.com の情報を全部消してください", None, None),
        ("old address: old@example.com. erase everything", None, None),
        ("アカウント old@example.com を退会。連絡先は new@example.com です", "new@example.com", None),
        ("返信は new@example.com へ。会員登録は old@example.com", "new@example.com", None),
        ("IDは old@example.com です。履歴を見せてください", None, None),
        ("ユーザー名が old@example.com、注文履歴すべて開示して", None, None),
        ("My login is old@example.com. I want every order since 2020.", None, None),
        ("the email on file is old@example.com, delete it", None, None),
        ("前に使っていた old@example.com で届いたメルマガです。止めて", None, None),
        ("夫の番号 03-0000-0021 に電話が来る。やめて", None, None),
        ("電話番号 03-0000-0021 が誰かに漏れた", None, None),
        ("「山田様 yamada@example.com」と他人のアドレスが見えていました", None, None),
        ("A mail to smith@example.com landed at mine. Please explain.", None, None),
        ("注文履歴を見たい。連絡は hanako@example.com までお願いします", "hanako@example.com", None),
        ("all orders please. you can reach me at hanako@example.com", "hanako@example.com", None),
        ("All orders please. Contact: hanako@example.com, 03-0000-0000", "hanako@example.com", "03-0000-0000"),
        ("氏名:山田花子 メール:hanako@example.com 電話:03-0000-0000", "hanako@example.com", "03-0000-0000"),
        ("名前は山田花子で、メールは hanako@example.com です", "hanako@example.com", None),
        ("2021年からの履歴全部。山田花子、hanako@example.com", "hanako@example.com", None),
        ("登録の電話は03-0000-0021ですが、正しくは03-0000-0012です", None, None),
        ("My number in your system is 03-0000-0021. It is wrong.", None, None),
        ("会員番号のメール old@example.com と電話 03-0000-0021 を消去してほしい", None, None),
        ("息子のアドレス old@example.com の登録を消して。私への連絡は mom@example.com", "mom@example.com", None),
        (
            "Newsletter goes to work@example.com; please write to me at home@example.com instead, and stop it",
            "home@example.com",
            None,
        ),
        ("My old account was under old@example.com. Close it.", None, None),
        ("アドレスは old@example.com、もう使っていません。退会したい", None, None),
        ("折り返しは 090-0000-0015 へ。住所の記録を全部見せて", None, "090-0000-0015"),
        ("返事は hanako@example.com に下さい。購入履歴が見たいです", "hanako@example.com", None),
        ("answers to hanako@example.com please. I want to see my orders", "hanako@example.com", None),
        ("ログインIDの old@example.com を抹消して頂きたい", None, None),
        ("Account no. 4432, email old@example.com, delete all", None, None),
        (
            "私の登録アドレス old@example.com に毎日広告が来る。止めて。返事は new@example.com へください",
            "new@example.com",
            None,
        ),
        ("ご連絡は 03-0000-0012（平日昼間）まで。登録住所の誤りを直してほしい", None, "03-0000-0012"),
        ("妻 old@example.com の登録抹消を希望。当方の連絡先 me@example.com", "me@example.com", None),
        ("They leaked my mail old@example.com to spammers", None, None),
        ("spam comes to old@example.com since I registered", None, None),
        ("配信先 old@example.com を外してください", None, None),
        ("Stop mailing old@example.com", None, None),
        ("delivery number 03-0000-0021 was called by a stranger", None, None),
        ("TEL 03-0000-0021 からしつこく電話が来る", None, None),
        ("どうか hanako@example.com まで結果をお知らせください。閲覧履歴の件です", "hanako@example.com", None),
        ("You may email me back on hanako@example.com. The data: my wish list", "hanako@example.com", None),
        ("登録は old@example.com でしたが連絡は new@example.com でお願いします。全部消して", "new@example.com", None),
        ("old@example.com", "old@example.com", None),
        ("hanako@example.com 03-0000-0012", "hanako@example.com", "03-0000-0012"),
        ("ポイントカードに書いた番号 03-0000-0021 の削除", None, None),
        (
            "my son's login son@example.com should be closed, I can be reached at dad@example.com",
            "dad@example.com",
            None,
        ),
        ("コールセンター 03-0000-0021 の対応が酷い", None, None),
        ("前の職場の work@example.com 宛てのDMを止めて", None, None),
        ("cc me at hanako@example.com. Full export please", "hanako@example.com", None),
        ("メールアドレス変更前の old@example.com の記録を見たい", None, None),
        ("please send results to hanako@example.com, I need the order list", "hanako@example.com", None),
    ],
)
def test_in_the_matter_only_what_is_said_to_be_the_contact_is_one(
    text: str, email: str | None, phone: str | None
) -> None:
    found = read_contacts(text, in_matter=True)
    assert (found.email, found.phone) == (email, phone)


def test_the_persons_own_line_of_a_signature_counts() -> None:
    text = """お世話になっております。株式会社サンプルの山田と申します。配信停止をお願いいたします。
--------------------
山田 花子（Yamada Hanako）
株式会社サンプル 総務部
TEL: 03-0000-0000  FAX: 03-0000-0012
E-mail: hanako@example.com
--------------------"""
    assert read_contacts(text).given == PERSON


def test_questions_and_refusals_are_known_without_a_mark() -> None:
    assert says_question("誰が読むのか知りたい")
    assert not says_question("なｓい")
    assert declines_mail("メールは使わんけん")
    assert not declines_mail("山田花子です")


def test_a_labelled_line_of_a_signature_is_no_name() -> None:
    signature = (
        "--------\n手芸のこもれび\n店主 小森礼二\nTEL: 03-0000-0021 FAX: 03-0000-0022\n定休日:火曜・第三水曜\n--------"
    )
    assert read_contacts(f"止めてください。\n{signature}").name == "小森礼二"
