"""Corrections of a part of a value: 「@の前は a じゃなくて b」, "it ends in .org, not .com", 「電話の末尾は0061」.

Pure; patterns are data (`parts.toml`). The current value tells which part is meant: what is said to be wrong must stand
in it.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import lru_cache
from pathlib import Path

from actions.dialogue.fields import read_email, read_phone
from actions.dialogue.words import MAIL, PHONE

_FILE = Path(__file__).with_name("parts.toml")
_ENOUGH = 2  # characters of a wrong piece; one alone may be anything


def correct_email_part(current: str, text: str) -> str | None:
    """The address with the part that a message corrects; None if it corrects none, or holds a whole address."""
    plain = unicodedata.normalize("NFKC", text)
    if MAIL.search(plain) or not current:
        return None
    for old, new in _list_exchanges(plain):
        if len(old) >= _ENOUGH and old.lower() in current.lower():
            at = current.lower().rindex(old.lower())
            return _check_email(f"{current[:at]}{new}{current[at + len(old) :]}", current)
    local, _, domain = current.rpartition("@")
    if named := _load()["local"][0].search(plain):
        return _check_email(f"{named['local'] or named['local_en']}@{domain}", current)
    if not _load()["domain_said"][0].search(plain):
        return None
    domains = {match["domain"].lower() for match in _load()["domain"][0].finditer(plain)} - {domain}
    return _check_email(f"{local}@{domains.pop()}", current) if len(domains) == 1 else None


def correct_phone_part(current: str, text: str) -> str | None:
    """The number with the digits that a message corrects; None if it corrects none, or holds a whole number."""
    plain = unicodedata.normalize("NFKC", text)
    if PHONE.search(plain) or not current:
        return None
    for old, new in _list_exchanges(plain):
        if len(old) >= _ENOUGH and old.isdigit() and new.isdigit() and old in current:
            at = current.rindex(old)
            return _check_phone(f"{current[:at]}{new}{current[at + len(old) :]}", current)
    ending = _load()["ending"][0].search(plain)
    digits = (ending["ja"] or ending["en"]) if ending else ""
    is_ending = digits and current[-len(digits) :].isdigit()
    return _check_phone(f"{current[: -len(digits)]}{digits}", current) if is_ending else None


def _list_exchanges(plain: str) -> list[tuple[str, str]]:
    """Every piece that a message says to be wrong, with what is right."""
    return [(match["old"], match["new"]) for one in _load()["exchanges"] for match in one.finditer(plain)]


def _check_email(made: str, current: str) -> str | None:
    return made if read_email(made) == made and made != current else None


def _check_phone(made: str, current: str) -> str | None:
    return made if read_phone(made) and made != current else None


@lru_cache(maxsize=1)
def _load() -> dict[str, list[re.Pattern[str]]]:
    tables = tomllib.loads(_FILE.read_text("utf-8"))
    return {
        name: [re.compile(one.replace("PIECE", tables["piece"]), re.IGNORECASE) for one in patterns]
        for name, patterns in tables.items()
        if name != "piece"
    }
