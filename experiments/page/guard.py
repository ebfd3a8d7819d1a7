"""Guard: lets only pages of this server speak to it.

The server listens on this machine only, but any page open in a browser on this machine may send requests
to it. Those bear another page's name, as host or as origin, and are refused.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
App = Callable[
    [Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]
]

NAMES = ("127.0.0.1", "localhost")


def only_this_machine(app: App, port: int) -> App:
    """Return `app` so that requests meant for, or coming from, another host are refused with 403."""

    async def guarded(
        scope: Message,
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        if scope["type"] == "lifespan" or is_ours(scope["headers"], port):
            await app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            plain = [(b"content-type", b"text/plain")]
            await send({"type": "http.response.start", "status": 403, "headers": plain})
            await send({"type": "http.response.body", "body": b"This page is for this machine only."})

    return guarded


def is_ours(headers: list[tuple[bytes, bytes]], port: int) -> bool:
    """Return whether host, and origin where there is one, are this server's own."""
    found = {name.lower().decode("latin-1"): value.decode("latin-1") for name, value in headers}
    hosts = {f"{name}:{port}" for name in NAMES}
    origin = found.get("origin")
    return found.get("host") in hosts and (origin is None or origin in {f"http://{h}" for h in hosts})
