"""OWSLib, the library of Python's catalogue tools, reads landing page, conformance, collection and items."""

from owslib.ogcapi.features import Features

from service.access import Permission
from tests.service.api.world import World, report


def test_owslib_finds_its_way(world: World) -> None:
    report(world.services, "one")
    headers = {"Authorization": f"Bearer {world.key(Permission.READ_INCIDENTS)}"}
    client = Features(world.url, headers=headers)
    assert any(one.endswith("/conf/core") for one in client.conformance()["conformsTo"])
    assert client.feature_collections() == ["incidents"]
    collection = client.collection("incidents")
    assert collection["itemType"] == "feature"
    items = client.collection_items("incidents", limit=10, bbox=[133.0, 34.0, 134.0, 35.0])
    assert items["numberReturned"] == 1
    [feature] = items["features"]
    assert client.collection_item("incidents", feature["id"])["properties"] == feature["properties"]
