"""`hansho read`: every line is answered in order; a bad one is named and the rest goes on."""

import json

import pytest

from service.commands.readlines import parse_line, position_of, read_lines
from service.pipeline import Pipeline


def test_a_bad_line_is_named_and_the_rest_goes_on(pipeline: Pipeline) -> None:
    lines = [b'{"id": 1, "text": "a"}', b"{broken", b"", b'{"id": "x"}', b'{"id": "b", "text": "b"}']
    answers = list(read_lines(lines, pipeline))
    assert [(each.line, bool(each.error)) for each in answers] == [
        (1, False),
        (2, True),
        (4, True),
        (5, False),
    ]
    assert [each.reading and each.reading["id"] for each in answers] == ["1", None, None, "b"]


def test_many_lines_keep_their_order(pipeline: Pipeline) -> None:
    lines = [json.dumps({"id": str(n), "text": "停電"}).encode() for n in range(200)]
    answered = [each.reading and each.reading["id"] for each in read_lines(lines, pipeline)]
    assert answered == [str(n) for n in range(200)]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("lat", "north"),
        ("lat", 91.0),
        ("sender_municipality", "99999"),
        ("posted_at", "yesterday"),
        ("posted_at", "2026-07-01T10:00:00"),
    ],
)
def test_what_is_wrong_is_said_by_field(field: str, value: object) -> None:
    row = {"id": "1", "text": "停電", "lat": 34.0, "lon": 136.0} | {field: value}
    message, error = parse_line(json.dumps(row).encode())
    assert message is None
    assert field in error


def test_the_contract_is_complete(pipeline: Pipeline) -> None:
    [answer] = read_lines(['{"id": "1", "text": "停電です"}'.encode()], pipeline)
    assert answer.reading is not None
    assert set(answer.reading) == {"id", "relevant", "urgent", "people", "incidents"}
    incidents = answer.reading["incidents"]
    assert isinstance(incidents, list)
    assert set(incidents[0]) == {
        "type", "status", "place_text", "municipality", "lat", "lon",
        "radius_m", "level", "ambiguous", "candidates", "why",
    }  # fmt: skip


def test_a_position_is_latitude_then_longitude() -> None:
    position = position_of("33.7244, 135.9924")
    assert position is not None
    assert (position.lat, position.lon) == (33.7244, 135.9924)
    with pytest.raises(ValueError, match="緯度,経度"):
        position_of("33.7")
