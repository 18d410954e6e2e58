"""The `app` process: one uvicorn on two sockets, public and internal, with a graceful end."""

from __future__ import annotations

import asyncio
import socket

import uvicorn

from actions.services import open_services
from actions.settings import Settings
from actions.web.app import make_switch
from actions.web.shop import make_shop

GRACE_SECONDS = 10  # running turns may finish


def serve(settings: Settings) -> None:
    """Serve until a signal. Raises: OSError: a port is taken; KnowledgeError: no index that fits."""
    public = _listen(settings.host, settings.port)
    internal = _listen(settings.internal_host, settings.webhook_port)
    services = open_services(settings)
    switch = make_switch(services, internal.getsockname()[1])
    config = uvicorn.Config(
        switch,
        ws="none",
        access_log=False,  # addresses of customers are not written down
        log_config=None,
        lifespan="on",
        server_header=False,
        date_header=True,
        timeout_graceful_shutdown=GRACE_SECONDS,
        proxy_headers=False,
    )
    asyncio.run(uvicorn.Server(config).serve(sockets=[public, internal]))


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
