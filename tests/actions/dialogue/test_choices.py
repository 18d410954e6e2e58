"""Of two values the one that is meant; none when the words do not say which."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.dialogue.choices import choose, choose_text, judge, keep_meant
from actions.dialogue.fields import read_email, read_phone

OLD, NEW = "090-0000-0051", "090-0000-0015"
FORMER, OWN = "hana@example.com", "hanako@example.com"


@pytest.mark.parametrize(
    "text",
    [
        "{old} じゃなくて {new}",
        "{old}ではなく{new}です",
        "{old} → {new}",
        "not {old} but {new}",
        "{new}, not {old}",
        "{old} (old) {new} (new)",
        "旧：{old}　新：{new}",
        "{old}、あ間違えた、{new}",
        "{old} いや {new} や",
        "{old}やなくて{new}やで",
        "{old}じゃのうて{new}じゃ",
        "{old} no sorry {new}",
        "{old}は昔のもので、今は{new}です",
        "it was {old} before, now it is {new}",
        "{new}（{old}は使っていません）",
        "{old}もとい{new}",
        "please use {new} instead of {old}",
        "{old} は古いので {new} へ",
        "連絡は {new} に。登録は {old} です",
        "my account is {old}, reach me at {new}",
        "use {new} - the other one {old} is dead",
        "誤 {old} 正 {new}",
        "{old}, I mean {new}",
        "{new} です。{old} は解約しました",
        "{new} (ignore {old})",
        "{old}×　{new}○",
        "{new} rather than {old}",
        "from {old} to {new}",
        "{old}から{new}に変えました",
        "{old}です。あ、ごめんなさい{new}でした",
    ],
)
def test_of_two_values_the_one_that_is_meant_is_read(text: str) -> None:
    assert read_phone(text.format(old=OLD, new=NEW)) == NEW
    assert read_email(text.format(old=FORMER, new=OWN)) == OWN


@pytest.mark.parametrize("text", ["{0} か {1}", "{0}, {1}", "either {0} or {1}", "{0}と{1}です", "{0}\n{1}"])
def test_none_is_read_when_nothing_says_which(text: str) -> None:
    assert read_email(text.format(FORMER, OWN)) is None


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("山田じゃなくて山口花子です", "山口花子です"),
        ("山田花子→山口花子", "山口花子"),
        ("not Jon Smith but John Smith", "John Smith"),
        ("John Smith, not Jon", "John Smith"),
        ("Anna Schmidt (old), Anna Weber (new)", "Anna Weber (new)"),
        ("Jon Smith, sorry, John Smith", "John Smith"),
        ("山田花子、じゃない、山口花子", "山口花子"),
        ("渡辺じゃない方の渡邊太郎です", "渡邊太郎です"),
        ("山田花子改め山口花子", "山口花子"),
        ("formerly Anna Schmidt, now Anna Weber", "now Anna Weber"),
        ("山田花子です", "山田花子です"),
    ],
)
def test_a_name_that_is_taken_back_is_left_out(text: str, kept: str) -> None:
    assert keep_meant(text).strip() == kept


def test_the_same_value_twice_is_one() -> None:
    assert choose_text("a b", [(0, 1, "x"), (2, 3, "x")]) == "x"
    assert choose_text("", []) is None


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=40))
def test_a_choice_is_one_of_the_values(before: str, between: str, behind: str) -> None:
    text = f"{before}1{between}2{behind}"
    first, second = len(before), len(before) + 1 + len(between)
    assert choose(text, [(first, first + 1), (second, second + 1)]) in {0, 1, None}


def test_each_value_is_judged_by_the_words_around_it() -> None:
    assert judge("返事は1へ。登録は2です", [(3, 4), (9, 10)]) == [1, -1]
    assert judge("1と2", [(0, 1), (2, 3)]) == [0, 0]
