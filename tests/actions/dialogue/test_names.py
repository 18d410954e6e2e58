"""Names as people give them: in sentences, dialects and letters; and what is no name."""

from __future__ import annotations

import pytest

from actions.dialogue.names import is_another, is_full, read_full_name, read_introduced_name, read_name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("大庭キヨと申します", "大庭キヨ"),
        ("堀口だ。堀口剛", "堀口剛"),
        ("名前？ 前田や、前田浩二", "前田浩二"),
        ("私の名前ですよね。佐伯亮です（息子）", "佐伯亮"),
        ("母の三宅 真由美です", "三宅 真由美"),
        ("成年後見人の 迫田 宗平 です", "迫田 宗平"),
        ("行政書士 沢村 司", "沢村 司"),
        ("西村たかしいいます", "西村たかし"),
        ("古賀 源太ばい", "古賀 源太"),
        ("小野寺 ひまり です🌻", "小野寺 ひまり"),
        ("ゆうか🌸 小林ゆうか", "小林ゆうか"),
        ("東海林 悠（しょうじ ゆう）です", "東海林 悠"),
        ("早川 しおり です。あの、名前はほかの人に見られませんよね", "早川 しおり"),
        ("Myself Raghavan Subramaniam", "Raghavan Subramaniam"),
        ("Dr. Jürgen Weißhaupt, but the title is not necessary", "Jürgen Weißhaupt"),
        ("Agnieszka Kowalczyk, and my mail is agnieszka@example.org", "Agnieszka Kowalczyk"),
        ("I have only one name: Wayan. It is complete name in my passport.", "Wayan"),
        ("My name is No Minji. (No is my family name!)", "No Minji"),
        ("This is Mr. John Carter from London", "John Carter"),
        ("O'Neil, Sean", "O'Neil, Sean"),
        ("jess mcallister", "jess mcallister"),
    ],
)
def test_the_name_is_read_out_of_what_people_say(text: str, name: str) -> None:
    assert read_name(text, asked=True) == name


@pytest.mark.parametrize(
    "text",
    [
        "ちなみに新住所は横浜市の青葉区で、旧住所は川崎市です",
        "購入履歴を全部見たいです",
        "I don't want to tell you my name",
        "what is that good for",
        "it is a long story about my account",
        "このあいだ買った服のことで困っているんだけど、どうにかしてほしい",
    ],
)
def test_a_sentence_is_no_name(text: str) -> None:
    assert read_name(text, asked=True) is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("山田 花子", "山田 花子"),
        ("Hanako Yamada", "Hanako Yamada"),
        ("Maria de la Cruz", "Maria de la Cruz"),
        ("会員", None),
        ("登録住所", None),
        ("hello there", None),
        ("ありがとう", None),
    ],
)
def test_only_what_plainly_is_a_name_is_one_when_nobody_asked(text: str, name: str | None) -> None:
    assert read_full_name(text) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("no wait, the name should be Lea Wong", "Lea Wong"),
        ("名前は山口花子です", "山口花子"),
        ("名前は山田じゃなくて山口です", None),  # only a part of it
        ("the name is wrong", None),
    ],
)
def test_the_corrected_name_is_read_whatever_else_is_said(text: str, name: str | None) -> None:
    assert read_introduced_name(text) == name


@pytest.mark.parametrize(
    ("text", "other"), [("母は 戸倉 ミツ と申します", True), ("his name is Max", True), ("山田花子です", False)]
)
def test_another_persons_name_is_known_as_such(text: str, other: bool) -> None:
    assert is_another(text) is other


@pytest.mark.parametrize(
    ("name", "full"), [("山田", False), ("山田花子", True), ("山田 花子", True), ("Hanako", False), ("Ana Lima", True)]
)
def test_a_family_name_alone_is_not_the_whole(name: str, full: bool) -> None:
    assert is_full(name) is full
