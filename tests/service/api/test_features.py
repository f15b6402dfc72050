"""OGC API – Features: landing, pages, filters, ETags, refusals."""

from datetime import timedelta

from nlp.reading import DamageType
from service.access import Role
from tests.service.api.world import World, report, report_many
from tests.service.store.samples import NOON

ITEMS = "/collections/incidents/items"


def spread(count: int) -> list[tuple[str, dict[str, object]]]:
    """Reports 1 km apart, so that each is an incident of its own."""
    return [(f"k{n}", {"lat": 33.0 + n * 0.01, "lon": 133.0}) for n in range(count)]


def test_an_empty_collection_is_a_collection(world: World) -> None:
    answer = world.reader().get(ITEMS)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/geo+json"
    assert answer.json()["features"] == []
    assert answer.json()["numberMatched"] == 0


def test_a_feature_says_what_the_architecture_promises(world: World) -> None:
    report(world.services, "one")
    page = world.reader().get(ITEMS).json()
    assert (page["numberMatched"], page["numberReturned"], page["seq"]) == (1, 1, 1)
    [found] = page["features"]
    assert found["geometry"] == {"type": "Point", "coordinates": [133.2556, 34.4479]}
    assert found["properties"] | {"updated_at": ""} == {
        "type": "road_flooding", "type_ja": "道路冠水", "status": "present", "status_ja": "発生中",
        "verification": "unverified", "place_text": "松永町", "municipality": "34207",
        "municipality_name": "福山市", "level": "town", "radius_m": 700.0, "ambiguous": False,
        "urgent": False, "injured": 0, "missing": 0, "trapped": 0, "dead": 0, "report_count": 1,
        "first_reported_at": "2026-07-29T12:00:00+09:00", "last_reported_at": "2026-07-29T12:00:00+09:00",
        "confirmed_at": None, "stale_at": "2026-07-29T14:00:00+09:00",
        "updated_at": "", "drill": False, "version": 1, "seq": 1, "shape": None,
        "contradicted": False, "ruled": [], "ruling_version": 0, "merged_into": None,
    }  # fmt: skip
    alone = world.reader().get(f"{ITEMS}/{found['id']}").json()
    assert {key: alone[key] for key in found} == found


def test_pages_follow_the_next_link_without_gap_or_double(world: World) -> None:
    report_many(world.services, spread(25))
    client = world.reader()
    address, seen = f"{ITEMS}?limit=10&type=road_flooding,landslide", []
    while address:
        page = client.get(address).json()
        assert page["numberMatched"] == 25
        assert page["numberReturned"] == len(page["features"])
        seen += [one["id"] for one in page["features"]]
        address = next((link["href"] for link in page["links"] if link["rel"] == "next"), "")
        assert not address or "type=road_flooding,landslide" in address
    assert len(seen) == len(set(seen)) == 25


def test_filters_choose(world: World) -> None:
    later = NOON + timedelta(days=2)
    report(world.services, "a")
    report(
        world.services, "b", type=DamageType.LANDSLIDE, lat=34.2, lon=132.5, municipality="34202", drill=True
    )
    report(world.services, "c", lat=36.0, lon=140.0, said_at=later, municipality="08220")
    client = world.reader()

    def municipalities(**params: str) -> set[str]:
        page = client.get(ITEMS, params=params).json()
        return {one["properties"]["municipality"] for one in page["features"]}

    assert municipalities(bbox="132,34,133,35") == {"34202"}
    assert municipalities(bbox="132,34,0,133,35,9") == {"34202"}
    assert municipalities(bbox="135,-90,-135,90") == {"08220"}
    assert municipalities(type="landslide,fire") == {"34202"}
    assert municipalities(municipality="34") == {"34202", "34207"}
    assert municipalities(municipality="34207,08220") == {"34207", "08220"}
    assert municipalities(drill="true") == {"34202"}
    assert municipalities(datetime="2026-07-30T00:00:00Z/..") == {"08220"}
    assert municipalities(datetime="../2026-07-30") == {"34202", "34207"}
    assert municipalities(datetime="2026-07-29T12:00:00+09:00") == {"34202", "34207"}
    assert municipalities(datetime="2026-07-29") == {"34202", "34207"}
    assert municipalities(verification="verified") == set()


def test_bad_parameters_are_named(world: World) -> None:
    client = world.reader()
    for query, field in (
        ("bbox=1,2,3", "bbox"),
        ("bbox=1,2,nan,4", "bbox"),
        ("bbox=1,5,3,4", "bbox"),
        ("datetime=yesterday", "datetime"),
        ("datetime=2026-07-29T10:00:00", "datetime"),
        ("datetime=../..", "datetime"),
        ("datetime=2026-07-30/2026-07-29", "datetime"),
        ("limit=0", "limit"),
        ("limit=many", "limit"),
        ("type=flood", "type"),
        ("drill=perhaps", "drill"),
        ("municipality=3420", "municipality"),
        ("after=1", "after"),
        ("after=%00", "after"),
        ("colour=red", "colour"),
        ("limit=1&limit=2", "limit"),
        ("f=html", "f"),
    ):
        answer = client.get(f"{ITEMS}?{query}")
        assert answer.status_code == 400, query
        assert answer.headers["content-type"] == "application/problem+json"
        problem = answer.json()
        assert problem["type"] == "/problems/invalid-input"
        assert [error["field"] for error in problem["errors"]] == [field], query
        assert all(error["message"] for error in problem["errors"])


def test_the_largest_page_stands_for_larger_ones(world: World) -> None:
    assert world.reader().get(f"{ITEMS}?limit=1000000").status_code == 200


def test_the_same_state_is_the_same_bytes_and_etag(world: World) -> None:
    report(world.services, "one")
    client = world.reader()
    first, second = client.get(ITEMS), client.get(ITEMS)
    assert first.content == second.content
    assert first.headers["etag"] == second.headers["etag"]
    assert client.get(ITEMS, headers={"If-None-Match": first.headers["etag"]}).status_code == 304
    report(world.services, "two", lat=35.0)
    changed = client.get(ITEMS, headers={"If-None-Match": first.headers["etag"]})
    assert changed.status_code == 200
    assert changed.json()["timeStamp"] >= first.json()["timeStamp"]


def test_head_has_the_headers_of_get(world: World) -> None:
    client = world.reader()
    get, head = client.get(ITEMS), client.head(ITEMS)
    assert head.content == b""
    assert head.headers["etag"] == get.headers["etag"]
    assert head.headers["content-length"] == get.headers["content-length"]


def test_the_landing_page_leads_to_everything(world: World) -> None:
    client = world.reader()
    landing = client.get("/").json()
    links = {link["rel"]: link["href"] for link in landing["links"]}
    assert {"self", "service-desc", "conformance", "data"} <= set(links)
    for rel in ("service-desc", "conformance", "data"):
        assert client.get(links[rel]).status_code == 200
    assert "core" in " ".join(client.get("/conformance").json()["conformsTo"])
    [collection] = client.get("/collections").json()["collections"]
    assert collection == client.get("/collections/incidents").json()


def test_an_unknown_incident_is_not_found(world: World) -> None:
    client = world.reader()
    missing = client.get(f"{ITEMS}/00000000-0000-0000-0000-000000000000")
    assert (missing.status_code, missing.json()["type"]) == (404, "/problems/not-found")
    assert client.get(f"{ITEMS}/1").status_code == 400


def test_words_are_for_officers(world: World) -> None:
    report(world.services, "one")
    [found] = world.reader().get(ITEMS).json()["features"]
    path = f"/incidents/{found['id']}/reports"
    [told] = world.signed_in(Role.OFFICER).get(path).json()["reports"]
    assert told["text"] == "松永町で道路が冠水しています"
    assert told["observations"][0]["candidates"][0]["scores"] == {"name": 2.5, "sender": 1.0}
    assert world.reader().get(path).status_code == 403
    assert world.signed_in(Role.VIEWER).get(path).status_code == 403
