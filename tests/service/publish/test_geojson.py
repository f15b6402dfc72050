"""Incidents as GeoJSON: valid, deterministic, with Japanese words for every code."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import geojson_pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.place import Level
from nlp.reading import DamageType, Status
from service.publish import geojson
from service.publish.feed import FEEDS
from service.publish.page import Link, Page
from service.report import Change, Incident, Verification

MOMENT = datetime(2026, 7, 29, 1, 30, tzinfo=UTC)
INCIDENT = Incident(
    id=UUID(int=1),
    type=DamageType.ROAD_FLOODING,
    status=Status.PRESENT,
    verification=Verification.UNVERIFIED,
    place_text="松永町付近",
    municipality="34207",
    lat=34.4479,
    lon=133.2556,
    radius_m=900.0,
    level=Level.TOWN,
    shape="LINESTRING (133.1 34.1, 133.2 34.2)",
    ambiguous=False,
    urgent=True,
    people={"trapped": 2},
    report_count=3,
    first_reported_at=MOMENT,
    last_reported_at=MOMENT,
    drill=True,
    version=4,
    seq=912,
    updated_at=MOMENT,
)
NAMES = {"34207": "福山市"}

incidents = st.builds(
    replace,
    st.just(INCIDENT),
    id=st.uuids(),
    type=st.sampled_from(DamageType),
    status=st.sampled_from(Status),
    place_text=st.text(max_size=30),
    lat=st.floats(-90, 90),
    lon=st.floats(-180, 180),
    radius_m=st.none() | st.floats(0, 1e5),
    municipality=st.none() | st.sampled_from(["34207", "13101"]),
)


@given(st.lists(incidents, max_size=5))
def test_every_page_is_a_valid_collection_and_always_the_same_bytes(many: list[Incident]) -> None:
    page = Page(tuple(many), len(many), 912, MOMENT, NAMES, (Link("http://h/", "self", "t", "題"),))
    feed = FEEDS["geojson"]
    document = feed.render(page)
    assert document == feed.render(replace(page, incidents=tuple(replace(one) for one in many)))
    parsed: Any = geojson_pydantic.FeatureCollection.model_validate_json(document)
    assert len(parsed.features) == len(many)
    for feature, incident in zip(json.loads(document)["features"], many, strict=True):
        lon, lat = feature["geometry"]["coordinates"]
        assert lon == pytest.approx(incident.lon, abs=1e-6)
        assert lat == pytest.approx(incident.lat, abs=1e-6)
        assert feature["properties"]["type_ja"]
        assert feature["properties"]["status_ja"]


def test_times_are_japans_and_people_are_counted() -> None:
    properties = geojson.feature(INCIDENT, NAMES)["properties"]
    assert properties["first_reported_at"] == "2026-07-29T10:30:00+09:00"
    assert [properties[who] for who in geojson.PEOPLE] == [0, 0, 2, 0]
    assert properties["shape"] == {"type": "LineString", "coordinates": [[133.1, 34.1], [133.2, 34.2]]}
    assert properties["municipality_name"] == "福山市"


def test_without_a_point_there_is_no_geometry() -> None:
    feature = geojson.feature(replace(INCIDENT, lat=None, lon=None, shape=None, municipality=None), NAMES)
    assert feature["geometry"] is None
    assert feature["properties"]["shape"] is None
    assert feature["properties"]["municipality_name"] is None


def test_a_change_says_when_an_incident_is_gone() -> None:
    told = geojson.change(Change(912, MOMENT, True, INCIDENT), NAMES)
    assert (told["seq"], told["removed"], told["feature"]["id"]) == (912, True, str(INCIDENT.id))


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        geojson.jst(datetime(2026, 7, 29))  # noqa: DTZ001 -- the naive time is the point


def test_a_collection_of_shapes_is_kept_whole() -> None:
    shape = "GEOMETRYCOLLECTION (POINT (1 2), POLYGON ((0 0, 1 0, 1 1, 0 0)))"
    assert [
        one["type"]
        for one in geojson.feature(replace(INCIDENT, shape=shape), NAMES)["properties"]["shape"]["geometries"]
    ] == ["Point", "Polygon"]
