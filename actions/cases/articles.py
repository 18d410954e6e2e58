"""How an article of 個人情報保護法 is named to people: "33-2-1" → 個人情報保護法第33条第2項第1号."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path

_FILE = Path(__file__).parent / "articles.toml"
_PARTS = ("article", "paragraph", "item")


def name_article(law: str, language: str) -> str:
    """The name of "article", "article-paragraph" or "article-paragraph-item"; "" for none."""
    words = _load()[language]
    parts = zip(_PARTS, law.split("-"), strict=False) if law else ()
    named = "".join(words[part].format(number=number) for part, number in parts)
    return words["act"] + named if named else ""


@lru_cache(maxsize=1)
def _load() -> dict[str, dict[str, str]]:
    return tomllib.loads(_FILE.read_text("utf-8"))
