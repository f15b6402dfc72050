"""From the officer's press to every pin on the stream: the api, a worker that learns, a listening client."""

import time

from service.access import Role
from service.pipeline import Pipeline
from tests.service.api.listening import events
from tests.service.api.world import World
from tests.service.learning import at_work, idle, message, put, situation, until

REPORTS = 40
WITHIN_S = 5.0
KINDS = ("道路が冠水しています", "がけ崩れ。通れません", "停電です", "倒木で通行止め", "床下浸水です")
ROCK = {"name": "天狗淵", "municipality": "34207", "lat": 34.5021, "lon": 133.3377}


def test_forty_reports_of_one_name_are_on_the_stream_within_five_seconds(
    world: World, pipeline: Pipeline
) -> None:
    database, officer = world.services.database, world.signed_in(Role.OFFICER)
    put(database, *(message(f"m{n}", f"天狗淵{'付近' * (n % 2)}で{KINDS[n % 5]}") for n in range(REPORTS)))
    with at_work(database, pipeline):
        until(lambda: idle(database))
        waiting = {str(one) for one in situation(database)}
        assert waiting
        seq = max(one.seq for one in situation(database).values())
        with world.reader().stream("GET", f"/stream?since={seq}") as stream:
            began = time.monotonic()
            made = officer.post("/taught-places", json=ROCK)
            assert made.status_code == 201
            assert made.json()["reports"]["waiting"] == REPORTS
            for event in events(stream):
                if event.name != "change":
                    continue
                placed = event.data["feature"]["geometry"] is not None
                if event.data["removed"] or placed:
                    waiting.discard(event.data["feature"]["id"])
                if not waiting:
                    break
            seconds = time.monotonic() - began
    assert seconds <= WITHIN_S
    reports = officer.get(made.headers["Location"]).json()["reports"]
    assert reports == {"waiting": 0, "located": REPORTS, "failed": 0}
    assert all(one.lat is not None for one in situation(database).values())


def test_each_incident_that_a_lesson_moves_says_so_and_says_when_it_goes_back(
    world: World, pipeline: Pipeline
) -> None:
    database, officer = world.services.database, world.signed_in(Role.OFFICER, "34207")
    put(database, message("one", "天狗淵で道路が冠水しています"), message("other", "松永町で停電です"))
    with at_work(database, pipeline):
        until(lambda: idle(database))
        [moved] = [one.id for one in situation(database).values() if one.lat is None]
        [stays] = [one.id for one in situation(database).values() if one.lat is not None]
        made = officer.post("/taught-places", json=ROCK)
        until(lambda: idle(database))
        assert officer.delete(made.headers["Location"]).status_code == 204
        until(lambda: idle(database))
    trail = officer.get(f"/desk/incidents/{moved}").json()["trail"]
    assert [(one["kind"], one["taught"]) for one in trail] == [
        ("taught.undo", "天狗淵"),
        ("taught.place", "天狗淵"),
    ]
    assert {one["by"] for one in trail} == {officer.get("/me").json()["name"]}
    assert officer.get(f"/desk/incidents/{stays}").json()["trail"] == []
    lines = officer.get(f"/chronology?incident={moved}", headers={"Accept": "application/json"}).json()[
        "lines"
    ]
    words = [one["text"] for one in lines if one["kind"].startswith("taught.")]
    assert words[-1].endswith("の場所が、教えられた地名「天狗淵」によって決まった。")
    assert officer.get("/me").json()["name"] in lines[0]["author"]
