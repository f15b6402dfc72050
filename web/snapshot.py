"""The offline situation report: one self-contained HTML file of the situation, for mail and archive.

folium writes the map's script; the page around it is our own template with escaping on, so that folium's
header, whose assets come from third-party hosts, is never rendered. Leaflet, the styles and the icons are
inlined, and a Content-Security-Policy of digests lets exactly these two scripts run: words in the data
reach the map only as text of table cells. Coordinates are WGS 84 (EPSG:4326), lon lat in GeoJSON.
"""

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import folium
from branca.element import Figure
from folium.utilities import JsCode
from markupsafe import Markup

from web import paper, situation
from web.assets import NODE_MODULES, TEMPLATES, static_files
from web.paper import Situation
from web.situation import Feature, Line
from web.words import LANGUAGES

STYLES: Final = ("css/tokens.css", "vendor/leaflet/leaflet.css", "css/marks.css", "css/situation.css")
DRILL_STYLE: Final = "css/situation-drill.css"
# Beyond this, numbered marks hide each other and cost the browser seconds: dots on one canvas are drawn.
MOST_MARKS: Final = 1000
CLOSEST_ZOOM: Final = 15
# Colours of tokens.css by day; a canvas cannot read them from the style sheet.
COLOURS: Final[Mapping[str, str]] = {
    "people": "#a8005c",
    "water": "#0055b8",
    "ground": "#7a4500",
    "fire": "#b83200",
    "building": "#00665c",
    "road": "#5b3aa8",
    "lifeline": "#5c5a00",
    "other": "#44546a",
}
OVER_COLOUR: Final = "#6a6f75"
MAP_NAME: Final = "situation"
# Addresses in the vendored files; the names of XML namespaces are no addresses.
ADDRESS: Final = re.compile(r"https?://(?!www\.w3\.org/)[^\s\"'<>)\\]+")


def render(shown: Situation, node_modules: Path = NODE_MODULES, language: str = LANGUAGES[0]) -> str:
    """The file. The same situation gives the same text.

    Raises FileNotFoundError, naming the package, when `npm ci` has not been run.
    """
    files = static_files(node_modules)
    listed = situation.lines(shown.features)
    numbered = len(listed) <= MOST_MARKS
    holder, drawing = _map(listed, paper.outlines(shown, listed), numbered)
    leaflet = _without_addresses(files["vendor/leaflet/leaflet.js"])
    licence = files["vendor/leaflet/LICENSE"].read_text(encoding="utf-8").replace("*/", "")
    library = f"/*\n{licence}*/\n{leaflet}"
    sheets = (*STYLES, DRILL_STYLE) if shown.drill else STYLES
    styles = [_without_addresses(files[name]) for name in sheets]
    page = paper.environment().get_template("snapshot/page.html")
    return page.render(
        paper.context(shown, listed, language, numbered=numbered),
        policy=_policy(library, drawing),
        style=Markup("\n".join(styles)),  # noqa: S704 - our own files
        map=holder,
        leaflet=Markup(library),  # noqa: S704 - the locked package
        script=Markup(drawing),  # noqa: S704 - folium's, with data as escaped JSON
    )


def _map(listed: Sequence[Line], outlines: list[Feature], numbered: bool) -> tuple[Markup, str]:
    """The map's element, and the script that draws into it."""
    sheet = folium.Map(
        tiles=None,
        prefer_canvas=True,
        control_scale=True,
        attribution_control=False,
        zoom_snap=0.25,
        zoom_animation=False,
        fade_animation=False,
    )
    # Of this map alone: folium's own lists are shared by all maps of the process.
    sheet.default_js, sheet.default_css = [], []
    named = JsCode((TEMPLATES / "snapshot" / "marks.js").read_text(encoding="utf-8"))
    placed = [line for line in listed if line.point is not None]
    layers = [
        _layer(outlines, named, interactive=False),
        _layer([_shape(line) for line in placed if line.properties["shape"]], None, interactive=False),
        _layer(
            [_area(line) for line in placed if line.properties["radius_m"]],
            named,
            folium.Circle(radius=1),
            interactive=False,
        ),
        _layer([_pin(line) for line in placed], named, _pin_form(numbered)),
    ]
    for layer in layers:
        layer.add_to(sheet)
    bounds = folium.FitBounds(paper.corners(placed, outlines), padding=(30, 30), max_zoom=CLOSEST_ZOOM)
    bounds.add_to(sheet)
    figure = Figure()
    figure.add_child(sheet)
    figure.render()
    return _stable(figure, [sheet, *layers, bounds])


def _stable(figure: Figure, named: Sequence[Any]) -> tuple[Markup, str]:
    """What folium wrote, its random names replaced by ours."""
    element, script = figure.html.render(), figure.script.render()
    for number, one in enumerate(named):
        name = MAP_NAME if number == 0 else f"layer{number}"
        script = script.replace(one.get_name(), name)
        element = element.replace(one.get_name(), name)
    return Markup(element), script  # noqa: S704 - one empty element


def _layer(
    features: Sequence[Feature], on_each: JsCode | None, marker: Any = None, **options: Any
) -> folium.GeoJson:
    # folium camelizes the names of options, so that each feature brings its own style as it is.
    data = {"type": "FeatureCollection", "features": list(features)}
    return folium.GeoJson(data, on_each_feature=on_each, marker=marker, **options)


def _pin_form(numbered: bool) -> Any:
    if not numbered:
        return folium.CircleMarker(radius=5)
    icon = folium.DivIcon(icon_size=(28, 28), icon_anchor=(14, 14), class_name="leaflet-div-icon-plain")
    return folium.Marker(icon=icon)


def _pin(line: Line) -> dict[str, Any]:
    style = {"color": "#ffffff", "weight": 1, "fillColor": _colour(line), "fillOpacity": 1, "opacity": 1}
    return _at(line, {"number": line.number, "style": style})


def _area(line: Line) -> dict[str, Any]:
    style = {"color": _colour(line), "weight": 1, "opacity": 0.7, "fillColor": _colour(line)}
    return _at(line, {"metres": line.properties["radius_m"], "style": style | {"fillOpacity": 0.08}})


def _shape(line: Line) -> dict[str, Any]:
    style = {"color": _colour(line), "weight": 4, "opacity": 0.6, "fillOpacity": 0.08}
    return {"type": "Feature", "geometry": line.properties["shape"], "properties": {"style": style}}


def _at(line: Line, properties: dict[str, Any]) -> dict[str, Any]:
    if line.point is None:
        raise ValueError("an incident without a point is not drawn")
    lat, lon = line.point
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [lon, lat]},
        "properties": properties,
    }


def _colour(line: Line) -> str:
    return OVER_COLOUR if line.state in situation.OVER else COLOURS[line.group]


def _without_addresses(path: Path) -> str:
    """A vendored file without links, pictures of its own and source map; notices keep their words."""
    text = ADDRESS.sub("", path.read_text(encoding="utf-8"))
    text = re.sub(r"^//# sourceMappingURL=.*$", "", text, flags=re.MULTILINE)
    return re.sub(r"url\((?!#)[^)]*\)", "none", text) if path.suffix == ".css" else text


def _policy(*scripts: str) -> str:
    """Nothing is fetched, and of all scripts only these run (Content Security Policy Level 3, digests)."""
    digests = (base64.b64encode(hashlib.sha256(one.encode()).digest()).decode() for one in scripts)
    allowed = " ".join(f"'sha256-{digest}'" for digest in digests)
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
