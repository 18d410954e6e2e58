"""One desk for all journeys: both real processes, started once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.journeys.desk import Desk, Talk, make_state
from tests.prepared import demand_bot_python, demand_index, demand_model


@pytest.fixture(scope="session")
def prepared() -> None:
    """Environment, index and dialogue model are there."""
    demand_bot_python()
    demand_model()
    demand_index()


@pytest.fixture(scope="session")
def desk(prepared: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk of its own with an empty database; whoever stops its dialogue engine starts it again."""
    desk = Desk(make_state(tmp_path_factory.mktemp("desk")))
    try:
        desk.start()
        yield desk
    finally:
        desk.stop()


@pytest.fixture
def state(prepared: None, tmp_path: Path) -> Path:
    """A state folder of a desk that has never run."""
    return make_state(tmp_path)


@pytest.fixture
def http(desk: Desk) -> Iterator[httpx.Client]:
    """One visitor."""
    with desk.open_http() as client:
        yield client


@pytest.fixture
def talk(http: httpx.Client) -> Talk:
    """A conversation that has not begun."""
    return Talk(http)
