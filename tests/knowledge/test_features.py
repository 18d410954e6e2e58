from __future__ import annotations

import sys
import threading
import tomllib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge import features
from knowledge.features import Vocabulary, extract_features


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("個人情報", {"w:個人", "w:情報", "p:個人_情報", "c:個人", "c:個人情", "c:情報"}),
        ("住所を消して", {"w:住所", "w:消す", "p:住所_消す", "o:erase"}),
        ("他社に売る", {"o:outsider", "o:hand_over"}),
        ("delivering", {"w:deliv", "o:courier", "c:^de", "c:ng$", "c:deliv"}),
        ("ＤＨＬ", {"w:dhl", "o:courier"}),
        ("Sharing", {"w:share", "o:hand_over"}),
    ],
)
def test_features_name_words_pairs_groups_and_grams(text: str, expected: set[str]) -> None:
    assert expected <= set(extract_features(text))


@pytest.mark.parametrize("text", ["", "   ", "。、!?", "👍", "を", "\x00"])
def test_texts_without_a_topic_have_no_words(text: str) -> None:
    assert not [name for name in extract_features(text) if name.startswith(("w:", "p:", "s:", "o:"))]


def test_features_repeat_as_often_as_the_word() -> None:
    assert extract_features("住所、住所、住所").count("w:住所") == 3


def test_grams_are_short_for_japanese_and_longer_inside_latin_words() -> None:
    assert {len(name) - 2 for name in extract_features("個人情報保護") if name.startswith("c:")} == {2, 3}
    assert {len(name) - 2 for name in extract_features("privacy") if name.startswith("c:")} == {3, 4, 5}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("引っ越した", "引越した"),
        ("ﾒｰﾙ", "メール"),
        ("complaints", "complaint"),
        ("配達", "宅配"),
        ("DELETE", "deleted"),
    ],
)
def test_spellings_and_forms_share_a_word_or_group(one: str, other: str) -> None:
    kinds = ("w:", "s:", "o:")
    shared = set(extract_features(one)) & set(extract_features(other))
    assert [name for name in shared if name.startswith(kinds)]


def _synonyms() -> list[tuple[str, str]]:
    table = tomllib.loads((Path(features.__file__).parent / "synonyms.toml").read_text("utf-8"))
    return [(group, word) for group, words in table.items() for word in words]


@pytest.mark.parametrize(("group", "word"), _synonyms())
def test_synonyms_are_found_when_their_word_is_typed(group: str, word: str) -> None:
    # A word in another form than Sudachi's normalised one, or of several tokens, would never match anything.
    typed = {"ダイレクトメール": "direct mail"}.get(word, word)  # one token in English, two in Japanese
    assert f"o:{group}" in extract_features(typed)


def test_vocabulary_keeps_every_word_and_the_frequent_rest() -> None:
    vocabulary = Vocabulary.fit([["w:a", "c:ab", "c:xy"], ["w:b", "c:ab", "c:ab"]], min_count=2)
    assert vocabulary.index == {"c:ab": 0, "w:a": 1, "w:b": 2}
    assert vocabulary.idf == pytest.approx([1.0, np.log(3 / 2) + 1, np.log(3 / 2) + 1])


def test_vector_weighs_by_logarithm_and_idf_when_vectorised() -> None:
    vocabulary = Vocabulary({"w:a": 0, "w:b": 1}, np.array([1.0, 2.0], dtype=np.float32))
    vector = vocabulary.vectorise(["w:b", "w:a", "w:a", "w:new", "c:new"])
    raw = np.array([1 + np.log(2), 2.0])
    assert vector.ids.tolist() == [0, 1]
    assert vector.weights == pytest.approx(raw / np.linalg.norm(raw))
    assert vector.unknown == pytest.approx(1 / 3)  # of three different words; grams do not count


@pytest.mark.parametrize("unseen", [[], ["w:x"], ["c:x"]])
def test_vector_is_empty_when_nothing_is_known(unseen: list[str]) -> None:
    vector = Vocabulary({"w:a": 0}, np.ones(1, dtype=np.float32)).vectorise(unseen)
    assert len(vector.ids) == len(vector.weights) == 0
    assert vector.unknown == 1.0


@pytest.mark.parametrize(
    "text", ["住所を変える。DHLは?", "Who delivers my parcels, and who DELIVERED them?", "", "👍 。", "zzz"]
)
def test_share_of_unknown_words_is_that_of_the_vector(text: str) -> None:
    # Telling a language needs no more of a text than its words.
    vocabulary = Vocabulary.fit([extract_features(known) for known in ("住所を渡す", "who delivers it")])
    assert vocabulary.share_unknown(text) == vocabulary.vectorise(extract_features(text)).unknown


@settings(deadline=None)
@given(st.text(max_size=60))
def test_vector_has_unit_length_and_ascending_ids_when_anything_is_typed(text: str) -> None:
    names = extract_features(text)
    vector = Vocabulary.fit([names, names, ["w:other"]]).vectorise(names)
    assert np.all(np.diff(vector.ids) > 0)
    assert 0 <= vector.unknown <= 1
    if len(vector.ids):
        assert np.linalg.norm(vector.weights) == pytest.approx(1, abs=1e-5)


def test_stems_are_right_when_threads_stem_at_once() -> None:
    # The stemmer keeps the word it works on in itself: a shared one gave "delivering" the stem of "nation",
    # or raised IndexError, and the cache kept the wrong stem.
    words = [stem + end for stem in ("deliver", "communicat", "nation", "correct") for end in ("ing", "ed", "ization")]
    stem = features._stem.__wrapped__
    expected, wrong = [stem(word) for word in words], []

    def work() -> None:
        wrong.extend(True for _ in range(100) if [stem(word) for word in words] != expected)

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)
    assert wrong == []
