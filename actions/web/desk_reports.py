"""Pages that only tell: the desk's numbers, and where the policy may be behind the law (確認候補)."""

from __future__ import annotations

from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from actions.cases.accounts import Account
from actions.cases.alerts import list_alerts
from actions.cases.articles import name_article
from actions.cases.instants import now
from actions.cases.kinds import list_kinds
from actions.cases.measures import Measures, Report
from actions.cases.permissions import Right
from actions.cases.trends import Band, take_trends
from actions.services import Services
from actions.texts import say
from actions.web.charts import Chart, Value, draw_bars
from actions.web.context import Here
from actions.web.desk import demand, draw
from actions.web.pages import find_language

router = APIRouter(prefix="/desk", include_in_schema=False)


@router.get("/measures")
async def show_measures(
    request: Request, here: Here, account: Annotated[Account, Depends(demand(Right.READ_CASES))]
) -> HTMLResponse:
    """What is open, what is late, how long requests take, how many arrive."""
    report = await to_thread.run_sync(_take, here.services)
    charts = await to_thread.run_sync(_draw_charts, here.services, find_language(request))
    settings = here.services.settings
    return draw(
        request,
        "desk_measures.html",
        account,
        report=report,
        charts=charts,
        kinds=tuple(list_kinds()),
        target_days=settings.target_days,
        acknowledge_days=settings.acknowledge_days,
    )


@router.get("/alerts")
async def show_alerts(
    request: Request, here: Here, account: Annotated[Account, Depends(demand(Right.READ_ALERTS))]
) -> HTMLResponse:
    """Every point at which the policy may be behind the law, what differs, and what the desk does about it."""
    language, policy = find_language(request), here.services.bundle.policy
    return draw(
        request,
        "desk_alerts.html",
        account,
        alerts=list_alerts(),
        policy=policy,
        name_article=lambda law: name_article(law, language),
    )


def _take(services: Services) -> Report:
    settings = services.settings
    return Measures(services.database).take(now(), settings.acknowledge_days, settings.closing_days)


def _draw_charts(services: Services, language: str) -> list[Chart]:
    """The charts of the page: arrivals, ages, days to close, and what the policy did not answer by section."""
    trends = take_trends(services.database, now(), services.settings.closing_days)
    sections = services.reviews.count_sections()
    names = {"": say(language, "unanswered.nowhere")}
    names |= {unit.section_id: unit.section for unit in services.bundle.policy.units[language]}
    values = {
        "arrivals": [Value(week.first.isoformat(), week.cases) for week in trends.arrivals],
        "ages": [Value(_word_band(band, language), band.count) for band in trends.ages],
        "taken": [Value(_word_band(band, language), band.count) for band in trends.taken],
        "sections": [Value(name, sections[section]) for section, name in names.items() if sections.get(section)],
    }
    return [
        draw_bars(key, say(language, f"charts.{key}"), say(language, f"charts.{key}_about"), found)
        for key, found in values.items()
    ]


def _word_band(band: Band, language: str) -> str:
    if band.last is None:
        return say(language, "charts.from", first=band.first)
    return say(language, "charts.between", first=band.first, last=band.last)
