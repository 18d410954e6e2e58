"""Reading the answer to a question of the intake: the field asked for, and whatever else the message holds.

Nothing is lost: a value of another field is kept as that, and words that are no value at all go to the details.
"""

from __future__ import annotations

import re
from dataclasses import replace

from actions.cases.kinds import find_kind_by_intent
from actions.cases.records import Draft
from actions.dialogue.contacts import Contacts, declines_mail, read_contacts, says_question
from actions.dialogue.corrections import correct_earlier, find_new_values
from actions.dialogue.fields import declines, find_mail_problem, is_slip, read_details, read_email, read_phone
from actions.dialogue.names import read_name
from actions.dialogue.phrases import says
from actions.dialogue.steps import QUESTION, Heard, Move, Step, add_details, advance, miss, only_asks
from actions.dialogue.wishes import list_rights
from actions.dialogue.words import find_fields, has_word, is_word
from knowledge.text import clean

_LONG = {"ja": 18, "en": 40}  # characters from which words that are no value tell something
_ADDRESS = re.compile(r"https?://[!-~]+|[!-~]+@[!-~]+")  # an address tells nothing
_SHORTEST_QUESTION = 4  # letters or digits: "え？" asks nothing
_SHORT_WAIT = 40  # characters; more than a word of hesitation tells something
_LONGEST_NAME = 40  # characters of a message that is taken for a name as it is
_PATIENCE = 2  # misses in a row after which a name is taken as it is typed and a telephone left out
_SHORTEST_UNMARKED = 6  # letters of a question that bears no question mark
_JAPANESE = re.compile(r"[぀-ヿ㐀-䶿一-鿿]")
_FIRST = re.compile(r"([^?\uff1f]{6,})([?\uff1f])(.*)", re.DOTALL)  # a first sentence that is a question, and the rest
_GREETINGS = ("greet", "thanks", "help")


def take_value(draft: Draft, heard: Heard) -> Step:
    """Take the answer to the question for a field."""
    return _take_details(draft, heard) if draft.asked == "details" else _take_field(draft, heard)


def _take_details(draft: Draft, heard: Heard) -> Step:
    if _asks_in_details(draft, heard):
        kept = draft if QUESTION.search(heard.text) else _keep_aside(draft, heard.text)
        return Step(kept, Move.EXPLAIN if _asks_why(heard) else Move.ANSWER)
    text, found = heard.text, read_contacts(heard.text, in_matter=True)
    corrected = correct_earlier(draft, heard) if found.is_all or len(text) <= _SHORT_WAIT else None
    if corrected is not None:
        return corrected
    if says(text, "above") or says(text, "nothing") or is_word(text, "yes") or found.is_all:
        return _take_opening(draft, heard, found)
    if _hesitates(text) or (heard.intent in _GREETINGS and heard.confidence >= 0.9 and heard.is_short):
        return Step(draft, Move.WAIT)
    value = read_details(text)
    if value is None:
        return miss(draft)
    return _give_all(draft.give("details", value), found.given)


def _take_opening(draft: Draft, heard: Heard, found: Contacts) -> Step:
    """The first words are the details: somebody points to them, or gives nothing but other fields."""
    if not draft.opening:
        if says(heard.text, "above") and len(heard.text) > _SHORT_WAIT:
            return _give_all(draft.give("details", heard.text), found.given)
        return _give_all(draft, found.given) if found.is_all else miss(draft)
    more = says(heard.text, "above") and not found.is_all and len(heard.text) > _LONG["ja"]
    details = f"{draft.opening}\n{clean(heard.text)}" if more else draft.opening
    return _give_all(draft.give("details", details), found.given)


def _keep_aside(draft: Draft, text: str) -> Draft:
    """What somebody says beside a question is kept with the first words; the details are still to come."""
    return replace(draft, opening=f"{draft.opening}\n{clean(text)}".strip())


def _take_field(draft: Draft, heard: Heard) -> Step:
    asked, text = draft.asked, heard.text
    value = _read(asked, heard)
    if value is None or (asked == "name" and not read_name(text, asked=False)):
        corrected = correct_earlier(draft, heard)
        if corrected is not None:
            return corrected
    certain = value if asked != "name" else read_name(text, asked=False)
    if certain is None and (heard.asks or _asks_why(heard)):
        answered = _answer_in_between(draft, heard, value)
        if answered is not None:
            return answered
    found = _find_others(draft, text)
    if value is not None:
        given = draft.give(asked, value)
        changes = says(text, "corrects") and (
            value or find_new_values(given, text)
        )  # "mail me instead" corrects nothing
        corrected = correct_earlier(given, heard) if changes else None
        notes = ("slip",) if asked == "email" and is_slip(value) else ()
        return corrected or _give_all(draft.give(asked, value), found, *notes)
    return _take_otherwise(draft, heard, found)


def _answer_in_between(draft: Draft, heard: Heard, value: str | None) -> Step | None:
    """The answer to a question; one that only the engine took for one is a miss as well: none goes on for ever."""
    text = heard.text
    why = _asks_why(heard)
    plainly = bool(QUESTION.search(text)) or why or says_question(text)
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
        return _give_all(draft, found, *notes)
    if _asks_why(heard) and not heard.means("change", "deny"):
        return Step(draft, Move.EXPLAIN)
    if _hesitates(text):
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
        asks = QUESTION.search(text) or heard.means("explain")
        leaves_out = declines(text) or (says(text, "no_phone") and not asks)
        return number if number or not leaves_out else ""
    if name == "email":
        return read_email(text)
    signed = read_contacts(text).name if "\n" in text.strip() else None  # in a signature the person's own line counts
    return signed or read_name(text, asked=True)


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


def _give_all(draft: Draft, found: dict[str, str], *notes: str) -> Step:
    for name, value in found.items():
        if name not in draft.fields:
            draft = draft.give(name, value)
    return advance(draft, *notes)


def _asks_in_details(draft: Draft, heard: Heard) -> bool:
    """A request may be worded as a question: one about one's own data is the matter itself, and so is any complaint."""
    text = heard.text
    if "complaint" in draft.kinds or ("purpose_notice" in draft.kinds and says(text, "asks_purpose")):
        return False
    if not QUESTION.search(text):
        mixed = _FIRST.match(text)
        return mixed is not None and bool(mixed[3].strip()) and _only_asks(f"{mixed[1]}?") and not list_rights(text)
    if heard.means("ask_policy", "howto", "explain") or (_asks_why(heard) and find_fields(text)):
        return True
    return find_kind_by_intent(heard.intent) is None and _only_asks(text)


def _only_asks(text: str) -> bool:
    return sum(map(str.isalnum, text)) >= _SHORTEST_QUESTION and only_asks(text) and not says(text, "own_matter")


def _asks_why(heard: Heard) -> bool:
    return heard.intent == "explain" or has_word(heard.text, "why")


def _hesitates(text: str) -> bool:
    return says(text, "wait") and len(text) <= _SHORT_WAIT
