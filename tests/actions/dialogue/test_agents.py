"""Who acts for another: heard in both languages, and never where somebody writes of oneself."""

from __future__ import annotations

import pytest

from actions.dialogue.agents import find_represented, hear_agent, says_self


@pytest.mark.parametrize(
    ("text", "capacity"),
    [
        ("母の代わりに申請します", "appointed"),
        ("夫の代理でご連絡します", "appointed"),
        ("弁護士ですが委任を受けて連絡しています", "appointed"),
        ("妻のアカウントを削除してください", "appointed"),
        ("友達に頼まれて書いています", "appointed"),
        ("祖母がこちらの会員なのですが退会させたい", "appointed"),
        ("任意後見人です", "appointed"),
        ("社会人の息子に頼まれました。息子の登録を消してください", "appointed"),
        ("on behalf of my father", "appointed"),
        ("please delete my wife's account", "appointed"),
        ("We act for Mr Achebe and hold his written authority", "appointed"),
        ("my son (25) asked me to close his account", "appointed"),
        ("息子のことで相談です", "legal"),
        ("成年後見人です", "legal"),
        ("中学生の娘のアカウントを消して", "legal"),
        ("母親として、14歳の息子の情報を消してもらいたいです", "legal"),
        ("I'm her guardian", "legal"),
        ("My daughter is 16. I'm her mother, stop using her data", "legal"),
        ("My 9 year old son registered. Please erase his data", "legal"),
    ],
)
def test_the_capacity_is_heard_when_somebody_acts_for_another(text: str, capacity: str) -> None:
    agent = hear_agent(text)
    assert agent is not None
    assert agent.capacity == capacity


@pytest.mark.parametrize(
    "text",
    [
        "退会したい",
        "母から教わって登録しました。退会したい",
        "娘の誕生日に買いました。退会したいです",
        "弁護士です。自分のデータを開示してください",
        "母のかわりではなく本人です",
        "妻に言われて退会することにしました",
        "未成年の情報はどう扱ってます？",
        "my mother told me about your shop. delete my account",
        "My husband registered me. Delete my data",
        "delete my account",
        "",
    ],
)
def test_no_agent_is_heard_when_somebody_writes_of_oneself(text: str) -> None:
    assert hear_agent(text) is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("母の山田春子の代わりに開示を請求します", "山田春子"),
        ("on behalf of my mother Haruko Yamada", "Haruko Yamada"),
        ("We act for Mr Desmond Achebe, a customer", "Desmond Achebe"),
        ("母の代わりに", ""),
        ("on behalf of my father", ""),
    ],
)
def test_the_other_persons_name_is_kept_when_it_is_said_plainly(text: str, name: str) -> None:
    assert find_represented(text) == name


@pytest.mark.parametrize(("text", "said"), [("本人です", True), ("it's for myself", True), ("母です", False)])
def test_somebody_may_be_the_person_after_all(text: str, said: bool) -> None:
    assert says_self(text) is said
