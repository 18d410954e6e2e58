"""Sentences: found by key, filled, and never half in the other language."""

from __future__ import annotations

import re

import pytest

from actions.texts import LANGUAGES, has_sentence, list_keys, say

_JAPANESE = re.compile(r"[぀-ヿ一-鿿]")
# The shop's page has no English name, and a language is offered in itself.
_JAPANESE_IN_ENGLISH = {"intake.own_way_contact_page", "pages.other_language"}


@pytest.mark.parametrize(
    ("language", "key", "values", "said"),
    [
        ("ja", "kinds.disclosure", {}, "開示の請求"),
        ("en", "kinds.disclosure", {}, "a request for disclosure"),
        ("ja", "buttons.change", {"field": "お名前"}, "お名前を直す"),
        ("en", "desk.count", {"count": 3}, "3 cases"),
    ],
)
def test_a_sentence_is_filled_when_said(language: str, key: str, values: dict[str, object], said: str) -> None:
    assert say(language, key, **values) == said


@pytest.mark.parametrize("key", ["none", "kinds.none", "kinds.disclosure.none", "", "."])
def test_a_key_is_refused_when_unknown(key: str) -> None:
    with pytest.raises((KeyError, TypeError)):
        say("ja", key)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_is_known_when_it_is_there(language: str) -> None:
    assert all(has_sentence(language, key) for key in list_keys(language))
    for key in ("none", "kinds", "kinds.none", "kinds.disclosure.none", "", "."):
        assert not has_sentence(language, key)


def test_a_sentence_is_refused_when_a_value_is_missing() -> None:
    # A visible "{receipt}" would be worse than an error that a test finds.
    with pytest.raises(KeyError, match="receipt"):
        say("ja", "intake.filed", officer="x")


def test_a_value_is_not_filled_again_when_it_looks_like_a_placeholder() -> None:
    assert say("ja", "desk.count", count="{officer}") == "{officer}件"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_says_something_when_listed(language: str) -> None:
    sentences = list_keys(language)
    assert len(sentences) > 100
    assert not [key for key, text in sentences.items() if not text.strip() or text != text.strip()]


def test_each_sentence_is_in_its_language_when_listed() -> None:
    english = {key for key, text in list_keys("en").items() if _JAPANESE.search(text)}
    japanese = {key for key, text in list_keys("ja").items() if not _JAPANESE.search(text)}
    assert english == _JAPANESE_IN_ENGLISH
    assert japanese == {"pages.other_language"}
