"""What the commands write for people: answers as panels, tables, replies; colour only where a terminal wants it.

Data goes to `screen` (standard output), messages to `messages` (standard error). Rich honours NO_COLOR and writes no
colour where there is no terminal; it counts a Japanese character as the two cells that it takes.
"""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from knowledge.answer import sentence
from knowledge.cautions import Caution
from knowledge.citation import Citation
from knowledge.lookup import Certainty, Lookup
from knowledge.policy import Policy
from knowledge.replies import Reply

screen = Console()
messages = Console(stderr=True)
# How sure, which the words say as well.
_STYLES = {
    Certainty.SURE: "green",
    Certainty.NAMED: "green",
    Certainty.NEAR: "yellow",
    Certainty.SILENT: "red",
    Certainty.ELSEWHERE: "red",
}


def show_lookup(found: Lookup, policy: Policy) -> None:
    """The answer, how sure it is, and its clauses; other likely ones by their ids."""
    style, said = _STYLES[found.certainty], sentence(found.language, f"certainty_{found.certainty.value}")
    if found.answer:
        _say(Text(found.answer.text, style="bold"))
    _say(Text.assemble((said, f"bold {style}"), (f"  {policy.version}", "dim")))
    for citation in found.clauses:
        screen.print(_draw_clause(citation, policy, found, style))
    if found.others:
        named = ", ".join(one.clause_id for one in found.others)
        _say(Text(sentence(found.language, "others").format(clauses=named), style="dim"))


def _draw_clause(citation: Citation, policy: Policy, found: Lookup, style: str) -> Panel:
    body = Text(citation.quote)
    if found.language == "en":
        body = Text.assemble(citation.quote_en, "\n\n", (citation.quote, "dim"))
    if not found.answer:  # a clause that was named: what it says, in short
        body = Text.assemble((policy.leads[citation.clause_id][found.language], "bold"), "\n\n", body)
    title = Text(" ".join(filter(None, [citation.section, citation.item])))
    return Panel(
        body, title=title, subtitle=citation.url, title_align="left", subtitle_align="left", border_style=style
    )


def show_reply(reply: Reply | None) -> None:
    """A reply as it would be sent, nothing else; on standard error what is open, and what has changed since."""
    if reply is None:
        messages.print("no reply: the question is not this desk's", style="yellow", markup=False)
        return
    if reply.subject:
        _say(Text(f"{reply.subject}\n"))
    _say(Text(reply.text))
    if reply.open_slots:
        opened = ", ".join(slot.label for slot in reply.open_slots)
        messages.print(sentence(reply.plan.language, "open_slots").format(slots=opened), style="yellow", markup=False)
    if reply.changed:
        told = sentence(reply.plan.language, "changed_since")
        told = told.format(version=reply.reviewed, clauses=", ".join(reply.changed))
        messages.print(told, style="bold red", markup=False)


def show_cautions(cautions: Iterable[Caution], language: str) -> None:
    """What must not be said, on standard error."""
    lines = [f"- {one.text}{' (!)' if one.is_old else ''}" for one in cautions]
    if lines:
        messages.print(
            "\n".join([sentence(language, "do_not_say"), *lines]), style="dim", markup=False, highlight=False
        )


def _say(text: Text) -> None:
    screen.print(text, soft_wrap=True)
