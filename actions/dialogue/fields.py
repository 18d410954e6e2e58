"""What a person gave in a message: details, name, mail address, telephone number, or none of them.

Each reader takes the text as typed and returns the value to keep, or None. Nothing is guessed: two addresses in one
message are none.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from actions.dialogue.words import find_fields, fold, is_word, list_name_words
from knowledge.text import clean

NAME_MAX = 60  # characters
DETAILS_MIN = 2  # letters or digits
PHONE_MAX = 15  # digits (E.164)

# Whole runs only: half of a too long address or of two numbers would be one that nobody gave.
_MAIL = re.compile(
    r"(?<![A-Za-z0-9.!#$%&'*+/=?^_`{|}~-])[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,190}(?![A-Za-z0-9.-])"
)
_PHONE = re.compile(r"\+?\(?\d[\d() .-]{6,}\d")
_DASHES = re.compile(r"[‐‑‒–—―ー−─・]")
_BEFORE_MAIL = "'`{|=/"  # legal in an address, but at its beginning they quote or label it
_QUOTES = " 、。,.「」『』\"'"
_NO_NAME = re.compile(r"[?\uff1f@\uff20<>{}\[\]\\|=;/]|\d{3,}")  # with full-width ? and @
_PARTS = re.compile(r"[、,\uff0c]")  # with the full-width comma
_SENTENCES = re.compile(r"[、。,\uff0c]")


def read_details(text: str) -> str | None:
    """The whole message as typed, if it says anything."""
    kept = clean(text)
    return kept if sum(char.isalnum() for char in kept) >= DETAILS_MIN else None


def read_email(text: str) -> str | None:
    """The one mail address in a message, normalised; None for none, several, or a bad one."""
    found = {one.lstrip(_BEFORE_MAIL) for one in _MAIL.findall(unicodedata.normalize("NFKC", text))}
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
    if len(found) != 1 or sum(char.isdigit() for char in found[0]) > PHONE_MAX:
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
        return introduced or None
    return _tidy(_cut_off(plain))


def _find_introduced(plain: str) -> str | None:
    """The name a message introduces; "" when it introduces something that is no name ("it's ok"), None when nothing."""
    # Each step keeps the length: positions are used in `plain`. (İ alone would become two characters.)
    lowered = plain.replace("\u0130", "I").lower().replace("’", "'").replace("\uff1a", ":")
    for mark in list_name_words("before"):
        at = lowered.find(mark)
        if at == 0 or (at > 0 and not lowered[at - 1].isascii()) or (at > 0 and lowered[at - 1] in " ,."):
            return _tidy(_SENTENCES.split(plain[at + len(mark) :])[0]) or ""
    for mark in list_name_words("after"):
        head, found, rest = plain.partition(mark)
        if found and len(head) <= NAME_MAX // 2 and not rest.startswith("か"):  # "個人情報とは何ですか" asks
            return _tidy(_SENTENCES.split(head)[-1])
    ended = _weak_ending().search(plain)
    return _tidy(_SENTENCES.split(plain[: ended.start()])[-1]) if ended else None


def _cut_off(plain: str) -> str:
    """The message up to a mail address or telephone number that follows the name; whole if there is none."""
    other = _MAIL.search(plain) or _PHONE.search(plain)
    if not other:
        return _PARTS.split(plain)[0] if _MAIL.search(fold(plain)) or read_phone(plain) else plain
    head = _PARTS.split(plain[: other.start()])[0]
    return "" if find_fields(head) else head


def _tidy(text: str) -> str | None:
    name = text.strip(_QUOTES)
    for filler in list_name_words("fillers"):
        if name.lower().startswith(filler) and name[len(filler) : len(filler) + 1] in {"、", ",", " "}:
            name = name[len(filler) :].strip(_QUOTES)
    for ending in sorted(list_name_words("after"), key=len, reverse=True):
        if name.endswith(ending) and len(name) > len(ending):
            name = name[: -len(ending)].strip(_QUOTES)
            break
    name = _weak_ending().sub("", name)
    answers = any(is_word(name, group) for group in ("yes", "no", "none", "cancel"))
    letters = sum(char.isalpha() for char in name)
    refused = answers or _never().search(fold(name)) or _NO_NAME.search(name)
    return name if letters and len(name) <= NAME_MAX and not refused else None


@lru_cache(maxsize=1)
def _weak_ending() -> re.Pattern[str]:
    """A short ending at the end of a message, and not after hiragana: まえだ and よしだ are names."""
    return re.compile(rf"(?<=[^ぁ-ゖー\s])(?:{'|'.join(list_name_words('after_weak'))})[。.!\uff01]*$")


@lru_cache(maxsize=1)
def _never() -> re.Pattern[str]:
    """Words that no name holds; Latin ones at the beginning of a word: Swantje and Show are names."""
    words = list_name_words("never")
    return re.compile("|".join(rf"(?<![a-z]){re.escape(word)}" if word.isascii() else word for word in words))


def declines(text: str) -> bool:
    """Whether a message leaves an optional field out on purpose ("なし", "skip")."""
    return is_word(text, "none")


def find_named_field(text: str) -> str | None:
    """The field a message names ("メールを直したい", "change the phone"), or None for none or several."""
    named = find_fields(text)
    return named[0] if len(named) == 1 else None
