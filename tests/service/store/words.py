"""A reader for the store's tests: every word of a text is a damage, placed where a lesson teaches that word.

It learns from the database at each batch, as a worker's gazetteer does.
"""

from collections.abc import Sequence
from dataclasses import replace

from geo.place import Level
from service.report import EVERYTHING, Observation, PlaceChoice, ReadReport, Waiting
from service.store import taught
from service.store.database import Database
from service.store.taught import Lesson
from tests.service.store.samples import observation, read

TAUGHT = {"taught_here": 1.0}


class WordReader:
    """Stands in for service.pipeline.Pipeline."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def process(self, batch: Sequence[Waiting]) -> list[ReadReport]:
        with self._database.transaction() as conn:
            taught_now = taught.standing(conn, None, 1000, EVERYTHING)
        lessons = {each.lesson.name: each.lesson for each, _ in taught_now}
        return [
            read(
                waiting,
                *(
                    _seen(waiting, at, word, lessons.get(word))
                    for at, word in enumerate(waiting.message.text.split())
                ),
            )
            for waiting in batch
        ]


def _seen(waiting: Waiting, at: int, word: str, lesson: Lesson | None) -> Observation:
    plain = observation(
        waiting.report_id,
        at,
        place_text=word,
        said_at=waiting.message.posted_at,
        lat=None,
        lon=None,
        radius_m=None,
        level=Level.MUNICIPALITY,
        candidates=(),
        why="",
    )
    if lesson is None:
        return plain
    choice = PlaceChoice(
        lesson.name, lesson.municipality, lesson.lat, lesson.lon, Level.FACILITY, 1.0, TAUGHT, ""
    )
    return replace(
        plain,
        lat=lesson.lat,
        lon=lesson.lon,
        radius_m=lesson.radius_m,
        level=Level.FACILITY,
        candidates=(choice,),
    )
