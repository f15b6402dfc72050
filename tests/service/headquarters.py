"""Two municipalities whose headquarters hold something of every kind, each with a word of its own in it."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4

from shapely import box
from shapely.geometry import MultiPolygon
from sqlalchemy import text

from geo.place import Level, Place
from service.evacuation.model import MANUAL, Call, Criterion, Decided, Hazard, ShelterState
from service.fuse import Fusing
from service.report import Organization, Photo
from service.store import access, actions, entries, organizations, places, placing, save, taught
from service.store.actions import Action
from service.store.database import Connection, Database
from service.store.entries import Draft
from service.store.evacuation import decisions, said, units
from service.store.evacuation.decisions import Decision
from service.store.evacuation.units import DrawnUnit
from service.store.placing import Author
from service.store.sources import SourceInfo
from service.store.taught import Lesson
from tests.service.store.samples import NOON, deliver, message, observation, read

FUKUYAMA, KURE, HIROSHIMA = "34207", "34202", "34"
WORDS = {FUKUYAMA: "あかつき", KURE: "うすぐも"}
PLACES = {FUKUYAMA: (34.4479, 133.2556), KURE: (34.25, 132.55)}


@dataclass(frozen=True, slots=True)
class Held:
    """What one headquarters holds."""

    word: str
    organization: Organization
    placed: UUID
    unplaced: UUID
    settled: UUID
    unread: UUID
    incident: UUID
    decision: UUID
    lesson: UUID


def held_by(database: Database, code: str) -> Held:
    """Fill everything that the headquarters of the municipality `code` read with its word."""
    word, (lat, lon) = WORDS[code], PLACES[code]
    with database.transaction() as conn:
        access.ensure_organization(conn, code)
        organization = organizations.of_code(conn, code)
        assert organization is not None
        access.add_user(conn, f"{word}係", "x", "officer", organization.id)
        outline = box(lon - 0.05, lat - 0.05, lon + 0.05, lat + 0.05)
        places.load_municipalities(conn, [_outline(code, outline)], source=f"outline-{code}")
    nowhere = {"lat": None, "lon": None, "radius_m": None, "level": Level.MUNICIPALITY, "candidates": ()}
    placed = _report(database, code, "placed", {"lat": lat, "lon": lon})
    unplaced = _report(database, code, "unplaced", {**nowhere, "place_text": f"{word}橋"})
    settled = _report(database, code, "settled", {**nowhere, "place_text": f"{word}坂"})
    unread = _report(database, code, "unread")
    by = Author(None, f"{word}係", organization.name)
    with database.transaction() as conn:
        placing.settle(conn, settled, f"{word}のため", by)
        incident = conn.execute(
            text("SELECT incident_id FROM readings WHERE report_id = :id"), {"id": placed}
        ).scalar_one()
        _ask(conn, incident, placed, word)
        _log(conn, code, word, by, organization)
        decision = _board(conn, code, word, outline)
        lesson = taught.teach(conn, Lesson(code, f"{word}岩", lat, lon, 50.0), f"{word}係", {code}).id
        conn.execute(
            text(
                "INSERT INTO relocations (taught_id, report_id) VALUES (:lesson, :id) ON CONFLICT DO NOTHING"
            ),
            {"lesson": lesson, "id": unread},
        )
    return Held(word, organization, placed, unplaced, settled, unread, incident, decision, lesson)


def _outline(code: str, area: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {"code": code, "name": code},
        "geometry": area.__geo_interface__,
    }


def _report(database: Database, code: str, key: str, *said_there: dict[str, Any]) -> UUID:
    word = WORDS[code]
    [waiting] = deliver(
        database,
        message(
            f"{code}-{key}",
            f"{word}の近くで道路が冠水しています",
            sender=f"sender-{code}",
            sender_municipality=code,
            photo=Photo(b"\xff\xd8", 1, 1),
        ),
    )
    plain = {"municipality": code, "home": code, "place_text": word, "candidates": (), "why": word}
    seen = [observation(waiting.report_id, **{**plain, **given}) for given in said_there]
    with database.transaction() as conn:
        save.save(conn, [replace(read(waiting, *seen), relevant=bool(seen))], Fusing())
    return waiting.report_id


def _ask(conn: Connection, incident: UUID, report_id: UUID, word: str) -> None:
    """A question that the channel refused, with the reason that it gave."""
    conn.execute(
        text(
            "INSERT INTO questions (incident_id, report_id, ordinal, channel, sender, state, last_error) "
            "VALUES (:incident, :report, 0, 'test', 'somebody', 'failed', :word)"
        ),
        {"incident": incident, "report": report_id, "word": word},
    )


def _log(conn: Connection, code: str, word: str, by: Author, organization: Organization) -> None:
    audience = (code[:2], code)
    actions.record(conn, Action("desk.verify", None, by.name, audience, owner=code, reason=f"{word}を確認"))
    draft = Draft(uuid4(), NOON, "received", "", "", f"{word}の記録", "", code, None, None, False)
    entries.write(conn, draft, by, organization, audience)


def _board(conn: Connection, code: str, word: str, outline: Any) -> UUID:
    unit = DrawnUnit(f"{word}-1", f"{word}地区", MultiPolygon([outline]))
    units.replace(conn, units.board(conn, code, lock=True), [unit], "test")
    line = Criterion(uuid4(), Hazard.FLOOD, 4, f"{word}川の越水", MANUAL)
    said.replace_criteria(conn, code, [line])
    said.tick(conn, code, line.id, unit.code, met=True, since=NOON, reason=f"{word}を見た", drill=False)
    lat, lon = PLACES[code]
    school = Place(
        f"emergency:{code}", f"{word}小学校", "", "shelter", Level.FACILITY, code, lat, lon, 100.0, ""
    )
    places.load_described(
        conn, SourceInfo(f"shelters-{code}", code, "test", "2026"), [(school, {"shelter": "emergency"})]
    )
    said.set_shelter(conn, code, school.place_id, ShelterState.OPEN, f"{word}の体育館", NOON, drill=False)
    said.add_call(conn, code, Call(unit.code, f"{word}分団", NOON, ""), drill=False)
    units.touch(conn, code)
    known = units.of_edition(conn, code, 1)[0]
    decided = Decision(
        municipality=code,
        kind=Decided.ORDER,
        level=4,
        units=({"id": str(known.id), "code": unit.code, "name": unit.name, "mark": {"met": {}}},),
        decided_at=NOON,
        recorded_at=NOON,
        reason=f"{word}川の越水のため",
        actor_name=f"{word}係",
        organization_name=word,
        drill=False,
        edition=1,
    )
    done = actions.record(
        conn, Action("evacuation.order", None, f"{word}係", (code[:2], code), owner=code, reason=word)
    )
    return decisions.add(conn, decided, None, f'{{"frozen":"{word}"}}'.encode(), done.id).id
