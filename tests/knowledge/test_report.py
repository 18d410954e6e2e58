from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.bindings import Register, load_register
from knowledge.report import AROUND, EXAMPLE, describe, mark_changes
from knowledge.revision import compare, find_edition
from tests.editions import add_edition, copy_policy

_MARK = re.compile(r"\[-(.*?)-\]|\{\+(.*?)\+\}", re.DOTALL)


@pytest.mark.parametrize(
    ("before", "after", "marked"),
    [
        ("ヤマト運輸株式会社", "ヤマト運輸(株)", "ヤマト運輸[-株式会社-]{+(株)+}"),
        ("", "佐川急便", "{+佐川急便+}"),
        ("生年月日", "", "[-生年月日-]"),
        ("同じ文です", "同じ文です", "同じ文です"),
        # Two characters in common by chance are not shown as text that stayed.
        ("電話番号", "生年番号", "[-電話番号-]{+生年番号+}"),
        ("住所:東京\n電話:03", "住所:東京\n電話:04", "住所:東京⏎電話:0[-3-]{+4+}"),
    ],
)
def test_changes_are_marked_in_the_text(before: str, after: str, marked: str) -> None:
    assert mark_changes(before, after) == marked


def test_long_text_without_a_change_is_cut() -> None:
    long = "".join(chr(0x4E00 + number) for number in range(200))
    marked = mark_changes(f"{long}古い{long}", f"{long}新しい{long}")
    assert marked == f"…{long[-AROUND:]}[-古-]{{+新し+}}い{long[: AROUND - 1]}…"


@given(st.text("あいう。", max_size=30), st.text("あいう。", max_size=30))
def test_both_texts_can_be_read_from_the_marks(before: str, after: str) -> None:
    marked = mark_changes(before, after)
    if "…" not in marked:
        assert _MARK.sub(lambda mark: mark[1] or "", marked) == before
        assert _MARK.sub(lambda mark: mark[2] or "", marked) == after


@pytest.fixture
def lines(shop: Path, tmp_path: Path) -> str:
    """The report on a draft, as one text."""
    folder = copy_policy(shop, tmp_path / "copied")
    changes = {
        "policy.ja.md": [
            ("   1. ヤマト運輸株式会社", "   1. ヤマト運輸(株)"),
            ("   3. その他 {#entrusted.1.3}", "   3. 佐川急便 {#entrusted.1.4}\n   4. その他 {#entrusted.1.3}"),
            ("6. 生年月日 {#collected.6}\n", ""),
            ("## 安全対策の実施について", "## 安全対策について"),
        ]
    }
    add_edition(folder, changes)
    revision = compare(find_edition(folder, "1"), find_edition(folder, "2"), load_register(shop))
    return "\n".join(describe(revision))


def test_first_line_counts_the_changes(lines: str) -> None:
    first = lines.splitlines()[0]
    assert re.fullmatch(
        r"1-48acc39a → 2-[0-9a-f]{8}: 1 added, 1 removed, 1 changed, 1 moved, 1 headings reworded", first
    )


@pytest.mark.parametrize(
    "said",
    [
        "heading of security:\n  ja: 安全対策[-の実施-]について\n  en: as before",
        "entrusted.1.1: changed (お客様情報の預託について 1.1)\n"
        "  text: ヤマト運輸[-株式会社-]{+(株)+}\n  rendering: as before\n  lead: as before: 商品配送",
        "entrusted.1.4: added (お客様情報の預託について 1.3)\n"
        "  text: {+佐川急便+}\n  rendering: missing\n  lead: missing\n  reading: missing\n"
        "  wordings: 0\n  development questions: 0\n",
        "entrusted.1.3: moved (お客様情報の預託について 1.3 → お客様情報の預託について 1.4)\n  rendering: as before",
        "collected.6: removed (当社において収集するお客様情報の内容 6)\n"
        "  text: [-生年月日-]\n  rendering: left over\n  lead: left over: 生年月日",
    ],
)
def test_each_change_is_told_with_what_it_touches(lines: str, said: str) -> None:
    assert said in lines


def test_wordings_are_counted_and_their_examples_kept_short(lines: str) -> None:
    counted = re.findall(r"^    (\S+\.jsonl) (\d+): (.+)$", lines, re.MULTILINE)
    assert {name for name, _, _ in counted} >= {"questions.ja.jsonl", "ja.jsonl"}
    for _, count, examples in counted:
        assert 1 <= len(examples.split(" / ")) <= int(count) + examples.count(" / ")
        assert len(examples) <= 3 * (EXAMPLE + 4)
    total = re.search(r"removed .*?wordings: (\d+)\n", lines, re.DOTALL)
    assert total
    assert int(total[1]) > 100


def test_one_line_says_so_when_nothing_changed(shop: Path) -> None:
    edition = find_edition(shop, "1")
    assert list(describe(compare(edition, edition, Register({}, {}, {})))) == ["1-48acc39a → 1-48acc39a: no change"]
