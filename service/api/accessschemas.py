"""The OpenAPI document's parts of organizations, people, devices and shares."""

from typing import Any, Final

from service.api.schemas import (
    JSON,
    TEXT,
    TIME,
    TRUTH,
    Responses,
    Schema,
    array,
    object_of,
    problems,
    ref,
)

ID: Final[Schema] = {"type": "string", "format": "uuid"}
MAYBE_TIME: Final[Schema] = {"type": ["string", "null"], "format": "date-time"}
ROLE: Final[Schema] = {"type": "string", "enum": ["viewer", "officer", "commander", "administrator"]}
BELONGS: Final[Schema] = {"anyOf": [ref("Belonging"), {"type": "null"}]}
KIND: Final[Schema] = {"type": "string", "enum": ["prefecture", "municipality", "brigade"]}

_PERSON: Final[dict[str, Schema]] = {
    "id": ID,
    "name": TEXT,
    "role": ROLE,
    "organization": BELONGS,
    "disabled": TRUTH,
    "local": {**TRUTH, "description": "ここのパスワードでサインインする人か"},
    "created_at": TIME,
    "signed_in_at": MAYBE_TIME,
}
_DEVICE: Final[dict[str, Schema]] = {
    "id": ID,
    "name": TEXT,
    "organization": BELONGS,
    "created_by": TEXT,
    "created_at": TIME,
    "expires_at": TIME,
    "used_at": MAYBE_TIME,
}

SCHEMAS: Final[Schema] = {
    "Belonging": object_of(id=ID, kind=KIND, name=TEXT, code=TEXT),
    "Organization": object_of(
        id=ID,
        kind=KIND,
        name=TEXT,
        code=TEXT,
        parent={"type": ["string", "null"], "format": "uuid"},
        area={"type": ["object", "null"], "description": "GeoJSON（経度,緯度）"},
        managed={**TRUTH, "description": "あなたが管理する組織か"},
    ),
    "Organizations": object_of(organizations=array(ref("Organization"))),
    "Person": object_of(None, **_PERSON),
    "NewPerson": object_of(None, **_PERSON, password=TEXT),
    "People": object_of(people=array(ref("Person"))),
    "Password": object_of(password=TEXT),
    "Device": object_of(None, **_DEVICE),
    "NewDevice": object_of(None, **_DEVICE, link=TEXT),
    "Devices": object_of(devices=array(ref("Device"))),
    "Share": object_of(id=ID, owner=ref("Belonging"), receiver=ref("Belonging")),
    "Shares": object_of(shares=array(ref("Share"))),
    "IncidentShares": object_of(shared=array(object_of(code=TEXT, standing=TRUTH))),
}


def made(name: str) -> Responses:
    """The 201 response of schema `name`, and the problems of making something."""
    described: Responses = {
        201: {"description": "登録しました", "content": {JSON: {"schema": ref(name)}}},
    }
    return described | problems(400, 401, 403, 404, 409, 413, 415, 503)


def page_or(name: str) -> Responses:
    """A page for browsers, schema `name` for programs."""
    content: dict[str, Any] = {JSON: {"schema": ref(name)}, "text/html": {"schema": TEXT}}
    described: Responses = {
        200: {"description": "成功", "content": content},
        303: {"description": "サインインへ"},
    }
    return described | problems(400, 401, 403, 503)
