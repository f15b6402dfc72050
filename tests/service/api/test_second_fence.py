"""The second fence alone, route by route: the conditions of queries and the checks of routes are taken away,
and an officer of one municipality asks for what is another's."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest

from service import access, teaching
from service.access import Principal, Role
from service.api.evacuation import asked, boards
from service.api.evacuation.asked import Board
from service.api.services import Services
from service.report import EVERYTHING, Scope
from service.store import assignees, chronology, tray, visible
from service.store.database import Connection, Database
from tests.service.api.world import World
from tests.service.headquarters import FUKUYAMA, KURE, Held, held_by


def of_everything(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function with every scope that it is given taken for everything."""

    def asked_for_everything(*given: Any) -> Any:
        return function(*(EVERYTHING if isinstance(one, Scope) else one for one in given))

    return asked_for_everything


def take_the_first_fence_away(patch: pytest.MonkeyPatch) -> None:
    for module, name in (
        (visible, "condition"),
        (visible, "owning"),
        (visible, "reported"),
        (visible, "municipal"),
        (tray, "owned"),
        (chronology, "page"),
        (assignees, "assignees"),
    ):
        patch.setattr(module, name, of_everything(getattr(module, name)))
    patch.setattr(access, "require_own", lambda *_: None)
    patch.setattr(teaching, "is_own", lambda *_: True)
    checked = asked.board_of

    def unchecked(services: Services, principal: Principal, municipality: str | None) -> Board:
        return checked(services, replace(principal, scope=EVERYTHING), municipality)

    def all_of_them(_: Connection, services: Services, reader: Principal) -> list[Board]:
        return [unchecked(services, reader, code) for code in (FUKUYAMA, KURE)]

    patch.setattr(asked, "board_of", unchecked)
    patch.setattr(boards, "_seen", all_of_them)


@dataclass(frozen=True, slots=True)
class Asked:
    """A route that is asked for something of `held`, and what of it must not be told to strangers."""

    path: Callable[[Held], str]
    told: Callable[[httpx.Response, Held], bool] = lambda answer, held: held.word in answer.text


def _in_the_overview(answer: httpx.Response, _: Held) -> bool:
    [one] = [each for each in answer.json()["municipalities"] if each["code"] == KURE]
    return bool(one["criteria"] or one["unplaced"])


ROUTES = {
    "tray": Asked(lambda _: "/tray"),
    "tray, settled": Asked(lambda _: "/tray?tab=settled"),
    "tray, irrelevant": Asked(lambda _: "/tray?tab=irrelevant"),
    "tray, count": Asked(lambda _: "/tray/count", lambda answer, _: answer.json()["waiting"] > 1),
    "chronology": Asked(lambda _: "/chronology"),
    "chronology, words": Asked(lambda held: f"/chronology?q={held.word}"),
    "chronology, incident": Asked(lambda held: f"/chronology?incident={held.incident}"),
    "chronology, csv": Asked(lambda _: "/chronology.csv"),
    "board": Asked(lambda _: f"/evacuation/board?municipality={KURE}"),
    "overview": Asked(lambda _: "/evacuation/municipalities", _in_the_overview),
    "units": Asked(lambda _: f"/evacuation/units.geojson?municipality={KURE}"),
    "criteria": Asked(lambda _: f"/evacuation/criteria?municipality={KURE}"),
    "decisions": Asked(lambda _: f"/evacuation/decisions?municipality={KURE}"),
    "decision": Asked(lambda held: f"/evacuation/decisions/{held.decision}"),
    "frozen": Asked(lambda held: f"/evacuation/decisions/{held.decision}/frozen"),
    "desk, queue": Asked(lambda _: "/desk/queue"),
    "desk, incident": Asked(lambda held: f"/desk/incidents/{held.incident}"),
    "desk, assignees": Asked(lambda _: "/desk/assignees"),
    "taught places": Asked(lambda _: "/taught-places"),
    "taught place, by name": Asked(
        lambda held: f"/places?q={held.word}岩", lambda answer, _: bool(answer.json()["places"])
    ),
    "taught place": Asked(lambda held: f"/taught-places/{held.lesson}"),
    "questions": Asked(lambda held: f"/incidents/{held.incident}/questions"),
}


def test_each_route_tells_strangers_nothing_by_the_second_fence_alone(world: World) -> None:
    held_by(world.services.database, FUKUYAMA)
    theirs = held_by(world.services.database, KURE)
    stranger, owner = world.signed_in(Role.OFFICER, FUKUYAMA), world.signed_in(Role.OFFICER, KURE)

    def telling(who: httpx.Client) -> set[str]:
        told = set()
        for name, route in ROUTES.items():
            answer = who.get(route.path(theirs), headers={"Accept": "application/json"})
            assert answer.status_code in {200, 403, 404, 400}, (name, answer.text)
            if answer.status_code == 200 and route.told(answer, theirs):
                told.add(name)
        return told

    with pytest.MonkeyPatch.context() as patch:
        take_the_first_fence_away(patch)
        assert telling(stranger) == set(), "the second fence alone"
        assert telling(owner) >= set(ROUTES) - {"tray, count"}, "it shows the owner everything"
        patch.setattr(Database, "_is_fenced", lambda *_: False)
        assert telling(stranger) == set(ROUTES), "without any fence this test sees all of it"
