"""How a person's contact data are shown at the desk before somebody has asked to see them."""

from __future__ import annotations

from collections.abc import Mapping

PERSONAL = ("name", "email", "phone", "represented")
_SHOWN_DIGITS = 2


def mask(name: str, value: str) -> str:
    """A value as it is shown before somebody asks: enough to tell people apart in a list, not to know who it is."""
    if not value:
        return ""
    if name == "email":
        return f"{value[0]}***@{value.rpartition('@')[2]}"
    if name == "phone":
        return f"***{value[-_SHOWN_DIGITS:]}"
    return f"{value[0]}{'***' if value[0].isascii() else '＊＊＊'}"


def mask_fields(values: Mapping[str, str]) -> dict[str, str]:
    """Values by field with those of the person masked."""
    return {name: mask(name, value) if name in PERSONAL else value for name, value in values.items()}


def mask_text(text: str, values: Mapping[str, str]) -> str:
    """A letter with a person's data masked wherever they stand in it, the longest first."""
    for name in sorted(values, key=lambda one: -len(values[one])):
        if name in PERSONAL and values[name]:
            text = text.replace(values[name], mask(name, values[name]))
    return text
