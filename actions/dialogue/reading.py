"""What the trained readers make of first words and of answers to the review, weighed with what words say for certain.

The reader knows meanings that no list holds; words are sure where they are plain. So the reader leads, and a kind or an
agent that words name counts for so much more.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from actions.cases.kinds import list_kinds
from actions.dialogue.agents import APPOINTED, LEGAL, Agent
from actions.dialogue.wishes import names_others

Read = Callable[[str], Mapping[str, float]]  # a text → a score for each label, near 1 for "so it is"

THIRD_PARTY_STOP = "third_party_stop"  # where nobody else is spoken of, nothing is provided to anybody else
NOTHING = "nothing"  # the reader's label of a message that wants nothing
# Read off the figures with one writer left out at a time (docs/retrieval.md); flat around these values.
WORDS = 0.3  # what it adds to a kind's score that words hear it
ENOUGH = 0.43  # score from which a kind is wanted beside the first
SURELY, UNWANTED = 0.8, 0.2  # score of a kind, and of nothing, from which a question wants something all the same
AGENT, AGENT_SAID = 0.38, 0.08  # score from which somebody acts for another: unsaid, and said in so many words
# … and of answers to the review: what it adds that words agree, the score from which it is so, and how far ahead of all
# else. Sending what nobody wanted sent is worse than asking again; the address is to be confirmed by mail all the same.
AGREED, CONSENT, CONSENT_AHEAD = 0.3, 0.45, 0.25
GIVEN_UP, GIVEN_UP_AHEAD = 0.4, 0.2
_SENTENCES = re.compile(r"(?<=[。.!?！？…])(?=\s|[^\x00-\x7f])|\n")


def weigh_kinds(text: str, heard: tuple[str, ...], read: Read) -> tuple[str, ...]:
    """The kinds that reader and words (`heard`) together find wanted, in the order said; none if rather nothing is."""
    told = read(text)
    scores = {kind: told.get(kind, 0.0) + WORDS * (kind in heard) for kind in list_kinds()}
    if not names_others(text):
        del scores[THIRD_PARTY_STOP]
    first = max(scores.values())
    if told.get(NOTHING, 0.0) > first:
        return ()
    found = tuple(kind for kind, score in scores.items() if score > ENOUGH or score == first)
    if set(found) == set(heard):
        return heard
    return _order(text, found, read) if len(found) > 1 else found


def is_sure(told: Mapping[str, float]) -> bool:
    """Whether the reader knows that something is wanted, even of what has the form of a question (やめてくんない?)."""
    return told.get(NOTHING, 0.0) < UNWANTED and max(told.get(kind, 0.0) for kind in list_kinds()) > SURELY


def weigh_agent(heard: Agent | None, told: Mapping[str, float]) -> Agent | None:
    """Who acts for another: as the words say unless the reader is sure of the contrary, or as the reader is sure of."""
    legal, appointed = told.get(LEGAL, 0.0), told.get(APPOINTED, 0.0)
    if heard:
        return heard if legal + appointed > AGENT_SAID else None
    return Agent(LEGAL if legal > appointed else APPOINTED) if legal + appointed > AGENT else None


def weigh_consent(told: Mapping[str, float] | None, *, agrees: bool) -> str:
    """What an answer to the review says: "yes", "cancel", or "" when it is neither for sure.

    `agrees`: words say yes in a known form; without a reader (`told` is None) they decide.
    """
    if not told:
        return "yes" if agrees else ""
    scores = {**told, "yes": told["yes"] + AGREED * agrees}
    first, second = sorted(scores, key=lambda label: scores[label], reverse=True)[:2]
    ahead = scores[first] - scores[second]
    if first == "yes" and scores[first] > CONSENT and ahead > CONSENT_AHEAD:
        return "yes"
    if first == "cancel" and scores[first] > GIVEN_UP and ahead > GIVEN_UP_AHEAD:
        return "cancel"
    return ""


def list_sentences(text: str) -> list[str]:
    """The sentences of a message, each with its mark."""
    return [part for part in _SENTENCES.split(text) if part.strip()]


def _order(text: str, kinds: tuple[str, ...], read: Read) -> tuple[str, ...]:
    """Kinds in the order of the sentences that want them most."""
    told = [read(part) for part in list_sentences(text)]
    return tuple(sorted(kinds, key=lambda kind: max(range(len(told)), key=lambda row: told[row].get(kind, 0.0))))
