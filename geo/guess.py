"""A reading of a chain so far, and what surrounds it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from geo.place import Level, Place, Position
from geo.scores import scored
from geo.sphere import metres_between
from geo.townindex import SAME_SPOT_M, name_key

MOST_GUESSES = 100


@dataclass(frozen=True, slots=True)
class Setting:
    """What surrounds a chain: the sender, the phone, and the municipality that the message named."""

    sender: str | None = None
    position: Position | None = None
    named: str | None = None


@dataclass(slots=True)
class Guess:
    """One reading of a chain so far: its finest place, its named scores, what was not found in it."""

    place: Place
    scores: Mapping[str, float]
    said: str
    missed: tuple[str, ...] = ()
    confined: str | None = None
    score: float = field(init=False)

    def __post_init__(self) -> None:
        self.score = sum(self.scores.values())


def exact() -> dict[str, float]:
    """The voice of a name that is said in full."""
    return {"exact_name": scored("exact_name")}


def fit_of(key: str, row: Place) -> str:
    """How a normal form `key` fits the name of a row: a voice of `geo.scores.WEIGHTS`."""
    name = name_key(row.name)
    if name == key:
        return "exact_name"
    if row.level is Level.FORMER_MUNICIPALITY:
        return "former_name"
    if name.startswith(key):
        return "suffix_name" if len(name) == len(key) + 1 or "丁目" in name else "prefix_only"
    return "tail_name" if name.endswith(key) else "suffix_name"


def with_voice(guess: Guess, voice: str) -> Guess:
    """The guess with one more voice at its ceiling."""
    scores = {**guess.scores, voice: scored(voice)}
    return Guess(guess.place, scores, guess.said, guess.missed, guess.confined)


def moved_to(guess: Guess, place: Place, scores: Mapping[str, float], said: str | None = None) -> Guess:
    """The guess at a finer place, with the voices `scores` that speak for it."""
    return Guess(place, {**guess.scores, **scores}, said or guess.said, guess.missed, guess.confined)


def one_spot(rows: Sequence[Place]) -> bool:
    """Whether all rows lie too near to each other to matter."""
    first = rows[0]
    return all(metres_between(first.lat, first.lon, row.lat, row.lon) <= SAME_SPOT_M for row in rows)


def best_of(guesses: Iterable[Guess]) -> list[Guess]:
    """The best guesses, each place once with its best score."""
    kept: dict[tuple[str, int], Guess] = {}
    for guess in guesses:
        key = (guess.place.place_id, len(guess.missed))
        if key not in kept or kept[key].score < guess.score:
            kept[key] = guess
    return sorted(kept.values(), key=lambda guess: (len(guess.missed), -guess.score))[:MOST_GUESSES]
