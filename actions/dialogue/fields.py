"""What a person gave in a message: details, mail address, telephone number, or none of them (`names` reads names).

Each reader takes the text as typed and returns the value to keep, or None. Nothing is guessed: of two
addresses in one message the one that is said to be meant is read, or none.
"""

from __future__ import annotations

import re
import unicodedata

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from actions.dialogue.addresses import write_addresses
from actions.dialogue.choices import choose_text
from actions.dialogue.names import NAME_MAX, read_name
from actions.dialogue.words import MAIL, PHONE, find_fields, is_word, list_slips
from knowledge.text import clean

__all__ = [
    "NAME_MAX",
    "declines",
    "find_emails",
    "find_mail_problem",
    "find_named_field",
    "is_slip",
    "read_details",
    "read_email",
    "read_name",
    "read_phone",
]

DETAILS_MIN = 2  # letters or digits
PHONE_MAX = 15  # digits (E.164)

_AROUND_AT = re.compile(r"(?<=[\w.+-])\s{0,3}@\s{0,3}(?=[A-Za-z0-9])")
_SPOKEN_AT = re.compile(
    r"[A-Za-z0-9]\s*(?:\(at\)|\[at\]|<at>|\bat\b|アットマーク|アット|あっと(?:まーく)?|まるa|■|★|#)\s*[A-Za-z0-9]",
    re.IGNORECASE,
)
_OTHER_NUMBERS = re.compile(
    r"〒\s*\d{3}-?\d{4}|(?:fax|ファックス|ファクス|ファクシミリ)(?:番号)?[\s:.はが]*\+?\(?\d[\d() .-]{6,}\d",
    re.IGNORECASE,
)
_EXTENSION = re.compile(r"[\s,、(]*(?:内線|ext\.?|extension|x)[\s:.]*(?:番号)?(\d{1,6})", re.IGNORECASE)
_RUNS_ON = re.compile(r"[A-Za-z]")  # "+44 20 7946ab" is half a number
_WHOLE = 10  # digits of a number that may be followed by a word
_SPOKEN = re.compile(r"(?<=\d)\s*の\s*(?=\d)")  # 「03の0000の0000」
_DASHES = re.compile(r"[‐‑‒–—―ー−─・]")
_IN_BRACKETS = re.compile(r"(?<=\d)\s*\((?=\+?\d[\d-]{7,})")  # a second number, and no area code
_BEFORE_MAIL = "'`{|=/*"  # legal in an address, but at its beginning they quote or label it


def read_details(text: str) -> str | None:
    """The whole message as typed, if it says anything."""
    kept = clean(text)
    return kept if sum(char.isalnum() for char in kept) >= DETAILS_MIN else None


def read_email(text: str) -> str | None:
    """The mail address in a message, normalised; None for none, a bad one, or several with nothing to say which.

    One that is spelled out ("hanako at example dot com") is read when no other is there.
    """
    plain = _join(text)
    return choose_text(plain, _list_emails(plain) or _list_emails(write_addresses(plain)))


def find_emails(text: str) -> list[str]:
    """All good mail addresses of a message, in order; blanks around "@" are a slip of the finger."""
    return [email for _, _, email in _list_emails(_join(text))]


def _join(text: str) -> str:
    """The text in NFKC, without the blanks around an "@"."""
    return _AROUND_AT.sub("@", unicodedata.normalize("NFKC", text))


def _list_emails(plain: str) -> list[tuple[int, int, str]]:
    """Start, end and address; nothing if one cannot be read, which makes it unsure which was meant."""
    found = []
    for one in MAIL.finditer(plain):
        try:
            checked = validate_email(one[0].lstrip(_BEFORE_MAIL).rstrip("."), check_deliverability=False)
        except EmailNotValidError:
            return []
        found.append((one.start(), one.end(), checked.normalized))
    return found


def find_mail_problem(text: str) -> str:
    """What is wrong with a message that should hold an address: "at", "many", "domain", or "" if nothing shows."""
    plain = unicodedata.normalize("NFKC", text)
    if len(set(MAIL.findall(_AROUND_AT.sub("@", plain)))) > 1:
        return "many"
    if "@" in plain:
        return "domain"
    return "at" if _SPOKEN_AT.search(plain) else ""


def is_slip(email: str) -> bool:
    """Whether a good address looks like a slip of a well-known one (gmial.com): worth a second look, never changed."""
    return email.rpartition("@")[2].lower() in list_slips()


def read_phone(text: str) -> str | None:
    """The one telephone number in a message, in ASCII with its hyphens; None for none, several, or a bad one.

    Numbers without a country code are Japanese. A possible number is enough: whether it is in use is not asked. A fax
    number is none; an extension stays with its number ("03-0000-0000 ext. 12").
    """
    plain = _IN_BRACKETS.sub(
        "、(",
        MAIL.sub(" ", _OTHER_NUMBERS.sub(" ", _DASHES.sub("-", _SPOKEN.sub("-", unicodedata.normalize("NFKC", text))))),
    )
    found = [(match.start(), match.end(), match.group().strip()) for match in PHONE.finditer(plain)]
    chosen = choose_text(plain, _drop_shorter(found))
    if chosen is None or sum(char.isdigit() for char in chosen) > PHONE_MAX:
        return None
    try:
        number = phonenumbers.parse(chosen, "JP")
    except phonenumbers.NumberParseException:
        return None
    end = next(end for _, end, value in found if value == chosen)
    extension = _EXTENSION.match(plain, end)
    if not extension and _RUNS_ON.match(plain, end) and sum(map(str.isdigit, chosen)) < _WHOLE:
        return None
    inside = f" ext. {extension[1]}" if extension else ""
    # One without its area code is possible as well, but nobody can be reached by it from elsewhere.
    whole = phonenumbers.is_possible_number_with_reason(number) == phonenumbers.ValidationResult.IS_POSSIBLE
    return f"{chosen}{inside}" if whole else None


def _drop_shorter(found: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """The numbers without those that are the end of another one: "020 7946 0153, so +44 20 7946 0153"."""
    digits = ["".join(filter(str.isdigit, value)) for _, _, value in found]
    return [
        one
        for one, own in zip(found, digits, strict=True)
        if not any(other != own and other.endswith(own.removeprefix("0")) for other in digits)
    ]


def declines(text: str) -> bool:
    """Whether a message leaves an optional field out on purpose ("なし", "skip")."""
    return is_word(text, "none")


def find_named_field(text: str) -> str | None:
    """The field a message names ("メールを直したい", "change the phone"), or None for none or several."""
    named = find_fields(text)
    return named[0] if len(named) == 1 else None
