"""The HTML pages of package web, its static files, and our own polygons."""

import gzip
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Final
from urllib.parse import quote

from fastapi import APIRouter, Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.responses import RedirectResponse, Response

from service import access, rasters
from service.access import Permission, Principal
from service.api import features, schemas
from service.api import query as queries
from service.api.door import PrincipalDep
from service.api.etag import etagged
from service.api.services import Services, ServicesDep
from service.problems import KINDS, NOT_FOUND, ProblemError
from web import assets, words
from web.bundle import bundle

HTML: Final = "text/html; charset=utf-8"
PLAIN: Final = "text/plain; charset=utf-8"
IMMUTABLE: Final = "public, max-age=31536000, immutable"
PUBLIC: Final = "public, no-cache"
MEDIA_TYPES: Final[Mapping[str, str]] = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".png": "image/png",
}

router = APIRouter(tags=["pages"], default_response_class=Response)


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it is sent; read once, so that its bytes and ETag always fit."""

    body: bytes
    packed: bytes | None
    media_type: str
    etag: str


@dataclass(frozen=True, slots=True)
class Site:
    """Everything the pages are made of: templates, the allow-list of static files, our own polygons.

    `language` is that of one request: `site_of` sets it.
    """

    templates: Environment
    static: Mapping[str, Asset]
    imports: Mapping[str, tuple[str, ...]]
    version: str
    outlines: Asset
    english: Mapping[str, str]
    language: str = "ja"

    def page(self, name: str, context: Mapping[str, str | int], status: int = 200) -> Response:
        """Template `name` as a response; pages are never cached, since they depend on who asks."""
        body = self.templates.get_template(name).render(
            static_url=f"/static/{self.version}",
            imports=self.imports,
            lang=self.language,
            t=words.translator(self.language, self.english),
            said=words.sayer(self.language, self.english),
            **context,
        )
        return Response(body, status, {"Cache-Control": "no-store"}, HTML)


def load_site(node_modules: Path, outlines: Path) -> Site:
    """Read every file that may be served, and join the modules.

    Raises FileNotFoundError naming the npm package or table that is missing, ValueError when a module has a
    fault.
    """
    joined = bundle(node_modules)
    files = assets.static_files(node_modules)
    contents = {served: path.read_bytes() for served, path in files.items()} | dict(joined.files)
    return Site(
        templates=Environment(
            loader=FileSystemLoader(assets.TEMPLATES),
            autoescape=select_autoescape(["html"], default=True),
            undefined=StrictUndefined,
        ),
        static={
            served: _asset(body, MEDIA_TYPES.get(PurePosixPath(served).suffix, PLAIN))
            for served, body in contents.items()
        },
        imports=joined.imports,
        version=assets.version(contents),
        outlines=_asset(outlines.read_bytes(), "application/geo+json"),
        english=words.english(),
    )


def site_of(request: Request) -> Site:
    """The site that the composition loaded, in the language that this browser asks for."""
    site: Site = request.app.state.site
    return replace(site, language=words.language_of(request.cookies.get(words.COOKIE)))


def headquarters_page(
    request: Request, services: Services, reader: Principal, name: str, **more: str
) -> Response:
    """Template `name`, which extends part/headquarters.html; with the ways that are open to `reader`."""
    settings = services.settings
    context: dict[str, str | int] = {
        "tile_url": settings.tile_url or "",
        "tile_attribution": settings.tile_attribution,
        "worker_silence_s": settings.worker_silence_s,
        "officer": reader.may(Permission.WORK_AT_DESK),
        "administrator": reader.may(Permission.MANAGE_PEOPLE),
        "reader_name": reader.name,
        "person": reader.account is not None,
    }
    return site_of(request).page(name, {**context, **more})


def sign_in_first(request: Request) -> Response:
    """To the page for signing in, and from there to the address that was asked for."""
    query = f"?{request.url.query}" if request.url.query else ""
    asked = quote(f"{request.url.path}{query}", safe="/")
    return RedirectResponse(f"/signin?next={asked}", 303, {"Cache-Control": "no-store"})


@router.get("/", responses=schemas.root_answers())
def root(request: Request, services: ServicesDep, principal: PrincipalDep) -> Response:
    """地図。`Accept: application/json`または`?f=json`ならOGC APIの入口。"""
    queries.format_only(request.query_params)
    if "f" in request.query_params or not wants_html(request):
        access.require(principal, Permission.READ_INCIDENTS)
        return features.landing(services, request)
    if not principal.may(Permission.READ_INCIDENTS):
        return sign_in_first(request)
    layers = [asdict(layer) for layer in rasters.chosen(services.settings.raster_layers)]
    return headquarters_page(
        request, services, principal, "map.html", rasters=json.dumps(layers, ensure_ascii=False)
    )


@router.get("/report", responses=schemas.html_answers(400))
def report_page(request: Request, services: ServicesDep, municipality: str = "") -> Response:
    """スマートフォンから通報する画面。"""
    known = municipality in services.municipalities
    return site_of(request).page(
        "report.html",
        {
            "municipality": municipality if known else "",
            "municipality_name": services.municipalities.get(municipality, ""),
            "max_photo_bytes": services.settings.max_photo_bytes,
        },
    )


@router.get("/problems/{slug}", responses=schemas.text_answers(404))
def problem_page(request: Request, slug: str) -> Response:
    """エラーの種類の説明。"""
    kind = KINDS.get(slug)
    if kind is None:
        raise ProblemError(NOT_FOUND)
    text = f"{kind.title}（{kind.status}）\n\n{kind.detail}\n\n種類: /problems/{kind.slug}\n"
    return etagged(request, text.encode(), PLAIN, PUBLIC)


@router.get("/static/{path:path}", responses=schemas.static_answers())
async def static(request: Request, path: str) -> Response:
    """画面の部品。許した一覧にあるファイルだけを出します。"""
    # Everything lies in memory: a thread of its own would cost more than the answer.
    site = site_of(request)
    versioned = path.removeprefix(f"{site.version}/")
    asset = site.static.get(versioned)
    if asset is None:
        raise ProblemError(NOT_FOUND)
    return _sent(request, asset, IMMUTABLE if versioned != path else PUBLIC)


@router.get("/municipalities.geojson", responses=schemas.outline_answers())
def municipalities(request: Request, v: str = "") -> Response:
    """市区町村の形。地図の下地に使います。"""
    asset = site_of(request).outlines
    return _sent(request, asset, IMMUTABLE if v and v in asset.etag else PUBLIC)


def _asset(body: bytes, kind: str) -> Asset:
    packed = None if kind.startswith("image/png") else gzip.compress(body, 9, mtime=0)
    return Asset(body, packed, kind, f'"{hashlib.sha256(body).hexdigest()[:32]}"')


def _sent(request: Request, asset: Asset, cache: str) -> Response:
    takes_gzip = "gzip" in request.headers.get("accept-encoding", "")
    if not takes_gzip or asset.packed is None:
        return etagged(request, asset.body, asset.media_type, cache, asset.etag)
    answer = etagged(request, asset.packed, asset.media_type, cache, asset.etag)
    if answer.status_code == 200:
        answer.headers["Content-Encoding"] = "gzip"
    return answer


def wants_html(request: Request) -> bool:
    """Browsers name text/html; programs ask for JSON or for anything."""
    return "text/html" in request.headers.get("accept", "")
