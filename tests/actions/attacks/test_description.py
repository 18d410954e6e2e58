"""The interface keeps what its own description promises: schemathesis sends what it allows and what it does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

EXAMPLES = 100  # of what is allowed, and as many of what is not, an operation
SEED = 20261128
OPERATIONS = {"POST /api/ask", "POST /api/chat", "GET /healthz", "GET /readyz"}
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
    unsupported_method,
]


@pytest.fixture
def description(open_desk: Callable[..., Any]) -> Any:
    """What the desk says of itself, bound to a desk without limits."""
    desk = open_desk(rate_address="1000000/minute", rate_conversation="1000000/minute")
    return schemathesis.openapi.from_asgi("/openapi.json", desk.app)


def _list_operations(description: Any) -> dict[str, Any]:
    return {found.ok().label: found.ok() for found in description.get_all_operations()}


def test_every_operation_of_the_interface_is_described(description: Any) -> None:
    assert set(_list_operations(description)) == OPERATIONS


@pytest.mark.parametrize(
    ("label", "mode"),
    [
        *((label, schemathesis.GenerationMode.POSITIVE) for label in sorted(OPERATIONS)),
        # What takes nothing cannot be given anything wrong.
        *((label, schemathesis.GenerationMode.NEGATIVE) for label in sorted(OPERATIONS) if "POST" in label),
    ],
)
def test_an_operation_keeps_its_description(description: Any, label: str, mode: Any) -> None:
    statuses: list[int] = []

    @seed(SEED)
    @settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        verbosity=Verbosity.quiet,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=_list_operations(description)[label].as_strategy(generation_mode=mode))
    def send(case: Any) -> None:
        response = case.call()
        statuses.append(response.status_code)
        case.validate_response(response, checks=CHECKS)

    send()
    assert statuses
    assert set(statuses) <= {200, 404, 405, 413, 422}
