"""PostgreSQL and Redis as the tests find them, and schemas of a test's own."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from redis import Redis
from redis.exceptions import RedisError

POSTGRES = os.environ.get("MADOGUCHI_TEST_POSTGRES", "postgresql+psycopg://postgres@127.0.0.1:5432/test")
REDIS = os.environ.get("MADOGUCHI_TEST_REDIS", "redis://127.0.0.1:6379")
SERVICES_REQUIRED = os.environ.get("MADOGUCHI_REQUIRE_SERVICES") == "1"
PATIENCE = 3  # seconds for a service to answer


@contextmanager
def open_schema(purpose: str) -> Iterator[str]:
    """The address of an empty schema on PostgreSQL, dropped at the end; a test is skipped where none answers."""
    schema = f"{purpose}_{uuid.uuid4().hex[:12]}"
    admin = sa.create_engine(POSTGRES, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": PATIENCE})
    try:
        with admin.connect() as connection:
            connection.exec_driver_sql(f"CREATE SCHEMA {schema}")
    except sa.exc.OperationalError:
        admin.dispose()
        _miss(f"no PostgreSQL answers at {POSTGRES}")
    try:
        yield f"{POSTGRES}?options=-csearch_path%3D{schema}"
    finally:
        with admin.connect() as connection:
            connection.exec_driver_sql(f"DROP SCHEMA {schema} CASCADE")
        admin.dispose()


def demand_redis() -> str:
    """The address of a Redis that answers; a test is skipped where none does."""
    client = Redis.from_url(REDIS, socket_connect_timeout=PATIENCE)
    try:
        client.ping()
    except RedisError:
        _miss(f"no Redis answers at {REDIS}")
    finally:
        client.close()
    return REDIS


def _miss(reason: str) -> None:
    """A missing service skips a test, unless the run says that it must be there."""
    if SERVICES_REQUIRED:
        pytest.fail(reason)
    pytest.skip(reason)
