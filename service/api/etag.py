"""Responses with an ETag of their bytes: the same state is the same bytes is the same ETag."""

import hashlib

from starlette.requests import Request
from starlette.responses import Response

PRIVATE = "private, no-cache"  # kept by the reader only, asked again each time


def etagged(
    request: Request, body: bytes, media_type: str, cache: str = PRIVATE, etag: str | None = None
) -> Response:
    """`body` with its ETag, or 304 when the reader has it already (RFC 9110, section 13.1.2)."""
    etag = etag or f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Cache-Control": cache, "Vary": "Authorization, Cookie, Accept-Encoding"}
    if is_known(request.headers.get("if-none-match", ""), etag):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=media_type)


def is_known(if_none_match: str, etag: str) -> bool:
    """True when the header names `etag`, compared weakly: a proxy that compresses marks it W/."""
    known = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
    return "*" in known or etag.removeprefix("W/") in known
