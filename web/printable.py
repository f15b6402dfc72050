"""The printable situation report: the same words as the offline file, its map drawn without a script."""

from collections.abc import Sequence

from markupsafe import Markup

from web import paper, situation
from web.paper import Situation
from web.sketch import draw
from web.words import LANGUAGES


def render(
    shown: Situation,
    *,
    static_url: str,
    download: str,
    choices: Sequence[tuple[str, str]],
    chosen: str,
    others: int,
    language: str = LANGUAGES[0],
) -> str:
    """The page. `choices` are areas (code, name), `chosen` the code of this one, `download` the address of
    the file, `others` the number of incidents of the other kind (drill or real)."""
    listed = situation.lines(shown.features)
    land = paper.outlines(shown, listed)
    placed = [line for line in listed if line.point is not None]
    filled = paper.context(shown, listed, language, numbered=True)
    environment = paper.environment()
    drawn = environment.get_template("snapshot/sketch.html").render(
        filled, sketch=draw(listed, land, paper.corners(placed, land))
    )
    return environment.get_template("snapshot/print.html").render(
        filled,
        map=Markup(drawn),  # noqa: S704 - made by our template, escaped there
        static_url=static_url,
        download=download,
        choices=choices,
        chosen=chosen,
        others=others,
    )
