"""What says who asks does not stay in a kept question, and what it asks does."""

from __future__ import annotations

import pytest

from actions.dialogue.masking import LONGEST, MOST_MARKS, has_contact_data, mask
from actions.services import Services


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("hanako@example.com への広告を止められますか", "〔メール〕 への広告を止められますか"),
        ("ｈａｎａｋｏ＠ｅｘａｍｐｌｅ．ｃｏｍは誰が見ますか", "〔メール〕は誰が見ますか"),
        ("hanako アットマーク example ドット com は使えますか", "〔メール〕 は使えますか"),
        ("０３－００００－００００にかかってきます", "〔電話〕にかかってきます"),
        ("03の0000の0000に電話がありました", "〔電話〕に電話がありました"),
        ("+81 3 0000 0000 は記録されますか", "〔電話〕 は記録されますか"),
        ("〒150-0000 の住所は誰に渡りますか", "〔郵便番号〕 の住所は誰に渡りますか"),
        ("１５０－００００は渡りますか", "〔郵便番号〕は渡りますか"),
        ("注文番号 1234 の記録は残りますか", "注文番号 〔番号〕 の記録は残りますか"),
        ("カード 4111 1111 1111 1111 は残りますか", "カード 〔番号〕 は残りますか"),
        ("AB-12345 は消えますか", "〔番号〕 は消えますか"),
        ("https://example.com/order?id=7 は記録されますか", "〔リンク〕 は記録されますか"),
        ("1990年1月1日生まれですが年齢は使いますか", "〔日付〕生まれですが年齢は使いますか"),
        ("渋谷区神南1-2-3に引っ越しました", "〔住所〕に引っ越しました"),
        ("昨日佐藤さんに聞きました", "昨日〔名前〕さんに聞きました"),
        ("山田花子の住所は残りますか", "〔名前〕の住所は残りますか"),
        ("花子さんの住所は残りますか", "〔名前〕さんの住所は残りますか"),
        ("昨日高橋に電話しました", "昨日〔名前〕に電話しました"),
        ("アマミヤ様あてに届きます", "〔名前〕様あてに届きます"),
    ],
)
def test_what_is_somebodys_is_masked_when_japanese(services: Services, text: str, kept: str) -> None:
    found = mask(services, text, "ja")
    assert found.text == kept
    assert found.is_keepable
    assert has_contact_data(services, text, "ja")


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Who reads mail to hanako@example.com?", "Who reads mail to [e-mail]?"),
        ("Is hanako at example dot com kept?", "Is [e-mail] kept?"),
        ("Do you keep +44 20 7946 0731?", "Do you keep [phone]?"),
        ("Is order number 9137 kept?", "Is order number [number] kept?"),
        ("Why does Mrs. Rosenquist get my mail?", "Why does Mrs. [name] get my mail?"),
        ("My father Thaddeus wants to know who sees it", "My father [name] wants to know who sees it"),
        ("Did Quentin Zyxwardle get my address?", "Did [name] get my address?"),
        ("I was born on 3 March 1990, do you use it?", "I was born on [date], do you use it?"),
        ("Why is 12 Elm Street on the list?", "Why is [address] on the list?"),
    ],
)
def test_what_is_somebodys_is_masked_when_english(services: Services, text: str, kept: str) -> None:
    found = mask(services, text, "en")
    assert found.text == kept
    assert found.is_keepable


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("お客様の情報を第三者に提供しますか", "ja"),
        ("お母さんの住所に送っても大丈夫ですか", "ja"),
        ("業者さんは何を見ますか", "ja"),
        ("ヤマトさんに住所は渡りますか", "ja"),
        ("たくさん届きます", "ja"),
        ("情報はちゃんと守られますか", "ja"),
        ("2026年に変わりましたか", "ja"),
        ("同様の仕様ですか", "ja"),
        ("氏名は必要ですか", "ja"),
        ("ISO 27001 は取っていますか", "ja"),
        ("Can you delete my phone number?", "en"),
        ("Does COVERCHORD sell my data?", "en"),
        ("Is Article 17 of the law honoured in 2026?", "en"),
        ("Where may I look at what you have on me?", "en"),
    ],
)
def test_a_question_is_left_as_it_is_when_nobody_is_in_it(services: Services, text: str, language: str) -> None:
    found = mask(services, text, language)
    assert (found.text, found.marks) == (text, 0)
    assert not has_contact_data(services, text, language)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("山田花子と申します。hanako@example.com、03-0000-0000、退会したいです", "ja"),  # who writes, in full
        ("メールは残りますか\n--\n山田花子\n株式会社見本\n03-0000-0000", "ja"),  # a signature
        ("Do you keep my mail?\n\nBest regards,\nHanako Yamada\nhanako@example.com", "en"),
        ("佐藤さんと鈴木さんと高橋さんの住所は誰が見ますか", "ja"),  # more marks than may be
        ("hanako@example.com", "ja"),  # nothing else
        ("個人情報" * (LONGEST // 4 + 1), "ja"),  # a life
        ("", "ja"),
        ("〔名前〕", "ja"),
    ],
)
def test_a_text_is_not_to_be_kept_when_too_much_of_a_person_is_in_it(
    services: Services, text: str, language: str
) -> None:
    assert not mask(services, text, language).is_keepable


def test_as_many_marks_as_may_be_are_kept(services: Services) -> None:
    assert MOST_MARKS == 2
    assert mask(services, "佐藤さんと鈴木さんの住所は誰が見ますか", "ja").is_keepable


@pytest.mark.parametrize("text", ["\0mail\0", "\0" * 5, "@" * 3000, "0" * 3000, "さん" * 1000, "-" * 3000, "〒" * 3000])
@pytest.mark.parametrize("language", ["ja", "en"])
def test_any_text_is_read(services: Services, text: str, language: str) -> None:
    mask(services, text, language)
