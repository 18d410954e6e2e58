"""Corrections of what was given before: "the mail was wrong, it is …", 「山田じゃなくて山口です」."""

from __future__ import annotations

import re
import unicodedata
from difflib import SequenceMatcher

from actions.cases.records import Draft
from actions.dialogue.candidates import CAPITALISED, KANA_OR_KANJI, is_plainly_name, tidy
from actions.dialogue.contacts import read_contacts
from actions.dialogue.fields import find_emails, read_email, read_phone
from actions.dialogue.names import read_introduced_name, read_name
from actions.dialogue.parts import correct_email_part, correct_phone_part
from actions.dialogue.people import pick_other
from actions.dialogue.phrases import says
from actions.dialogue.steps import CONFIRMATION, Heard, Move, Step, advance
from actions.dialogue.words import find_fields

_ALIKE = 0.85  # share of characters that each side of two addresses has in common from which one is a slip of the other
_LONGEST = 200  # characters of a message that corrects something; a longer one tells a story
_WORD = r"[「『\"']?([^\s「」『』\"'、。,.]{1,20}?)[」』\"']?"
_NOT_BUT = re.compile(
    rf"{_WORD}(?:さん)?(?:じゃなく|ではなく|でなく|やなく|じゃのう|やのう)(?:って|て)?、?\s*{_WORD}(?=です|だ|や|に|で|の|っす|さん|[。、!]|$)"
)
_NOT_BUT_EN = re.compile(
    r"\bnot ([^\W\d_][\w'’-]*)[,;]?\s*(?:but|it\W?s|it is|rather)?\s*([^\W\d_][\w'’-]*)", re.IGNORECASE
)
_STOP = re.compile(r"(?<=\w{4})[.!?]\s")  # "Whitlam. And" are two sentences, "St. John" is a name
_IDEOGRAPH = re.compile(r"[㐀-䶿一-鿿ァ-ヶ]|[ぁ-ん]{2}")
# From the beginning of a word: from each of its letters it would be tried again, to its end.
_BUT_NOT_EN = re.compile(r"(?<![\w'’-])([^\W\d_][\w'’-]*)[,;]?\s*(?:and |, )?not ([^\W\d_][\w'’-]*)", re.IGNORECASE)


def correct_earlier(draft: Draft, heard: Heard) -> Step | None:
    """Correct a field that was given, at once if the new value is there, else by asking for it; None if it is no such.

    The field that is asked for now is no earlier one.
    """
    text = heard.text
    if len(text) > _LONGEST or (heard.asks and not says(text, "corrects")):
        return None
    values = find_new_values(draft, text)
    if values:
        return _put(draft, values)
    named = [name for name in find_fields(text) if name in draft.fields and name != draft.asked]
    changes = says(text, "corrects") or heard.means("change", "deny")
    if not changes or not named or (says(text, "about_data") and draft.asked == "details"):
        return None
    if len(named) > 1:
        return Step(draft, Move.WHICH)
    return Step(draft.take(named[0]), Move.ASK)


def correct_review(draft: Draft, heard: Heard) -> Step | None:
    """Correct what the review shows: a message that names one field, or holds a new value, means to correct it."""
    values = find_new_values(draft, heard.text)
    if values:
        return _put(draft, values)
    if _repeats(draft, heard.text):
        return advance(draft)
    if says(heard.text, "kinds_named") and not heard.asks:
        return Step(draft, Move.KINDS)
    named = find_fields(heard.text)
    if (heard.asks and not says(heard.text, "corrects")) or not named:
        return None
    return Step(draft.take(named[0]), Move.ASK) if len(named) == 1 else Step(draft, Move.WHICH)


def find_new_values(draft: Draft, text: str) -> dict[str, str]:
    """New values of given fields that a message holds; beside an answer only what is said to be corrected is new."""
    named, found, means = find_fields(text), read_contacts(text), says(text, "corrects")
    reviews = draft.asked == CONFIRMATION
    values: dict[str, str | None] = {}
    for name, value in (("email", read_email(text)), ("phone", read_phone(text))):
        wanted = means or name in named or reviews or (found.is_all and found.given.keys() == {name})
        wanted = wanted or (name == "email" and _is_alike(value or "", draft.fields.get(name, "")))
        values[name] = value if wanted else None
    if values["email"] is None and means and len(find_emails(text)) == 2:
        values["email"] = _pick_other(draft.fields.get("email", ""), find_emails(text))
    # Part of a value: only of one that is named or reviewed, for a matter has parts of its own.
    for name, correct in (("email", correct_email_part), ("phone", correct_phone_part)):
        if values[name] is None and (name in named or (reviews and not named)):
            values[name] = correct(draft.fields.get(name, ""), text)
    if values["phone"] is None and found.phone == "" and ("phone" in named or reviews):
        values["phone"] = ""
    if values["phone"] is None and reviews and "phone" in named and says(text, "removes"):
        values["phone"] = ""
    values["name"] = _find_new_name(draft, text, sure=means or "name" in named)
    return {
        name: value
        for name, value in values.items()
        if value is not None and name in draft.fields and name != draft.asked and value != draft.fields[name]
    }


def _is_alike(value: str, former: str) -> bool:
    """Whether an address is the former one but for a slip: said without a word, it is meant to mend it all the same.

    Each side of the @ by itself: two people of one domain are not alike.
    """
    sides = zip(value.split("@"), former.split("@"), strict=False)
    return bool(value and former) and all(SequenceMatcher(None, new, old).ratio() > _ALIKE for new, old in sides)


def _repeats(draft: Draft, text: str) -> bool:
    """Whether a message gives again what the review shows, as when a correction is said twice."""
    given = read_contacts(text).given
    parts = [new for _, new in _list_exchanges(text) if new and new in draft.fields.get("name", "")]
    return bool(parts) or any(draft.fields.get(name) == value for name, value in given.items())


def _pick_other(current: str, found: list[str]) -> str | None:
    """Of two addresses the one that was not given before ("not a@… but b@…")."""
    others = [one for one in found if one != current]
    return others[0] if len(others) == 1 else None


def _find_new_name(draft: Draft, text: str, *, sure: bool) -> str | None:
    current = draft.fields.get("name", "")
    if not current:
        return None
    introduced = read_introduced_name(text) or read_name(text, asked=False) if sure else None
    if introduced and introduced.isascii() and is_plainly_name(current) and not is_plainly_name(introduced):
        introduced = None  # "my name's missing an e" gives none
    known = pick_other(text, current) if sure else None
    if known and not (introduced and introduced.startswith(known)):
        return known  # 「三浦ではなく旧姓の柏木 千鶴」
    part = _replace_part(current, text)
    if introduced and (part is None or current.isascii()):
        return introduced
    return part or _find_whole_name(current, text, sure=sure)


def _find_whole_name(current: str, text: str, *, sure: bool) -> str | None:
    """Another whole name in a message: when a name is said to be corrected, or it shares a part with the current one.

    "I've dropped the double barrel, just put Imogen Lowe"; 「本名の藤堂早苗に直してください」.
    """
    if KANA_OR_KANJI.search(text):
        other = pick_other(text, current)
        return other if other and (sure or _shares(current, other)) else None
    runs = {run[0].rstrip(".") for part in _STOP.split(text) for run in CAPITALISED.finditer(part)} - {current}
    similar = [run for run in runs if set(run.casefold().split()) & set(current.casefold().split())]
    return similar[0] if len(similar) == 1 else None


def _shares(one: str, other: str) -> bool:
    """Whether two Japanese names begin or end with the same two characters: the family name, or the given name."""
    first, second = "".join(one.split()), "".join(other.split())
    return first[:2] == second[:2] or first[-2:] == second[-2:]


def _replace_part(current: str, text: str) -> str | None:
    """The name with a part exchanged, when a message says "not A but B" of a part A of it."""
    for old, new in _list_exchanges(text):
        part = _find_part(current, old)
        if part and new:
            return _find_whole(current, new, text) or current.replace(part, new)
    return None


def _find_whole(current: str, new: str, text: str) -> str | None:
    """The whole name that what is right belongs to: "put Robert Kaye, not Robbie"; 「晴子やのうて、藤村治子どす」."""
    if KANA_OR_KANJI.search(new):
        name = tidy(new)
        return name if name and is_plainly_name(name) and name[:2] == current[:2] else None
    runs = [run[0] for run in CAPITALISED.finditer(text) if run[0].endswith(f" {new}")]
    return runs[0] if len(runs) == 1 and " " not in current else None


def _list_exchanges(text: str) -> list[tuple[str, str]]:
    """What a message says to be wrong, each with what is right."""
    plain = unicodedata.normalize("NFKC", text)
    pairs = [(one[1], one[2]) for one in _NOT_BUT.finditer(plain)]
    # "not Robbie, that's just the stage thing": what takes a name's place is written as one.
    pairs += [(one[1], one[2]) for one in _NOT_BUT_EN.finditer(plain) if one[2][0].isupper() or not one[1][0].isupper()]
    return [*pairs, *((one[2], one[1]) for one in _BUT_NOT_EN.finditer(plain))]


def _find_part(current: str, said: str) -> str:
    """The part of a name that was said; "" if there is none. Latin words count whole.

    What stands before it in one run of Japanese ("名前は山田") is no part of it.
    """
    if said.isascii() or current.isascii():
        return next((word for word in current.split() if word.casefold() == said.casefold()), "")
    return next((said[at:] for at in range(len(said)) if said[at:] in current and _IDEOGRAPH.match(said[at:])), "")


def _put(draft: Draft, values: dict[str, str]) -> Step:
    for name, value in values.items():
        draft = draft.give(name, value)
    return advance(draft, "corrected")
