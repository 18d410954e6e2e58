"""A revision in words, for a terminal: one paragraph a change, the text with what went and what came marked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from knowledge.bindings import Bindings, Rows
from knowledge.policy import LANGUAGES, Unit
from knowledge.revision import KINDS, ClauseChange, Revision, Sentence

SHORTEST = 3  # characters alike between two changes; fewer are chance and make a difference hard to read
AROUND = 24  # characters shown of unchanged text on either side of a change
EXAMPLE = 48  # characters shown of a wording


def describe(revision: Revision) -> Iterator[str]:
    """Lines that say what changed, and of each change what it touches."""
    yield f"{revision.old} → {revision.new}: {_summarise(revision)}"
    for heading in revision.headings:
        yield f"\nheading of {heading.section_id}:"
        for language in LANGUAGES:
            before, after = (side.get(language, "") for side in (heading.before, heading.after))
            yield f"  {language}: {'as before' if before == after else mark_changes(before, after)}"
    for change in revision.clauses:
        yield f"\n{change.clause_id}: {', '.join(change.kinds)} ({_describe_place(change)})"
        yield from (f"  {line}" for line in _describe_change(change))


def mark_changes(before: str, after: str) -> str:
    """Both texts in one: `[-what went-]{+what came+}`; long stretches without a change are cut."""
    if before == after:
        return after.replace("\n", "⏎")
    parts: list[str] = []
    gone = came = ""
    for tag, start, end, first, last in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal" and end - start >= SHORTEST:
            parts += [_mark(gone, came), _shorten(before[start:end], opens=start == 0, closes=end == len(before))]
            gone = came = ""
        else:
            gone, came = gone + before[start:end], came + after[first:last]
    return "".join([*parts, _mark(gone, came)]).replace("\n", "⏎")


def _mark(gone: str, came: str) -> str:
    return (f"[-{gone}-]" if gone else "") + (f"{{+{came}+}}" if came else "")


def _shorten(text: str, *, opens: bool, closes: bool) -> str:
    head, tail = "" if opens else text[:AROUND], "" if closes else text[-AROUND:]
    return text if len(text) <= len(head) + len(tail) + 1 else f"{head}…{tail}"


def _summarise(revision: Revision) -> str:
    counted = Counter(kind for change in revision.clauses for kind in change.kinds)
    parts = [f"{counted[kind]} {kind}" for kind in KINDS if counted[kind]]
    if revision.headings:
        parts.append(f"{len(revision.headings)} headings reworded")
    return ", ".join(parts) or "no change"


def _describe_place(change: ClauseChange) -> str:
    places = [_name_place(side["ja"]) for side in (change.before, change.after) if "ja" in side]
    return " → ".join(dict.fromkeys(places))


def _name_place(unit: Unit) -> str:
    return f"{unit.section} {unit.item}".strip()


def _describe_change(change: ClauseChange) -> Iterator[str]:
    if set(change.kinds) & {"added", "removed", "changed"}:
        before, after = (side["ja"].text if "ja" in side else "" for side in (change.before, change.after))
        yield f"text: {mark_changes(before, after)}"
    yield f"rendering: {_judge_rendering(change)}"
    yield f"lead: {_describe_sentence(change.lead)}"
    yield f"reading: {_describe_sentence(change.reading)}"
    yield from _describe_bindings(change.bindings)


def _judge_rendering(change: ClauseChange) -> str:
    if "removed" in change.kinds:
        return "left over" if "en" in change.after else "removed"
    if "en" not in change.after:
        return "missing"
    if "added" in change.kinds:
        return "written"
    return "changed" if "rendering" in change.kinds else "as before"


def _describe_sentence(sentence: Sentence) -> str:
    shown = sentence.after if sentence.after is not None else sentence.before
    return f"{sentence.state}: {shown['ja']}" if shown and "ja" in shown else sentence.state


def _describe_bindings(bindings: Bindings) -> Iterator[str]:
    yield f"wordings: {_count_rows(bindings.wordings)}"
    yield f"development questions: {_count_rows(bindings.questions)}"
    named = {"guidance": bindings.guidance, "kinds of request": bindings.kinds, "intents": bindings.intents}
    yield from (f"{title}: {', '.join(names)}" for title, names in named.items() if names)


def _count_rows(rows: Sequence[Rows]) -> str:
    """The whole count, then a line for each file with the beginnings of its first texts."""
    files = [f"\n    {one.file} {one.count}: {' / '.join(map(_begin, one.examples))}" for one in rows]
    return f"{sum(one.count for one in rows)}{''.join(files)}"


def _begin(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= EXAMPLE else f"{plain[:EXAMPLE]}…"
