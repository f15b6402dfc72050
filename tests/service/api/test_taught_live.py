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
