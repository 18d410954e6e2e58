"""Grouping by likeness: the same question in other words stands together, another one apart."""

from __future__ import annotations

import numpy as np
import pytest

from knowledge.bundle import Bundle, Library
from knowledge.likeness import compare, group_alike
from tests.prepared import MADE, demand_index

COOKIES = ["Cookieは使っていますか", "クッキーって使ってますか?", "Cookie を使用していますか。"]
PURPOSE = ["個人情報は何に使いますか", "個人情報を何に使うのですか"]


@pytest.mark.index  # the threshold is the trained encoder's: on the tests' small index everything is alike
def test_the_same_question_stands_together_when_grouped() -> None:
    demand_index()
    bundle = Library(MADE / "knowledge").bundle
    texts = [COOKIES[0], PURPOSE[0], *COOKIES[1:], PURPOSE[1]]
    assert group_alike(bundle.retrievers["ja"], texts) == [[0, 2, 3], [1, 4]]


@pytest.mark.parametrize("texts", [[], ["Cookieは使っていますか"], ["", ""], ["ѣѣѣ", "ѣѣѣ"]])
def test_every_text_stands_in_one_group(bundle: Bundle, texts: list[str]) -> None:
    groups = group_alike(bundle.retrievers["ja"], texts)
    assert sorted(place for group in groups for place in group) == list(range(len(texts)))


def test_a_text_is_most_like_itself(bundle: Bundle) -> None:
    likeness = compare(bundle.retrievers["ja"], [*COOKIES, *PURPOSE])
    assert likeness.shape == (5, 5)
    assert likeness.dtype == np.float32
    np.testing.assert_allclose(np.diag(likeness), 1, atol=1e-4)
    np.testing.assert_allclose(likeness, likeness.T, atol=1e-5)
    assert (likeness <= 1 + 1e-4).all()


def test_nothing_known_is_like_nothing(bundle: Bundle) -> None:
    likeness = compare(bundle.retrievers["ja"], ["", COOKIES[0]])
    assert likeness[0].tolist() == [0, 0]
    assert compare(bundle.retrievers["ja"], []).shape == (0, 0)
