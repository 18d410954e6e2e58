"""What customers asked and the policy did not say, and answers that were voted down: read, and decided on.

A customer's words never leave the encrypted tables: what the next index learns is what the officer words anew.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.datastructures import QueryParams

from actions.cases.accounts import Account
from actions.cases.permissions import Right
from actions.cases.reviewed import is_kept_back
from actions.cases.reviews import DECISIONS, Decision, Question
from actions.dialogue.masking import has_contact_data
from actions.errors import ImpossibleActionError, NotFoundError
from actions.services import Services
from actions.texts import LANGUAGES
from actions.web.context import Context, Here
from actions.web.desk import demand, draw
from actions.web.guard import demand_same_origin
from actions.web.pages import find_language
from actions.web.question_groups import find_group, find_nearest, list_groups, list_open, list_topics, name_sections
from knowledge.text import normalise

PATH = "/desk/questions"
TABS = ("open", "decided", "feedback")
NOWHERE = "-"  # in an address: the section of what lies near none
MOST_WORDINGS, SHORTEST, LONGEST = 5, 4, 300  # wordings of one decision; characters of each
_TOPIC = re.compile(r"[a-z][a-z0-9_]{2,39}")

router = APIRouter(include_in_schema=False)
Officer = Annotated[Account, Depends(demand(Right.REVIEW_QUESTIONS))]


@dataclass(frozen=True, slots=True)
class Chosen:
    """What an address asks for; "" filters nothing."""

    tab: str = "open"
    language: str = ""
    section: str = ""


class DecisionForm(BaseModel):
    """A decision as it is sent: `entry` are the questions it is for, `wording` one way of asking a line."""

    model_config = ConfigDict(hide_input_in_errors=True)

    entry: list[str] = Field(default_factory=list)
    decision: str = ""
    clause: str = ""
    topic: str = ""
    wording: str = ""


@router.get(PATH)
async def show_questions(request: Request, here: Here, account: Officer, done: str = "") -> HTMLResponse:
    """A queue in groups, the largest first, or what was decided."""
    return await _draw_queue(request, here, account, done=done == "decided")


@router.get(f"{PATH}/{{question_id}}")
async def show_question(request: Request, question_id: str, here: Here, account: Officer) -> HTMLResponse:
    """The group of a question, what the policy says nearest to it, and the form for a decision.

    Raises: NotFoundError: it is decided, or gone with its conversation.
    """
    question = await to_thread.run_sync(here.services.reviews.get, question_id)
    return await _draw_question(request, here, account, question, DecisionForm())


@router.post(f"{PATH}/{{question_id}}", dependencies=[Depends(demand_same_origin)])
async def decide_question(
    request: Request, question_id: str, here: Here, account: Officer, form: Annotated[DecisionForm, Form()]
) -> Response:
    """Check and decide. What cannot be taken comes back with a word on it, and as it was typed."""
    services = here.services
    try:
        question = await to_thread.run_sync(services.reviews.get, question_id)
        wrong = await to_thread.run_sync(_check, services, form, question)
        if wrong:
            return await _draw_question(request, here, account, question, form, wrong)
        decision = Decision(
            kind=form.decision,
            label={"clause": form.clause, "silent": form.topic.strip()}.get(form.decision, ""),
            wordings=read_wordings(form) if form.decision != "discarded" else (),
            language=question.language,
            policy_version=services.bundle.policy.version,
        )
        await to_thread.run_sync(services.reviews.decide, form.entry, decision, account.name)
    except (NotFoundError, ImpossibleActionError):
        # Somebody was first, or the conversation was deleted: what was typed is shown, to be used for another.
        return await _draw_queue(request, here, account, kept=form.wording, status=ImpossibleActionError.status)
    return RedirectResponse(f"{PATH}?lang={find_language(request)}&done=decided#result", status_code=303)


def read_filter(query: QueryParams, services: Services) -> Chosen:
    """The filter in an address. What is unknown in it filters nothing: a saved link goes on working."""
    sections = {unit.section_id for unit in services.bundle.policy.units["ja"]} | {NOWHERE}
    known = {"tab": TABS, "language": LANGUAGES, "section": sections}
    return Chosen(**{name: query[name] for name, values in known.items() if query.get(name) in values})


def read_wordings(form: DecisionForm) -> tuple[str, ...]:
    """The wordings of a form: its lines, each once."""
    return tuple(dict.fromkeys(line for line in map(normalise, form.wording.splitlines()) if line))


def _check(services: Services, form: DecisionForm, question: Question) -> tuple[str, ...]:
    """What is wrong with a decision: names of sentences under `unanswered.problems`."""
    known = list_open(services, question.language)
    checks = {
        "entry": bool(form.entry) and set(form.entry) <= set(known),
        "decision": form.decision in DECISIONS,
        "clause": form.decision != "clause" or services.bundle.policy.find_unit(form.clause) is not None,
        "topic": form.decision != "silent" or _TOPIC.fullmatch(form.topic.strip()) is not None,
    }
    wrong = [name for name, good in checks.items() if not good]
    if form.decision in {"clause", "silent"}:
        typed = {fold(one.text) for one in known.values()}
        wrong += [name for name in [_check_wordings(services, form, typed, question.language)] if name]
    return tuple(wrong)


def _check_wordings(services: Services, form: DecisionForm, typed: set[str], language: str) -> str:
    wordings = read_wordings(form)
    if not 1 <= len(wordings) <= MOST_WORDINGS or not all(SHORTEST <= len(one) <= LONGEST for one in wordings):
        return "wording"
    if any(fold(one) in typed for one in wordings):
        return "verbatim"
    return "contact" if any(has_contact_data(services, one, language) for one in wordings) else ""


def fold(text: str) -> str:
    """A text's letters and digits alone: what stays the same when only marks and blanks are changed."""
    return "".join(char for char in normalise(text).lower() if char.isalnum())


async def _draw_queue(
    request: Request, here: Context, account: Account, *, done: bool = False, kept: str = "", status: int = 200
) -> HTMLResponse:
    services, language = here.services, find_language(request)
    chosen = read_filter(request.query_params, services)
    section = {"": None, NOWHERE: ""}.get(chosen.section, chosen.section)
    groups, wordings = [], []
    if chosen.tab == "decided":
        wordings = await to_thread.run_sync(services.reviews.list_wordings)
    else:
        wanted = (services, chosen.tab, chosen.language, section, language)
        groups = await to_thread.run_sync(list_groups, *wanted)
    tally = await to_thread.run_sync(services.reviews.count)
    return draw(
        request,
        "desk_questions.html",
        account,
        status=status,
        place=PATH,
        chosen=chosen,
        tabs=TABS,
        nowhere=NOWHERE,
        tally=tally,
        numbers={"open": tally.open - tally.counted, "decided": tally.decided, "feedback": tally.feedback},
        groups=groups,
        wordings=wordings,
        is_kept_back=is_kept_back,
        names=name_sections(services, language),
        policy=services.bundle.policy,
        kept=kept,
        done=done,
    )


async def _draw_question(
    request: Request,
    here: Context,
    account: Account,
    question: Question,
    form: DecisionForm,
    wrong: tuple[str, ...] = (),
) -> HTMLResponse:
    services, language = here.services, find_language(request)
    nearest, topic = await to_thread.run_sync(find_nearest, services, question)
    return draw(
        request,
        "desk_question.html",
        account,
        status=422 if wrong else 200,
        question=question,
        group=await to_thread.run_sync(find_group, services, question, language),
        nearest=nearest,
        topic=topic,
        topics=await to_thread.run_sync(list_topics, services),
        names=name_sections(services, language),
        policy=services.bundle.policy,
        form=form,
        wrong=wrong,
        decisions=DECISIONS,
        limits={"most": MOST_WORDINGS, "shortest": SHORTEST, "longest": LONGEST},
    )
