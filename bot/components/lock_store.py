"""Rasa's lock on a conversation, kept in Redis for several workers, each with a time to live.

Rasa's own `RedisLockStore` takes host and port, not an address, and a killed worker's locks would stay in Redis for
ever. Its known race between workers (two issue a ticket at once) cannot happen here: the gateway sends one message of
a conversation at a time.
"""

from __future__ import annotations

import redis
from rasa.core.lock import TicketLock
from rasa.core.lock_store import DEFAULT_REDIS_LOCK_STORE_KEY_PREFIX, LOCK_LIFETIME, LockStore, RedisLockStore
from rasa.utils.endpoints import EndpointConfig

_PATIENCE_SECONDS = 2.0  # Redis is asked while the whole process waits


class SharedLockStore(RedisLockStore):
    """`RedisLockStore` by its address (`redis://…`), whose locks end by themselves."""

    def __init__(self, endpoint_config: EndpointConfig) -> None:
        self.red = redis.StrictRedis.from_url(
            endpoint_config.url, socket_timeout=_PATIENCE_SECONDS, socket_connect_timeout=_PATIENCE_SECONDS
        )
        self.key_prefix = f"madoguchi:{DEFAULT_REDIS_LOCK_STORE_KEY_PREFIX}"
        LockStore.__init__(self)

    def save_lock(self, lock: TicketLock) -> None:
        """Keep a lock, and at most twice as long as its tickets are good for."""
        self.red.set(self.key_prefix + lock.conversation_id, lock.dumps(), ex=2 * LOCK_LIFETIME)
