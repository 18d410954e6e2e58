"""Addresses that are spelled out are written with their signs; other words stay as they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.dialogue.addresses import write_addresses
from actions.dialogue.fields import read_email


@pytest.mark.parametrize(
    "text",
    [
        "hanako アットマーク example ドット com",
        "hanako at example dot com",
        "hanako (at) example (dot) com",
        "hanako[at]example[dot]com",
        "hanako AT example DOT com",
        "hanako @ example . com",
        "<mailto:hanako@example.com>",
        "mailto:hanako@example.com",
        "hanako@example.com,",
        "(hanako@example.com)",
        "「hanako@example.com」です",
        "hanakoアットexampleドットコム",
        "メールは→hanako@example.com←",
        "hanakoアットマークexample.com",
        "hanako@example dot com",
        "my mail is hanako at example dot com thanks",
        "hanako あっとまーく example.com",
        "[hanako@example.com](mailto:hanako@example.com)",
        "Hanako Yamada <hanako@example.com>;",
        "*hanako@example.com*",
        "`hanako@example.com`",
        "hanako@example。com",
        "hanako★example.com (★を@に)",
        "https://hanako@example.com",
        "hanako\n@example.com",
        "hanako_at_example_dot_com",
        "it's hanako, at sign, example, dot, com",
        "＜hanako＠example.com＞",
        "hanako@example．comやで",
    ],
)
def test_the_one_address_is_read_in_whatever_dress(text: str) -> None:
    assert read_email(text) == "hanako@example.com"


@pytest.mark.parametrize(
    ("text", "email"),
    [
        ("taro underscore yamada at example dot com", "taro_yamada@example.com"),
        ("taro ハイフン yamada アット example ドット co ドット jp", "taro-yamada@example.co.jp"),
        ("taro dot yamada at mail dot example dot org", "taro.yamada@mail.example.org"),
        ("taroアンダーバーyamadaアットマークexampleドットcom", "taro_yamada@example.com"),
        ("taro.yamada (a) example.com", "taro.yamada@example.com"),
    ],
)
def test_signs_are_read_as_they_are_said(text: str, email: str) -> None:
    assert read_email(text) == email


@pytest.mark.parametrize(
    "text",
    [
        "hanako at example.com",  # prose as well: a hint is given
        "you can find me at example.com",
        "you can find me at example dot com",
        "I have an account at example.com",
        "hanako at example",
        "I am at home dot",
        "hanako@",
        "meet at 3. com",
    ],
)
def test_no_address_is_made_up(text: str) -> None:
    assert read_email(text) is None


@given(st.text(alphabet=st.characters(blacklist_categories=("Lu", "Ll", "Lt", "Lo", "Lm", "Cs"))))
def test_a_text_without_letters_holds_none(text: str) -> None:
    assert read_email(write_addresses(text)) is None


def test_a_sign_in_words_is_a_word_and_no_part_of_one() -> None:
    assert write_addresses("todasho アットマーク example ドット com").strip() == "todasho@example.com"
    assert write_addresses("toda dash sho at example dot com").strip() == "toda-sho@example.com"
