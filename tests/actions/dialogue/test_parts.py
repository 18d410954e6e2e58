"""A part of an address or a number is corrected: the part that was said to be wrong, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.dialogue.fields import read_email, read_phone
from actions.dialogue.parts import correct_email_part, correct_phone_part

MAIL, PHONE = "arimura.cha@example.org", "090-0000-0060"


@pytest.mark.parametrize(
    ("text", "corrected"),
    [
        (
            "メールんとこ、@の前が arimura.cha じゃなくて arimura.ocha でした。直してください",
            "arimura.ocha@example.org",
        ),
        ("メールの最後は .org ではなくて .com でした。直していただけますか", "arimura.cha@example.com"),
        ("メールは cha から ocha にしてください", "arimura.ocha@example.org"),
        ("the mail ends in .net, not .org", "arimura.cha@example.net"),
        ("it's arimura.ocha not arimura.cha in the e-mail", "arimura.ocha@example.org"),
        ("not arimura.cha but arimura.ocha", "arimura.ocha@example.org"),
        ("メールのドメインは example.net です", "arimura.cha@example.net"),
        ("アドレスの＠の前は ocha です", "ocha@example.org"),
        ("はい、送ってください", None),
        ("メールの最後は .com ではなくて .org でした", None),  # it is that already
        ("taro@example.com です", None),  # a whole address is none of this module's
        ("not cha but .. please", None),
        ("住所は 3-2 ではなく 3-12 です", None),
        ("メールは coverchord.com から届きますか？", None),  # a name with a dot in it is no domain of the address
        ("mail address is not at gmail.com", None),
        ("I bought it on amazon.com last year", None),
        ("hmm Mr.Smith said so", None),
        ("それは node.js のせい", None),
    ],
)
def test_a_part_of_an_address_is_corrected(text: str, corrected: str | None) -> None:
    assert correct_email_part(MAIL, text) == corrected


@pytest.mark.parametrize(
    ("text", "corrected"),
    [
        ("電話の末尾は0061", "090-0000-0061"),
        ("oh my phone ends in 0077", "090-0000-0077"),
        ("電話、0060じゃなくて0061です", "090-0000-0061"),
        ("the last four digits are 1160", "090-0000-1160"),
        ("03-0000-0000 です", None),
        ("the phone number ends in 3 digits", None),
        ("最後3つ目の質問", None),
        ("電話の最後の4桁は 1234 じゃないです", None),
        ("はい", None),
    ],
)
def test_a_part_of_a_number_is_corrected(text: str, corrected: str | None) -> None:
    assert correct_phone_part(PHONE, text) == corrected


def test_nothing_is_corrected_where_nothing_was_given() -> None:
    assert correct_email_part("", "@の前は ocha です") is None
    assert correct_phone_part("", "末尾は0061") is None


_SAID = [
    "cha",
    "arimura",
    ".org",
    "@",
    "0060",
    "..",
    "に",
    "から",
    "ではなく",
    "not",
    "末尾は",
    "domain",
    "@の前は",
    "x",
]
PIECES = st.sampled_from([*_SAID, " "])


@given(st.lists(PIECES, max_size=8).map(" ".join) | st.lists(PIECES, max_size=8).map("".join) | st.text(max_size=60))
def test_whatever_is_said_the_value_stays_a_good_one(text: str) -> None:
    for made, read in ((correct_email_part(MAIL, text), read_email), (correct_phone_part(PHONE, text), read_phone)):
        assert made is None or read(made)
