"""Names of articles, in both languages, down to the item."""

from __future__ import annotations

import pytest

from actions.cases.articles import name_article
from actions.texts import LANGUAGES


@pytest.mark.parametrize(
    ("law", "ja", "en"),
    [
        ("40", "個人情報保護法第40条", "APPI Article 40"),
        ("34-3", "個人情報保護法第34条第3項", "APPI Article 34(3)"),
        ("33-2-1", "個人情報保護法第33条第2項第1号", "APPI Article 33(2) item 1"),
        ("", "", ""),
    ],
)
def test_an_article_is_named_as_deep_as_it_goes_when_shown(law: str, ja: str, en: str) -> None:
    assert [name_article(law, language) for language in LANGUAGES] == [ja, en]


def test_an_unknown_language_is_an_error_when_asked_for() -> None:
    with pytest.raises(KeyError):
        name_article("33", "fr")
