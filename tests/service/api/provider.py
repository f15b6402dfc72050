"""A real OpenID provider of its own process: `python -m tests.service.api.provider PORT`, at localhost.

The package checks codes, clients and redirects and signs ID tokens; what it leaves out, PKCE (RFC 7636), is
checked here. `PUT /users/NAME` gives a user claims.
"""

import base64
import hashlib
import sys
from urllib.parse import parse_qs, urlsplit

import flask
import oidc_provider_mock
from werkzeug.serving import make_server


def strict() -> flask.Flask:
    """The provider, which refuses a code whose verifier does not fit the challenge."""
    app: flask.Flask = oidc_provider_mock.app(require_nonce=True)
    challenges: dict[str, str] = {}

    def note(answer: flask.Response) -> flask.Response:
        query = parse_qs(urlsplit(answer.headers.get("Location", "")).query)
        if flask.request.path == "/oauth2/authorize" and "code" in query:
            if flask.request.args.get("code_challenge_method") != "S256":
                return flask.Response("no PKCE", 400)
            challenges[query["code"][0]] = flask.request.args["code_challenge"]
        return answer

    def check() -> tuple[dict[str, str], int] | None:
        if flask.request.path != "/oauth2/token":
            return None
        verifier = flask.request.form.get("code_verifier", "").encode()
        made = base64.urlsafe_b64encode(hashlib.sha256(verifier).digest()).decode().rstrip("=")
        fits = challenges.pop(flask.request.form.get("code", ""), "") == made
        return None if fits else ({"error": "invalid_grant"}, 400)

    app.after_request(note)
    app.before_request(check)
    return app


if __name__ == "__main__":
    make_server("localhost", int(sys.argv[1]), strict(), threaded=True).serve_forever()
