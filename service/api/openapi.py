"""The OpenAPI document: what the routes declare, the stream, who may call what, and our problems."""

from collections.abc import Callable
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from service.api import accessschemas, desk_schemas, logschemas, mapschemas, schemas
from service.api.evacuation.schemas import EVACUATION

STREAM: Final[schemas.Schema] = {
    "tags": ["stream"],
    "summary": "変更の配信（Server-Sent Events）",
    "operationId": "stream",
    "description": "event: change / pulse / reset。docs/architecture.mdのStreamを見てください。",
    "parameters": [
        {
            "name": "since",
            "in": "query",
            "required": False,
            "schema": {"type": "integer", "minimum": 0},
            "description": "この番号の後の変更から",
        },
        {
            "name": "Last-Event-ID",
            "in": "header",
            "required": False,
            "schema": {"type": "string"},
            "description": "最後に受け取った番号。sinceより先に見ます。",
        },
    ],
    "responses": {
        "200": {"description": "終わらない配信", "content": {"text/event-stream": {"schema": schemas.TEXT}}},
        **{str(status): answer for status, answer in schemas.problems(400, 401, 403, 503).items()},
    },
}
SECURITY_SCHEMES: Final[schemas.Schema] = {
    "key": {"type": "http", "scheme": "bearer", "description": "hansho_で始まるAPIキー"},
    "session": {"type": "apiKey", "in": "cookie", "name": "hansho_session"},
}

# The problems of the intake routes, which declare only their success.
INTAKE: Final[dict[str, tuple[int, ...]]] = {
    "/reports": (400, 401, 403, 413, 415, 429, 503),
    "/form/reports": (400, 403, 413, 415, 429, 503),
    "/reports/{report_id}/receipt": (400, 404, 503),
    "/hooks/line": (400, 401, 413, 503),
}


def documented(app: FastAPI) -> Callable[[], dict[str, Any]]:
    """A replacement of `app.openapi` that is built once, at first use."""
    built: dict[str, Any] = {}

    def openapi() -> dict[str, Any]:
        if not built:
            built.update(_build(app))
        return built

    return openapi


def _build(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(
        title="半鐘 Hanshō", version=app.version, description=app.description, routes=app.routes
    )
    document["paths"]["/stream"] = {"get": STREAM}
    components = document.setdefault("components", {})
    named = components.setdefault("schemas", {})
    parts = (
        schemas.SCHEMAS,
        mapschemas.SCHEMAS,
        accessschemas.SCHEMAS,
        logschemas.SCHEMAS,
        desk_schemas.SCHEMAS,
        EVACUATION,
    )
    for part in parts:
        named.update(part)
    components["securitySchemes"] = SECURITY_SCHEMES
    for path, operations in document["paths"].items():
        for operation in operations.values():
            _mend(path, operation)
    for unused in ("HTTPValidationError", "ValidationError"):
        named.pop(unused, None)
    return document


def _mend(path: str, operation: dict[str, Any]) -> None:
    """Bad input is answered with 400 and a problem, never with the framework's 422."""
    responses = operation["responses"]
    framework = responses.pop("422", None)
    if framework is not None and "400" not in responses:
        responses["400"] = schemas.problems(400)[400]
    if "requestBody" in operation:
        for status in (400, 413):
            responses.setdefault(str(status), schemas.problems(status)[status])
    for status in INTAKE.get(path, ()):
        responses.setdefault(str(status), schemas.problems(status)[status])
    responses.setdefault("500", schemas.problems(500)[500])
    if "401" in responses and path not in {
        "/signin",
        "/hooks/line",
        "/device",
        "/oidc/start",
        "/oidc/callback",
    }:
        operation["security"] = [{"key": []}, {"session": []}]
