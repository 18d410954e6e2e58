"""A request that was offered beside an answer, and whether the next message takes the offer up.

Pure. A yes outside a request files nothing: it opens one, which can be stopped at any time. So it may be less than
clear. A request that was stopped is offered as well, without a word: whoever stopped it may want to go on after all.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from actions.cases.kinds import list_kinds
from actions.dialogue.contacts import read_contacts
from actions.dialogue.phrases import agrees, says
from actions.dialogue.reading import Readers, weigh_offer
from actions.dialogue.wishes import COMPLAINT, hear_wishes, list_rights, names_kind
from actions.dialogue.words import close_gaps, fold, is_word

_LONGEST = 240  # characters of a message that takes an offer up; a longer one tells something of its own
_ASKED_AFTER = 0.1  # the reader's score of a kind from which a question is about it, if somebody then applies for it
_MOST_NAMED = 2  # kinds of a question that is about one: words name another by the way ("have my data deleted")
_SAYS_MORE = 40  # characters from which it is kept with the first words


@dataclass(frozen=True, slots=True)
class Offer:
    """The kinds offered with the last answer, and the question it answered.

    `is_stopped`: they were being entered. `is_implied`: nothing was offered, but the question was about them.
    """

    kinds: tuple[str, ...] = ()
    question: str = ""
    is_stopped: bool = False
    is_implied: bool = False


def accept(offer: Offer, text: str, readers: Readers) -> tuple[str, ...]:
    """The kinds of an offer that a message takes up; none when it does not, several when it leaves open which."""
    if len(text) > _LONGEST or (offer.is_stopped and is_word(text, "yes")):
        return ()  # of a request that was stopped a mere yes says that so it be
    takes_up, own = _says_so(offer, text), set(list_rights(text))
    if offer.is_implied and takes_up and not offer.kinds:
        offer = replace(offer, kinds=_guess(offer.question, readers))
    if not offer.kinds or own - set(offer.kinds) or (offer.is_implied and not (takes_up or own)):
        return ()  # something else is wanted, or nothing
    if not (read_contacts(text).is_all or weigh_offer(text, readers, takes_up=takes_up)):
        return ()
    spoken: list[str] = []
    for said in (text, "" if offer.is_stopped else offer.question):
        spoken = [wish.kind for wish in hear_wishes(said) if not wish.given_up]
        meant = tuple(kind for kind in offer.kinds if kind in spoken)
        if meant:
            return meant
    if offer.is_stopped or offer.is_implied:
        return offer.kinds
    is_list = sum(names_kind(offer.question, kind) for kind in list_kinds()) > _MOST_NAMED
    # What was asked about counts, whatever clause answered it; of a list of rights, that of which the answer is.
    return offer.kinds if is_list or not spoken else tuple(spoken[:1])


def _guess(question: str, readers: Readers) -> tuple[str, ...]:
    """The right that a question was about that names none: the one that its words want the most."""
    told = readers.openings(question) if readers.openings else {}
    first = max((kind for kind in list_kinds() if kind != COMPLAINT), key=lambda kind: told.get(kind, 0.0))
    return (first,) if told.get(first, 0.0) > _ASKED_AFTER else ()


def join_opening(offer: Offer, text: str) -> str:
    """The first words of a request that was taken up: what was asked, with whatever the yes says besides.

    Nothing that was typed is lost but a mere yes, and that somebody goes on after all, which tell nothing.
    """
    is_mere = _says_so(offer, text) and len(text) <= _SAYS_MORE and not list_rights(text)
    if is_mere and not read_contacts(text).given:
        return offer.question or ("" if offer.is_stopped else text)
    return f"{offer.question}\n{text}".strip()


def _says_so(offer: Offer, text: str) -> bool:
    """Whether words say that it is taken up, or gone on with."""
    return says(text, "goes_on") if offer.is_stopped else _takes_up(text)


def _takes_up(text: str) -> bool:
    """Whether it is a yes in any form, asks for it to be done here, or says who writes."""
    said = close_gaps(fold(text))
    if says(said, "refuses"):
        return False
    if is_word(said, "yes") or agrees(said) or says(said, "accepts"):
        return True
    return read_contacts(text).is_all
