"""Cognito's own pages on a loopback port: where people sign in, and where a page exchanges its code for a token."""

from local.guard import App, Receive, Scope, Send
from local.signed_urls import settle

PATHS = frozenset({"/oauth2/authorize", "/oauth2/token", "/oauth2/revoke", "/oauth2/userInfo", "/login", "/logout"})


class SignIn:
    """ASGI: of the whole cloud only what a sign-in domain has."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await settle(receive, send)
        elif scope["type"] == "http" and scope["path"] in PATHS:
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await send({"type": "http.response.start", "status": 404, "headers": [(b"content-length", b"0")]})
            await send({"type": "http.response.body", "body": b""})
