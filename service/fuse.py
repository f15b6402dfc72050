"""Reports about one thing become one incident.

Pure and reversible: membership is a fact of the store, everything shown is summarised from the members,
so taking a member out and summarising again gives what would have been without it.

The guiding rule: two pins for one event cost an officer a glance, one pin for two events can cost a life.
Where it is doubtful whether two reports mean one thing, they stay two.
"""

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from geo.place import Level
from geo.sphere import metres_between
from nlp.reading import DamageType, Status
from service.report import (
    NO_RULING,
    PREFECTURE_DIGITS,
    UNASSIGNED,
    Incident,
    Observation,
    RuledStatus,
    Ruling,
    Verification,
)

# Named areas: two of them with different centres were said to be different places, however wide they are.
NAMED_AREAS = frozenset(
    {Level.CHOME, Level.TOWN, Level.FORMER_MUNICIPALITY, Level.MUNICIPALITY, Level.PREFECTURE}
)
SAME_CENTRE_M = 60.0  # rows of one place in two sources, or a place and the hall that bears its name
NEAR_M = 150.0  # two phones that look at one thing: GPS error of both and the width of the thing
EXACT_CAP_M = 500.0  # exact places farther apart than this are two things, whatever their radii
AREA_CAP_M = 3_000.0  # a report from a wide rural 大字 still gathers what was reported inside it

# How long after the last report another one is taken for the same event. Field practice, to be reviewed with
# headquarters: short for what moves or ends by itself, long for what stays until it is repaired.
WINDOW_DEFAULT = timedelta(hours=6)
WINDOWS = {
    DamageType.FIRE: timedelta(hours=3),
    DamageType.RESCUE_REQUEST: timedelta(hours=3),
    DamageType.CASUALTY: timedelta(hours=3),
    DamageType.PRECURSOR: timedelta(hours=3),
    DamageType.WIND: timedelta(hours=2),
    DamageType.NONE: timedelta(hours=2),
    DamageType.LANDSLIDE: timedelta(hours=24),
    DamageType.ROAD_DAMAGE: timedelta(hours=24),
    DamageType.ROAD_CLOSURE: timedelta(hours=24),
    DamageType.BRIDGE_DAMAGE: timedelta(hours=24),
    DamageType.BUILDING_DAMAGE: timedelta(hours=24),
    DamageType.ISOLATION: timedelta(hours=24),
    DamageType.LIQUEFACTION: timedelta(hours=24),
}
FIRSTHAND = frozenset({Status.PRESENT, Status.DENIED, Status.RESOLVED})
OPEN = frozenset({Status.PRESENT, Status.FEARED, Status.HEARSAY})


class Fusing:
    """The rules by which the store fuses; holds no state."""

    def search_radius_m(self, observation: Observation) -> float:
        """Metres around the observation's point in which a matching incident can lie at all."""
        return AREA_CAP_M

    def window(self, observation: Observation) -> timedelta:
        """How far in time a matching incident's reports may lie from this observation."""
        return WINDOWS.get(observation.type, WINDOW_DEFAULT)

    def match(self, observation: Observation, nearby: Sequence[Incident]) -> UUID | None:
        """The incident that this observation is about, or None for a new one.

        Among several the nearest is taken, then the one reported last; rejected ones are never joined.
        """
        fitting = [
            (distance, -incident.last_reported_at.timestamp(), str(incident.id), incident.id)
            for incident in nearby
            if self._same_kind(observation, incident)
            and (distance := separation_m(observation, incident)) is not None
        ]
        return min(fitting)[-1] if fitting else None

    def summarize(self, incident_id: UUID, members: Sequence[Observation], ruling: Ruling) -> Incident:
        """The incident that its members and headquarters' ruling amount to, independent of their order.

        Raises ValueError when there is no member: such an incident does not exist.
        """
        if not members:
            raise ValueError("an incident without members cannot be summarised")
        ordered = sorted(members, key=lambda o: (o.said_at, str(o.report_id), o.ordinal))
        status = _status(ordered)
        place = _best_placed(ordered)
        current = _since_resolved(ordered)
        owner = place.municipality if ruling.place is None else ruling.place.municipality
        ruling = _shared_with_others(ruling, owners_of(owner, ordered))
        said = Incident(
            id=incident_id,
            type=place.type,
            status=status,
            verification=ruling.verification,
            place_text=place.place_text,
            municipality=place.municipality,
            lat=place.lat,
            lon=place.lon,
            radius_m=place.radius_m,
            level=place.level,
            shape=place.shape,
            ambiguous=place.ambiguous,
            urgent=status in OPEN and any(member.urgent for member in current),
            people=_people(ordered),
            report_count=len({member.report_id for member in ordered}),
            first_reported_at=ordered[0].said_at,
            last_reported_at=ordered[-1].said_at,
            drill=any(member.drill for member in ordered),
            audience=audience_of(place.municipality, ordered, ruling),
            ruling=ruling,
        )
        return said if ruling == NO_RULING else ruled(said, ordered)

    def _same_kind(self, observation: Observation, incident: Incident) -> bool:
        window = self.window(observation)
        return (
            incident.type == observation.type
            and incident.drill == observation.drill
            and incident.verification != Verification.REJECTED
            and incident.first_reported_at - window
            <= observation.said_at
            <= incident.last_reported_at + window
        )


def separation_m(observation: Observation, incident: Incident) -> float | None:
    """Metres between the two if they can be one place, else None.

    Without a point on either side only the same words in the same municipality are one place, and
    a report that names no place at all is never joined to another.
    """
    if observation.lat is None or observation.lon is None or incident.lat is None or incident.lon is None:
        both_unplaced = observation.lat is None and incident.lat is None
        words = _words(observation.place_text)
        same = words != "" and words == _words(incident.place_text)
        same_town = observation.municipality == incident.municipality
        return 0.0 if both_unplaced and same and same_town else None
    distance = metres_between(observation.lat, observation.lon, incident.lat, incident.lon)
    return distance if distance <= _reach_m(observation, incident) else None


def _reach_m(observation: Observation, incident: Incident) -> float:
    wide = [side for side in (observation, incident) if side.level in NAMED_AREAS]
    if len(wide) == 2:
        return SAME_CENTRE_M
    if observation.municipality != incident.municipality and wide:
        return SAME_CENTRE_M
    if wide:
        return min(AREA_CAP_M, wide[0].radius_m or 0.0)
    both = (observation.radius_m or 0.0) + (incident.radius_m or 0.0)
    return max(NEAR_M, min(both, EXACT_CAP_M))


def _words(place_text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", place_text).split())


def _status(ordered: Sequence[Observation]) -> Status:
    """The last first-hand word counts; a lone denial of what others saw makes it unconfirmed, not gone."""
    firsthand = [member for member in ordered if member.status in FIRSTHAND]
    if not firsthand:
        return ordered[-1].status
    last = firsthand[-1]
    if last.status is not Status.DENIED:
        return last.status
    seen = {member.report_id for member in firsthand if member.status is Status.PRESENT}
    denied = {member.report_id for member in firsthand if member.status is Status.DENIED}
    if not seen or last.retracts or len(denied) > len(seen):
        return Status.DENIED
    return Status.HEARSAY


def _best_placed(ordered: Sequence[Observation]) -> Observation:
    """The member with the smallest radius; among equals the latest; a point beats none."""
    return min(
        reversed(ordered),
        key=lambda member: (
            member.lat is None,
            member.radius_m if member.lat is not None and member.radius_m is not None else math.inf,
            member.place_text == "",
        ),
    )


def ruled(said: Incident, members: Sequence[Observation]) -> Incident:
    """The incident as headquarters decided, on top of what its members (ordered by time) say.

    A status holds for what was known when it was decided. What is said first-hand afterwards never vanishes
    behind it: the incident is `contradicted`, and of the two the graver is shown, so that a fire that
    somebody sees burning is open again while one that somebody thinks is out stays until the desk agrees.
    """
    ruling = said.ruling
    if ruling.type is not None:
        said = replace(said, type=ruling.type)
    if ruling.place is not None:
        place = ruling.place
        said = replace(
            said,
            lat=place.lat,
            lon=place.lon,
            radius_m=place.radius_m,
            level=place.level,
            municipality=place.municipality,
            shape=place.shape,
            place_text=said.place_text if place.place_text is None else place.place_text,
            ambiguous=False,
            audience=audience_of(place.municipality, members, ruling),
        )
    return said if ruling.status is None else _with_status(said, members, ruling.status)


def _with_status(said: Incident, members: Sequence[Observation], ruled_status: RuledStatus) -> Incident:
    later = [member for member in members if member.said_at > ruled_status.at]
    decided_open = ruled_status.status in OPEN
    if decided_open:
        over = any(member.status in (Status.RESOLVED, Status.DENIED) for member in later)
        contradicted = over and _status(later) not in OPEN
        urgent = any(member.urgent for member in members)
        return replace(said, status=ruled_status.status, urgent=urgent, contradicted=contradicted)
    again = [member for member in later if member.status in OPEN]
    if not again:
        return replace(said, status=ruled_status.status, urgent=False)
    return replace(
        said, status=_status(again), urgent=any(member.urgent for member in again), contradicted=True
    )


def audience_of(municipality: str | None, members: Sequence[Observation], ruling: Ruling) -> tuple[str, ...]:
    """Codes that may see an incident: its municipality and prefecture, or its senders' where its place has
    no municipality, and those that it is shared with; UNASSIGNED when there is none."""
    return tuple(sorted(owners_of(municipality, members) | set(ruling.shared)))


def owners_of(municipality: str | None, members: Sequence[Observation]) -> frozenset[str]:
    """Codes that answer for an incident: the audience without those that it is shared with."""
    whose = {municipality} if municipality else {one.home for one in members if one.home}
    return frozenset(whose | {owner[:PREFECTURE_DIGITS] for owner in whose} or {UNASSIGNED})


def _shared_with_others(ruling: Ruling, owners: frozenset[str]) -> Ruling:
    """A place that was corrected may have made an owner of whom it was shared with."""
    if owners.isdisjoint(ruling.shared):
        return ruling
    return replace(
        ruling,
        shared=tuple(code for code in ruling.shared if code not in owners),
        standing=tuple(code for code in ruling.standing if code not in owners),
    )


def _since_resolved(ordered: Sequence[Observation]) -> Sequence[Observation]:
    """Members after the last one that said it is over."""
    ends = [i for i, member in enumerate(ordered) if member.status in (Status.RESOLVED, Status.DENIED)]
    return ordered[ends[-1] + 1 :] if ends and ends[-1] + 1 < len(ordered) else ordered


def _people(ordered: Sequence[Observation]) -> dict[str, int]:
    """The largest stated count of each kind: two reports of one victim are one victim."""
    counts: dict[str, int] = {}
    for member in ordered:
        if member.status in OPEN:
            for kind, number in member.people.items():
                counts[kind] = max(number, counts.get(kind, 0))
    return counts
