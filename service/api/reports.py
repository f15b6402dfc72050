"""The reports behind an incident: people's words and pictures, for officers and administrators only."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from service.api import schemas
from service.api.door import WordsReader, own_incident
from service.api.etag import etagged
from service.api.services import Services, ServicesDep
from service.problems import NOT_FOUND, ProblemError
from service.publish.geojson import jst
from service.report import IncidentReport, Observation, PlaceChoice
from service.store import incidents
from service.words import STATUS_JA, TYPE_JA

router = APIRouter(tags=["reports"], default_response_class=Response)


@router.get(
    "/incidents/{incident_id}/reports", responses=schemas.answers("IncidentReports", 400, 401, 403, 404, 503)
)
def reports_behind(services: ServicesDep, reader: WordsReader, incident_id: UUID) -> Response:
    """事案のもとになった通報。文、根拠、場所の候補、写真へのリンク。"""
    with services.database.transaction(reader.scope) as conn:
        own_incident(conn, reader, incident_id)
        found = incidents.reports_behind(conn, incident_id)
    body = {"reports": [report_body(one, services) for one in found]}
    return JSONResponse(body, headers={"Cache-Control": "no-store"})


@router.get("/reports/{report_id}/photo", responses=schemas.photo_answers())
def photo(request: Request, services: ServicesDep, reader: WordsReader, report_id: UUID) -> Response:
    """通報に付いた写真（JPEG、位置情報などは取り除き済み）。"""
    with services.database.transaction(reader.own) as conn:
        jpeg = incidents.photo(conn, report_id, reader.own)
    if jpeg is None:
        raise ProblemError(NOT_FOUND)
    return etagged(request, jpeg, "image/jpeg")


def report_body(report: IncidentReport, services: Services) -> dict[str, Any]:
    """A report with its words and observations (schema IncidentReport), for those who may read it."""
    return {
        "id": str(report.report_id),
        "channel": report.channel,
        "text": report.text,
        "posted_at": jst(report.posted_at),
        "received_at": jst(report.received_at),
        "sender_municipality": report.sender_municipality,
        "sender_municipality_name": _name(report.sender_municipality, services),
        "photo": f"/reports/{report.report_id}/photo" if report.has_photo else None,
        "observations": [_observation(one, services) for one in report.observations],
    }


def _observation(observation: Observation, services: Services) -> dict[str, Any]:
    return {
        "ordinal": observation.ordinal,
        "type": observation.type.value,
        "type_ja": TYPE_JA[observation.type],
        "status": observation.status.value,
        "status_ja": STATUS_JA[observation.status],
        "place_text": observation.place_text,
        "municipality": observation.municipality,
        "municipality_name": _name(observation.municipality, services),
        "lat": observation.lat,
        "lon": observation.lon,
        "level": observation.level.value,
        "radius_m": observation.radius_m,
        "ambiguous": observation.ambiguous,
        "urgent": observation.urgent,
        "people": dict(observation.people),
        "quantities": list(observation.quantities),
        "why": observation.why,
        "candidates": [_candidate(one, services) for one in observation.candidates],
        "evidence": [
            {"start": one.start, "end": one.end, "label": one.label, "rule": one.rule}
            for one in observation.evidence
        ],
    }


def _candidate(choice: PlaceChoice, services: Services) -> dict[str, Any]:
    return {
        "name": choice.name,
        "municipality": choice.municipality,
        "municipality_name": _name(choice.municipality, services),
        "lat": choice.lat,
        "lon": choice.lon,
        "level": choice.level.value,
        "score": choice.score,
        "scores": dict(choice.scores),
        "why": choice.why,
    }


def _name(code: str | None, services: Services) -> str | None:
    return None if code is None else services.municipalities.get(code)
