"""The whole path on one page: words → reading → places → what the store saves.

The two wires between nlp and geo run here, as plain values: the locator's names go into the reader,
the reader's mentions go into the locator.
"""

import gc
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from shapely.geometry.base import BaseGeometry

from geo.containing import leads_to
from geo.coverage import Coverage
from geo.gazetteer.areas import MunicipalityAreas
from geo.gazetteer.houses import Houses
from geo.gazetteer.layers import Layer, LayeredGazetteer
from geo.gazetteer.memory import MemoryGazetteer, load
from geo.locator import Locator
from geo.names import FOLD
from geo.place import Context, Level, Location, Place, PlaceMention, PlacePart, Relation, is_taught
from nlp.pipeline import Reader
from nlp.reading import DamageType, Mention, Reading, Status
from nlp.reading import Observation as ReadObservation
from service.report import Evidence, Message, Observation, PlaceChoice, ReadReport, Waiting
from service.words import STATUS_JA, TYPE_JA

CANDIDATES_KEPT = 5
# 「先ほどの通報は誤りでした」: whoever writes so takes back what was said, and does not merely see less.
RETRACTION = re.compile("訂正|誤報|誤り|間違|まちがい|取り?消し|撤回|デマ")
_LEADING = frozenset({"、", ",", "，", ""})
LIFE_TYPES = frozenset({DamageType.RESCUE_REQUEST, DamageType.CASUALTY})


@dataclass(frozen=True, slots=True)
class Understood:
    """One message read and located: `places` runs parallel to `reading.mentions`, `unsaid` is where an
    observation lies that names no place."""

    reading: Reading
    places: tuple[Location, ...]
    unsaid: Location

    def place_of(self, mention: int | None) -> Location:
        """Where an observation lies, by the index of its mention."""
        return self.unsaid if mention is None else self.places[mention]


class Pipeline:
    """Reads and locates messages; holds the models and the gazetteer, and nothing of any message."""

    def __init__(self, reader: Reader, gazetteer: LayeredGazetteer, coverage: Coverage) -> None:
        self._reader = reader
        self._gazetteer = gazetteer
        self._coverage = coverage
        self._locator = Locator(gazetteer, MunicipalityAreas(gazetteer, coverage))

    @property
    def gazetteer(self) -> LayeredGazetteer:
        """The places that messages are read and located with now."""
        return self._gazetteer

    def renew(
        self,
        layers: Mapping[str, Layer],
        replaced: Mapping[str, BaseGeometry] | None = None,
        houses: Houses | None = None,
    ) -> None:
        """Read and locate with `layers` above the packaged places from the next message on.

        `houses` knows house numbers, None when there are none. `replaced` are municipalities' areas (lon lat,
        EPSG:4326) instead of the packaged ones, None for no change of areas. Call it between two batches, in
        the thread that reads.
        """
        if replaced is not None:
            self._coverage = Coverage.of_package(replaced)
        self._gazetteer = LayeredGazetteer(self._gazetteer.base, layers, houses)
        self._locator = Locator(self._gazetteer, MunicipalityAreas(self._gazetteer, self._coverage))
        self._reader.use_homes(self._gazetteer)
        self._reader.add_names(self._gazetteer.further_names())
        self._reader.trust_names([row.name for layer in layers.values() for row in layer if is_taught(row)])

    def understand(self, messages: Sequence[Message]) -> Iterator[Understood]:
        """Read and locate messages in order."""
        readings = self._reader.pipe(
            [message.text for message in messages],
            senders=[message.sender_municipality for message in messages],
        )
        for message, reading in zip(messages, readings, strict=True):
            context = Context(message.sender_municipality, message.position)
            mentions = [_to_geo(mention) for mention in reading.mentions]
            places = self._locator.locate(mentions, context)
            yield Understood(_at_the_inmost(reading, places), places, self._locator.locate_unsaid(context))

    def process(self, batch: Sequence[Waiting]) -> list[ReadReport]:
        """What the store saves for each claimed message, in order."""
        understood = self.understand([waiting.message for waiting in batch])
        return [read_report(waiting, each) for waiting, each in zip(batch, understood, strict=True)]


def build_pipeline(rows: Iterable[Place] | None = None) -> Pipeline:
    """Load models and gazetteer (5 to 10 s); `rows` are the places, None for the packaged ones.

    What the process holds then is left out of garbage collection until it builds again: a full collection
    would look through all of it, 0.3 s on a slow machine, in the middle of a message.
    """
    gc.unfreeze()
    gazetteer = LayeredGazetteer(MemoryGazetteer(load() if rows is None else rows))
    pipeline = Pipeline(Reader(gazetteer.names(), FOLD, homes=gazetteer), gazetteer, Coverage.of_package())
    gc.collect()
    gc.freeze()
    return pipeline


def _at_the_inmost(reading: Reading, places: Sequence[Location]) -> Reading:
    """The reading without what is said of a place that only leads to the next one: 「A、Bで」 with B in A."""
    spans = [mention.span for mention in reading.mentions]
    inner = {
        at: at + 1
        for at in range(len(spans) - 1)
        if reading.text[spans[at].end : spans[at + 1].start].strip() in _LEADING
        and leads_to(places[at], places[at + 1])
    }
    if not inner:
        return reading
    said = {(each.type, each.status, each.mention) for each in reading.observations}
    kept = tuple(
        each
        for each in reading.observations
        if each.mention not in inner or (each.type, each.status, inner[each.mention]) not in said
    )
    return replace(reading, observations=kept)


def read_report(waiting: Waiting, understood: Understood) -> ReadReport:
    """The observations of one message with their places, and the line that answers the sender."""
    reading, message = understood.reading, waiting.message
    drill = message.drill or reading.drill
    seen: set[tuple[object, ...]] = set()
    observations: list[Observation] = []
    for said in reading.observations:
        place = understood.place_of(said.mention)
        place_text = "" if said.mention is None else reading.mentions[said.mention].span.text
        same = (said.type, said.status, place_text, place.lat, place.lon, place.municipality)
        if same in seen:
            continue
        seen.add(same)
        observations.append(
            Observation(
                report_id=waiting.report_id,
                ordinal=len(observations),
                type=said.type,
                status=said.status,
                place_text=place_text,
                municipality=place.municipality,
                lat=place.lat,
                lon=place.lon,
                radius_m=place.radius_m,
                level=place.level,
                shape=place.shape,
                ambiguous=place.ambiguous,
                candidates=tuple(_choices(place)),
                why=place.why,
                evidence=tuple(Evidence(s.start, s.end, s.label, s.rule) for s in said.evidence),
                quantities=tuple(quantity.span.text for quantity in said.quantities),
                urgent=_urgent_here(said, reading),
                people=reading.people if said.mention in _people_at(reading) else {},
                said_at=message.posted_at,
                drill=drill,
                retracts=said.status is Status.DENIED and RETRACTION.search(reading.text) is not None,
                home=message.sender_municipality,
            )
        )
    kept = tuple(observations)
    answer = reply(kept, drill=drill, positioned=message.position is not None)
    return ReadReport(waiting, reading.relevant, reading.urgent, reading.people, drill, kept, answer)


def reply(observations: Sequence[Observation], *, drill: bool, positioned: bool) -> str:
    """The one-line answer to a sender: what was understood, where, and what to send if something lacks.

    `positioned` says that the phone's position came with the message.
    """
    head = "【訓練】" if drill else ""
    if not observations and positioned:
        return f"{head}位置を受け付けました。そこで何が起きているかを、言葉で送ってください。"
    if not observations:
        return f"{head}受け付けました。災害の状況は読み取れませんでした。場所と様子を続けて送ってください。"
    parts = list(dict.fromkeys(_understood_line(observation) for observation in observations))
    rest = f" ほか{len(parts) - 3}件" if len(parts) > 3 else ""
    line = f"{head}受け付けました：{'、'.join(parts[:3])}{rest}。"
    if all(observation.lat is None for observation in observations):
        line += "場所を地図に示せません。町名や目印、または位置情報を送ってください。"
    return line


def _understood_line(observation: Observation) -> str:
    unsaid = "端末の位置" if observation.level is Level.POSITION else "場所の記載なし"
    where = observation.place_text or unsaid
    return f"{where} {TYPE_JA[observation.type]}（{STATUS_JA[observation.status]}）"


def _people_at(reading: Reading) -> frozenset[int | None]:
    """The mentions where the stated people are: where somebody is hurt or calls, else all."""
    at = frozenset(
        said.mention
        for said in reading.observations
        if said.type in LIFE_TYPES and said.status is Status.PRESENT
    )
    return at or frozenset(said.mention for said in reading.observations)


def _urgent_here(said: ReadObservation, reading: Reading) -> bool:
    """Danger to life belongs to the place where it is said, not to every place of the message."""
    return (
        reading.urgent
        and said.status in (Status.PRESENT, Status.FEARED)
        and said.mention in _people_at(reading)
    )


def _choices(place: Location) -> Iterable[PlaceChoice]:
    best_first = sorted(place.candidates, key=lambda candidate: -candidate.score)
    for candidate in best_first[:CANDIDATES_KEPT]:
        at = candidate.place
        yield PlaceChoice(
            name=at.name,
            municipality=at.municipality,
            lat=at.lat,
            lon=at.lon,
            level=Level(at.level),
            score=round(candidate.score, 4),
            scores=dict(candidate.scores),
            why=candidate.why,
        )


def _to_geo(mention: Mention) -> PlaceMention:
    relation = mention.relation
    return PlaceMention(
        text=mention.span.text,
        parts=tuple(PlacePart(part.text, part.kind) for part in mention.parts),
        relation=None
        if relation is None
        else Relation(relation.kind, relation.direction, relation.distance_m),
        until=tuple(PlacePart(part.text, part.kind) for part in mention.until),
    )


def reading_contract(message_id: str, understood: Understood) -> dict[str, object]:
    """One line of `hansho read` (contract: docs/reading.md)."""
    reading = understood.reading
    people = {kind: reading.people.get(kind, 0) for kind in ("injured", "missing", "trapped", "dead")}
    incidents: list[dict[str, object]] = []
    # What a drill says happens nowhere: the service shows it marked 訓練, a reading reports nothing.
    for said in () if reading.drill else reading.observations:
        place = understood.place_of(said.mention)
        incident: dict[str, object] = {
            "type": DamageType(said.type).value,
            "status": Status(said.status).value,
            "place_text": "" if said.mention is None else reading.mentions[said.mention].span.text,
            "municipality": place.municipality,
            "lat": place.lat,
            "lon": place.lon,
            "radius_m": place.radius_m,
            "level": place.level.value,
            "ambiguous": place.ambiguous,
            "candidates": [
                {"name": c.name, "municipality": c.municipality, "lat": c.lat, "lon": c.lon, "score": c.score}
                for c in _choices(place)
            ],
            "why": place.why,
        }
        if incident not in incidents:
            incidents.append(incident)
    return {
        "id": message_id,
        "relevant": reading.relevant and not reading.drill,
        "urgent": reading.urgent and not reading.drill,
        "people": people,
        "incidents": incidents,
    }
