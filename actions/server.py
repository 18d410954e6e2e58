"""The `app` process: one loop, two uvicorn servers (public and internal), and an end in which running turns finish."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import signal
import socket
from collections.abc import Callable, Iterator
from typing import Any

import uvicorn
import uvloop

from actions.dialogue.registry import make_executor
from actions.services import open_services
from actions.settings import Settings
from actions.web.app import make_app
from actions.web.shop import make_shop
from actions.web.webhook import make_internal_app

_ARENA_MAX, _MMAP_THRESHOLD = -8, -3  # M_… of glibc's malloc.h
_LARGE = 128 * 1024  # bytes; glibc's own beginning, which it would raise to 32 MiB as soon as something large is freed


class _Server(uvicorn.Server):
    """A server that is told when to end: uvicorn's own way with signals would end the process with the first of two."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to `_serve`."""
        yield


def serve(settings: Settings) -> None:
    """Serve until a signal. Raises: OSError: a port is taken; KnowledgeError: no index that fits."""
    _share_arenas()
    public = _listen(settings.host, settings.port)
    internal = _listen(settings.internal_host, settings.webhook_port)
    services = open_services(settings)
    grace = round(settings.longest_turn_seconds)
    outside = _Server(_configure(make_app(services), grace))
    inside = _Server(_configure(make_internal_app(services, make_executor(services)), grace, lifespan=False))
    uvloop.run(_serve(outside, public, inside, internal))


def _share_arenas() -> None:
    """Let all threads take memory from two arenas of glibc's: each of up to 16 would keep what its longest turn took.

    Ten visitors with long messages at once: 275 MiB instead of 285. Elsewhere than on glibc nothing happens.
    """
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_ARENA_MAX, 2)
        ctypes.CDLL(None).mallopt(_MMAP_THRESHOLD, _LARGE)


async def _serve(outside: _Server, public: socket.socket, inside: _Server, internal: socket.socket) -> None:
    """Serve both until a signal; then no more is taken in, and what is running ends.

    The internal port stays open until the public one's last turn is over: the engine calls the turn's action there.
    """
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, outside.handle_exit, number, None)
    running = asyncio.create_task(inside.serve(sockets=[internal]))
    try:
        await outside.serve(sockets=[public])
    finally:
        inside.should_exit = True
        await running


def _configure(app: Callable[..., Any], grace_seconds: int, *, lifespan: bool = True) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        ws="none",
        access_log=False,  # addresses of customers are not written down
        log_config=None,
        lifespan="on" if lifespan else "off",
        server_header=False,
        date_header=True,
        timeout_graceful_shutdown=grace_seconds,
        proxy_headers=False,
    )


def serve_shop(desk: str, port: int) -> None:
    """Serve the sample shop on 127.0.0.1 until a signal. Raises: ValueError: `desk` is no address."""
    uvicorn.run(make_shop(desk), host="127.0.0.1", port=port, log_level="warning")


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # Head and body of a reply leave as two packets: without this the second waits 40 ms for an acknowledgement.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    listener.bind((host, port))
    listener.listen(512)
    return listener
