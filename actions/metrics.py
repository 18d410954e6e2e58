"""What the process counts, as Prometheus reads it: words of this program and numbers, nothing of anybody.

The counters are the process's own and live as long as it does. Whatever is counted here is labelled with a value out
of a short list: no id, no address, no text.
"""

from __future__ import annotations

from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector

REGISTRY = CollectorRegistry()
_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)  # seconds

ProcessCollector(registry=REGISTRY)  # memory, processor time, open files

TURNS = Counter(
    "madoguchi_turns",
    "Messages answered in conversations, by what came of them (see OUTCOMES).",
    ["outcome", "language"],
    registry=REGISTRY,
)
DEGRADED = Counter(
    "madoguchi_degraded_turns",
    "Messages answered without the dialogue engine: it was away, too slow, or silent.",
    registry=REGISTRY,
)
SECONDS = Histogram(
    "madoguchi_turn_seconds",
    "How long a stage took: whole (a message and its reply), engine (the dialogue engine), retrieval (an answer).",
    ["stage"],
    buckets=_BUCKETS,
    registry=REGISTRY,
)
REFUSED = Counter(
    "madoguchi_rate_limited",
    "What was refused by a rate limit, by its name in the settings.",
    ["rate"],
    registry=REGISTRY,
)
MAILS = Counter(
    "madoguchi_mails",
    "Attempts to bring a mail on its way: sent, written (a file for the officer), failed (tried again), dead.",
    ["outcome"],
    registry=REGISTRY,
)
DATABASE_ERRORS = Counter(
    "madoguchi_database_errors",
    "Errors the database answered with, by their kind. IntegrityError also stands for what came twice and is no fault.",
    ["kind"],
    registry=REGISTRY,
)

# An answer's status; or in a request that it went on, was filed, or ended; or a plain reply.
OUTCOMES = ("answered", "not_covered", "out_of_scope", "clarified", "request", "filed", "cancelled", "reply")
for _language in ("ja", "en"):
    for _outcome in OUTCOMES:
        TURNS.labels(_outcome, _language)  # a series that is there from the start shows its first event as a rise


def count_turn(reply: dict[str, Any], seconds: float) -> None:
    """Count a message and its reply (the gateway's full form)."""
    TURNS.labels(_find_outcome(reply), reply["language"]).inc()
    DEGRADED.inc(int(reply["degraded"]))
    SECONDS.labels("whole").observe(seconds)


def _find_outcome(reply: dict[str, Any]) -> str:
    state = (reply["request"] or {}).get("state", "")
    if state in {"filed", "cancelled"}:
        return str(state)
    if state in {"collecting", "confirming"}:
        return "request"
    if any(one["clarified"] for one in reply["messages"]):
        return "clarified"
    return next((str(one["status"]) for one in reply["messages"] if one["status"]), "reply")
