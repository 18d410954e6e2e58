"""What the trained readers make of first words and of responses, weighed with what words say for certain.

A reader knows meanings that no list holds; words are sure where they are plain. So the reader leads, and a kind or an
agent that words name counts for so much more.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from actions.cases.kinds import list_kinds
from actions.dialogue.agents import APPOINTED, LEGAL, Agent
from actions.dialogue.phrases import says
from actions.dialogue.steps import QUESTION
from actions.dialogue.wishes import COMPLAINT, Change, complains, find_place, names_others, order_kinds
from actions.dialogue.words import fold

Read = Callable[[str], Mapping[str, float]]  # a text → a score for each label, near 1 for "so it is"
ReadChange = Callable[[str, Sequence[str]], Mapping[str, float]]  # … and the kinds before → how likely each is wanted

THIRD_PARTY_STOP = "third_party_stop"
NOTHING = "nothing"  # the reader's label of a message that wants nothing
# Read off the figures with one writer left out at a time (docs/retrieval.md); flat around these values.
WORDS = 0.3  # what it adds to a kind's score that words hear it
ENOUGH, ENOUGH_UNHEARD = 0.45, 0.55  # score from which a kind is wanted beside the first; … beside one that words hear
OF_PARTS = 0.2  # how much the part of a message that wants a kind most counts in it, against the whole
LEAST = 0.33  # score below which nothing is wanted: of what the reader knows no word, every label scores a little
BIDS = 0.15  # what asks for it here and now wants the kind that words hear in it the rather
TELLS = 0.1  # what is no question wants something the rather
NO_OTHERS = 0.15  # what speaks of nobody else hardly wants the provision to others stopped
SURELY, UNWANTED = 0.8, 0.2  # score of a kind, and of nothing, from which a question wants something all the same
AGENT, AGENT_SAID = 0.45, 0.15  # score from which somebody acts for another: unsaid, and said in so many words
# … and of answers to the review: what it adds that words agree, the score from which it is so, and how far ahead of all
# else. Sending what nobody wanted sent is worse than asking again; the address is to be confirmed by mail all the same.
AGREED, CONSENT, CONSENT_AHEAD = 0.3, 0.4, 0.15
GIVEN_UP, GIVEN_UP_AHEAD = 0.35, 0.1
# … to offers: what words and a wish add to taking one up, and the score from which it is taken up …
TAKEN, WISHED, ACCEPTED = 0.15, 0.15, 0.5
# … and of changes: how likely a kind must be to come, and one of before to stay; … where something else was asked.
COMES, STAYS = 0.6, 0.5
COMES_PLAINLY, STAYS_PLAINLY = 0.7, 0.4
STAYS_ALONE = 0.1  # … and where no other comes: of two, an answer often speaks of one
_SENTENCES = re.compile(r"(?<=[。.!?！？…])(?=\s|[^\x00-\x7f])|\n")
_PARTS = re.compile(r"(?<=[。.!?！？…])(?=\s|[^\x00-\x7f])|\n|[、,;]\s*|\s(?=(?:and|then|but|plus)\s)")  # of sentences


@dataclass(frozen=True, slots=True)
class Readers:
    """The trained readers of a shop; each is None without examples to learn it from."""

    openings: Read | None = None
    consents: Read | None = None
    offers: Read | None = None
    changes: ReadChange | None = None


def weigh_kinds(text: str, heard: tuple[str, ...], read: Read) -> tuple[str, ...]:
    """The kinds that reader and words (`heard`) together find wanted, in the order said; none if rather nothing is."""
    told = read(text)
    scores = {kind: told.get(kind, 0.0) + WORDS * (kind in heard) for kind in list_kinds()}
    if not names_others(text):
        scores[THIRD_PARTY_STOP] -= NO_OTHERS
    first = max(scores.values())
    nothing = told.get(NOTHING, 0.0) - TELLS * (QUESTION.search(fold(text)) is None)
    if heard and (says(text, "bids") or says(text, "performs")):
        nothing -= BIDS
    if first < LEAST or nothing > first:
        return ()
    enough = ENOUGH_UNHEARD if heard else ENOUGH
    found = tuple(
        kind for kind, score in scores.items() if score == first or _weigh_parts(text, kind, score, read) > enough
    )
    if set(found) == set(heard) and COMPLAINT not in found:
        return heard
    return _order(text, found, read) if len(found) > 1 else found


def _weigh_parts(text: str, kind: str, score: float, read: Read) -> float:
    """The score of a kind that may be wanted beside another: what is told in passing stands in a part of its own."""
    parts = _list_parts(text)
    if len(parts) == 1 or not OF_PARTS < score < ENOUGH_UNHEARD + OF_PARTS:
        return score  # no part would change what comes of it
    return (1 - OF_PARTS) * score + OF_PARTS * max(read(part).get(kind, 0.0) for part in parts)


def _list_parts(text: str) -> list[str]:
    return [part for part in _PARTS.split(text) if part and part.strip()] or [text]


def is_sure(told: Mapping[str, float]) -> bool:
    """Whether the reader knows that something is wanted, even of what has the form of a question (やめてくんない?)."""
    return told.get(NOTHING, 0.0) < UNWANTED and max(told.get(kind, 0.0) for kind in list_kinds()) > SURELY


def weigh_agent(heard: Agent | None, told: Mapping[str, float]) -> Agent | None:
    """Who acts for another: as the words say unless the reader is sure of the contrary, or as the reader is sure of."""
    legal, appointed = told.get(LEGAL, 0.0), told.get(APPOINTED, 0.0)
    if heard:
        return heard if legal + appointed > AGENT_SAID else None
    return Agent(LEGAL if legal > appointed else APPOINTED) if legal + appointed > AGENT else None


def weigh_consent(told: Mapping[str, float] | None, *, agrees: bool, names_it: bool = False) -> str:
    """What an answer to the review says: "yes", "cancel", or "" when it is neither for sure.

    `agrees`: words say yes in a known form; without a reader (`told` is None) they decide. `names_it`: they name what
    is to be sent as well (「はい、削除のほうで」).
    """
    if not told:
        return "yes" if agrees else ""
    scores = {**told, "yes": told["yes"] + AGREED * agrees * (3 if names_it else 1)}
    first, second = sorted(scores, key=lambda label: scores[label], reverse=True)[:2]
    ahead = scores[first] - scores[second]
    if first == "yes" and scores[first] > CONSENT and ahead > CONSENT_AHEAD:
        return "yes"
    if first == "cancel" and scores[first] > GIVEN_UP and ahead > GIVEN_UP_AHEAD:
        return "cancel"
    return ""


def weigh_offer(text: str, readers: Readers, *, takes_up: bool) -> bool:
    """Whether what was offered is taken up; `takes_up`: words say so, which alone decide without a reader."""
    if readers.offers is None:
        return takes_up
    score = readers.offers(text)["accept"] + TAKEN * takes_up
    if readers.openings:
        wants = readers.openings(text)
        score += WISHED * (max(wants.get(kind, 0.0) for kind in list_kinds()) - wants.get(NOTHING, 0.0))
    return score > ACCEPTED


def weigh_change(text: str, readers: Readers, kinds: tuple[str, ...], *, plainly: bool) -> Change | None:
    """How a message changes the kinds of a request, as the readers find; None when it does not.

    `plainly`: it may be the answer to a question for something else, so that only a plain change counts.
    """
    if readers.changes is None:
        return None
    likely = readers.changes(text, kinds)
    comes = COMES_PLAINLY if plainly else COMES
    new = tuple(kind for kind in list_kinds() if kind not in kinds and likely[kind] > comes)
    stays = (STAYS_PLAINLY if new else STAYS_ALONE) if plainly else STAYS
    left = tuple(kind for kind in kinds if likely[kind] > stays)
    if not (left or new) or (left == kinds and not new) or (len(kinds) == 1 and not new):
        return None
    return Change((*left, *new), added=left == kinds)


def list_sentences(text: str) -> list[str]:
    """The sentences of a message, each with its mark."""
    return [part for part in _SENTENCES.split(text) if part.strip()]


def _order(text: str, kinds: tuple[str, ...], read: Read) -> tuple[str, ...]:
    """Kinds in the order of the first parts that plainly want them, or else that want them most."""
    told = [(read(part), complains(part)) for part in _list_parts(text)]
    places = {kind: find_place(text, kind) for kind in kinds}
    are_named = None not in places.values()

    def find(kind: str) -> tuple[int, int]:
        scores = [one.get(kind, 0.0) + (kind == COMPLAINT and is_said) for one, is_said in told]
        plainly = [row for row, score in enumerate(scores) if score > SURELY]
        row = plainly[0] if plainly else max(range(len(scores)), key=lambda row: scores[row])
        return row, (places[kind] or 0) if are_named else 0

    return tuple(sorted(order_kinds(text, kinds), key=find))
