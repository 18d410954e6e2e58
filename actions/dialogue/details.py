"""The answer to the question for details: the matter, a question about this desk, or words that are neither.

While details are asked a text is the value unless it plainly is something else; nothing that was typed is lost.
"""

from __future__ import annotations

import re
from dataclasses import replace

from actions.cases.kinds import find_kind_by_intent
from actions.cases.records import Draft
from actions.dialogue.contacts import Contacts, read_contacts
from actions.dialogue.corrections import correct_earlier
from actions.dialogue.fields import read_details
from actions.dialogue.matters import (
    asks,
    asks_generally,
    asks_practice,
    find_topic,
    is_impatient,
    is_thin,
    names_matter,
    tells_matter,
    tells_past,
)
from actions.dialogue.phrases import says
from actions.dialogue.steps import QUESTION, Heard, Move, Step, advance, miss, only_asks, unquote
from actions.dialogue.wishes import COMPLAINT, list_rights
from actions.dialogue.words import find_fields, has_word, is_word
from knowledge.text import clean

_SHORTEST_QUESTION = 4  # letters or digits: "え？" asks nothing
_SHORT = 40  # characters; more than a word of hesitation, or of pointing back, tells something
_MORE = 18  # characters of a message that points back and says more besides
_FIRST = re.compile(r"([^?\uff1f]{6,})([?\uff1f])(.*)", re.DOTALL)  # a first sentence that is a question, and the rest
_GREETINGS = ("greet", "thanks", "help")


def take_details(draft: Draft, heard: Heard) -> Step:
    """Take the answer to the question for details."""
    if _enquires(draft, replace(heard, text=unquote(heard.text))):
        kept = keep_aside(draft, heard.text) if _says_more(heard.text) else draft
        return Step(kept, Move.EXPLAIN if _wants_reason(heard) else Move.ANSWER)
    text, later = heard.text, says(heard.text, "details_later")
    found = read_contacts(text, in_matter=not later)
    corrected = correct_earlier(draft, heard) if found.is_all or len(text) <= _SHORT else None
    if corrected is not None:
        return corrected
    if says(text, "above") or says(text, "nothing") or is_word(text, "yes") or found.is_all:
        return _take_opening(draft, heard, found)
    if found.given and later:
        return give_all(draft, found.given)
    if hesitates(text) or (heard.intent in _GREETINGS and heard.confidence >= 0.9 and heard.is_short):
        return Step(draft, Move.WAIT)
    return _take_matter(draft, text, found)


def _take_matter(draft: Draft, text: str, found: Contacts) -> Step:
    """The message is the details, with the first words where it is thin without them."""
    value = read_details(text)
    if value is None:
        return miss(draft)
    if not draft.misses and not found.given and _tells_nothing(draft, text):
        return Step(replace(keep_aside(draft, text), misses=1), Move.ASK, ("kept",))
    if tells_matter(draft.opening) and is_thin(found.matter if found.given else text):
        value = f"{draft.opening}\n{value}"
    return give_all(draft.give("details", value), found.given)


def give_all(draft: Draft, found: dict[str, str], *notes: str) -> Step:
    """Keep those of the values found that are not there yet, and go on."""
    for name, value in found.items():
        if name not in draft.fields:
            draft = draft.give(name, value)
    return advance(draft, *notes)


def keep_aside(draft: Draft, text: str) -> Draft:
    """What somebody says beside the matter is kept with the first words; the details are still to come."""
    return replace(draft, opening=f"{draft.opening}\n{clean(text)}".strip())


def asks_why(heard: Heard) -> bool:
    """Whether it is asked why something is needed."""
    return heard.intent == "explain" or has_word(heard.text, "why")


def hesitates(text: str) -> bool:
    """Whether somebody asks for time, and says no more."""
    return says(text, "wait") and (len(text) <= _SHORT or (len(text) <= 2 * _SHORT and says(text, "wait_first")))


def _tells_nothing(draft: Draft, text: str) -> bool:
    """Whether somebody only asks to be heard here, or only urges where the first words told nothing either."""
    if len(text) <= _SHORT and says(text, "here"):
        return True
    return is_impatient(text) and not tells_matter(draft.opening)


def _take_opening(draft: Draft, heard: Heard, found: Contacts) -> Step:
    """The first words are the details: somebody points to them, or gives nothing but other fields.

    First words that name no more than a right are no details for who only says who writes.
    """
    if found.is_all and draft.opening and not names_matter(draft.opening):
        return give_all(draft, found.given)
    if not draft.opening:
        if says(heard.text, "above") and len(heard.text) > _SHORT:
            return give_all(draft.give("details", heard.text), found.given)
        return give_all(draft, found.given) if found.is_all else miss(draft)
    more = says(heard.text, "above") and not found.is_all and len(heard.text) > _MORE
    details = f"{draft.opening}\n{clean(heard.text)}" if more else draft.opening
    return give_all(draft.give("details", details), found.given)


def _enquires(draft: Draft, heard: Heard) -> bool:
    """Whether a question is to be answered, and is not the matter itself.

    What is asked of this desk, or of what the shop does as a rule, is answered whatever the request is. What was done
    is the matter; so is what is asked of one's own data, and most of what is asked in a complaint.
    """
    text = heard.text
    if "purpose_notice" in draft.kinds and says(text, "asks_purpose"):
        return False
    if asks(text) and (find_topic(text) or (COMPLAINT not in draft.kinds and says(text, "announces"))):
        return True
    if asks(text) and tells_past(text) and not _asks_policy(draft, heard):
        return False
    if asks(text) and asks_practice(text):
        return True
    if not QUESTION.search(text) and not (asks(text) and _asks_policy(draft, heard)):
        return COMPLAINT not in draft.kinds and _enquires_first(text)
    if says(text, "own_matter") and _is_own(draft, text):
        return False
    if heard.means("ask_policy", "howto", "explain") or (asks_why(heard) and find_fields(text)):
        return True
    # In a complaint a question that nothing recognises, in whatever language, may well be the matter.
    return COMPLAINT not in draft.kinds and find_kind_by_intent(heard.intent) is None and _only_enquires(text)


def _asks_policy(draft: Draft, heard: Heard) -> bool:
    """Whether it is plainly asked of the policy, though it sounds as of what was done ("what are you collecting?")."""
    return heard.means("ask_policy") and COMPLAINT not in draft.kinds and not says(heard.text, "own_matter")


def _is_own(draft: Draft, text: str) -> bool:
    """Whether the request may well be a question about one's own data."""
    return COMPLAINT in draft.kinds or ("disclosure" in draft.kinds and not asks_generally(text))


def _enquires_first(text: str) -> bool:
    """Whether a message begins with a question and wants nothing after it."""
    return _says_more(text) and _only_enquires(re.split("[?？]", text)[0] + "?") and not list_rights(text)


def _says_more(text: str) -> bool:
    """Whether something that is no question stands behind a first one."""
    mixed = _FIRST.match(text)
    return mixed is not None and bool(mixed[3].strip()) and not QUESTION.search(text)


def _only_enquires(text: str) -> bool:
    return sum(map(str.isalnum, text)) >= _SHORTEST_QUESTION and only_asks(text) and not says(text, "own_matter")


def _wants_reason(heard: Heard) -> bool:
    """Whether it is asked why details are needed; who reads them, or what that costs, is another question."""
    topic = find_topic(heard.text)
    beside = (heard.means("ask_policy") and tells_past(heard.text)) or says(heard.text, "announces")
    return topic == "topic_need" or (not topic and not beside and asks_why(heard))
