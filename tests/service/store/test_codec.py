import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.place import Level, Position
from nlp.reading import DamageType, Status
from service.report import Evidence, Incident, Message, PlaceChoice, Verification
from service.store import codec

# Messages come cleaned of NUL and lone surrogates.
WORDS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=60)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
LATS, LONS = st.floats(-90, 90), st.floats(-180, 180)
ZONES = st.sampled_from([UTC, timezone(timedelta(hours=9)), timezone(-timedelta(hours=3, minutes=30))])
TIMES = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=ZONES)  # noqa: DTZ001 - zoned above
PEOPLE = st.dictionaries(st.sampled_from(["injured", "missing", "trapped", "dead"]), st.integers(0, 9999))
CODES = st.none() | st.from_regex(r"\A[0-9]{5}\Z")


def through_json(body: Any) -> Any:
    return json.loads(codec.dumps(body))


@given(
    st.builds(
        Message,
        channel=WORDS,
        key=WORDS,
        text=WORDS,
        posted_at=TIMES,
        sender=st.none() | WORDS,
        sender_municipality=CODES,
        position=st.none() | st.builds(Position, LATS, LONS, st.none() | NUMBERS),
        photo=st.none(),
        reply_to=st.none() | WORDS,
        drill=st.booleans(),
    )
)
def test_a_message_comes_back_as_it_was(message: Message) -> None:
    body = through_json(codec.message_to_json(message))
    assert codec.message_from_json(message.channel, message.key, body) == message


@given(
    st.builds(
        Incident,
        id=st.uuids(),
        type=st.sampled_from(DamageType),
        status=st.sampled_from(Status),
        verification=st.sampled_from(Verification),
        place_text=WORDS,
        municipality=CODES,
        lat=st.none() | LATS,
        lon=st.none() | LONS,
        radius_m=st.none() | NUMBERS,
        level=st.sampled_from(Level),
        shape=st.none() | WORDS,
        ambiguous=st.booleans(),
        urgent=st.booleans(),
        people=PEOPLE,
        report_count=st.integers(0, 10**6),
        first_reported_at=TIMES,
        last_reported_at=TIMES,
        drill=st.booleans(),
        version=st.integers(0, 10**6),
        seq=st.integers(0, 2**62),
        updated_at=st.none() | TIMES,
    )
)
def test_an_incident_comes_back_as_it_was(incident: Incident) -> None:
    assert codec.incident_from_json(through_json(codec.incident_to_json(incident))) == incident


@given(
    st.lists(
        st.builds(
            PlaceChoice,
            name=WORDS,
            municipality=WORDS,
            lat=LATS,
            lon=LONS,
            level=st.sampled_from(Level),
            score=NUMBERS,
            scores=st.dictionaries(WORDS, NUMBERS, max_size=3),
            why=WORDS,
        ),
        max_size=3,
    ),
    st.lists(st.builds(Evidence, st.integers(0), st.integers(0), WORDS, WORDS), max_size=3),
)
def test_candidates_and_evidence_come_back_as_they_were(
    choices: list[PlaceChoice], evidence: list[Evidence]
) -> None:
    assert codec.choices_from_json(through_json(codec.choices_to_json(choices))) == tuple(choices)
    assert codec.evidence_from_json(through_json(codec.evidence_to_json(evidence))) == tuple(evidence)


@given(st.lists(st.tuples(LONS, LATS), min_size=2, max_size=6))
def test_a_shape_is_spelled_the_same_however_often(points: list[tuple[float, float]]) -> None:
    wkt = f"LINESTRING({','.join(f'{lon!r} {lat!r}' for lon, lat in points)})"
    once = codec.canonical_shape(wkt)
    assert codec.canonical_shape(once) == once


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        codec.time_to_json(datetime(2026, 7, 29))  # noqa: DTZ001 - the naive time that is refused
