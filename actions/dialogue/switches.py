"""Changes of what a request is for, in its middle: another kind, one more, one less; by words, readers and engine."""

from __future__ import annotations

from dataclasses import replace

from actions.cases.kinds import find_kind_by_intent
from actions.cases.records import Draft
from actions.dialogue.contacts import read_contacts
from actions.dialogue.corrections import find_new_values
from actions.dialogue.fields import read_phone
from actions.dialogue.names import read_name
from actions.dialogue.phrases import agrees, leave_out, says
from actions.dialogue.steps import (
    CONFIRMATION,
    QUESTION,
    SURE,
    SURE_IN_DETAILS,
    Heard,
    Move,
    Step,
    add_details,
    only_asks,
)
from actions.dialogue.values import is_long
from actions.dialogue.wishes import COMPLAINT, Change, hear_change, hear_wishes, list_rights
from actions.dialogue.words import find_fields, fold, has_word, is_word
from knowledge.text import clean

LONGEST_CHANGE = 160  # characters of a message that changes kinds or cancels; a longer one tells a story
_TOLD = {"disclosure", "purpose_notice", COMPLAINT}  # what a question may sound like that only wants an answer
_REFUSAL = 16  # characters of a message that will not tell a telephone number ("教えない") and means nothing else


def change_kinds(draft: Draft, heard: Heard) -> Step | None:
    """Another kind instead, or one more; who corrects a value that was given wants no other kind."""
    text = heard.text
    if draft.asked != "details" and find_new_values(draft, text) and not says(text, "kinds_named"):
        return None
    if draft.asked == CONFIRMATION:
        adds_only = says(text, "adds_here") and set(list_rights(text)) <= set(draft.kinds)
        if adds_only or (agrees(text) and not says(text, "kinds_meant")):
            return None
        corrected = _correct_kinds(draft, heard)
        if corrected is not None or (find_fields(text) and not says(text, "kinds_meant")):
            return corrected or _switch_as_read(draft, heard)
    said = _switch_as_said(draft, heard)
    if said is not None:
        return said
    return _switch_as_read(draft, heard) or _switch_as_recognised(draft, heard)


def _switch_as_said(draft: Draft, heard: Heard) -> Step | None:
    """The kinds that the words name, unless they tell a story or ask."""
    text = heard.text
    if len(text) > LONGEST_CHANGE or (QUESTION.search(fold(text)) and not list_rights(text)):
        return None
    if draft.asked == CONFIRMATION:
        text = leave_out(text, "holds_back")  # "don't send it" is said of the request
    change = hear_change(text, draft.kinds, plainly=draft.asked == "details")
    if change is None or _corrects_request(draft, text, change):
        return None
    if not change.kinds:
        return _switch_as_read(draft, heard) or Step(draft, Move.CANCEL)
    if heard.asks and _adds_purpose(draft, change) and not says(text, "bids"):
        return None
    return _switch(draft, change.kinds, heard, *(["kind_added"] if change.added else []))


def _corrects_request(draft: Draft, text: str, change: Change) -> bool:
    """Whether what a message at the review wants corrected is what the review shows, and no data of the shop's."""
    return draft.asked == CONFIRMATION and _adds_correction(draft, change) and "details" in find_fields(text)


def _corrects_contact(draft: Draft, text: str, change: Change) -> bool:
    """Whether what shall be corrected is where to answer: a new address or number is in the message."""
    gives = {"email", "phone"} & read_contacts(text).given.keys()
    return draft.asked != "details" and _adds_correction(draft, change) and bool(gives)


def _adds_correction(draft: Draft, change: Change) -> bool:
    return set(change.kinds) - set(draft.kinds) == {"correction"}


def _adds_purpose(draft: Draft, change: Change) -> bool:
    """Whether all that a change adds is the notice of the purpose: what something is kept for is often only asked."""
    return set(change.kinds) - set(draft.kinds) == {"purpose_notice"}


def _switch_as_read(draft: Draft, heard: Heard) -> Step | None:
    """The kinds that the readers find wanted from here on, unless the message answers what was asked."""
    change = heard.change
    if change is None or change.kinds == draft.kinds or holds_value(draft, heard.text) or only_asks(heard.text):
        return None
    asks = heard.asks and QUESTION.search(fold(heard.text)) and not says(heard.text, "bids")
    if asks and set(change.kinds) - set(draft.kinds) <= _TOLD:
        return None
    if _corrects_request(draft, heard.text, change) or _corrects_contact(draft, heard.text, change):
        return None
    return _switch(draft, change.kinds, heard, *(["kind_added"] if change.added else []))


def _switch_as_recognised(draft: Draft, heard: Heard) -> Step | None:
    """The kind that the engine heard, when the words speak of it as well; anger is no kind."""
    kind = find_kind_by_intent(heard.intent)
    if kind is None or kind.name in draft.kinds or kind.name == COMPLAINT or not heard.is_short:
        return None
    if heard.confidence < 1.0 and all(wish.kind != kind.name for wish in hear_wishes(heard.text)):
        return None
    plainly = is_plain(draft, heard) and draft.asked not in {"details", "name"}
    if draft.asked == CONFIRMATION and read_contacts(heard.text).given:
        plainly = False  # a corrected value looks like a request for correction
    return _switch(draft, (kind.name,), heard) if plainly or has_word(heard.text, "instead") else None


def _correct_kinds(draft: Draft, heard: Heard) -> Step | None:
    """At the review: the kind is said to be wrong, and which it is."""
    if not says(heard.text, "kinds_named") or heard.asks:
        return None
    chosen = [wish.kind for wish in hear_wishes(heard.text) if not wish.given_up and wish.kind not in draft.kinds]
    return _switch(draft, (chosen[0],), heard) if chosen else None


def _switch(draft: Draft, kinds: tuple[str, ...], heard: Heard, *notes: str) -> Step:
    draft = replace(draft, kinds=kinds, misses=0)
    if not heard.is_short and is_long(heard.text) and "details" in draft.fields:
        draft = add_details(draft, clean(heard.text))
    return Step(draft, Move.SWITCH, notes)


def is_plain_needed(draft: Draft, text: str) -> bool:
    """Whether only a plain change of kinds is one: any message may be details, and many a name or its correction."""
    if draft.asked == "details" or (find_fields(text) and not says(text, "kinds_meant")):
        return True
    return draft.asked == "name" and read_name(text, asked=True) is not None


def is_plain(draft: Draft, heard: Heard) -> bool:
    """Whether what was recognised may be acted on: sure, short, and no value."""
    needed = SURE_IN_DETAILS if draft.asked == "details" else SURE
    return heard.confidence >= needed and heard.is_short and not holds_value(draft, heard.text)


def holds_value(draft: Draft, text: str) -> bool:
    """Whether a message answers what is asked for, a telephone also by refusing it."""
    if draft.asked == "name":
        return read_name(text, asked=False) is not None  # introduced: "my name is …"
    if draft.asked == "phone":
        says_no = says(text, "no_phone_said") or (len(text) <= _REFUSAL and says(text, "no_phone"))
        declines = says_no and not list_rights(text)
        return read_phone(text) is not None or is_word(text, "none") or declines
    return draft.asked == "email" and "@" in fold(text)  # or half of one: "hanako@"
