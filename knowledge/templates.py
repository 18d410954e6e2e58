"""Templates of replies: data of a shop (`<shop>/replies/<language>.toml`), read and checked.

They are not part of an edition: they name the version of the policy that they were checked against.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from string import Formatter
from typing import Any

from knowledge.errors import PolicyFormatError
from knowledge.policy import LANGUAGES

FOLDER = "replies"  # in a shop's folder
_PARTS = ("slots", "subjects", "pieces", "requests", "ways", "provide", "chat", "mail")
_LABEL = "{label}"  # in a mark


@dataclass(frozen=True, slots=True)
class Templates:
    """A shop's templates by language. `reviewed`: the version of the policy that each language was checked against."""

    tables: dict[str, dict[str, Any]]
    reviewed: dict[str, str]

    @property
    def marks(self) -> tuple[str, ...]:
        """How the marks of open slots begin, in all languages."""
        return tuple(table["mark"].partition(_LABEL)[0] for table in self.tables.values())


@lru_cache(maxsize=4)
def load_templates(shop: Path) -> Templates:
    """A shop's templates, read once.

    Raises: PolicyFormatError: missing or malformed, or the languages differ in their templates or fields.
    """
    tables = {language: _read(shop / FOLDER / f"{language}.toml") for language in LANGUAGES}
    first, *others = (_describe(language, table) for language, table in tables.items())
    if any(other != first for other in others):
        raise PolicyFormatError(f"{FOLDER}: the languages do not have the same templates with the same fields")
    return Templates(tables, {language: str(table["reviewed"]) for language, table in tables.items()})


def list_fields(template: str) -> set[str]:
    """Names of the fields of a template. Raises: ValueError: a brace too many."""
    return {field for _, field, _, _ in Formatter().parse(template) if field}


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeError, tomllib.TOMLDecodeError) as error:
        raise PolicyFormatError(f"{FOLDER}/{path.name}: {error}") from error


def _describe(language: str, table: dict[str, Any]) -> dict[str, dict[str, set[str]]]:
    """Keys of a language's data with the fields of each. Raises: PolicyFormatError."""
    try:
        shape = {part: {name: list_fields(text) for name, text in table[part].items()} for part in _PARTS}
        if not isinstance(table["reviewed"], str) or not isinstance(table["honorifics"], list):
            raise TypeError("`reviewed` is a version, `honorifics` a list")
        if _LABEL not in table["mark"] or not table["mark"].partition(_LABEL)[0]:
            raise ValueError(f"`mark` needs words before {_LABEL}")
    except (KeyError, AttributeError, TypeError, ValueError) as error:
        raise PolicyFormatError(f"{FOLDER}/{language}.toml: {error!r}") from error
    shape["pieces"].pop("quote", None)  # English adds the original to its rendering
    return shape
