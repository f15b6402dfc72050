"""How far halls and primary schools stand from the middle of the place that they are called after.

    python -m tests.measure.hamlets

Counted where the place is also a listed 町 or 大字 of the same municipality; `geo.hamlets.HALL_REACH_M` is
the distance that holds nine in ten.
"""

from collections import defaultdict

from geo.gazetteer.memory import load
from geo.hamlets import hamlet_called
from geo.names import normal_form
from geo.place import Level, Place
from geo.sphere import metres_between


def distances() -> tuple[list[float], int]:
    """Metres from each hall to the nearest town of its name, sorted; and how many hamlets no list has."""
    towns: dict[tuple[str, str], list[Place]] = defaultdict(list)
    halls: list[tuple[str, Place]] = []
    for row in load():
        if row.level in (Level.TOWN, Level.CHOME):
            name = normal_form(row.name)
            for said in {name, name.removesuffix("町"), name.removesuffix("村")}:
                towns[row.municipality, said].append(row)
        elif row.level is Level.FACILITY and (hamlet := hamlet_called(row.name)):
            halls.append((hamlet, row))
    known = [(hall, towns[hall.municipality, name]) for name, hall in halls if towns[hall.municipality, name]]
    away = sorted(min(metres_between(hall.lat, hall.lon, t.lat, t.lon) for t in near) for hall, near in known)
    unlisted = {(hall.municipality, name) for name, hall in halls if not towns[hall.municipality, name]}
    return away, len(unlisted)


def main() -> None:
    """Print the distances that hold a half, eight, nine and nineteen twentieths of the halls."""
    away, unlisted = distances()
    print(f"halls whose place is listed: {len(away)}; hamlets that only a hall names: {unlisted}")
    for share in (0.5, 0.8, 0.9, 0.95):
        print(f"{share:.0%} within {away[int(share * (len(away) - 1))]:,.0f} m")


if __name__ == "__main__":
    main()
