"""What a person gave in a message: details, name, mail address, telephone number, or none of them.

Each reader takes the text as typed and returns the value to keep, or None. Nothing is guessed: two addresses in one
message are none.
"""

from __future__ import annotations

import re
import unicodedata

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from actions.dialogue.words import fold, is_word, list_fields, list_name_words
from knowledge.text import clean

NAME_MAX = 60  # characters
DETAILS_MIN = 2  # letters or digits

_MAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,190}")
_PHONE = re.compile(r"\+?\(?\d[\d() .-]{6,20}\d")
_DASHES = re.compile(r"[‐‑‒–—―ー−─・]")
_QUOTES = " 、。,.「」『』\"'"
_NO_NAME = re.compile(r"[??@<>{}\[\]\\|=;/]|\d{3,}")


def read_details(text: str) -> str | None:
    """The whole message as typed, if it says anything."""
    kept = clean(text)
    return kept if sum(char.isalnum() for char in kept) >= DETAILS_MIN else None


def read_email(text: str) -> str | None:
    """The one mail address in a message, normalised; None for none, several, or a bad one."""
    found = set(_MAIL.findall(unicodedata.normalize("NFKC", text)))
    if len(found) != 1:
        return None
    try:
        return validate_email(found.pop().rstrip("."), check_deliverability=False).normalized
    except EmailNotValidError:
        return None


def read_phone(text: str) -> str | None:
    """The one telephone number in a message, in ASCII with its hyphens; None for none, several, or a bad one.

    Numbers without a country code are Japanese. A possible number is enough: whether it is in use is not asked.
    """
    plain = _DASHES.sub("-", unicodedata.normalize("NFKC", text))
    found = [match.group().strip() for match in _PHONE.finditer(_MAIL.sub(" ", plain))]
    if len(found) != 1:
        return None
    try:
        number = phonenumbers.parse(found[0], "JP")
    except phonenumbers.NumberParseException:
        return None
    return found[0] if phonenumbers.is_possible_number(number) else None


def read_name(text: str, *, asked: bool) -> str | None:
    """A person's name: introduced ("山田花子です", "my name is …"), or, when it was `asked` for, the message itself."""
    plain = " ".join(clean(text).split())
    introduced = _find_introduced(plain)
    if introduced is not None or not asked:
        return introduced
    first = re.split(r"[、,\n]", plain)[0] if _MAIL.search(fold(plain)) or read_phone(plain) else plain
    return _tidy(first)


def _find_introduced(plain: str) -> str | None:
    lowered = plain.lower().replace("’", "'").replace(":", ":")
    for mark in list_name_words("before"):
        at = lowered.find(mark)
        if at == 0 or (at > 0 and not lowered[at - 1].isascii()) or (at > 0 and lowered[at - 1] in " ,."):
            return _tidy(re.split(r"[、。,\n]", plain[at + len(mark) :])[0])
    for mark in list_name_words("after"):
        head, found, _ = plain.partition(mark)
        if found and len(head) <= NAME_MAX // 2:
            return _tidy(re.split(r"[、。,]", head)[-1])
    return None


def _tidy(text: str) -> str | None:
    name = text.strip(_QUOTES)
    for filler in list_name_words("fillers"):
        if name.lower().startswith(filler) and name[len(filler) : len(filler) + 1] in {"、", ",", " "}:
            name = name[len(filler) :].strip(_QUOTES)
    for ending in sorted(list_name_words("after"), key=len, reverse=True):
        if name.endswith(ending) and len(name) > len(ending):
            name = name[: -len(ending)].strip(_QUOTES)
            break
    never = any(word in fold(name) for word in list_name_words("never"))
    letters = sum(char.isalpha() for char in name)
    return name if letters and len(name) <= NAME_MAX and not never and not _NO_NAME.search(name) else None


def declines(text: str) -> bool:
    """Whether a message leaves an optional field out on purpose ("なし", "skip")."""
    return is_word(text, "none")


def find_named_field(text: str) -> str | None:
    """The field a message names ("メールを直したい", "change the phone"), or None for none or several."""
    said = fold(text)
    named = [name for name, words in list_fields().items() if any(word in said for word in words)]
    return named[0] if len(named) == 1 else None
