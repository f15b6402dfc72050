"""What a municipality writes by hand: its lines, ticks of manual lines, shelters' states, calls heard."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, text

from service.evacuation.criteria import condition_from_json, condition_to_json
from service.evacuation.model import Call, Criterion, Hazard, ShelterState, Tick
from service.store.codec import dumps


def criteria(conn: Connection, municipality: str) -> tuple[Criterion, ...]:
    """The municipality's lines in its own order."""
    rows = conn.execute(
        text(
            "SELECT id, hazard, level, text, condition FROM evacuation_criteria "
            "WHERE municipality = :code ORDER BY position, id"
        ),
        {"code": municipality},
    )
    return tuple(
        Criterion(row[0], Hazard(row[1]), row[2], row[3], condition_from_json(row[4])) for row in rows
    )


def replace_criteria(conn: Connection, municipality: str, lines: Sequence[Criterion]) -> None:
    """Put `lines` in the place of the municipality's table; lines keep their ids, so ticks stay with them.

    Needs the board's lock. Ids of other municipalities' lines raise StoreError.
    """
    conn.execute(text("DELETE FROM evacuation_criteria WHERE municipality = :code"), {"code": municipality})
    rows = [
        {
            "id": str(line.id),
            "municipality": municipality,
            "position": number,
            "hazard": line.hazard.value,
            "level": line.level,
            "text": line.text,
            "condition": condition_to_json(line.condition),
        }
        for number, line in enumerate(lines)
    ]
    conn.execute(
        text(
            "INSERT INTO evacuation_criteria SELECT * FROM "
            "jsonb_populate_recordset(NULL::evacuation_criteria, CAST(:rows AS jsonb))"
        ),
        {"rows": dumps(rows)},
    )


def ticks(conn: Connection, municipality: str, *, drill: bool) -> tuple[Tick, ...]:
    """The last word on each manual line, by unit and for everywhere."""
    rows = conn.execute(
        text(
            "SELECT DISTINCT ON (criterion, unit) id, criterion, unit, met, since, reason "
            "FROM evacuation_ticks WHERE municipality = :code AND drill = :drill "
            "ORDER BY criterion, unit, id DESC"
        ),
        {"code": municipality, "drill": drill},
    )
    return tuple(Tick(*row) for row in rows)


def tick(
    conn: Connection,
    municipality: str,
    criterion: UUID,
    unit: str | None,
    *,
    met: bool,
    since: datetime,
    reason: str,
    drill: bool,
) -> int:
    """Append an officer's word on a manual line; returns its number."""
    number: int = conn.execute(
        text(
            "INSERT INTO evacuation_ticks (municipality, criterion, unit, met, since, reason, drill) "
            "VALUES (:municipality, :criterion, :unit, :met, :since, :reason, :drill) RETURNING id"
        ),
        {
            "municipality": municipality,
            "criterion": criterion,
            "unit": unit,
            "met": met,
            "since": since,
            "reason": reason,
            "drill": drill,
        },
    ).scalar_one()
    return number


def set_shelter(
    conn: Connection,
    municipality: str,
    place_id: str,
    state: ShelterState,
    note: str,
    at: datetime,
    *,
    drill: bool,
) -> str | None:
    """Say how a shelter is; returns what was said before."""
    values = {"municipality": municipality, "place": place_id, "drill": drill}
    before: str | None = conn.execute(
        text(
            "SELECT state FROM evacuation_shelters "
            "WHERE municipality = :municipality AND place_id = :place AND drill = :drill"
        ),
        values,
    ).scalar()
    conn.execute(
        text(
            "INSERT INTO evacuation_shelters (municipality, place_id, drill, state, note, at) "
            "VALUES (:municipality, :place, :drill, :state, :note, :at) "
            "ON CONFLICT (municipality, place_id, drill) DO UPDATE SET state = :state, note = :note, at = :at"
        ),
        {**values, "state": state.value, "note": note, "at": at},
    )
    return before


def add_call(conn: Connection, municipality: str, call: Call, *, drill: bool) -> None:
    """Note that a reporter was heard."""
    conn.execute(
        text(
            "INSERT INTO evacuation_calls (municipality, unit, reporter, heard_at, note, drill) "
            "VALUES (:municipality, :unit, :reporter, :heard_at, :note, :drill)"
        ),
        {
            "municipality": municipality,
            "unit": call.unit,
            "reporter": call.reporter,
            "heard_at": call.heard_at,
            "note": call.note,
            "drill": drill,
        },
    )


def calls(conn: Connection, municipality: str, since: datetime, *, drill: bool) -> tuple[Call, ...]:
    """The calls noted since a time."""
    rows = conn.execute(
        text(
            "SELECT unit, reporter, heard_at, note FROM evacuation_calls "
            "WHERE municipality = :code AND drill = :drill AND heard_at >= :since ORDER BY heard_at, id"
        ),
        {"code": municipality, "drill": drill, "since": since},
    )
    return tuple(Call(*row) for row in rows)
