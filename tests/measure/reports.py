"""Invented reports of the length and variety of real ones, for any number of towns of one gazetteer.

The wording is `reports.txt`: 120 reports and what senders add to them. About 9 % name two places.
"""

import random
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from geo.place import Level, Place
from service.report import Message
from tests.measure.messages import START

WORDING = Path(__file__).with_name("reports.txt")
LONGEST = 93
ADDED = (0, 0, 0, 1, 1, 2)  # sentences behind a report, as often as each number stands here
STRICKEN = ("33", "34", "43")  # prefectures: one disaster has its messages from some of them
KNOWN_SENDERS = 0.8  # of senders have said which municipality is theirs


def invented_reports(places: Sequence[Place], count: int, seed: int = 20260710) -> list[Message]:
    """`count` messages, every report of the file as often as any other; the same for the same seed."""
    draw = random.Random(seed)
    lines = WORDING.read_text(encoding="utf-8").splitlines()
    wordings = [line for line in lines if not line.startswith(("#", "+"))]
    added = [line[1:] for line in lines if line.startswith("+")]
    towns: dict[str, list[str]] = {}
    for place in places:
        if place.level is Level.TOWN and place.municipality.startswith(STRICKEN):
            towns.setdefault(place.municipality, []).append(_as_said(place.name))
    cities = {place.municipality: place.name for place in places if place.level is Level.MUNICIPALITY}
    codes = sorted(code for code, names in towns.items() if len(names) > 1 and code in cities)
    messages = []
    for number in range(count):
        code = draw.choice(codes)
        near, other = draw.sample(towns[code], 2)
        text = wordings[number % len(wordings)].format(a=near, b=other, m=cities[code])
        for extra in draw.sample(added, draw.choice(ADDED)):
            joined = text + ("" if text.endswith(("。", "?")) else "。") + extra
            text = joined if len(joined) <= LONGEST else text
        messages.append(
            Message(
                channel="measure",
                key=f"invented-{seed}-{number:06d}",
                text=text,
                posted_at=START + timedelta(seconds=number),
                sender_municipality=code if draw.random() < KNOWN_SENDERS else None,
            )
        )
    return messages


def _as_said(name: str) -> str:
    """Nobody says the 大字 of a town."""
    return name.removeprefix("大").removeprefix("字") if name.startswith(("大字", "字")) else name
