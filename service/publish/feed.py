"""What every feed gets and gives: a page of incidents in, bytes out."""

from collections.abc import Mapping
from typing import Final, Protocol

from service.publish.geojson import GeoJson
from service.publish.page import Page


class Feed(Protocol):
    """One format. `render` is pure and deterministic: the same page gives the same bytes."""

    media_type: str

    def render(self, page: Page) -> bytes:
        """The whole document as it goes out."""
        ...


FEEDS: Final[Mapping[str, Feed]] = {"geojson": GeoJson()}
