"""Reading the answer to a question of the intake: the field asked for, and whatever else the message holds.

Nothing is lost: a value of another field is kept as that, and words that are no value at all go to the details.
"""

from __future__ import annotations

import re
from dataclasses import replace

from actions.cases.records import Draft
from actions.dialogue.candidates import is_plainly_name
from actions.dialogue.contacts import declines_mail, read_contacts, says_question
from actions.dialogue.corrections import correct_earlier, find_new_values
from actions.dialogue.details import asks_why, give_all, hesitates, take_details
from actions.dialogue.fields import declines, find_mail_problem, is_slip, read_email, read_phone
from actions.dialogue.names import read_name
from actions.dialogue.phrases import says
from actions.dialogue.steps import QUESTION, Heard, Move, Step, add_details, advance, miss, unquote
from actions.dialogue.words import PHONE, find_fields, is_word
from knowledge.text import clean

_LONG = {"ja": 18, "en": 40}  # characters from which words that are no value tell something
_ADDRESS = re.compile(r"https?://[!-~]+|[!-~]+@[!-~]+")  # an address tells nothing
_LONGEST_NAME = 40  # characters of a message that is taken for a name as it is
_PATIENCE = 2  # misses in a row after which a name is taken as it is typed and a telephone left out
_SHORTEST_UNMARKED = 6  # letters of a question that bears no question mark
_ASKED_FIRST = re.compile(r"[^?？]{12,}[?？]")  # "Will it be used for advertising? I will not have that."
_JAPANESE = re.compile(r"[぀-ヿ㐀-䶿一-鿿]")


def take_value(draft: Draft, heard: Heard) -> Step:
    """Take the answer to the question for a field."""
    return take_details(draft, heard) if draft.asked == "details" else _take_field(draft, heard)


def _take_field(draft: Draft, heard: Heard) -> Step:
    asked, text = draft.asked, heard.text
    value = _read(asked, heard)
    if value == "" and not says(text, "no_phone_said") and find_new_values(draft, text):
        value = None  # what is not so is said of an earlier value
    if value is None or (asked == "name" and not read_name(text, asked=False)):
        corrected = correct_earlier(draft, heard)
        if corrected is not None:
            return corrected
    if asked == "name" and value and heard.asks and not is_plainly_name(value):
        value = None
    certain = value if asked != "name" else read_name(text, asked=False)
    if certain is None and (heard.asks or asks_why(heard)):
        answered = _answer_in_between(draft, heard, value)
        if answered is not None:
            return answered
    found = _find_others(draft, text)
    if value is not None:
        given = draft.give(asked, value)
        # "mail me instead" corrects nothing; another value of a field that was given does, however it is said.
        changes = (value and says(text, "corrects")) or find_new_values(given, text)
        corrected = correct_earlier(given, heard) if changes else None
        notes = ("slip",) if asked == "email" and is_slip(value) else ()
        return corrected or give_all(draft.give(asked, value), found, *notes)
    return _take_otherwise(draft, heard, found)


def _answer_in_between(draft: Draft, heard: Heard, value: str | None) -> Step | None:
    """The answer to a question; one that only the engine took for one is a miss as well: none goes on for ever."""
    text = heard.text
    why = asks_why(heard)
    plainly = bool(QUESTION.search(unquote(text))) or why or says_question(text)
    if not heard.asks and not (why and draft.asked in find_fields(text)):
        return None
    if value is not None and not (QUESTION.search(text) or (why and draft.asked in find_fields(text))):
        return None
    if plainly:
        return Step(draft, Move.EXPLAIN if why else Move.ANSWER)
    if _is_patient_no_more(draft) or sum(map(str.isalnum, text)) < _SHORTEST_UNMARKED:
        return None
    return Step(replace(draft, misses=draft.misses + 1), Move.ANSWER)


def _take_otherwise(draft: Draft, heard: Heard, found: dict[str, str]) -> Step:
    """The field asked for is not in the message: keep what is, and ask again."""
    text = heard.text
    if found:
        notes = (
            ("mail_needed",)
            if draft.asked == "email" and find_fields(text)[:1] == ("email",) and declines_mail(text)
            else ()
        )
        return give_all(draft, found, *notes)
    if asks_why(heard) and not heard.means("change", "deny"):
        return Step(draft, Move.EXPLAIN)
    if hesitates(text):
        return Step(draft, Move.WAIT)
    problem = find_mail_problem(text) if draft.asked == "email" else ""
    tells = not problem and is_long(text) and "details" in draft.fields
    kept = add_details(draft, clean(text)) if tells else draft
    said = ["details_added"] if kept != draft else [f"mail_{problem}"] if problem else []
    if draft.asked == "email" and not problem and declines_mail(text):
        return Step(kept, Move.ASK, ("mail_needed", *said))
    if _is_patient_no_more(draft):
        return _do_without(kept, text, *said)
    again = miss(kept, *said)
    return replace(again, move=Move.ASK) if kept != draft and not draft.misses else again


def _is_patient_no_more(draft: Draft) -> bool:
    """Whether it was asked often enough: a telephone, which is optional, is asked for twice, a name three times."""
    return draft.misses >= (1 if draft.asked == "phone" else _PATIENCE)


def _do_without(draft: Draft, text: str, *notes: str) -> Step:
    """Go on without what could not be read: a short message is the name, a telephone is left out and that is said.

    Digits that are no number are asked for once more, and then kept with the details. Of a mail address the way out is
    told each time.
    """
    if draft.asked == "name" and _may_pass_for_name(text):
        return advance(draft.give("name", clean(text)))
    if draft.asked != "phone" or (any(map(str.isdigit, text)) and draft.misses < _PATIENCE):
        return miss(draft, *notes)
    if any(map(str.isdigit, text)) and "details" in draft.fields:
        draft = add_details(draft, clean(text))
    return advance(draft.give("phone", ""), *notes, "phone_skipped")


def _may_pass_for_name(text: str) -> bool:
    said = clean(text)
    if any(is_word(said, group) for group in ("yes", "no", "none")) or "@" in said or QUESTION.search(said):
        return False
    return any(map(str.isalpha, said)) and len(said) <= _LONGEST_NAME and "\n" not in said


def is_long(text: str) -> bool:
    """Whether words that are no value tell something that must not be lost."""
    letters = sum(map(str.isalnum, _ADDRESS.sub(" ", text)))
    return letters >= _LONG["ja" if _JAPANESE.search(text) else "en"]


def _read(name: str, heard: Heard) -> str | None:
    """The value of the field asked for; "" when an optional one is left out."""
    text = heard.text
    if name == "phone":
        number = read_phone(text)
        if number and _takes_back(text):
            return ""
        asks = QUESTION.search(text) or _ASKED_FIRST.match(text) or heard.means("explain")
        leaves_out = declines(text) or (says(text, "no_phone") and not asks)
        leaves_out = leaves_out or says(text, "no_phone_asked")
        named = set(find_fields(text))
        if named and named <= {"name", "details"} and not says(text, "no_phone_said"):
            leaves_out = False  # 「名前んとこ、屋号はいらんわ」
        return number if number or not leaves_out else ""
    if name == "email":
        return read_email(text)
    if hesitates(text) and not read_name(text, asked=False):
        return None
    labelled = read_contacts(text).name
    if labelled and "\n" in text.strip():  # in a signature the person's own line counts
        return labelled
    return read_name(text, asked=True) or labelled


def _takes_back(text: str) -> bool:
    """Whether a number is given and then taken back: "… 0159 - no, leave the phone out"."""
    behind = max((match.end() for match in PHONE.finditer(text)), default=0)
    return behind > 0 and says(text[behind:], "no_phone_said")


def _find_others(draft: Draft, text: str) -> dict[str, str]:
    """Name, mail and telephone that stand in the message and are not there yet."""
    contacts = read_contacts(text)
    found = {"email": read_email(text), "phone": read_phone(text), "name": contacts.name}
    if found["phone"] and not found["phone"].startswith(("0", "+", "(")):
        found["phone"] = None  # digits that nobody asked for may be anything
    if found["phone"] is None and contacts.phone == "":
        found["phone"] = ""
    return {
        name: value
        for name, value in found.items()
        if value is not None and name not in draft.fields and name != draft.asked
    }
