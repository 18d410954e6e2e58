"""Names of persons in the middle of Japanese sentences, as the dictionary knows them."""

from __future__ import annotations

import pytest

from actions.dialogue.people import list_people, pick_other, pick_person


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("工藤弥太郎だ", ["工藤弥太郎"]),
        ("本名の藤堂早苗に直してください。", ["藤堂早苗"]),
        ("東海林　麗央", ["東海林 麗央"]),
        ("真壁香澄と申します。依頼者の桑原美登里様から", ["真壁香澄"]),  # a customer's honorific: another's
        ("高橋 健太郎さんから聞いた", []),
        ("母の山田梅の代わりに山田花子が", ["山田花子"]),
        ("山本一郎の妻、山本京子です", ["山本京子"]),
        ("ﾔﾏﾀﾞ ﾊﾅｺ", []),  # would be kept otherwise than typed
        ("千葉県柏市若葉町の者です", []),
        ("服部です", []),  # no whole name
        ("my name is Hanako Yamada", []),
        ("山田花子\ud800", ["山田花子"]),
    ],
)
def test_whole_names_are_found_and_other_peoples_left_out(text: str, names: list[str]) -> None:
    assert [one.name for one in list_people(text)] == names


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Emily 藤本、じゃなくて日本語だと藤本恵美莉です。藤本恵美莉でお願いします", "藤本恵美莉"),
        ("西園寺千代じゃなくて、西園寺千代子です", "西園寺千代子"),
        ("山田花子、佐藤一郎", None),
        ("はい", None),
    ],
)
def test_of_several_names_the_one_that_is_meant_is_picked(text: str, name: str | None) -> None:
    assert pick_person(text) == name


def test_another_name_than_the_current_one_is_picked() -> None:
    assert pick_other("西園寺千代やのうて、西園寺千代子にしとくれやす", "西園寺 千代") == "西園寺千代子"
    assert pick_other("西園寺千代でよろしおす", "西園寺千代") is None
    assert pick_other("山田花子か佐藤一郎", "西園寺千代") is None
