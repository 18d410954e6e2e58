"""What opens a request: which kinds a message wants, and who writes.

The trained reader leads (`reading.weigh_kinds`). Beside it stand words, the engine's intent and retrieval, of which
none is trusted alone: words tell several rights in one message apart; the engine knows ways of asking that no list
holds; retrieval knows the rights best, but answers questions about them just as well.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from actions.cases.kinds import Kind, find_kind_by_clause, find_kind_by_intent, list_kinds
from actions.cases.records import Draft
from actions.dialogue.agents import hear_agent, names_guardian, says_self
from actions.dialogue.contacts import read_contacts, split_signature
from actions.dialogue.fields import find_emails
from actions.dialogue.matters import (
    accuses,
    asks_generally,
    names_matter,
    raises_concern,
    states_fault,
    stops_mailings,
    tells_situation,
    wants_mended,
)
from actions.dialogue.phrases import says
from actions.dialogue.reading import Read, is_sure, list_sentences, weigh_agent, weigh_kinds
from actions.dialogue.steps import QUESTION, SURE, only_asks, tries_command
from actions.dialogue.wishes import (
    COMPLAINT,
    complains,
    hear_wishes,
    is_about_data,
    list_listed,
    list_rights,
    mend,
    names_others,
    order_kinds,
)
from actions.dialogue.words import fold
from knowledge.conversation import NOTHING, Context
from knowledge.retriever import Ranking

CERTAIN = 0.5  # share of the fused score from which retrieval's clause settles the kind of a request
PLAINLY = 0.7  # confidence from which the engine's "how is it done" stands against words that want it done

_FIRST = 3  # hits that confirm a right
# Each kind's own clauses; rights.6 and the contact are everybody's.
_OWN = {kind.name: set(kind.clauses) - {"rights.6", "contact"} for kind in list_kinds().values()}

Rank = Callable[[str], Ranking]


@dataclass(frozen=True, slots=True)
class Opening:
    """What opens a request: the message as typed, "" for a button, and what was answered before it.

    `details` are given when a question is passed on. `kinds` were offered and are taken up: then the words settle no
    kind and tell no matter. `message_id` is the message's. `heard` is how the text is read, where that is otherwise
    than it was typed.
    """

    text: str = ""
    details: str = ""
    context: Context = NOTHING
    kinds: tuple[str, ...] = ()
    message_id: str = ""
    heard: str = ""

    @property
    def accepted(self) -> bool:
        """Whether it takes up what was offered."""
        return bool(self.kinds)


BUTTON = Opening()


def hear_kinds(text: str, intent: str, confidence: float, rank: Rank, read: Read | None = None) -> tuple[str, ...]:
    """The kinds a typed message wants, in the order said; none for what only asks, or is about something else.

    A list of rights is certain, and of a message of one sentence whether it plainly asks or plainly wants; all else is
    weighed with what the reader (`read`) makes of it, if there is one.
    """
    if tries_command(text):
        return ()
    text = split_signature(text)[0]  # a department's name is no wish
    listed, text = list_listed(text), mend(text)
    if listed and not only_asks(text):
        return (*listed, *((COMPLAINT,) if complains(text) else ()))
    heard = _hear_together(text, intent, confidence, rank)
    if read is None:
        return heard
    alone = len(list_sentences(text)) == 1
    found = read_contacts(text)
    is_given = found.given or find_emails(text)
    bare = found.rest if is_given and found.rest.strip() else text  # a label is no wish: 「電話: …」
    if not heard and alone and only_asks(text) and not is_sure(read(bare)):
        return ()
    wanted = weigh_kinds(bare, heard, read)
    return wanted if wanted or not alone or QUESTION.search(fold(text)) else heard


def _hear_together(text: str, intent: str, confidence: float, rank: Rank) -> tuple[str, ...]:
    """The kinds that words, engine and retrieval hear."""
    ranking = rank(text)
    if ranking.is_elsewhere and not (list_rights(text) or stops_mailings(text) or accuses(text)):
        return ()
    told = _hear_told(text, find_kind_by_intent(intent) if confidence >= SURE else None, _find_right(ranking)[0])
    if told:
        return told
    return () if only_asks(text) else _hear_wanted(text, intent, confidence, rank, ranking)


def _hear_told(text: str, heard: Kind | None, found: str) -> tuple[str, ...]:
    """The kinds that words alone settle: somebody tells what is wrong, what is the case, or who writes, and wants it.

    `heard` is the kind of which the engine is sure, `found` the one that retrieval finds.
    """
    rights, spoken = list_rights(text), _list_spoken(text)
    if len(rights) > 1:
        return ()
    told, sure = tells_situation(text), heard.name if heard else ""
    if states_fault(text) and (found == "correction" or (wants_mended(text) and spoken[:1] in {(), ("correction",)})):
        return ("correction",)
    if (
        stops_mailings(text)
        and (told or not (only_asks(text) or asks_generally(text)))
        and _is_mailing(text, rights, sure)
    ):
        return ("suspension", *((COMPLAINT,) if complains(text) else ()))
    if len(spoken) == 1 and is_about_data(text) and (told or _gives_contact(text)):
        wanted = (sure,) if sure and sure != COMPLAINT else spoken
        return order_kinds(text, (*wanted, COMPLAINT)) if complains(text) else wanted
    if sure not in {"", COMPLAINT} or set(rights) - {"disclosure"}:
        return ()
    if (accuses(text) and not rights) or (raises_concern(text) and not only_asks(text)):
        return (COMPLAINT,)
    return ()


def _list_spoken(text: str) -> tuple[str, ...]:
    """The rights a message speaks of, wanted or not."""
    return tuple(dict.fromkeys(one.kind for one in hear_wishes(text) if not one.given_up and one.kind != COMPLAINT))


def _is_mailing(text: str, rights: tuple[str, ...], sure: str) -> bool:
    """Whether what shall end are the shop's own mailings, and nothing else is wanted with it."""
    return set(rights) <= {"suspension", "third_party_stop"} and sure != "third_party_stop" and not names_others(text)


def _gives_contact(text: str) -> bool:
    """Whether somebody says where to answer: that is no question."""
    return bool({"email", "phone"} & {name for name, value in read_contacts(text).given.items() if value})


def _hear_wanted(text: str, intent: str, confidence: float, rank: Rank, ranking: Ranking) -> tuple[str, ...]:
    """The kinds that words, engine and retrieval hear together."""
    found, is_certain = _find_right(ranking)
    wanted, complaint = list_rights(text), (COMPLAINT,) if complains(text) else ()
    if len(wanted) > 1 or complaint:
        wanted = _confirm(text, wanted, rank, 1 if find_kind_by_intent(intent) else _FIRST)
    if ranking.is_elsewhere and found not in wanted:
        return ()
    recognised = find_kind_by_intent(intent)
    if recognised is None:
        return _hear_unrecognised(text, intent, confidence, rank, (*wanted, *complaint))
    kind = found if found and is_certain else recognised.name
    alone = kind == "third_party_stop" and not names_others(text)
    doubtful = kind == COMPLAINT or alone or wanted[:1] == (found,)
    if len(wanted) > 1 or (wanted and wanted[0] != kind and doubtful):
        return order_kinds(text, (*wanted, *complaint))  # of anger with a wish the wish is the kind
    return (kind,) if kind == COMPLAINT else (kind, *complaint)


def _hear_unrecognised(
    text: str, intent: str, confidence: float, rank: Rank, wanted: tuple[str, ...]
) -> tuple[str, ...]:
    """Where the engine heard no request: plain words count, or retrieval's certainty, but no question does."""
    found, is_certain = _find_right(rank(text))
    if _asks_how(text, intent, confidence):
        return ()
    confirmed = _confirm(text, wanted, rank, _FIRST)
    asks = bool(QUESTION.search(fold(text)))
    if confirmed and (not asks or (says(text, "performs") or says(text, "bids"))):
        return (*confirmed, *(kind for kind in wanted if kind == COMPLAINT))
    if asks or (intent in {"howto", "out_of_scope"} and confidence >= SURE):
        return ()
    if COMPLAINT in wanted:
        return (COMPLAINT,)
    if intent != "nlu_fallback" or (is_certain and not is_about_data(text)):
        return ()
    return ((found,) if found else ()) if is_certain else wanted


def _asks_how(text: str, intent: str, confidence: float) -> bool:
    """Whether it asks how something is done, or what would be, and does not ask for it here and now."""
    if says(text, "performs") or says(text, "bids"):
        return False
    if intent in {"howto", "ask_policy"} and confidence >= SURE and QUESTION.search(fold(text)):
        return True
    return (intent == "howto" and confidence >= PLAINLY) or says(text, "howto")


def _find_right(ranking: Ranking) -> tuple[str, bool]:
    """The kind whose clause retrieval found first, and whether it is certain."""
    kind = find_kind_by_clause(ranking.hits[0].clause_id) if ranking.hits else None
    return (kind.name, ranking.hits[0].score >= CERTAIN) if kind else ("", False)


def _confirm(text: str, kinds: tuple[str, ...], rank: Rank, first: int) -> tuple[str, ...]:
    """Of the rights wanted those whose own part of the message retrieval finds as well, among its first few hits."""
    parts = [(wish.kind, wish.part) for wish in hear_wishes(text) if wish.wanted and not wish.given_up]
    heard = {kind for kind, part in parts if _OWN[kind] & {hit.clause_id for hit in rank(part).hits[:first]}}
    return tuple(kind for kind in kinds if kind in heard and kind != COMPLAINT)


def fill(draft: Draft, text: str, heard: str = "", *, accepted: bool = False, read: Read | None = None) -> Draft:
    """The draft with what its first words hold: who writes, for whom, and the matter when they state it.

    They are the details when they say who writes and state a matter: more than which right it is. What was `accepted`
    began as a question.
    """
    found, spelled = read_contacts(text), heard or text
    agent = hear_agent(spelled)
    # A guardian is named in so many words, or not at all: there the reader has no say.
    if read and not (agent and names_guardian(spelled)) and not says_self(spelled):
        agent = weigh_agent(agent, read(split_signature(spelled)[0]))
    draft = replace(draft, opening=text, fields={**draft.fields, **found.given})
    if agent:
        draft = replace(draft, agent=agent.capacity, represented=agent.represented)
    given = any(found.given.values())
    return draft.give("details", text) if given and not accepted and names_matter(found.rest) else draft
