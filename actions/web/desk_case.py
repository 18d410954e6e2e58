"""A case on one page: who asks for what, what to do next, what was said, seen, sent and decided, by which clauses."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from math import ceil
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from actions.cases.accounts import Account
from actions.cases.alerts import Alert, list_alerts_for
from actions.cases.articles import name_article
from actions.cases.clocks import MINUTES_A_DAY
from actions.cases.desk import make_actor
from actions.cases.documents import get_document
from actions.cases.grounds import Ground, get_ground
from actions.cases.guards import AGENT_LEVEL
from actions.cases.instants import now
from actions.cases.kinds import list_kinds
from actions.cases.mailroom import Mailroom, Piece
from actions.cases.masks import mask_fields, mask_text
from actions.cases.notices import Notice
from actions.cases.permissions import Right
from actions.cases.prospects import Prospects
from actions.cases.records import Case, InboxRow, Item
from actions.cases.sightings import Sightings
from actions.cases.workflow import list_actions, list_outcomes
from actions.hours import TOKYO
from actions.services import Services
from actions.texts import say
from actions.web.context import Context, Here
from actions.web.desk import demand, draw, find_token
from actions.web.desk_forms import LONGEST, ActionForm, Stage, Typed, list_telling, make_forms
from actions.web.desk_words import (
    Due,
    Happening,
    describe_acknowledgement,
    describe_due,
    describe_event,
    describe_legal,
    join_alike,
)
from actions.web.guard import demand_same_origin
from actions.web.pages import find_language
from knowledge.policy import PolicyText, Unit

router = APIRouter(prefix="/desk", include_in_schema=False)
Reader = Annotated[Account, Depends(demand(Right.READ_CASES))]


@dataclass(frozen=True, slots=True)
class ItemView:
    """One right asked for: where its clock stands, what was decided, the clauses it is decided by, and the alerts."""

    item: Item
    due: Due
    ground: Ground | None
    clauses: tuple[Unit, ...]
    notices: tuple[Notice, ...]
    alerts: tuple[Alert, ...]


@dataclass(frozen=True, slots=True)
class CaseView:
    """Everything on the page. `typed` is what could not be done, with its form if that can still be chosen.

    `fields` are what the person gave, masked until `is_shown`; so are the letters among the words of `case`.
    """

    case: Case
    due: Due
    legal: Due
    acknowledge: Due | None
    needed_level: int
    items: tuple[ItemView, ...]
    forms: tuple[ActionForm, ...]
    mails: tuple[Piece, ...]
    events: tuple[Happening, ...]
    related: tuple[InboxRow, ...]
    policy: PolicyText
    typed: Typed | None
    fields: dict[str, str]
    is_shown: bool

    @property
    def homeless(self) -> Typed | None:
        """What was typed for an action that there is no form for any more."""
        has_form = any(form.is_open and form.fields and not form.hindrance for form in self.forms)
        return None if has_form else self.typed


@router.get("/cases/{receipt}")
async def show_case(request: Request, receipt: str, here: Here, account: Reader, done: str = "") -> HTMLResponse:
    """One case."""
    said = done if done in {*list_actions(), "handed", "contact_shown"} else ""
    return await draw_case(request, here, account, receipt, done=said)


@router.post("/cases/{receipt}/contact", dependencies=[Depends(demand_same_origin)])
async def show_contact(request: Request, receipt: str, here: Here, account: Reader) -> Response:
    """Show whose case it is, as long as this session lasts. Raises: NotFoundError, ImpossibleActionError."""
    sightings = open_sightings(here.services)
    await to_thread.run_sync(sightings.show, find_token(request), receipt, account.name)
    address = f"/desk/cases/{receipt}?lang={find_language(request)}&done=contact_shown#result"
    return RedirectResponse(address, status_code=303)


async def draw_case(  # noqa: PLR0913  the page and what just happened on it
    request: Request,
    here: Context,
    account: Account,
    receipt: str,
    *,
    typed: Typed | None = None,
    status: int = 200,
    done: str = "",
) -> HTMLResponse:
    """The case's page, with what was typed still in its form. Raises: NotFoundError."""
    language = find_language(request)
    token = find_token(request)
    view = await to_thread.run_sync(_gather, here.services, receipt, account, language, typed)
    view = await to_thread.run_sync(_mask, here.services, view, token)
    return draw(
        request,
        "desk_case.html",
        account,
        status=status,
        place=f"/desk/cases/{view.case.receipt}",
        view=view,
        done=done,
        language=language,
        longest=LONGEST,
        say_outcomes=lambda notice, kind: _say_outcomes(notice, kind, language),
        name_article=lambda law: name_article(law, language),
        name_document=lambda code: get_document(code).name[language],
    )


def _gather(services: Services, receipt: str, account: Account, language: str, typed: Typed | None) -> CaseView:
    moment, rules = now(), services.desk.find_rules()
    case = services.cases.get(receipt)
    prospects = Prospects(services.database).list_for(case.receipt, make_actor(account), rules, moment)
    mails = Mailroom(services.database, services.outbox, services.audit).list_for_receipt(case.receipt, case.words)
    related = tuple(services.cases.list_related(case.receipt))
    has_dead = any(piece.mail.state == "dead" for piece in mails)
    today = moment.astimezone(TOKYO).date()
    stage = Stage(case, account.name, rules, today, related, has_dead, language)
    bundle = services.bundle
    # The clauses of the version that was in force when the case was filed, as far as that version has them.
    policy = bundle.find_version(case.policy_version) or bundle.policy
    events = services.audit.list_for_receipt(case.receipt)
    closed = case.closed_at is not None
    return CaseView(
        case=case,
        due=describe_due(case.due_at, moment, rules.closing_days, language, closed=closed),
        legal=describe_legal(case.arrived_at, moment, language),
        acknowledge=describe_acknowledgement(case, moment, services.settings, language),
        needed_level=AGENT_LEVEL if case.agent else max(list_kinds()[kind].level for kind in case.kinds),
        items=tuple(_view_item(item, moment, stage, policy) for item in case.items),
        forms=tuple(make_forms(stage, prospects, typed)),
        mails=tuple(mails),
        events=tuple(join_alike(describe_event(event, language) for event in events)),
        related=related,
        policy=policy,
        typed=typed,
        fields={**case.fields, "represented": case.represented},
        is_shown=True,
    )


def _mask(services: Services, view: CaseView, token: str) -> CaseView:
    """The page as it is before somebody asks to see who the person is; what they wrote themselves stays readable."""
    if view.case.erased_at or open_sightings(services).is_shown(token, view.case.receipt):
        return view
    words = (
        replace(word, body=mask_text(word.body, view.fields)) if word.template else word for word in view.case.words
    )
    case = replace(view.case, words=tuple(words))
    return replace(view, case=case, fields=mask_fields(view.fields), is_shown=False)


def _view_item(item: Item, moment: datetime, stage: Stage, policy: PolicyText) -> ItemView:
    ground = item.decision.get("ground", "")
    kind = list_kinds()[item.kind]
    return ItemView(
        item=item,
        due=_describe_clock(item, moment, stage),
        ground=get_ground(ground) if ground else None,
        clauses=tuple(policy.get_unit(one) for one in kind.clauses if policy.find_unit(one)),
        notices=list_telling(item.kind, item.outcome),
        alerts=list_alerts_for(item.kind),
    )


def open_sightings(services: Services) -> Sightings:
    """What this desk's sessions have asked to see."""
    return Sightings(services.database, services.audit)


def _say_outcomes(notice: Notice, kind: str, language: str) -> str:
    """For which outcomes of a kind something must be said."""
    suiting = [name for name in notice.outcomes if list_outcomes()[name].suits(kind)]
    return " / ".join(say(language, f"outcomes.{name}") for name in suiting)


def _describe_clock(item: Item, moment: datetime, stage: Stage) -> Due:
    """An item's own clock; one that stands still says how much is left of it."""
    if item.state != "closed" and item.target_at is None and item.remaining_minutes is not None:
        days = ceil(item.remaining_minutes / MINUTES_A_DAY)
        return Due("none", say(stage.language, "desk.due.paused_with", days=days))
    closing = stage.rules.closing_days
    return describe_due(item.target_at, moment, closing, stage.language, closed=item.state == "closed")
