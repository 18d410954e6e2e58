"""Corrections of earlier answers: at once when the new value is there, else by asking for it."""

from __future__ import annotations

import pytest

from actions.cases.records import FIELDS, Draft
from actions.dialogue.corrections import correct_earlier, correct_review, find_new_values
from actions.dialogue.steps import CONFIRMATION, Heard, Move

GIVEN = {"details": "住所", "name": "山田花子", "email": "hanako@example.com", "phone": "03-0000-0000"}


def _draft(asked: str) -> Draft:
    names = FIELDS[: FIELDS.index(asked)] if asked in FIELDS else FIELDS
    return Draft(("disclosure",), "ja", "1-0", "key", asked, {name: GIVEN[name] for name in names})


def _hear(text: str) -> Heard:
    return Heard(text, "nlu_fallback", 0.2)


@pytest.mark.parametrize(
    ("asked", "text", "field", "value"),
    [
        ("phone", "さっきのメール、間違えました。正しくは taro@example.com です", "email", "taro@example.com"),
        ("phone", "oops wrong mail, it's taro@example.com", "email", "taro@example.com"),
        ("phone", "taro@example.com", "email", "taro@example.com"),  # nothing else: it can only be a correction
        ("email", "名前は山田じゃなくて山口です", "name", "山口花子"),
        ("email", "Sorry, my name is Taro Yamada", "name", "Taro Yamada"),
        ("confirmation", "電話番号を間違えました。正しくは090-0000-0043です", "phone", "090-0000-0043"),
        ("confirmation", "電話番号は削除して、なしにしてください", "phone", ""),
        ("confirmation", "the name should be Lea Wong", "name", "Lea Wong"),
        ("confirmation", "メールの@の前は hanako じゃなくて hana でした。直してください", "email", "hana@example.com"),
        ("confirmation", "電話の末尾は0061", "phone", "03-0000-0061"),
        ("confirmation", "hanako@example.com じゃなくて taro@example.com", "email", "taro@example.com"),
    ],
)
def test_the_new_value_is_found_when_a_message_corrects_one(asked: str, text: str, field: str, value: str) -> None:
    assert find_new_values(_draft(asked), text) == {field: value}


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ("phone", "090-0000-0000 (other@example.com)"),  # stands beside an answer
        ("phone", "hanako@example.com"),  # the same
        ("email", "taro@example.com"),  # the answer itself
        ("confirmation", "はい"),
    ],
)
def test_nothing_is_corrected_when_a_message_only_answers(asked: str, text: str) -> None:
    assert find_new_values(_draft(asked), text) == {}


def test_an_english_name_is_exchanged_by_the_word() -> None:
    draft = _draft("email").give("name", "Jon Snowe")
    assert find_new_values(draft, "sorry, it's spelled John, not Jon") == {"name": "John Snowe"}
    assert find_new_values(draft, "my name is spelled John Snowe, not Jon") == {"name": "John Snowe"}


def test_an_earlier_field_is_asked_again_when_it_is_said_to_be_wrong() -> None:
    step = correct_earlier(_draft("phone"), _hear("メールを間違えました"))
    assert step is not None
    assert (step.move, step.draft.asked) == (Move.ASK, "email")
    both = correct_earlier(_draft("phone"), _hear("名前もメールも間違えました"))
    assert both is not None
    assert both.move is Move.WHICH
    assert both.draft == _draft("phone")


def test_no_earlier_field_is_meant_when_a_question_names_it() -> None:
    assert correct_earlier(_draft("phone"), _hear("名前は誰に見えますか？")) is None


def test_a_correction_said_twice_changes_nothing_more() -> None:
    once = correct_review(_draft(CONFIRMATION), _hear("名前は山田じゃなくて山口です"))
    assert once is not None
    assert once.notes == ("corrected",)
    twice = correct_review(once.draft, _hear("名前は山田じゃなくて山口です"))
    assert twice is not None
    assert (twice.move, twice.draft.fields) == (Move.REVIEW, once.draft.fields)


@pytest.mark.parametrize(
    ("current", "text", "name"),
    [
        ("Imogen Achebe-Lowe", "oh actually, I've dropped the double barrel. Just put Imogen Lowe", "Imogen Lowe"),
        ("月代 ゆかり", "いまのはペンネームでした。本名の藤堂早苗に直してください。", "藤堂早苗"),
        ("三浦 千鶴", "名前は三浦ではなく旧姓の柏木 千鶴でお願いいたします。", "柏木 千鶴"),
        ("西園寺千代", "名前は西園寺千代やのうて、西園寺千代子にしとくれやす。", "西園寺千代子"),
    ],
)
def test_a_whole_name_replaces_the_one_that_was_given(current: str, text: str, name: str) -> None:
    draft = _draft("email").give("name", current)
    assert find_new_values(draft, text) == {"name": name}


@pytest.mark.parametrize("text", ["My friend Imogen Baker recommended you", "佐藤一郎から聞きました"])
def test_another_persons_name_replaces_none(text: str) -> None:
    draft = _draft("email").give("name", "Oskar Lindqvist" if text.isascii() else "山田花子")
    assert find_new_values(draft, text) == {}


@pytest.mark.parametrize(
    "text", ["could you take my phone number off? I'd rather not leave it.", "電話番号は消してください"]
)
def test_a_telephone_number_is_taken_out_again_at_the_review(text: str) -> None:
    draft = _draft("confirmation").give("name", "山田花子").give("phone", "03-0000-0000")
    assert find_new_values(draft, text) == {"phone": ""}


@pytest.mark.parametrize(
    ("text", "email"),
    [
        ("oh shoot left out a letter. its hanakko@example.com", "hanakko@example.com"),
        ("妻のは hanae@example.com です", None),  # of the same domain, and no slip
        ("妻のは taro@example.org です", None),  # another one, and nobody says that it shall replace it
    ],
)
def test_an_address_but_for_a_slip_is_the_one_that_was_meant(text: str, email: str | None) -> None:
    assert find_new_values(_draft("phone"), text).get("email") == email
