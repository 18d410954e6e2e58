"""Structured logs that cannot hold what a customer typed: only allow-listed keys with short values pass.

Everything goes to standard error, one line an event.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from contextlib import suppress
from typing import Any, TextIO, cast

import structlog

# Words of this program, counts and durations. A key that is not here is dropped, and so is any long value.
KEPT = frozenset(
    {"event", "level", "timestamp", "code", "kind", "kinds", "method", "route", "status", "milliseconds", "degraded"}
    | {"language", "version", "port", "host", "count", "reason", "name", "state", "signal", "folder", "outcome"}
)
_LONGEST = 80


class _Lossy:
    """Standard error, which loses a line rather than the answer it is about: its disk may be full."""

    def write(self, line: str) -> None:
        with suppress(OSError):
            sys.stderr.write(line)

    def flush(self) -> None:
        with suppress(OSError):
            sys.stderr.flush()


def configure_logs(level: str) -> None:
    """Route structlog and the libraries' own logs through the filter."""
    processors: list[structlog.types.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        keep_only_safe,
    ]
    structlog.configure(
        processors=[*processors, structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"])],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.PrintLoggerFactory(cast(TextIO, _Lossy())),
        cache_logger_on_first_use=False,
    )
    # Libraries: their messages may quote a request; warnings and errors are told by name only.
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_strip_message)
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)


def keep_only_safe(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:  # noqa: ANN401
    """Drop keys that are not allow-listed and values long enough to be prose."""
    return {key: value for key, value in event.items() if key in KEPT and len(str(value)) <= _LONGEST}


def _strip_message(record: logging.LogRecord) -> bool:
    kind = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else ""
    record.msg, record.args = (
        f"{record.name}: {kind or record.levelname.lower()} at {record.module}:{record.lineno}",
        (),
    )
    record.exc_info, record.exc_text, record.stack_info = None, None, None
    return True
