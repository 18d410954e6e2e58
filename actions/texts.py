"""Every sentence the assistant says, from `texts/<language>.toml`; nothing is worded in code.

Japanese and English have the same keys with the same placeholders (held by a test).
"""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

LANGUAGES = ("ja", "en")
_FOLDER = Path(__file__).parent / "texts"


def say(language: str, key: str, **values: object) -> str:
    """The sentence under a dotted key, placeholders filled. Raises KeyError for an unknown key."""
    found: Any = _load(language)
    for part in key.split("."):
        found = found[part]
    return str(found).format(**values)


def has_sentence(language: str, key: str) -> bool:
    """Whether there is a sentence under a dotted key."""
    found: Any = _load(language)
    for part in key.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    return isinstance(found, str)


def list_keys(language: str) -> dict[str, str]:
    """All sentences of a language by dotted key."""
    return dict(_flatten(_load(language), ""))


def _flatten(node: dict[str, Any], prefix: str) -> list[tuple[str, str]]:
    pairs = []
    for name, value in node.items():
        key = f"{prefix}{name}"
        pairs += _flatten(value, f"{key}.") if isinstance(value, dict) else [(key, str(value))]
    return pairs


@lru_cache(maxsize=len(LANGUAGES))
def _load(language: str) -> dict[str, Any]:
    return tomllib.loads((_FOLDER / f"{language}.toml").read_text("utf-8"))
