"""A small server-sent-events client that can be cut off and resumed."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx

Features = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Event:
    name: str
    id: str | None
    data: dict[str, Any]


def events(answer: httpx.Response) -> Iterator[Event]:
    """Events as EventSource would dispatch them."""
    fields: dict[str, str] = {}
    for line in answer.iter_lines():
        if line:
            name, _, value = line.partition(":")
            fields[name] = value.removeprefix(" ")
        else:
            if "data" in fields:
                yield Event(fields.get("event", "message"), fields.get("id"), json.loads(fields["data"]))
            fields = {}


def fetch(client: httpx.Client, limit: int = 1000) -> tuple[int, Features]:
    """The whole collection page by page, and the change at which the first page was true."""
    address, found, seq = f"/collections/incidents/items?limit={limit}", Features(), None
    while address:
        page = client.get(address).json()
        seq = page["seq"] if seq is None else seq
        found |= {one["id"]: one for one in page["features"]}
        address = next((link["href"] for link in page["links"] if link["rel"] == "next"), "")
    return seq or 0, found


def apply(state: Features, event: Event) -> None:
    """One change, as the map does it: an older version never replaces a newer one."""
    feature = event.data["feature"]
    known = state.get(feature["id"])
    if known is not None and known["properties"]["seq"] > event.data["seq"]:
        return
    if event.data["removed"]:
        state.pop(feature["id"], None)
    else:
        state[feature["id"]] = feature
