"""How the desk words what it knows: due dates, what happened, what a name stands for."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from actions.cases.audit import Event
from actions.cases.clocks import find_acknowledge_by, find_legal_date
from actions.cases.documents import get_document
from actions.cases.grounds import get_ground
from actions.cases.letters import say_day
from actions.cases.records import Case, InboxRow
from actions.hours import TOKYO, is_business_day
from actions.settings import Settings
from actions.texts import has_sentence, say

NEAR_DAYS = 3  # business days before a due date, or days before the two weeks are over, that count as near
SAME_ACT = timedelta(seconds=1)  # entries of one transaction are written within it
NOBODY = ("customer", "system")  # who acts without an account
# Details of an audit entry whose values are words of ours: where these are worded.
_WORDED = {
    "outcome": "outcomes",
    "subject": "desk.subjects",
    "result": "desk.results",
    "method": "desk.methods",
    "letter": "desk.letters",
    "role": "desk.roles",
    "review": "desk.reviews",
    "decision": "unanswered.decisions",
    "contact": "fields",
    "field": "fields",
}


@dataclass(frozen=True, slots=True)
class Due:
    """How a date stands: `level` "over", "near", "far" or "none"; the words say it too, not the colour alone."""

    level: str
    text: str
    day: date | None = None


def describe_due(
    due_at: datetime | None, moment: datetime, closing_days: Collection[date], language: str, *, closed: bool = False
) -> Due:
    """The service target: in business days while it is ahead, in days once it is past."""
    if closed or due_at is None:
        return Due("none", say(language, "desk.due.closed" if closed else "desk.due.paused"))
    today, day = _day(moment), _day(due_at)
    if due_at < moment:
        days = (today - day).days
        return Due("over", say(language, "desk.due.over" if days else "desk.due.over_today", days=days), day)
    ahead = (today + timedelta(days=number) for number in range(1, (day - today).days + 1))
    left = sum(is_business_day(one, closing_days) for one in ahead)
    level = "near" if left <= NEAR_DAYS else "far"
    return Due(level, say(language, "desk.due.left" if left else "desk.due.today", days=left), day)


def describe_acknowledgement(case: Case | InboxRow, moment: datetime, settings: Settings, language: str) -> Due | None:
    """Until when a confirmed request is to be acknowledged; None once it is, or while nobody can be told."""
    if case.acknowledged_at or case.closed_at or case.confirmed_at is None:
        return None
    by = find_acknowledge_by(case.confirmed_at, settings.acknowledge_days, settings.closing_days)
    if moment > by:
        return Due("over", say(language, "desk.due.ack_over"), _day(by))
    return Due("near", say(language, "desk.due.ack_left"), _day(by))


def describe_legal(arrived_at: datetime, moment: datetime, language: str) -> Due:
    """The two weeks of Art. 39, in calendar days; they never stand still."""
    day = find_legal_date(arrived_at)
    left = (day - _day(moment)).days
    if left < 0:
        return Due("over", say(language, "desk.due.legal_over", days=-left), day)
    level = "near" if left <= NEAR_DAYS else "far"
    return Due(level, say(language, "desk.due.legal_left", days=left), day)


@dataclass(frozen=True, slots=True)
class Happening:
    """An entry of the audit chain in words. `origin` and `state` are "" where nothing moved."""

    seq: int
    at: datetime
    who: str
    what: str
    kind: str
    origin: str
    state: str
    details: tuple[tuple[str, str], ...]
    receipt: str


def describe_event(event: Event, language: str) -> Happening:
    """What happened, in a language."""
    moved = event.state != event.origin
    return Happening(
        seq=event.seq,
        at=event.at,
        who=say(language, f"desk.actors.{event.actor}") if event.actor in NOBODY else event.actor,
        what=_word(f"desk.actions.{event.action}", event.action, language),
        kind=say(language, f"desk.kinds.{event.kind}") if event.kind else "",
        origin=say(language, f"states.{event.origin}") if moved and event.origin else "",
        state=say(language, f"states.{event.state}") if moved and event.state else "",
        details=tuple(
            (_word(f"desk.details.{name}", name, language), describe_value(name, str(value), language))
            for name, value in event.detail.items()
            if value != ""
        ),
        receipt=event.receipt,
    )


def join_alike(events: Iterable[Happening]) -> list[Happening]:
    """Entries of one act on several items of a case as one, with all their kinds."""
    joined: list[Happening] = []
    for event in events:
        last = joined[-1] if joined else None
        alike = last and replace(last, seq=0, at=event.at, kind="") == replace(event, seq=0, kind="")
        if last and alike and event.kind and event.at - last.at < SAME_ACT:
            joined[-1] = replace(last, kind=f"{last.kind} / {event.kind}")
        else:
            joined.append(event)
    return joined


def describe_moment(moment: datetime) -> str:
    """A moment by Japan's clock: one form for both languages, to be compared at a glance."""
    return moment.astimezone(TOKYO).isoformat(" ", "minutes")[:16]


def describe_failure(code: str, language: str) -> str:
    """Why a mail could not be sent, "" for no reason."""
    return _word(f"desk.mail_errors.{code}", code, language) if code else ""


def describe_value(name: str, value: str, language: str) -> str:
    """What an input or a detail holds, in words where it is a code of ours. KeyError for an unknown ground."""
    if name == "ground":
        return get_ground(value).text[language]
    if name == "document":
        return get_document(value).name[language]
    if name == "date":
        return say_day(date.fromisoformat(value), language)
    if name == "arrived":
        return describe_moment(datetime.fromisoformat(value))
    return _word(f"{_WORDED[name]}.{value}", value, language) if name in _WORDED else value


def _word(key: str, name: str, language: str) -> str:
    """The words for a name; an entry of long ago may have a name that none are known for any more."""
    return say(language, key) if has_sentence(language, key) else name


def _day(moment: datetime) -> date:
    return moment.astimezone(TOKYO).date()
