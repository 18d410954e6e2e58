"""The intake's one decider: a message in a running request → what to keep, what to say, what to ask next.

Pure: a draft and a message in, a draft and a move out. Rasa's form and its validation action only carry them; so every
path can be tested without Rasa, and the rules are the same for whoever calls. `steps` are its values, `values` reads
answers, `corrections`, `switches`, `wishes` and `agents` what people say besides.
"""

from __future__ import annotations

import re
from dataclasses import replace

from actions.cases.kinds import find_kind_by_intent
from actions.cases.records import FIELDS, Draft
from actions.dialogue.agents import APPOINTED, LEGAL, Agent, hear_agent, names_role, says_of_age, says_self
from actions.dialogue.contacts import read_contacts
from actions.dialogue.corrections import correct_review, find_new_values
from actions.dialogue.fields import read_email, read_phone
from actions.dialogue.phrases import agrees, says
from actions.dialogue.reading import weigh_consent
from actions.dialogue.steps import (
    CONFIRMATION,
    QUESTION,
    SURE,
    Heard,
    Move,
    Step,
    add_details,
    advance,
    miss,
    only_asks,
    strip_marks,
    tries_command,
)
from actions.dialogue.switches import LONGEST_CHANGE, change_kinds, holds_value, is_plain
from actions.dialogue.values import is_long, take_value
from actions.dialogue.wishes import hear_wishes, list_rights
from actions.dialogue.words import find_fields, is_word, shares_word
from knowledge.text import clean

__all__ = ["SURE", "Heard", "Move", "Step", "advance", "decide", "only_asks", "tries_command"]

BUTTON = "/request:"  # how what the buttons of the six kinds send begins
_STATUS = 60  # characters of a message that asks for a state


def decide(draft: Draft, heard: Heard) -> Step:
    """Decide a turn of the intake."""
    command = _press(draft, heard) or _hear_command(draft, heard)
    if command is not None:
        return command
    draft, noted = _note_agent(draft, heard)
    if noted and draft.asked == CONFIRMATION:
        return replace(advance(draft), notes=noted)
    step = _decide_confirmation(draft, heard) if draft.asked == CONFIRMATION else take_value(draft, heard)
    if noted and step.move is Move.AGAIN:
        step = replace(advance(draft), notes=())
    return replace(step, notes=(*noted, *step.notes))


def _press(draft: Draft, heard: Heard) -> Step | None:
    """What a button sends."""
    if heard.text == "/cancel":
        return Step(draft, Move.CANCEL)
    if heard.field in FIELDS:
        return Step(draft.take(heard.field), Move.ASK)
    if heard.field == "agent":
        return advance(replace(draft, agent="", represented=""), "self")
    if heard.field == "kinds":
        return Step(draft, Move.KINDS)
    kind = find_kind_by_intent(heard.intent)
    if kind is None or heard.text != f"{BUTTON}{kind.name}":
        return None
    if (kind.name,) == draft.kinds:
        return advance(draft)  # the button of the request that is being entered already is no value
    return Step(replace(draft, kinds=(kind.name,), misses=0), Move.SWITCH)


def _hear_command(draft: Draft, heard: Heard) -> Step | None:
    """What is understood at any point: forget, change the kinds, cancel, tell the state."""
    if tries_command(heard.text) and heard.confidence < 1.0:
        return None
    if says(heard.text, "forget") and len(heard.text) <= _STATUS:
        return Step(draft, Move.FORGET)
    changed = change_kinds(draft, heard)
    if changed is not None:
        return changed
    if _cancels(draft, heard):
        return Step(draft, Move.CANCEL)
    if draft.asked != "details" and says(heard.text, "status") and len(heard.text) <= _STATUS:
        return Step(draft, Move.STATUS)
    return None


def _cancels(draft: Draft, heard: Heard) -> bool:
    """Whether the request is given up: by a word, by what is said of it, or as recognised.

    A name or a story can look like anything to the classifier: there only the words themselves cancel.
    """
    text = heard.text
    if is_word(text, "cancel"):
        return True
    if draft.asked == "details" and says(text, "cancel_it") and shares_word(draft.opening, text):
        return False  # "my membership, cancel it": of what the request is about
    if heard.consent and not _says_more(draft, text) and _weigh(draft, heard) == "cancel":
        return True
    if heard.intent == "cancel" and is_plain(draft, heard) and draft.asked not in {"details", "name"}:
        return True
    told = says(text, "cancel") and not says(text, "goes_on") and not QUESTION.search(text)
    gives = holds_value(draft, text) or find_new_values(draft, text)
    return told and len(text) <= LONGEST_CHANGE and not list_rights(text) and not gives


def _says_more(draft: Draft, text: str) -> bool:
    """Whether a message at the review tells or names more than that it is given up, or may only ask for time."""
    if len(text) > _STATUS or says(text, "wait") or says(text, "holds_back"):
        return True
    return bool(list_rights(text) or find_fields(text) or hear_agent(text) or find_new_values(draft, text))


def _note_agent(draft: Draft, heard: Heard) -> tuple[Draft, tuple[str, ...]]:
    """Keep who acts for whom, as soon as it is said."""
    if draft.agent and says_self(heard.text):
        return replace(draft, agent="", represented=""), ("self",)
    agent = None if only_asks(heard.text) else hear_agent(heard.text)
    if agent is None and draft.asked == "name" and not draft.agent and names_role(heard.text):
        agent = Agent(APPOINTED)
    if agent is None:
        return draft, ()
    represented = agent.represented or draft.represented
    if draft.agent == LEGAL and not says_of_age(heard.text):  # "my aunt's data" makes her guardian no lesser one
        return replace(draft, represented=represented), ()
    if draft.agent and (draft.agent == agent.capacity or draft.asked not in {"details", CONFIRMATION}):
        return replace(draft, represented=represented), ()
    return replace(draft, agent=agent.capacity, represented=represented), ("agent",)


def _decide_confirmation(draft: Draft, heard: Heard) -> Step:
    text = strip_marks(heard.text)
    yes = text == "/affirm" or is_word(text, "yes") or _weigh(draft, heard) == "yes"
    if yes and not _gives_other(draft, text):
        # "はい?" is no consent; 「はい、送ってもらえますか」 is.
        asks = QUESTION.search(text) and not says(text, "no_doubt")
        return Step(draft, Move.AGAIN if asks else Move.FILE)
    adds = is_long(text) and not find_new_values(draft, text)
    if adds and (says(text, "adds_here") or _corrects_details(text)):
        return advance(add_details(draft, clean(text)), "details_added")
    corrected = correct_review(draft, heard)
    if corrected is not None:
        return corrected
    if adds and says(text, "adds") and not QUESTION.search(text):
        return advance(add_details(draft, clean(text)), "details_added")
    return _hear_no_yes(draft, heard)


def _corrects_details(text: str) -> bool:
    """Whether the details are named with what shall stand there instead (「内容のところ、5月じゃなくて6月です」)."""
    return find_fields(text) == ("details",) and says(text, "corrects") and bool(re.search(r"\d", text))


def _weigh(draft: Draft, heard: Heard) -> str:
    """What an answer to the review says, by its words and by the reader; of one that takes leave by its words alone."""
    text = strip_marks(heard.text)
    if says(text, "plain_yes") or (says(text, "sends_it") and agrees(text, doing=draft.kinds)):
        return "yes"
    named = {wish.kind for wish in hear_wishes(text)}
    told = None if says(text, "farewell") or says(text, "thanks") else heard.consent
    return weigh_consent(told, agrees=agrees(text, doing=draft.kinds), names_it=named == set(draft.kinds))


def _gives_other(draft: Draft, text: str) -> bool:
    """Whether a message gives a name, address or number other than those that are there: a signature repeats them."""
    told = {name: "".join(value.split()).casefold() for name, value in draft.fields.items()}
    found = {"email": read_email(text), "phone": read_phone(text)} | read_contacts(text).given
    given = {name: "".join(value.split()).casefold() for name, value in found.items() if value}
    return any(value not in told.get(name, "") for name, value in given.items())


def _hear_no_yes(draft: Draft, heard: Heard) -> Step:
    """What is no clear yes, no correction and no addition."""
    text = heard.text
    if is_word(text, "no") or heard.means("deny", "change"):
        return Step(draft, Move.WHICH)
    if says(text, "wait") or says(text, "holds_back") or says(text, "farewell"):
        return Step(draft, Move.WAIT)
    if says(text, "no"):
        return Step(draft, Move.WHICH)
    if heard.means("affirm") and heard.is_short and not says(text, "doubt") and not heard.consent:
        return Step(draft, Move.FILE)
    move = Move.EXPLAIN if heard.means("explain") else Move.ANSWER
    return Step(draft, move) if heard.asks else miss(draft)
