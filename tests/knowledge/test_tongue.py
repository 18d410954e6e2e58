from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge import tongue
from knowledge.bundle import Bundle
from knowledge.features import Vocabulary, extract_features
from knowledge.policy import LANGUAGES
from knowledge.romaji import Spelling
from knowledge.tongue import Heard, hear, recognise

_JAPANESE = [
    "個人情報は誰に渡しますか",
    "私の住所を警察に渡しますか",
    "住所を第三者に渡しますか",
    "個人情報の開示を請求します",
    "プライバシーポリシーを教えてください",
    "私の電話番号を集めますか",
    "私の情報を消してください",
]
_ENGLISH = [
    "What do you use my personal data for?",
    "Do you give my address to the police?",
    "Who gets my phone number?",
    "Please delete my account",
    "Is it safe to tell you my name?",
]


@pytest.fixture(scope="module")
def ears() -> Bundle:
    """What listening needs of a bundle: the words that customers use, in both languages and aloud."""
    retrievers = {
        language: SimpleNamespace(vocabulary=Vocabulary.fit([extract_features(text) for text in texts]))
        for language, texts in (("ja", _JAPANESE), ("en", _ENGLISH))
    }
    bundle: Any = SimpleNamespace(retrievers=retrievers, spelling=Spelling.learn(_JAPANESE))
    found: Bundle = bundle
    return found


@pytest.mark.parametrize(
    ("message", "found"),
    [
        ("個人情報は誰に渡しますか", "ja"),
        ("ﾃﾞｰﾀ", "ja"),
        ("開示請求", "ja"),
        ("山田太郎", "ja"),  # unknown words without kana, but not certainly Chinese
        ("What do you use my data for?", "en"),
        ("hi", "en"),
        ("DHL", "en"),
        ("asdf qwer", "en"),  # nobody's language: the desk's
        ("How do I use the ご登録情報の確認・変更 page?", "en"),
        ("kojin jouhou wa dare ni watashimasu ka", "romaji"),
        ("kojin jōhō wa dare ni watashimasu ka", "romaji"),
        ("DHL ni juusho wo watashimasu ka", "romaji"),
        # No language: digits, marks, emoji, addresses.
        ("", None),
        ("123-4567", None),
        ("０３−００００", None),
        ("👍👍🏽", None),
        ("taro@example.com", None),
        ("taro@example.com 👍", None),
        ("https://example.com/privacy?x=1", None),
        ("ｔａｒｏ＠ｅｘａｍｐｌｅ．ｃｏｍ", None),
        # Others by their letters …
        ("мои данные", "other"),
        ("개인정보를 누구에게 제공합니까?", "other"),
        ("ข้อมูลส่วนบุคคล", "other"),
        ("العربية", "other"),
        ("taro@example.com 내 정보", "other"),
        # … and by their words.
        ("你们会把我的个人信息提供给第三方吗？", "other"),
        ("個人信息會提供給第三方嗎", "other"),
        ("Quelles données personnelles collectez-vous ?", "other"),
        ("Welche Daten sammeln Sie über mich?", "other"),
        ("¿Qué datos personales recogen ustedes?", "other"),
        ("Quali dati personali raccogliete?", "other"),
        ("Quais dados vocês coletam?", "other"),
        ("Bạn thu thập dữ liệu nào?", "other"),
    ],
)
def test_language_of_a_message_is_recognised(ears: Bundle, message: str, found: str | None) -> None:
    assert recognise(ears, message) == found


@pytest.mark.parametrize("message", ["Data apa yang Anda kumpulkan?", "tanaka", "banana", "a" * 5_000, "no no no"])
def test_syllables_that_become_no_words_are_not_romaji(ears: Bundle, message: str) -> None:
    assert recognise(ears, message) != "romaji"


def test_identifier_is_not_asked_about_known_words(ears: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    # It takes a second to load and errs on short messages.
    monkeypatch.setattr(tongue, "_identifier", lambda: pytest.fail("asked"))
    assert [recognise(ears, message) for message in _ENGLISH] == ["en"] * len(_ENGLISH)
    assert [recognise(ears, message) for message in _JAPANESE] == ["ja"] * len(_JAPANESE)
    assert recognise(ears, "мои данные") == "other"
    assert recognise(ears, "123") is None


@pytest.mark.parametrize(
    ("message", "wanted", "heard"),
    [
        ("個人情報", None, Heard("個人情報", "ja")),
        ("個人情報", "en", Heard("個人情報", "en")),
        ("my data", None, Heard("my data", "en")),
        ("my data", "ja", Heard("my data", "ja")),
        ("123", None, Heard("123", "ja")),  # the shop's own language when the text shows none
        ("123", "en", Heard("123", "en")),
        ("kojin jouhou", None, Heard("個人情報", "ja")),
        ("kojin jouhou", "ja", Heard("個人情報", "ja")),
        ("kojin jouhou", "en", Heard("kojin jouhou", "en")),  # wanted in English: it is read as it stands
        ("мои данные", None, Heard("мои данные", "ja", is_foreign=True)),
        ("мои данные", "en", Heard("мои данные", "en", is_foreign=True)),
        ("Welche Daten sammeln Sie über mich?", "ja", Heard("Welche Daten sammeln Sie über mich?", "ja", True)),
    ],
)
def test_message_is_heard_in_its_language_or_the_wanted_one(
    ears: Bundle, message: str, wanted: str | None, heard: Heard
) -> None:
    assert hear(ears, message, wanted) == heard


@settings(max_examples=100, deadline=None)
@given(message=st.text(max_size=60), wanted=st.sampled_from([None, *LANGUAGES]))
def test_any_message_is_heard(ears: Bundle, message: str, wanted: str | None) -> None:
    assert recognise(ears, message) in {"ja", "en", "romaji", "other", None}
    heard = hear(ears, message, wanted)
    assert heard.language == wanted or (wanted is None and heard.language in LANGUAGES)
    if heard.is_foreign:
        assert heard.text == message


@pytest.mark.parametrize("language", LANGUAGES)
def test_readings_are_heard_as_they_stand(bundle: Bundle, language: str) -> None:
    # What a button sends must come back as the reading: not as romaji, nor as another language.
    readings = [reading[language] for reading in bundle.policy.guidance.readings.values()]
    assert [hear(bundle, reading) for reading in readings] == [Heard(reading, language) for reading in readings]


@pytest.mark.parametrize("language", LANGUAGES)
def test_wordings_are_heard_in_their_language(bundle: Bundle, wordings: list[Any], language: str) -> None:
    asked = [row.text for row in wordings if row.language == language and row.answerable][::40]
    written = {text: bundle.spelling.spell_kana(text) if language == "ja" else text for text in asked}
    wrong = [text for text in asked if hear(bundle, text) != Heard(written[text], language)]
    assert len(asked) > 100
    assert len(wrong) <= 0.01 * len(asked), wrong
