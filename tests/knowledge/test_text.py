from __future__ import annotations

import logging
import subprocess
import sys
import threading
import time
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.text import analyse, clean, count_latin_words, detect_language, find_people, normalise, read_aloud

# Any text a database or a tokenizer can hold: everything but lone surrogates.
_TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
_JAPANESE = st.text("個人情報お客様のを渡す開示ｶﾞガ゛ー〜!?。、 \n\taZ09-@👨‍👩‍👧①㌀", max_size=60)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  住所\n変更  ", "住所\n変更"),
        ("a\x00b\x1b[31mc\x7f", "ab[31mc"),  # the escape goes, what it would have coloured stays
        ("\ud800あ\udfff", "あ"),
        ("一行\r\n二行\t終", "一行\n二行\t終"),
        ("ＡＢＣ ｶﾅ １２", "ＡＢＣ ｶﾅ １２"),  # width stays: these are the person's own words
        ("👨‍👩‍👧 𠮟る", "👨‍👩‍👧 𠮟る"),
        ("\ue000\U0010ffff", ""),
        ("", ""),
    ],
)
def test_clean_drops_only_the_invisible(typed: str, kept: str) -> None:
    assert clean(typed) == kept


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("ＡＢＣ　１２３", "ABC 123"),
        ("ｺｼﾞﾝｼﾞｮｳﾎｳ", "コジンジョウホウ"),
        (" 名前\n\n と\t住所 ", "名前 と 住所"),
        ("㍿①", "株式会社1"),
        ("が", "が"),
    ],
)
def test_normalise_unifies_width_and_blanks(typed: str, plain: str) -> None:
    assert normalise(typed) == plain


@pytest.mark.parametrize(
    ("typed", "language"),
    [
        ("個人情報はどう使いますか", "ja"),
        ("ｺｼﾞﾝ", "ja"),
        ("々", "ja"),
        ("I moved. 住所を変更して", "ja"),
        ("What do you do with my data?", "en"),
        ("naïve", "en"),
        ("OK", "en"),
        # Neither: addresses and numbers are not a language, nor is a script the desk does not speak.
        ("taro@example.com", None),
        ("https://example.com/privacy", None),
        ("03-0000-0000", None),
        ("👍👍", None),
        ("мои данные", None),
        ("개인정보를 누구에게 제공합니까?", None),
        ("ꀀꁀ", None),
        ("", None),
        # No blank parts an address from the Japanese around it.
        ("taro@example.comを消して", "ja"),
        ("メールはtaro@example.comです", "ja"),
        ("https://example.com/を見た", "ja"),
        ("My mail is taro@example.com", "en"),
        # A Japanese name inside an English sentence leaves it English; a few Latin names leave Japanese Japanese.
        ("How do I use the ご登録情報の確認・変更 page?", "en"),
        ("What does 個人情報 mean here?", "en"),
        ("ヤマトかDHLかFedExかUPSかEMSのどれに渡しますか", "ja"),
        ("DHLとEMS", "ja"),
        ("means 個人情報", "ja"),
        ("﨑", "ja"),  # a compatibility ideograph
        ("｟𠮟る｠", "ja"),
    ],
)
def test_language_is_detected_when_the_text_shows_one(typed: str, language: str | None) -> None:
    assert detect_language(typed) == language


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("delete my account", 3),
        ("don't sell it", 3),
        ("please write to hanako@example.com or https://example.com", 4),
        ("個人情報", 0),
        ("DHLに渡した?", 1),
        ("", 0),
    ],
)
def test_latin_words_are_counted_outside_addresses(typed: str, words: int) -> None:
    assert count_latin_words(typed) == words


@pytest.mark.parametrize("char", ["a", "あ", "@", "1", "-", "㌀", "\u0301"])
def test_language_is_detected_quickly_when_the_text_is_long(char: str) -> None:
    # An unbounded pattern for mail addresses took 48 s here: its time grew with the square of the length.
    started = time.perf_counter()
    detect_language(char * 100_000)
    assert time.perf_counter() - started < 5


def test_compounds_are_split_as_the_index_needs_them() -> None:
    surfaces = [token.surface for token in analyse("第三者に個人情報を渡す")]
    assert surfaces == ["第三者", "に", "個人", "情報", "を", "渡す"]


@pytest.mark.parametrize(
    ("word", "normal"),
    [("問合せ", "問い合わせ"), ("引越し", "引っ越し"), ("ｻｰﾊﾞ", "サーバー"), ("DHL", "dhl")],
)
def test_spellings_are_unified_when_analysed(word: str, normal: str) -> None:
    assert [token.normal for token in analyse(normalise(word))] == [normal]


def test_particles_and_marks_carry_no_meaning() -> None:
    meaning = {token.surface: token.carries_meaning for token in analyse("あの、住所を消したいです。")}
    assert meaning["住所"]
    assert meaning["消し"]
    assert not any(meaning[word] for word in ("、", "を", "たい", "です", "。"))


def test_synonyms_share_a_group() -> None:
    groups = [set(analyse(word)[0].synonyms) for word in ("配達", "宅配", "配送")]
    assert set.intersection(*groups)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "私は住所を変えた",
            [("私", "ワタシ"), ("は", "ワ"), ("住所", "ジュウショ"), ("を", "ヲ"), ("変え", "カエ"), ("た", "タ")],
        ),
        ("警察へ", [("警察", "ケイサツ"), ("へ", "エ")]),
        ("ﾃﾞｰﾀ 123 DHL 。", [("データ", "データ")]),  # only what is written in Japanese
        ("", []),
    ],
)
def test_words_are_read_aloud_as_people_type_them(text: str, words: list[tuple[str, str]]) -> None:
    assert read_aloud(text) == words


def test_long_text_is_read_aloud() -> None:
    assert read_aloud("個人。" * 20_000) == [("個人", "コジン")] * 20_000


@settings(deadline=None)
@given(st.text(max_size=80))
def test_clean_text_holds_nothing_invisible_when_anything_is_typed(typed: str) -> None:
    kept = clean(typed)
    assert all(char in "\n\t" or unicodedata.category(char) not in {"Cc", "Cs", "Co", "Cn"} for char in kept)
    assert clean(kept) == kept
    kept.encode()


@settings(deadline=None)
@given(st.text(max_size=80))
def test_normal_text_stays_the_same_when_normalised_again(typed: str) -> None:
    plain = normalise(typed)
    assert normalise(plain) == plain
    assert "  " not in plain
    assert "\n" not in plain


@settings(max_examples=200, deadline=None)
@given(st.one_of(_TEXTS, _JAPANESE))
def test_offsets_give_the_surface_when_any_text_is_analysed(text: str) -> None:
    end = 0
    for token in analyse(text):
        assert token.surface == text[token.start : token.end]
        assert token.start >= end
        assert token.surface.strip()
        end = token.end


@pytest.mark.parametrize(
    "text",
    [
        "個人情報" * 5_000,  # 60,000 bytes: Sudachi refuses more than 49,149 at once
        "ﷺ" * 3_000,  # each grows from 3 to 33 bytes inside Sudachi
        "㌀" * 10_000,
        "あ、" * 8_000,
        "𠮟" * 9_000,
        "hello " * 5_000,
    ],
)
def test_offsets_give_the_surface_when_the_text_is_longer_than_sudachi_takes(text: str) -> None:
    tokens = analyse(text)
    assert all(token.surface == text[token.start : token.end] for token in tokens)
    assert "".join(token.surface for token in tokens) == text.replace(" ", "")


def test_long_texts_are_cut_where_no_word_is_split() -> None:
    text = "個人情報を渡す。" * 500
    assert {token.surface for token in analyse(text)} == {"個人", "情報", "を", "渡す", "。"}


def test_texts_are_analysed_the_same_when_threads_share_the_module() -> None:
    # A tokenizer shared by threads raises "Already borrowed".
    text, wrong = "お客様の個人情報を第三者に提供しますか。" * 5, []
    expected = analyse(text)

    def work() -> None:
        wrong.extend(True for _ in range(20) if analyse(text) != expected)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_texts_are_never_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        analyse(normalise("山田花子の住所は横浜市です"))
        detect_language("山田花子")
    assert caplog.text == ""


def test_module_loads_without_the_dictionary_when_nothing_is_analysed(root: Path) -> None:
    # Callers that only clean a text must not pay for Sudachi.
    code = (
        "import sys, knowledge.text as text; text.detect_language('はい');"
        "sys.exit(any(name.startswith(('sudachipy', 'numpy')) for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False, timeout=60).returncode == 0


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("昨日佐藤さんに聞いた", ["佐藤"]),
        ("山田花子です。高橋に電話した", ["山田花子", "高橋"]),
        ("山田 花子", ["山田 花子"]),
        ("山口県から引っ越した", []),
        ("個人情報は何に使いますか", []),
        ("", []),
    ],
)
def test_people_are_found_where_the_dictionary_knows_their_names(text: str, people: list[str]) -> None:
    assert [text[start:end] for start, end in find_people(text)] == people
