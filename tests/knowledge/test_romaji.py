from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.romaji import Spelling, fold, is_romaji

_LEARNT = [
    "個人情報は誰に渡しますか",
    "私の住所を警察に渡しますか",
    "住所を第三者に渡しますか",
    "私の電話番号は渡しますか",
    "私は退会したいです",
    "私の情報を教えてください",
    "私の名前",
    "私の情報",
    "メールアドレスは何に使いますか",
    "どんな情報を集めていますか",
    "金融機関に渡しますか",
    "発送の手続きは",
]


@pytest.fixture(scope="module")
def spelling() -> Spelling:
    return Spelling.learn(_LEARNT)


@pytest.mark.parametrize(
    ("message", "spelled"),
    [
        ("kojin jouhou wa dare ni watashimasu ka?", "個人情報は誰に渡しますか"),
        ("KOJIN JOUHOU WA DARE NI WATASHIMASU KA", "個人情報は誰に渡しますか"),
        ("kojinjouhouwadareniwatashimasuka", "個人情報は誰に渡しますか"),  # without blanks
        ("ｋｏｊｉｎ　ｊｏｕｈｏｕ", "個人情報"),
        ("watashi no juusho", "私の住所"),  # 私 by itself, 渡し before ます, although both sound the same
        ("watashimasu ka", "渡しますか"),
        # The ways to write a long vowel.
        *(
            (f"{word} wo oshiete kudasai", "情報を教えてください")
            for word in ("jouhou", "jōhō", "johou", "joho", "jôhô")
        ),
        *((f"{word}adoresu", "メールアドレス") for word in ("meeru", "mēru", "me-ru", "meru")),
        # Hepburn and kunrei, and the closed syllables.
        ("hassou no tetsuzuki", "発送の手続き"),
        ("hassou no tetsuduki", "発送の手続き"),
        ("zyuusyo", "住所"),
        ("donna jouhou", "どんな情報"),
        ("kin'yuu kikan", "金融機関"),
        # What is no Japanese word stays.
        ("DHL ni juusho wo watashimasu ka", "DHL に住所を渡しますか"),
        ("taro@example.com", "タロ example com"),
        ("123", "123"),
        ("", ""),
        ("?!", ""),
    ],
)
def test_message_is_spelled_as_customers_write(spelling: Spelling, message: str, spelled: str) -> None:
    assert spelling.spell(message) == spelled


def test_most_frequent_spelling_of_a_reading_stays() -> None:
    assert Spelling.learn(["氏名を書く", "氏名を書く", "使命を書く"]).spell("shimei") == "氏名"
    assert Spelling.learn(["氏名を書く", "使命を書く", "使命を書く"]).spell("shimei") == "使命"


def test_spelling_is_the_same_for_the_same_texts() -> None:
    assert Spelling.learn(_LEARNT) == Spelling.learn(iter(_LEARNT))


def test_nothing_learnt_leaves_sounds() -> None:
    assert Spelling().spell("juusho") == "ジュショ"
    assert Spelling.learn([]) == Spelling()
    assert Spelling.learn(["ー", "123", "", "DHL"]).words == {}  # nothing with a reading


def test_readings_of_no_length_are_not_learnt(spelling: Spelling) -> None:
    assert all(spelling.words)
    assert all(surface and cost > 0 for surface, cost in spelling.words.values())


@pytest.mark.parametrize(
    "message",
    [
        "kojin jouhou",
        "Sumimasen, watashi no de-ta wo keshite kudasai!",
        "DHL ni juusho wa watarimasu ka",
        "kojin jōhō wa dō tsukaimasu ka",
        "shimbun, matchi, kitte, zasshi",
        "kin'yuu kikan",
        "tsuzuki, tsudzuki, tuzuki",
        "vaiorin",
        "n",
    ],
)
def test_syllables_are_romaji(message: str) -> None:
    assert is_romaji(message)


@pytest.mark.parametrize(
    "message",
    [
        "What do you do with my data?",
        "privacy policy",
        "Does DHL get my phone number?",
        "street, stop, must, doctor",  # two consonants close no syllable
        "individual",
        "kakaka x",
        "個人情報",
        "12345",
        "",
        "'",
        "👍",
    ],
)
def test_other_words_are_no_romaji(message: str) -> None:
    assert not is_romaji(message)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ジョウホウ", "ジョホ"),
        ("コーコク", "ココク"),
        ("オオサカ", "オサカ"),
        ("チイサイ", "チサイ"),
        ("クウキ", "クキ"),
        ("メエル", "メール"),
        ("ツヅキ", "ツズキ"),
        ("ハナヂ", "ハナジ"),
        ("ヲ", "オ"),
    ],
)
def test_readings_that_romaji_does_not_tell_apart_are_one(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(("one", "other"), [("カク", "ガク"), ("サイ", "サ"), ("アイ", "ア"), ("ユキ", "ヨキ")])
def test_other_readings_stay_apart(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.text(max_size=60), st.text("aiueoknstmryhbgzjc'- NnAĀō1あ情😀", max_size=60)))
def test_any_message_is_spelled(spelling: Spelling, message: str) -> None:
    spelled = spelling.spell(message)
    assert spelled == spelled.strip()
    assert isinstance(is_romaji(message), bool)


@pytest.mark.parametrize("syllable", ["ka", "nna", "na", "kka", "sha", "tcha", "mba", "n'", "nn", "a", "tsu"])
def test_long_word_that_is_not_quite_romaji_is_read_in_no_time(spelling: Spelling, syllable: str) -> None:
    # A pattern that read a syllable in two ways took a second for 20 of them, and twice as long for each further one.
    word = syllable * (10_000 // len(syllable))
    started = time.perf_counter()
    is_romaji(f"{word}x")
    spelling.spell(word)
    spelling.spell(f"{word}x")
    assert time.perf_counter() - started < 3


@pytest.mark.parametrize(
    ("message", "spelled"),
    [
        ("こじんじょうほうはだれにわたしますか", "個人情報は誰に渡しますか"),
        ("わたしの じゅうしょ を けいさつ に わたしますか", "私の住所を警察に渡しますか"),
        ("めーるあどれすはだれにわたしますか", "メールアドレスは誰に渡しますか"),
        ("メールアドレスはだれにわたしますか", "メールアドレスは誰に渡しますか"),  # katakana stay
        ("ねこのじょうほう", "ねこの情報"),  # what is no word stays as it is
        (
            "私のじゅうしょはだれにわたしますか",
            "私のじゅうしょはだれにわたしますか",
        ),  # who writes kanji writes them all
        ("はい", "はい"),
        ("なしです", "なしです"),
        ("Where is my data?", "Where is my data?"),
        ("", ""),
    ],
)
def test_a_message_in_hiragana_gets_its_kanji(spelling: Spelling, message: str, spelled: str) -> None:
    assert spelling.spell_kana(message) == spelled


@given(st.text(max_size=60))
def test_any_message_is_respelled_without_an_error(spelling: Spelling, message: str) -> None:
    spelling.spell_kana(message)
