"""Importing units: what is wrong with which figure, what would change, what an order holds fast."""

from copy import deepcopy
from typing import Any

import httpx
import pytest

from tests.service.api.evacuation.test_board import board
from tests.service.api.evacuation.test_decisions import decided, decision
from tests.service.api.world import World
from tests.service.evacuation.town import CODE, SOUTH, WEST, Json, collection, feature, square

PLAIN = collection(*(feature(number) for number in range(3)))


def put(client: httpx.Client, body: Json, replaces: int = 0, preview: bool = False) -> httpx.Response:
    query = f"municipality={CODE}&replaces={replaces}&preview={str(preview).lower()}"
    return client.put(f"/evacuation/units.geojson?{query}", json=body)


def changed(number: int, **members: Any) -> Json:
    body = deepcopy(PLAIN)
    body["features"][number] |= members
    return body


def test_a_preview_changes_nothing_and_tells_what_would(town: World, officer: httpx.Client) -> None:
    found = put(officer, PLAIN, preview=True)
    assert found.status_code == 200, found.text
    body = found.json()
    assert (body["units"], body["edition"], body["preview"]) == (3, None, True)
    assert body["added"] == ["第0地区", "第1地区", "第2地区"]
    assert 0.1 < body["coverage"] < 0.15
    assert board(officer)["automatic"]
    stored = put(officer, PLAIN, replaces=1).json()
    assert (stored["edition"], stored["removed"]) == (2, ["東町", "西町"])
    assert not board(officer)["automatic"]


def test_the_columns_may_have_japanese_names(town: World, officer: httpx.Client) -> None:
    properties = {"コード": 12, "地区名": "松永", "世帯数": "1200", "人口": 2500, "分団": "第1分団、第2分団"}
    body = collection({"type": "Feature", "properties": properties, "geometry": square(WEST, SOUTH)})
    assert put(officer, body).status_code == 200
    [one] = officer.get("/evacuation/units.geojson").json()["features"]
    known = {key: one["properties"][key] for key in ("code", "name", "households", "population", "reporters")}
    assert known == {
        "code": "12",
        "name": "松永",
        "households": 1200,
        "population": 2500,
        "reporters": ["第1分団", "第2分団"],
    }
    [shown] = board(officer)["units"]
    assert [one["name"] for one in shown["reports"]["expected"]] == ["第1分団", "第2分団"]


@pytest.mark.parametrize(
    ("body", "field", "words"),
    [
        (collection(), "features", "1件から"),
        (changed(1, properties={}), "features.2", "名前がありません"),
        (changed(1, properties={"name": "第0地区"}), "features.2", "同じ名前"),
        (changed(1, geometry=None), "features.2", "面（Polygon"),
        (changed(1, geometry={"type": "Point", "coordinates": [133.3, 34.4]}), "features.2", "面（Polygon"),
        (changed(1, geometry={"type": "Polygon", "coordinates": "x"}), "features.2", "面（Polygon"),
        (changed(2, geometry=square(34.4, 133.3)), "features.3", "緯度と経度が逆"),
        (changed(2, geometry=square(52000.0, -120000.0)), "features.3", "緯度・経度ではありません"),
        (changed(2, geometry=square(132.0, 34.0)), "features.3", "市区町村の外"),
        (changed(2, geometry=square(WEST, SOUTH)), "features.3", "1番目の発令単位と重なって"),
        (changed(2, geometry=square(WEST, SOUTH, 1e-7)), "features.3", "小さすぎます"),
    ],
)
def test_each_fault_names_its_figure(
    town: World, officer: httpx.Client, body: Json, field: str, words: str
) -> None:
    answer = put(officer, body, preview=True)
    assert answer.status_code == 400, answer.text
    [fault, *others] = answer.json()["errors"]
    assert others == []
    assert fault["field"] == field
    assert words in fault["message"]


def test_small_faults_are_only_noted(town: World, officer: httpx.Client) -> None:
    body = changed(1, geometry=square(WEST + 0.0198, SOUTH))
    body["features"][0]["geometry"] = square(WEST - 0.006, SOUTH, 0.026)
    noted = put(officer, body, preview=True).json()["warnings"]
    assert "重なって" in noted[1]["message"]
    assert "外にあります" in noted[0]["message"]


def test_two_imports_at_once_are_told(ready: World, officer: httpx.Client) -> None:
    answer = put(officer, PLAIN, replaces=0)
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/board-changed")


def test_a_unit_under_an_order_may_not_vanish(
    ready: World, officer: httpx.Client, commander: httpx.Client
) -> None:
    decided(commander, decision(board(commander)))
    without = collection(feature(1), feature(2))
    [fault] = put(officer, without, replaces=1, preview=True).json()["errors"]
    assert "先に解除" in fault["message"]
    decided(commander, decision(board(commander), "lift"))
    assert put(officer, without, replaces=1).status_code == 200
