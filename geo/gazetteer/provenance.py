"""SOURCES.md: where every row of geo/data comes from, under which terms, and what is missing."""

from collections.abc import Mapping

from geo.gazetteer.assemble import Assembly
from geo.gazetteer.inputs import Inputs


def sources_page(
    inputs: Inputs,
    rows: Mapping[str, int],
    by_kind: Mapping[str, int],
    by_source: Mapping[str, int],
    made: Assembly,
) -> str:
    """The page, in Markdown."""
    return "# Sources\n"
