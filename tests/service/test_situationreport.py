"""A situation report counts each person once that one message speaks of."""

from nlp.reading import DamageType
from service.fuse import Fusing
from service.report import EVERYTHING
from service.situationreport import Wanted, gather
from service.store import save
from service.store.database import Database
from tests.service.desks import all_incidents
from tests.service.evacuation.town import verify
from tests.service.store.samples import MATSUNAGA, NOON, deliver, message, observation, read
from web import situation
from web.situation import Cell

LAT, _ = MATSUNAGA
FAR = 0.2


def said(database: Database, key: str, *given: dict[str, object]) -> None:
    [waiting] = deliver(database, message(key))
    seen = [observation(waiting.report_id, at, **one) for at, one in enumerate(given)]
    with database.transaction() as conn:
        save.save(conn, [read(waiting, *seen)], Fusing())


def counted(database: Database) -> dict[str, Cell]:
    with database.transaction() as conn:
        found = gather(conn, Wanted(None, drill=False), EVERYTHING, NOON, {})
    return situation.people(situation.lines(found.features))


def test_people_of_one_message_are_counted_once(database: Database) -> None:
    trapped = {"people": {"trapped": 2, "injured": 1}}
    said(
        database,
        "a",
        {"type": DamageType.LANDSLIDE, **trapped},
        {"type": DamageType.BUILDING_DAMAGE, **trapped},
        {"type": DamageType.RESCUE_REQUEST, "people": {"trapped": 2}},
    )
    said(database, "b", {"type": DamageType.FIRE, "lat": LAT + FAR, "people": {"injured": 3}})
    assert len(all_incidents(database)) == 4
    people = counted(database)
    assert people["閉じ込め・取り残され"] == Cell(2, 2)
    assert people["負傷"] == Cell(4, 4)


def test_a_confirmed_incident_counts_the_people_first(database: Database) -> None:
    trapped = {"people": {"trapped": 2}}
    said(
        database,
        "a",
        {"type": DamageType.LANDSLIDE, **trapped},
        {"type": DamageType.RESCUE_REQUEST, **trapped},
    )
    [slide] = [one.id for one in all_incidents(database) if one.type is DamageType.LANDSLIDE]
    verify(database, slide)
    assert counted(database)["閉じ込め・取り残され"] == Cell(2, 0)


def test_each_message_counts_its_own(database: Database) -> None:
    for number in range(3):
        said(
            database,
            f"{number}",
            {"type": DamageType.FIRE, "lat": LAT + number * FAR, "people": {"injured": 1}},
            {"type": DamageType.CASUALTY, "lat": LAT + number * FAR, "people": {"injured": 1}},
        )
    assert counted(database)["負傷"] == Cell(3, 3)


def test_two_messages_that_meet_in_one_incident_each_count_their_own(database: Database) -> None:
    """Whoever was hurt at the two ends is not the same, though both messages speak of the place between."""
    between: dict[str, object] = {"type": DamageType.LANDSLIDE, "people": {"injured": 2}}
    for key, away in (("west", -FAR), ("east", FAR)):
        end: dict[str, object] = {"type": DamageType.FIRE, "lat": LAT + away, "people": {"injured": 2}}
        said(database, key, end, between)
    assert len(all_incidents(database)) == 3
    assert counted(database)["負傷"] == Cell(4, 4)
