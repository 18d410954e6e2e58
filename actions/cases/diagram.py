"""The way of a request as a picture, drawn from `workflow.toml`: `python -m actions diagram`."""

from __future__ import annotations

from collections import Counter

from actions.cases.workflow import COURSES, HELD, Transition, list_outcomes, list_states, list_transitions

TITLES = {
    "rights": "Rights (disclosure, purpose notice, correction, suspension, third-party stop)",
    "hearing": "Complaints and questions",
}
FROM_MANY = 4  # an action that leaves so many states is named below the picture: its arrows would hide the others
_HEAD = """# The way of a request

Drawn from `actions/cases/workflow.toml` by `python -m actions diagram`; not to be edited. Progress and outcome are
separate things: a state says how far an item is, an outcome how it ends.
"""


def draw_workflow() -> str:
    """Both courses as Markdown with Mermaid state diagrams, the states and who has to act, and the outcomes."""
    return "\n".join([_HEAD, *(_draw_course(course) for course in COURSES), _list_states(), _list_outcomes()])


def _draw_course(course: str) -> str:
    rows = [row for (one, _, _), row in list_transitions().items() if one == course]
    moving = [row for row in rows if row.to != "same"]
    counts = Counter(row.action for row in moving)
    arrows = dict.fromkeys(
        arrow for row in moving if counts[row.action] < FROM_MANY for arrow in _draw_arrows(row, rows)
    )
    lines = [f"## {TITLES[course]}", "", "```mermaid", "stateDiagram-v2", *arrows, "```", ""]
    for action, count in counts.items():
        if count >= FROM_MANY:
            ways = [row for row in moving if row.action == action]
            lines.append(
                f"From {', '.join(row.origin for row in ways)}: `{action}` ({', '.join(ways[0].by)}) → {ways[0].to}."
            )
    staying = dict.fromkeys(f"`{row.action}` ({', '.join(row.by)})" for row in rows if row.to == "same")
    return "\n".join([*lines, "", f"Without leaving the state: {', '.join(staying)}.", ""])


def _draw_arrows(row: Transition, rows: list[Transition]) -> list[str]:
    begin = row.origin or "[*]"
    if row.to == "held":
        origins = [one.origin for one in rows if one.to == HELD]
        return [f"    {begin} --> {origin}: {row.action}" for origin in origins]
    if row.to == "outcome":
        reviewed = [one for one in list_outcomes().values() if one.review]
        ends = {
            end: [one.name for one in reviewed if one.leads_to == end] for end in {one.leads_to for one in reviewed}
        }
        return [f"    {begin} --> {end}: {row.action} ({', '.join(ends[end])})" for end in sorted(ends)]
    return [f"    {begin} --> {row.to}: {row.action}"]


def _list_states() -> str:
    lines = ["## States", "", "| state | waits for | service target |", "|---|---|---|"]
    lines += [
        f"| `{one.name}` | {one.waits_for or '—'} | {'stands still' if one.paused else 'runs'} |"
        for one in list_states().values()
    ]
    return "\n".join([*lines, ""])


def _list_outcomes() -> str:
    lines = [
        "## Outcomes",
        "",
        "| outcome | course | second person | ground needed | leads to |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| `{one.name}` | {one.course or 'both'} | {_say(one.review)} | {_say(one.ground)} | `{one.leads_to}` |"
        for one in list_outcomes().values()
    ]
    return "\n".join([*lines, ""])


def _say(value: bool) -> str:
    return "yes" if value else ""
