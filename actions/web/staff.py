"""The staff's lookup: a question or a clause by form, how sure, the clauses in both languages, a reply to send.

The address holds what was looked up, so what is personal in it is blanked out before it is shown. What is filled into a
reply (a customer's name) comes by POST, is shown once and kept nowhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Annotated
from urllib.parse import urlencode

from anyio import to_thread
from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from actions.cases.accounts import Account
from actions.cases.instants import now
from actions.cases.letters import say_day
from actions.cases.permissions import Right
from actions.dialogue.masking import BLANK, blank_out
from actions.hours import TOKYO
from actions.services import Services
from actions.texts import LANGUAGES
from actions.web.context import Context, Here
from actions.web.desk import demand, draw
from actions.web.guard import demand_same_origin
from actions.web.pages import find_language
from knowledge.answer import sentence
from knowledge.cautions import Caution, list_cautions, load_cautions
from knowledge.citation import Citation, cite
from knowledge.errors import PolicyFormatError
from knowledge.lookup import Certainty, Lookup, look_up
from knowledge.replies import SLOT_MAX, Place, Register, Reply, compose_reply, plan_reply
from knowledge.templates import load_templates

QUERY_MAX = 300  # characters
PATH = "/staff"

router = APIRouter(include_in_schema=False)
Staff = Annotated[Account, Depends(demand(Right.READ_CLAUSES))]


@dataclass(frozen=True, slots=True)
class Search:
    """What the address says: words, the clause chosen for the reply, where it is sent, its language ("": detected)."""

    q: str = ""
    clause: str = ""
    register: str = Register.MAIL.value
    reply: str = ""

    def make_address(self, language: str, **changes: str) -> str:
        """The address of this search with some of it changed."""
        query = {name: value for name, value in asdict(replace(self, **changes)).items() if value}
        return f"{PATH}?{urlencode({**query, 'lang': language})}"


@dataclass(frozen=True, slots=True)
class Found:
    """What the page shows of a search. `problem` is a key of `staff.*`; `reply` None where there is none to send."""

    lookup: Lookup | None = None
    chosen: Citation | None = None
    reply: Reply | None = None
    cautions: tuple[Caution, ...] = ()
    problem: str = ""


@router.get(PATH)
async def show_lookup(request: Request, here: Here, account: Staff) -> Response:
    """What was looked up, and a reply with its open places marked. An address with somebody's data is replaced."""
    raw = request.query_params.get("q", "")
    search = _read_search(request, here.services)
    if search.q != raw.strip():
        return RedirectResponse(search.make_address(find_language(request)), status_code=303)
    return await _show(request, here, account, search, {})


@router.post(PATH, dependencies=[Depends(demand_same_origin)])
async def fill_reply(request: Request, here: Here, account: Staff) -> Response:
    """The same with the reply filled in, as far as it is."""
    form = await request.form()
    typed = {name: value[: 2 * SLOT_MAX] for name, value in form.items() if isinstance(value, str)}
    return await _show(request, here, account, _read_search(request, here.services), typed)


def _read_search(request: Request, services: Services) -> Search:
    """The search of an address, without what is personal in it; what is no choice counts as not said."""
    given = request.query_params
    register, reply = given.get("register", ""), given.get("reply", "")
    return Search(
        q=blank_out(services, given.get("q", "").strip()),
        clause=given.get("clause", "").strip(),
        register=register if register in {one.value for one in Register} else Register.MAIL.value,
        reply=reply if reply in LANGUAGES else "",
    )


async def _show(
    request: Request, here: Context, account: Account, search: Search, typed: Mapping[str, str]
) -> Response:
    language = find_language(request)
    found = await to_thread.run_sync(_find, here.services, search, typed, language)
    policy = here.services.bundle.policy
    return draw(
        request,
        "staff.html",
        account,
        status=422 if found.problem in {"too_long", "no_clause"} else 200,
        search=search,
        found=found,
        groups=list_shown(found),
        used=found.reply.plan.clauses[:1] if found.reply else (),
        draft=split_marks(found.reply) if found.reply else [],
        typed={"question": prefill_question(search, found.lookup), **typed},
        query_max=QUERY_MAX,
        slot_max=SLOT_MAX,
        is_masked=BLANK in search.q,
        today=_today().isoformat(),
        registers=[one.value for one in Register],
        languages=LANGUAGES,
        certainty=sentence(language, f"certainty_{found.lookup.certainty.value}") if found.lookup else "",
        lead=lambda clause_id: policy.leads[clause_id][language],
        address=lambda **changes: search.make_address(language, **changes),
    )


def _find(services: Services, search: Search, typed: Mapping[str, str], language: str) -> Found:
    """Look up, and write the reply as far as it can be written."""
    bundle = services.bundle
    if len(search.q) > QUERY_MAX:
        return Found(problem="too_long")
    if search.clause and bundle.policy.find_unit(search.clause) is None:
        return Found(problem="no_clause")
    found = Found(
        lookup=look_up(bundle, search.q) if search.q else None,
        chosen=cite(bundle.policy, search.clause, "en") if search.clause else None,
    )
    try:
        return _add_reply(services, search, typed, found, language)
    except PolicyFormatError:  # clauses are found all the same
        return replace(found, problem="unreadable")


def _add_reply(services: Services, search: Search, typed: Mapping[str, str], found: Found, language: str) -> Found:
    """With a reply and what must not be said beside it. Raises: PolicyFormatError: the shop's data are malformed."""
    bundle, settings = services.bundle, services.settings
    spoken = search.reply or (found.lookup.language if found.lookup else language)
    register = Register(search.register)
    plan = plan_reply(bundle.policy, spoken, register, found=found.lookup, clause_id=search.clause)
    if plan is None:
        return found
    place = Place(settings.public_url.rstrip("/"), settings.fees)
    filled = {**typed, "answer_by": _word_day(typed.get("answer_by", ""), spoken)}
    reply = compose_reply(load_templates(settings.shop), bundle, plan, filled, place)
    rows = load_cautions(settings.shop)
    cautions = list_cautions(rows, bundle, plan.clauses[:1] if search.clause else plan.clauses, plan.purpose, language)
    return replace(found, reply=reply, cautions=cautions)


def _word_day(value: str, language: str) -> str:
    """A day to come in words; "" for what is none."""
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return ""
    return say_day(day, language) if day > _today() else ""


def _today() -> date:
    return now().astimezone(TOKYO).date()


def list_shown(found: Found) -> list[tuple[str, list[Citation]]]:
    """Clauses under their headings (keys of `staff.*`): of the answer, and others; what was chosen is among them."""
    lookup = found.lookup
    groups = {"clauses": list(lookup.clauses), "others": list(lookup.others)} if lookup else {"clauses": []}
    if found.chosen and all(found.chosen.clause_id != one.clause_id for group in groups.values() for one in group):
        groups["clauses"].insert(0, found.chosen)
    return [(name, group) for name, group in groups.items() if group]


def split_marks(reply: Reply) -> list[tuple[str, bool]]:
    """The text of a reply in pieces, with whether each is the mark of an open slot."""
    marks = [slot.mark for slot in reply.open_slots]
    if not marks:
        return [(reply.text, False)]
    pieces = re.split("(" + "|".join(map(re.escape, marks)) + ")", reply.text)
    return [(piece, piece in marks) for piece in pieces if piece]


def prefill_question(search: Search, lookup: Lookup | None) -> str:
    """What was asked, to begin with: the words looked up, unless they are a clause's name or hold a blank."""
    is_question = lookup is not None and lookup.certainty is not Certainty.NAMED
    return search.q if is_question and BLANK not in search.q else ""
