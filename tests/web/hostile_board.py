"""The hostile texts through every field of the evacuation board and of the tray."""

from typing import Any

import httpx

from service.access import Role
from service.collect.clean import clean_text
from tests.service.api.world import World
from tests.service.evacuation.town import CODE, SOUTH, WEST, settle, square
from tests.web.hostile import STRINGS

ACROSS, SIZE = 20, 0.004
Json = dict[str, Any]


def on_the_board(world: World) -> None:
    """Names of 発令単位 and reporters, lines of 発令基準, and all that is said and decided about them."""
    settle(world.services.database)
    client = world.signed_in(Role.COMMANDER, CODE)
    replaced = {"municipality": CODE, "replaces": board(client)["edition"]}
    taken(client.put("/evacuation/units.geojson", params=replaced, json=drawn()))
    basis = client.get("/evacuation/criteria").json()["basis"]
    lines = [
        {"hazard": "flood", "level": 4, "text": words, "condition": {"kind": "manual"}}
        for words in plain(200)
    ]
    taken(client.put("/evacuation/criteria", json={"municipality": CODE, "basis": basis, "criteria": lines}))
    shown = board(client)
    line, unit = shown["criteria"][0]["id"], shown["units"][0]["code"]
    for number, words in enumerate(plain(200)):
        about = {"municipality": CODE}
        tick = {**about, "criterion": line, "units": [unit], "met": number % 2 == 0, "reason": words}
        call = {**about, "unit": f"u{number}", "reporter": words[:60], "note": words}
        taken(client.post("/evacuation/ticks", json=tick))
        taken(client.post("/evacuation/calls", json=call))
        shelter = {**about, "state": ("open", "full")[number % 2], "note": words}
        taken(client.put("/evacuation/shelters/emergency:1", json=shelter))
    for number, begin in enumerate(range(0, len(STRINGS), 10)):
        decided(client, f"u{number}", " ".join(plain(80)[begin : begin + 10]))


def in_the_tray(world: World) -> None:
    """Why a report stays without a place."""
    client = world.signed_in(Role.OFFICER)
    lying = client.get("/tray", params={"limit": 100}).json()["items"]
    assert len(lying) >= 20, "every tenth text came without a place"
    for words, item in zip(plain(200), lying, strict=False):
        taken(client.post(f"/tray/{item['id']}/settle", json={"reason": words}))


def plain(longest: int) -> list[str]:
    """The texts as they are taken: cut to a field's length, something where nothing would be left."""
    return [clean_text(words)[:longest].strip() or "x" for words in STRINGS]


def drawn() -> Json:
    """As many small units as there are texts, in a grid within the municipality."""
    features = []
    for number, words in enumerate(plain(50)):
        across, down = number % ACROSS, number // ACROSS
        name = f"{number} {words}"
        features.append(
            {
                "type": "Feature",
                "properties": {"code": f"u{number}", "name": name, "reporters": [words]},
                "geometry": square(WEST + across * SIZE, SOUTH + down * SIZE, SIZE),
            }
        )
    return {"type": "FeatureCollection", "features": features}


def board(client: httpx.Client) -> Json:
    found: Json = client.get("/evacuation/board", params={"municipality": CODE}).json()
    return found


def decided(client: httpx.Client, code: str, reason: str) -> None:
    [seen] = [unit for unit in board(client)["units"] if unit["code"] == code]
    body = {
        "municipality": CODE,
        "kind": "order",
        "level": 4,
        "units": [{"code": code, "mark": seen["mark"]}],
        "reason": reason,
    }
    taken(client.post("/evacuation/decisions", json=body))


def taken(answer: httpx.Response) -> None:
    assert answer.is_success, answer.text
