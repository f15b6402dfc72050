"""People of several headquarters, for tests of who sees what."""

import time
from dataclasses import replace
from typing import Any
from uuid import UUID

import httpx

from service import access
from service.access import Role
from service.api.services import Services
from service.fuse import Fusing
from service.store import inbox, save, workers
from tests.service.api.world import PASSWORD, World
from tests.service.store.samples import message, observation, read

JSON = dict[str, Any]


def somebody_of(world: World, code: str | None, role: Role = Role.OFFICER) -> httpx.Client:
    """A client with the session of a fresh person of the municipality or prefecture `code`."""
    name = f"{role.value}-of-{code}-{time.monotonic_ns()}"
    with world.services.database.transaction() as conn:
        access.create_user(conn, name, PASSWORD, role, code)
    client = world.client()
    answer = client.post(
        "/signin", data={"name": name, "password": PASSWORD}, headers={"Accept": "application/json"}
    )
    assert answer.status_code == 200, answer.text
    client.headers["X-CSRF-Token"] = answer.json()["csrf"]
    return client


def said(services: Services, key: str, words: str, sender: str | None = "34207", **given: Any) -> UUID:
    """One report with these words and one observation (`relevant=False`: none), into the incidents."""
    relevant = given.pop("relevant", True)
    with workers.register(services.database, "test") as lease:
        with services.database.transaction() as conn:
            inbox.put_many(conn, [message(key, words, sender_municipality=sender)])
        with services.database.transaction() as conn:
            [claimed] = inbox.claim(conn, lease.id, 1)
        seen = [observation(claimed.report_id, home=sender, **given)] if relevant else []
        whole = replace(
            read(claimed, *seen),
            relevant=relevant,
            urgent=any(one.urgent for one in seen),
            drill=any(one.drill for one in seen),
        )
        with services.database.transaction() as conn:
            save.save(conn, [whole], Fusing())
    return claimed.report_id


def problem(answer: httpx.Response, status: int, slug: str) -> JSON:
    """The problem that was answered."""
    assert answer.status_code == status, answer.text
    body: JSON = answer.json()
    assert body["type"] == f"/problems/{slug}"
    return body


def of_both(world: World) -> tuple[httpx.Client, httpx.Client, httpx.Client]:
    """Officers of 福山市, of 呉市 and of 広島県."""
    return somebody_of(world, "34207"), somebody_of(world, "34202"), somebody_of(world, "34")
