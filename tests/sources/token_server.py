"""A token endpoint, as routes of a real server: it checks who asks, and hands out tokens that it knows again."""

from __future__ import annotations

from base64 import b64decode
from typing import Any
from urllib.parse import parse_qs, unquote_plus

from gateway.testing.servers import Received, Route


class TokenServer:
    """`secret` is what the client has to present; `tokens` are those given out; `extra` changes members of the answer."""

    def __init__(self, secret: str = "canary-secret", **extra: Any) -> None:
        self.secret = secret
        self.tokens: list[str] = []
        self.extra = extra
        self.forms: list[dict[str, str]] = []
        self.route = Route(self._answer)

    def _answer(self, request: Received) -> Any:
        name, _, secret = b64decode(request.headers["authorization"].removeprefix("Basic ")).decode().partition(":")
        self.forms.append({key: values[0] for key, values in parse_qs(request.body.decode()).items()})
        if (unquote_plus(name), unquote_plus(secret)) != ("gw", self.secret):
            self.route.status = 401
            return {"error": "invalid_client", "error_description": f"{secret} is wrong"}
        self.route.status = 200
        self.tokens.append(f"canary-token-{len(self.tokens) + 1}")
        answer = {"access_token": self.tokens[-1], "token_type": "Bearer", "expires_in": 3600, **self.extra}
        return {key: value for key, value in answer.items() if value is not ...}
