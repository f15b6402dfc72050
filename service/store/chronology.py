"""The running log of headquarters: reports as understood, what people did, and what they wrote by hand.

Nothing is copied: each line is read from where it stands, and only entries have a table of their own. Lines
are ordered by time, newest first; of one time reports come before actions and these before entries.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, text

from service.report import PREFECTURE_DIGITS, UNASSIGNED, Scope
from service.store import loglines, tray, visible
from service.store.loglines import ActionLine, EntryLine, ReportLine


class Source(StrEnum):
    """What a line is made of."""

    REPORT = "report"
    ACTION = "action"
    ENTRY = "entry"


class Category(StrEnum):
    """受信, 発信, 決定, 対応."""

    RECEIVED = "received"
    SENT = "sent"
    DECIDED = "decided"
    DONE = "done"


DECISIONS: Final = "evacuation."  # actions of this kind are decisions, the others are things done
LineOf = ReportLine | ActionLine | EntryLine
_ORDER: Final = tuple(Source)
MOST_ROWS: Final = 5_000


@dataclass(frozen=True, slots=True)
class LogQuery:
    """What to list; None: no restriction. `municipalities` may hold prefectures (2 digits). `words` are
    looked for in what is shown, without regard to width and case; `kinds` and `types` are the kinds of
    action and damage types whose Japanese holds them."""

    limit: int = 200
    after: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    municipalities: frozenset[str] | None = None
    sources: frozenset[Source] | None = None
    categories: frozenset[Category] | None = None
    incident: UUID | None = None
    words: str | None = None
    kinds: frozenset[str] = frozenset()
    types: frozenset[str] = frozenset()
    drill: bool | None = None


@dataclass(frozen=True, slots=True)
class LogPage:
    """One page, newest first; `next_after` asks for what is older."""

    lines: tuple[LineOf, ...]
    next_after: str | None


@dataclass(frozen=True, slots=True)
class _Found:
    at: datetime
    source: Source
    key: str

    @property
    def place(self) -> tuple[float, int, str]:
        """Its place in the order, newest first."""
        return (-self.at.timestamp(), _ORDER.index(self.source), self.key)


def latest(conn: Connection) -> int:
    """A number that grows with every action and every entry."""
    newest: int = conn.execute(
        text(
            "SELECT coalesce((SELECT max(id) FROM actions), 0) "
            "+ coalesce((SELECT max(id) FROM chronology_entries), 0)"
        )
    ).scalar_one()
    return newest


def page(conn: Connection, query: LogQuery, scope: Scope, own: Scope) -> LogPage:
    """One page of what `scope` sees; the words of reports only where `own` answers for them.

    Raises ValueError for a cursor that no page gave.
    """
    after = None if query.after is None else _read_cursor(query.after)
    found: list[_Found] = []
    for source, branch in (
        (Source.REPORT, _reports),
        (Source.ACTION, _actions),
        (Source.ENTRY, _entries),
    ):
        if query.sources is not None and source not in query.sources:
            continue
        where, values = branch(query, scope, own)
        found += _some(conn, source, where, values, query, after)
    found.sort(key=lambda one: one.place)
    shown = found[: query.limit]
    following = None
    if len(found) > query.limit:
        last = shown[-1]
        following = f"{last.at.isoformat()}_{_ORDER.index(last.source)}_{last.key}"
    return LogPage(tuple(_hydrated(conn, shown, scope, own)), following)


_TABLES: Final = {
    Source.REPORT: ("told_reports told", "told.received_at", "told.id", "uuid"),
    Source.ACTION: ("actions a", "a.at", "a.id", "bigint"),
    Source.ENTRY: ("chronology_entries e", "e.at", "e.id", "bigint"),
}


def _some(
    conn: Connection,
    source: Source,
    parts: list[str],
    values: dict[str, Any],
    query: LogQuery,
    after: _Found | None,
) -> list[_Found]:
    table, at, key, kind = _TABLES[source]
    for name, condition, value in (
        ("since", f"{at} >= :since", query.since),
        ("until", f"{at} <= :until", query.until),
    ):
        if value is not None:
            parts.append(condition)
            values[name] = value
    if after is not None:
        values["before"] = after.at
        mine, its = _ORDER.index(source), _ORDER.index(after.source)
        if mine == its:
            # Of one time, keys ascend.
            parts.append(f"({at} < :before OR ({at} = :before AND {key} > CAST(:key AS {kind})))")
            values["key"] = after.key
        else:
            parts.append(f"{at} <= :before" if mine > its else f"{at} < :before")
    rows = conn.execute(
        text(
            f"SELECT {at} AS at, {key} AS key FROM {table} WHERE {' AND '.join(parts)} "  # noqa: S608
            f"ORDER BY {at} DESC, {key} LIMIT :rows"
        ),
        {**values, "rows": query.limit + 1},
    )
    return [_Found(row.at, source, _key(row.key)) for row in rows]


def _key(key: UUID | int) -> str:
    # Padded, so that text sorts as the numbers do.
    return str(key) if isinstance(key, UUID) else f"{key:019d}"


def _reports(query: LogQuery, scope: Scope, own: Scope) -> tuple[list[str], dict[str, Any]]:
    """Reports that say something, by their incidents; who sent them counts where nothing is left of them."""
    seen, values = visible.condition(scope, "i")
    parts = ["(told.relevant OR told.erased_at IS NOT NULL)"]
    behind = "FROM told_readings r JOIN incidents i ON i.id = r.incident_id WHERE r.report_id = told.id"
    silent = "NOT EXISTS (SELECT FROM reading_keys k WHERE k.report_id = told.id)"
    if scope.audience is not None:
        parts.append(
            "(EXISTS (SELECT FROM reading_keys k JOIN incidents i ON i.id = k.incident_id "
            f"WHERE k.report_id = told.id AND {seen}) "
            f"OR ({silent} AND (coalesce(told.sender_municipality, '{UNASSIGNED}') = ANY(:scope) "
            "OR left(told.sender_municipality, 2) = ANY(:scope))))"
        )
    if query.municipalities is not None:
        where = "coalesce(r.municipality, told.sender_municipality)"
        parts.append(
            f"(EXISTS (SELECT {behind} AND {seen} AND {_of_municipality(where)}) "
            f"OR ({silent} AND {_of_municipality('told.sender_municipality')}))"
        )
        values |= _municipality_values(query.municipalities)
    if query.incident is not None:
        parts.append(
            "EXISTS (SELECT FROM told_readings r WHERE r.report_id = told.id AND r.incident_id = :one)"
        )
        values["one"] = query.incident
    if query.categories is not None and Category.RECEIVED not in query.categories:
        parts.append("false")
    if query.words is not None:
        mine, own_values = tray.owned(own)
        parts.append(
            "(EXISTS (SELECT FROM reports WHERE reports.id = told.id "
            f"AND {mine} AND {_holds('reports.text')}) OR EXISTS (SELECT {behind} AND {seen} "
            f"AND ({_holds('r.place_text')} OR r.type = ANY(:types))))"
        )
        values |= {"words": query.words, "types": sorted(query.types), **own_values}
    _drill(query, "told", parts, values)
    return parts, values


def _actions(query: LogQuery, scope: Scope, own: Scope) -> tuple[list[str], dict[str, Any]]:
    seen, values = visible.condition(scope, "a")
    parts = [seen]
    if query.municipalities is not None:
        parts.append(_of_municipality("a.owner"))
        values |= _municipality_values(query.municipalities)
    if query.incident is not None:
        parts.append("a.incident_id = :one")
        values["one"] = query.incident
    if query.categories is not None:
        wanted = [
            f"a.kind {'' if category is Category.DECIDED else 'NOT '}LIKE :decisions"
            for category in (Category.DECIDED, Category.DONE)
            if category in query.categories
        ]
        parts.append(f"({' OR '.join(wanted)})" if wanted else "false")
        values["decisions"] = f"{DECISIONS}%"
    if query.words is not None:
        parts.append(
            f"({_holds('a.reason')} OR {_holds('a.organization_name')} OR {_holds('a.unit')} "
            "OR a.kind = ANY(:kinds) OR EXISTS (SELECT FROM incidents i WHERE i.id = a.incident_id "
            f"AND {visible.condition(scope, 'i')[0]} AND ({_holds('i.place_text')} OR i.type = ANY(:types))))"
        )
        values |= {"words": query.words, "kinds": sorted(query.kinds), "types": sorted(query.types)}
    _drill(query, "a", parts, values)
    return parts, values


def _entries(query: LogQuery, scope: Scope, own: Scope) -> tuple[list[str], dict[str, Any]]:
    seen, values = visible.condition(scope, "e")
    parts = [seen]
    if query.municipalities is not None:
        parts.append(_of_municipality("e.municipality"))
        values |= _municipality_values(query.municipalities)
    if query.incident is not None:
        parts.append("e.incident_id = :one")
        values["one"] = query.incident
    if query.categories is not None:
        parts.append("e.category = ANY(:categories)")
        values["categories"] = sorted(query.categories)
    if query.words is not None:
        columns = ("text", "response", "origin", "recipient", "organization_name")
        parts.append("(" + " OR ".join(_holds(f"e.{column}") for column in columns) + ")")
        values["words"] = query.words
    _drill(query, "e", parts, values)
    return parts, values


def _holds(column: str) -> str:
    return f"strpos(lower(normalize({column}, NFKC)), lower(normalize(:words, NFKC))) > 0"


def _of_municipality(column: str) -> str:
    return f"({column} = ANY(:codes) OR left({column}, {PREFECTURE_DIGITS}) = ANY(:prefectures))"


def _municipality_values(codes: frozenset[str]) -> dict[str, Any]:
    ordered = sorted(codes)
    return {"codes": ordered, "prefectures": [one for one in ordered if len(one) == PREFECTURE_DIGITS]}


def _drill(query: LogQuery, table: str, parts: list[str], values: dict[str, Any]) -> None:
    if query.drill is not None:
        parts.append(f"{table}.drill = :drill")
        values["drill"] = query.drill


def _read_cursor(after: str) -> _Found:
    at, source, key = after.split("_")
    moment = datetime.fromisoformat(at)
    if moment.tzinfo is None or source not in {"0", "1", "2"}:
        raise ValueError("not a cursor of the chronology")
    held = _ORDER[int(source)]
    # Whatever it is, it has to be a key: a report's id or a number.
    return _Found(moment, held, str(UUID(key)) if held is Source.REPORT else str(int(key)))


def _hydrated(conn: Connection, found: Sequence[_Found], scope: Scope, own: Scope) -> list[LineOf]:
    def keys(source: Source) -> list[str]:
        return [one.key for one in found if one.source is source]

    reports = loglines.reports(conn, [UUID(key) for key in keys(Source.REPORT)], scope, own)
    acts = loglines.actions_of(conn, [int(key) for key in keys(Source.ACTION)], scope)
    entries = loglines.entries(conn, [int(key) for key in keys(Source.ENTRY)])
    lines: list[LineOf] = []
    for one in found:
        if one.source is Source.REPORT:
            lines.append(reports[UUID(one.key)])
        elif one.source is Source.ACTION:
            lines.append(acts[int(one.key)])
        else:
            lines.append(entries[int(one.key)])
    return lines
