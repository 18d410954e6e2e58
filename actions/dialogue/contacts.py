"""Who writes, as far as a message says it of itself: name, mail, telephone; in a list, a signature, or in words.

Careful, because an address or a number may also be what a request is about: it counts when it is labelled, stands alone
beside a name, or in a signature, and when nothing in its sentence speaks of stored data.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from actions.dialogue.choices import judge
from actions.dialogue.fields import find_emails, read_email, read_phone
from actions.dialogue.names import is_another, is_full, read_full_name, read_name
from actions.dialogue.phrases import says
from actions.dialogue.words import MAIL, PHONE, fold, is_word
from knowledge.text import clean

_FILE = Path(__file__).with_name("contacts.toml")
_GAP = "\0"  # where a value was
_SHORT_REFUSAL = 24  # characters of an answer that need not name the mail to decline it
_LEFT_OVER = 3  # letters that may be left of a message that gives nothing but who writes


@dataclass(frozen=True, slots=True)
class Contacts:
    """What was found; None is not said, and `phone` is "" when it is left out on purpose. `rest`: the other words."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None
    rest: str = ""

    @property
    def given(self) -> dict[str, str]:
        """The fields that are there."""
        found = {"name": self.name, "email": self.email, "phone": self.phone}
        return {field: value for field, value in found.items() if value is not None}

    @property
    def matter(self) -> str:
        """The other words without those that only carry a value."""
        return _pattern("glue").sub("", self.rest)

    @property
    def is_all(self) -> bool:
        """Whether the message says nothing else."""
        return bool(self.given) and sum(map(str.isalpha, self.matter)) <= _LEFT_OVER


def read_contacts(text: str, *, in_matter: bool = False) -> Contacts:
    """Read who writes. Of two different addresses or numbers the one said to be the contact is taken, or none.

    `in_matter`: the matter was asked for, so that an address or number in it counts only beside a name, in a message of
    nothing else, or when it is said to be the contact.
    """
    plain = "\n".join(line for line in clean(text).splitlines() if not line.lstrip().startswith((">", "＞")))
    body, signature = split_signature(plain)
    sentences = [one for one in _pattern("sentences").split(body) if one and one.strip()]
    told_emails, told_phones = _list_told(sentences)
    emails = told_emails or {one for sentence in sentences for one in _find_own_emails(sentence)}
    emails = emails or set(find_emails(signature))
    signed = _read_signed_phone(signature)
    phones = {one for sentence in sentences for one in _find_own_phones(sentence)} or ({signed} if signed else set())
    names = [name for one in sentences for name in [_find_own_name(one)] if name and is_full(name)]
    names = names or _list_signed(signature)
    phone = next(iter(phones)) if len(phones) == 1 else None
    if phone is None and any(says(one, "no_phone_said") for one in sentences):
        phone = ""
    email = next(iter(emails)) if len(emails) == 1 else None
    if in_matter and len(set(names)) > 1:  # "it says A on the box, but I am B": the matter itself
        names = []
    found = Contacts(names[0] if names else None, email, phone, _cut(body, names[:1]))
    if not in_matter or found.name or found.is_all:
        return found
    sure = {*told_phones, ""}
    return replace(found, email=email if email in told_emails else None, phone=phone if phone in sure else None)


def _list_told(sentences: list[str]) -> tuple[set[str], set[str]]:
    """The addresses and the numbers that are said to be the contact."""
    plain = [unicodedata.normalize("NFKC", one) for one in sentences]
    emails = {one for sentence in plain for one in _find_told(sentence, MAIL, read_email)}
    return emails, {one for sentence in plain for one in _find_told(MAIL.sub("、", sentence), PHONE, read_phone)}


def declines_mail(text: str) -> bool:
    """Whether an answer to the question for a mail address says that there is none, or that none is given."""
    said = fold(text)
    if is_word(text, "none") or _pattern("other_way").search(said):
        return True
    negates = _pattern("negates").search(said) is not None
    return negates and (len(said) <= _SHORT_REFUSAL or _pattern("mail_named").search(said) is not None)


def says_question(text: str) -> bool:
    """Whether a message asks something in so many words, without a question mark."""
    return _pattern("asks").search(fold(text)) is not None


_LONGEST_SIGNED = 200  # characters of a line in a signature: the notice that a mail is confidential is one
_LABELLED = re.compile(r"[^\s:\uff1a]{1,12}\s*[:\uff1a]")


def split_signature(text: str) -> tuple[str, str]:
    """A message and the signature under it, "" when there is none: the lines behind the last rule that leave a text."""
    lines = text.splitlines()
    for row in range(1, len(lines)):
        tail = "\n".join(lines[row:])
        if _pattern("rule").match(lines[row]) and lines[row].strip() and _holds_person(tail):
            return "\n".join(lines[:row]), tail
    return text, ""


def _holds_person(tail: str) -> bool:
    lines = [line for line in tail.splitlines() if line.strip() and not _pattern("rule").match(line)]
    return 0 < len(lines) <= 12 and all(len(line) <= _LONGEST_SIGNED for line in lines) and bool(_list_signed(tail))


def _list_signed(signature: str) -> list[str]:
    """Names in a signature: lines that are nothing else, companies and places left out."""
    lines = [line.strip(" >　-") for line in signature.splitlines()]
    labelled = [match["name"] for match in _pattern("name_label").finditer(signature)]
    # A line with a label is what the label says: a telephone, an address, a closing day.
    own = [line for line in lines if line and not _pattern("organisation").search(line) and not _LABELLED.match(line)]
    return [name for one in [*labelled, *own] for name in [read_full_name(one)] if name]


def _read_signed_phone(signature: str) -> str | None:
    """The number of a signature; of several the one that is labelled a telephone's."""
    lines = [line for line in signature.splitlines() if read_phone(line)]
    labelled = [
        line
        for line in lines
        if re.search(r"tel|phone|mobile|電話|携帯|☎", unicodedata.normalize("NFKC", line), re.IGNORECASE)
    ]
    chosen = labelled or lines
    return read_phone(chosen[0]) if len(chosen) == 1 else None


def _find_told(sentence: str, shape: re.Pattern[str], read: Callable[[str], str | None]) -> list[str]:
    """The values that a sentence says to be the contact ("reach me at …", 「返信は…へ」)."""
    found = list(shape.finditer(sentence))
    told = []
    for index, match in enumerate(found):
        before = sentence[found[index - 1].end() if index else 0 : match.start()]
        behind = sentence[match.end() : found[index + 1].start() if index + 1 < len(found) else None]
        if _pattern("contact").search(before) or _pattern("contact_behind").search(behind):
            told.append(read(match[0]))
    return [one for one in told if one]


def _is_matter(plain: str, match: re.Match[str], shape: re.Pattern[str]) -> bool:
    """Whether the words around a value say that it is what the request is about."""
    if judge(plain, [match.span()]) == [-1] or says(shape.sub(" ", plain), "about_data"):
        return True
    return _pattern("done_with").search(plain[match.end() :]) is not None


def _find_own_emails(sentence: str) -> list[str]:
    plain = unicodedata.normalize("NFKC", sentence)
    told, found = _find_told(plain, MAIL, read_email), find_emails(sentence)
    at = MAIL.search(plain)
    if told or len(found) != 1 or (at and _is_matter(plain, at, MAIL)):
        return told
    alone = any(_is_only(part, MAIL) for part in _pattern("parts").split(plain))
    return found if alone or (at and _pattern("mail_label").search(plain[: at.start()])) else []


def _find_own_phones(sentence: str) -> list[str]:
    plain = MAIL.sub("、", unicodedata.normalize("NFKC", sentence))
    told, found, at = _find_told(plain, PHONE, read_phone), read_phone(plain), PHONE.search(plain)
    if told and not found:
        return told
    if not found or not at or (not told and _is_matter(plain, at, PHONE)):
        return []
    alone = bool(told) or any(_is_only(part, PHONE) for part in _pattern("parts").split(plain))
    return [found] if alone or _pattern("phone_label").search(plain[: at.start()]) else []


def _is_only(part: str, pattern: re.Pattern[str]) -> bool:
    """Whether a part is the value and words that carry it ("hanako@example.com です")."""
    match = pattern.search(part)
    return match is not None and not any(
        map(str.isalpha, _pattern("glue").sub("", part[: match.start()] + part[match.end() :]))
    )


def _find_own_name(sentence: str) -> str | None:
    labelled = _pattern("name_label").search(sentence)
    if labelled and not says(sentence[: labelled.start()], "about_data") and not is_another(sentence):
        name = read_name(labelled["name"], asked=True)
        if name:
            return name
    name = read_name(sentence, asked=False)
    if name or not (_find_own_emails(sentence) or _find_own_phones(sentence)):
        return name
    parts = _pattern("parts").split(unicodedata.normalize("NFKC", PHONE.sub("、", MAIL.sub("、", sentence))))
    return next((name for part in parts for name in [read_full_name(part)] if name), None)


def _cut(text: str, values: list[str]) -> str:
    """A text without addresses, numbers and the given names, and without the labels before them."""
    rest = PHONE.sub(_GAP, MAIL.sub(_GAP, unicodedata.normalize("NFKC", text)))
    for value in values:
        rest = rest.replace(unicodedata.normalize("NFKC", value), _GAP)
    return _pattern("label").sub(" ", rest).replace(_GAP, " ")


@lru_cache(maxsize=16)
def _pattern(name: str) -> re.Pattern[str]:
    return re.compile(_load()[name], re.IGNORECASE)


@lru_cache(maxsize=1)
def _load() -> dict[str, str]:
    return tomllib.loads(_FILE.read_text("utf-8"))
