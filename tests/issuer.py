"""A small OpenID Connect issuer with real keys, served on this machine, that can be made to misbehave."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey


class Issuer:
    """Publishes its keys and signs what it is told to. ``asked`` counts how often its keys were fetched."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.named = url
        self.asked = 0
        self.endpoints: dict[str, Any] = {
            "authorization_endpoint": f"{url}/authorize",
            "token_endpoint": f"{url}/token",
        }
        self.exchanges: list[tuple[str | None, dict[str, str]]] = []  # Authorization header and form of each
        self.granted: dict[str, Any] = {}  # what the next exchange of a code is answered with
        self.up = True
        self.answers = threading.Event()  # cleared: it takes requests and does not answer
        self.answers.set()
        self.keys: list[RSAKey | ECKey] = [RSAKey.generate_key(2048, {"kid": "first", "use": "sig"})]

    def rotate(self, kid: str, curve: str | None = None) -> None:
        """Sign with a new key from now on; the old ones are published no more."""
        parameters = {"kid": kid, "use": "sig"}
        self.keys = [ECKey.generate_key(curve, parameters) if curve else RSAKey.generate_key(2048, parameters)]

    def token(self, claims: dict[str, Any], key: Any = None, **header: Any) -> str:
        key = key or self.keys[0]
        algorithm = {"RSA": "RS256", "EC": "ES256", "oct": "HS256"}[key.key_type]
        return jwt.encode({"alg": algorithm, "kid": key.kid, **header}, claims, key, algorithms=[algorithm])

    def document(self, path: str) -> dict[str, Any] | None:
        if path == "/.well-known/openid-configuration":
            return {"issuer": self.named, "jwks_uri": f"{self.url}/keys", **self.endpoints}
        if path == "/keys":
            self.asked += 1
            strange = {"kty": "AKP", "kid": "of-a-later-standard"}
            return {"keys": [strange, *(key.as_dict(private=False) for key in self.keys)]}
        return None


@contextmanager
def issuing() -> Iterator[Issuer]:
    """An issuer on a free port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            issuer.answers.wait()
            document = issuer.document(self.path) if issuer.up else None
            body = json.dumps(document).encode()
            self.send_response(503 if not issuer.up else 404 if document is None else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with suppress(BrokenPipeError):  # whoever asked a slow issuer has gone
                self.wfile.write(body)

        def do_POST(self) -> None:
            issuer.answers.wait()
            form = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
            issuer.exchanges.append((self.headers.get("Authorization"), form))
            body = json.dumps(issuer.granted).encode()
            self.send_response(400 if "error" in issuer.granted else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *values: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    issuer = Issuer(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), name="issuer")
    thread.start()
    try:
        yield issuer
    finally:
        issuer.answers.set()
        server.shutdown()
        thread.join()
        server.server_close()
