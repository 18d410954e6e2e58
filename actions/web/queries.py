"""What may stand in an address: words that were looked up, without what tells who somebody is.

By pattern: mail addresses, telephone and other long numbers, names that are introduced, labelled or addressed (山田様).
A name that stands in a sentence like any other word is not seen: whoever types is told to leave names out.
"""

from __future__ import annotations

import re
import unicodedata

from actions.dialogue.candidates import is_plainly_name
from actions.dialogue.contacts import read_contacts
from actions.dialogue.words import MAIL

MASK = "***"  # marks only: retrieval reads nothing into it
_NUMBER = re.compile(r"\+?\d(?:[()\s.-]{0,2}\d){5,}")
_ADDRESSED = re.compile(
    r"(?P<name>[㐀-䶿一-鿿々ァ-ヶー]{1,5}(?:[ 　]?[㐀-䶿一-鿿々ぁ-ゖァ-ヶー]{1,5})?)"
    r"[ 　]?(?P<title>様|さま|さん|殿|氏(?!名))"
)
_TITLED = re.compile(
    r"(?P<title>\b(?i:mr|mrs|ms|miss|mx|dr)\.? |\b(?i:my name is|name:) )[A-Z][\w'’-]+(?: [A-Z][\w'’-]+){0,2}"
)
# What politeness is said to besides people; and nobody is called so
_NOBODY = re.compile(r"客|皆|者|人|社|店|屋|員|母|父|奥|娘|息子|子供|家族|先$|担当|業|警察|役所|運輸|ヤマト|宅急便")


def mask(text: str) -> str:
    """The text with `MASK` for what is personal; as it was where nothing is. Masking again changes nothing."""
    plain = unicodedata.normalize("NFKC", text)
    masked = _NUMBER.sub(MASK, MAIL.sub(MASK, plain))
    masked = _TITLED.sub(rf"\g<title>{MASK}", _ADDRESSED.sub(_mask_addressed, masked))
    name = read_contacts(masked).name
    if name and MASK not in name:
        masked = re.sub(re.escape(name).replace(r"\ ", r"\s+"), MASK, masked)
    return text if masked == plain else masked


def _mask_addressed(match: re.Match[str]) -> str:
    name = match["name"]
    # A family name alone may be a noun as well: with 子 it is a name if it can be one.
    is_name = is_plainly_name(f"{name}子") and not _NOBODY.search(name)
    return f"{MASK}{match['title']}" if is_name else match[0]
