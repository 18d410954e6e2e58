"""Templates of replies: the shop's own are whole, and what is malformed is refused with its reason."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from knowledge.errors import PolicyFormatError
from knowledge.policy import LANGUAGES, load_policy
from knowledge.replies import Purpose, Register
from knowledge.templates import FOLDER, list_fields, load_templates


@pytest.fixture
def shop_with_replies(shop: Path, tmp_path: Path) -> Path:
    shutil.copytree(shop / FOLDER, tmp_path / FOLDER)
    return tmp_path


def _change(shop: Path, name: str, old: str, new: str) -> None:
    path = shop / FOLDER / name
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def test_the_shops_templates_are_for_every_register_and_purpose(shop: Path) -> None:
    templates = load_templates(shop)
    assert {*templates.tables} == {*LANGUAGES}
    for table in templates.tables.values():
        for register in Register:
            assert {*table[register.value]} == {one.value for one in Purpose}
    assert {*templates.reviewed.values()} == {load_policy(shop).version}


def test_each_template_holds_what_a_reply_must_hold(shop: Path) -> None:
    wanted = {"name", "question", "staff", "phone", "hours", "shop", "version"}
    for table in load_templates(shop).tables.values():
        for register in Register:
            for purpose in Purpose:
                fields = list_fields(table[register.value][purpose.value])
                assert wanted <= fields, (register, purpose)
                assert ("quotes" in fields) == (purpose is not Purpose.NOT_COVERED)
                assert ("answer_by" in fields) == (purpose is not Purpose.ANSWERED)  # nothing follows an answer
                assert ({"own_way", "provide", "fee", "request_url"} <= fields) == (purpose is Purpose.RIGHT)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("en.toml", "{staff}", "{stuff}"),  # the languages differ
        ("ja.toml", "{staff}", "{staff"),  # a brace too few
        ("ja.toml", 'mark = "［要記入：{label}］"', 'mark = "［要記入］"'),
        ("ja.toml", 'mark = "［要記入：{label}］"', 'mark = "{label}"'),  # nothing to know it by
        ("en.toml", "[chat]", "[chats]"),
        ("en.toml", 'reviewed = "1-48acc39a"', "reviewed = 1"),
        ("en.toml", "[slots]", "[slots"),
    ],
)
def test_templates_are_refused_when_malformed(shop_with_replies: Path, name: str, old: str, new: str) -> None:
    _change(shop_with_replies, name, old, new)
    with pytest.raises(PolicyFormatError, match="replies"):
        load_templates(shop_with_replies)


def test_templates_are_refused_when_missing(tmp_path: Path) -> None:
    with pytest.raises(PolicyFormatError, match=r"replies/ja\.toml"):
        load_templates(tmp_path)
