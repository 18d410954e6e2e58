"""Masked data: enough to tell people apart in a list, not to know who it is."""

from __future__ import annotations

import pytest

from actions.cases.masks import mask, mask_fields, mask_text


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("name", "山田花子", "山＊＊＊"),
        ("name", "Hanako Yamada", "H***"),
        ("name", "𠮷田", "𠮷＊＊＊"),
        ("represented", "山田一郎", "山＊＊＊"),
        ("email", "yamada@example.com", "y***@example.com"),
        ("email", "花@example.com", "花***@example.com"),
        ("phone", "03-0000-0019", "***19"),
        ("phone", "", ""),
        ("name", "", ""),
    ],
)
def test_a_masked_value_tells_people_apart_and_no_more(name: str, value: str, shown: str) -> None:
    assert mask(name, value) == shown


def test_only_the_persons_data_are_masked() -> None:
    given = {"details": "住所を開示してください", "name": "山田花子", "email": "hanako@example.com", "phone": ""}
    assert mask_fields(given) == {**given, "name": "山＊＊＊", "email": "h***@example.com"}
    letter = "山田花子 様\n\n受付番号 M-0000-0000\n"
    assert mask_text(letter, given) == "山＊＊＊ 様\n\n受付番号 M-0000-0000\n"
