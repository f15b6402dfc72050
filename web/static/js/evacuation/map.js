/** The map of 発令単位: levels by colour and words, hatched where a decision is due, dots of incidents. */

import { t } from "../i18n.js";
import { landLayer } from "../map/land.js";
import { pen } from "../map/pen.js";
import { labelIcon } from "../map/signs.js";
import { HEARING } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";
const LABEL_PIXELS = 70;
const LETTER_PIXELS = 13;
const LINE_PIXELS = 18;
const COLOURS = new Map([[3, "#ff2800"], [4, "#aa00aa"], [5, "#0c000c"]]);

/** Stripes for units where a line is met and nobody has decided. @param {HTMLElement} root */
function hatch(root) {
  const make = (/** @type {string} */ tag, /** @type {Record<string, string>} */ given, /** @type {Element[]} */ ...inside) => {
    const node = document.createElementNS(SVG, tag);
    for (const [name, value] of Object.entries(given)) node.setAttribute(name, value);
    node.append(...inside);
    return node;
  };
  const patterns = [...COLOURS].map(([level, colour]) => make("pattern",
    { id: `hatch-${level}`, width: "10", height: "10", patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
    make("rect", { width: "10", height: "10", fill: "#ffffff", "fill-opacity": "0.6" }),
    make("rect", { width: "4", height: "10", fill: colour })));
  root.after(make("svg", { width: "0", height: "0", "aria-hidden": "true", class: "hatches" }, make("defs", {}, ...patterns)));
}

/**
 * @param {object} options
 * @param {HTMLElement} options.root
 * @param {{tileUrl: string}} options.config
 * @param {(code: string) => void} options.onOpen
 */
export function unitsMap({ root, config, onOpen }) {
  const L = /** @type {any} */ (globalThis).L;
  const moving = !matchMedia("(prefers-reduced-motion: reduce)").matches;
  const map = L.map(root, {
    attributionControl: false, zoomControl: false, minZoom: 4, maxZoom: 18, zoomSnap: 0.5,
    zoomAnimation: moving, fadeAnimation: moving, markerZoomAnimation: moving, inertia: moving,
  });
  L.control.zoom({ position: "topright", zoomInTitle: t("拡大"), zoomOutTitle: t("縮小") }).addTo(map);
  L.control.scale({ imperial: false, position: "bottomright" }).addTo(map);
  map.setView([34.6, 133.2], 9);
  hatch(root);
  if (config.tileUrl) L.tileLayer(config.tileUrl, { maxZoom: 18, className: "tiles" }).addTo(map);
  const canvas = L.canvas({ padding: 0.3 });
  const areas = L.layerGroup().addTo(map);
  const dots = L.layerGroup().addTo(map);
  const labels = L.layerGroup().addTo(map);
  const colour = (/** @type {string} */ name) => getComputedStyle(root).getPropertyValue(name).trim();
  const land = landLayer(L, map, () => ({ fill: config.tileUrl ? null : colour("--map-land"), border: colour("--map-border") }));

  /** @type {any} */ let shapes = { features: [] };
  /** @type {Map<string, any>} */ let units = new Map();
  /** @type {Map<string, any>} */ const drawn = new Map();
  let selected = "";
  const drawing = pen(L, map, root, () => colour("--accent"));

  const styleOf = (/** @type {string} */ code) => {
    const unit = units.get(code);
    const chosen = code === selected;
    const level = unit?.level ?? null;
    const due = unit?.undecided.length ? unit.advised : null;
    const silent = unit && unit.reports.state !== "heard";
    return {
      color: colour(chosen ? "--focus" : due ? "--danger" : "--text-soft"), weight: chosen ? 5 : due ? 3 : 1.25,
      dashArray: silent && !chosen ? "3 5" : undefined,
      fillColor: due ? `url(#hatch-${due})` : level ? COLOURS.get(level) : colour("--bg-raised"),
      fillOpacity: due ? 0.9 : level ? 0.55 : 0.35,
    };
  };
  const paintLabels = () => {
    labels.clearLayers();
    /** @type {{x: number, y: number, wide: number}[]} */
    const taken = [];
    // In order of need: where names would cover each other, the unit that needs it most keeps its own.
    const ordered = [...units.keys()].sort((a, b) => Number(b === selected) - Number(a === selected));
    for (const code of ordered) {
      const layer = drawn.get(code);
      if (!layer) continue;
      const box = layer.getBounds();
      const wide = map.latLngToContainerPoint(box.getNorthEast()).x - map.latLngToContainerPoint(box.getSouthWest()).x;
      const unit = units.get(code);
      if (!unit || (wide < LABEL_PIXELS && code !== selected && !unit.undecided.length) || !map.getBounds().intersects(box)) continue;
      const words = labelOf(unit);
      const { x, y } = map.latLngToContainerPoint(box.getCenter());
      const spot = { x, y, wide: words.length * LETTER_PIXELS };
      if (taken.some((other) => Math.abs(other.y - y) < LINE_PIXELS && Math.abs(other.x - x) < (other.wide + spot.wide) / 2)) continue;
      taken.push(spot);
      labels.addLayer(L.marker(box.getCenter(), { icon: labelIcon(L, words), interactive: false, keyboard: false }));
    }
  };
  const paint = () => {
    for (const [code, layer] of drawn) layer.setStyle(styleOf(code));
    drawn.get(selected)?.bringToFront();
    paintLabels();
  };
  map.on("moveend", paintLabels);

  return {
    /** @param {any} collection municipality polygons */
    setBase(collection) { land.set(collection.features); },
    /** @param {any} collection the units' areas */
    setUnits(collection) {
      shapes = collection;
      areas.clearLayers();
      drawn.clear();
      for (const feature of shapes.features) {
        const code = feature.properties.code;
        const layer = L.geoJSON(feature, { style: () => styleOf(code), smoothFactor: 0.5 });
        layer.on("click", (/** @type {any} */ event) => { if (!drawing.isBusy()) { L.DomEvent.stop(event); onOpen(code); } });
        drawn.set(code, layer);
        areas.addLayer(layer);
      }
    },
    /** @param {any} board @param {string} code the chosen unit */
    show(board, code) {
      units = new Map(board.units.map((/** @type {any} */ unit) => [unit.code, unit]));
      selected = code;
      dots.clearLayers();
      for (const incident of Object.values(board.incidents)) {
        if (incident.lat === null || ["resolved", "denied"].includes(incident.status)) continue;
        dots.addLayer(L.circleMarker([incident.lat, incident.lon], {
          renderer: canvas, radius: incident.urgent ? 7 : 5, weight: 2, color: colour("--text"), interactive: false,
          fillColor: incident.verified ? colour("--text") : colour("--bg"), fillOpacity: 1,
        }));
      }
      paint();
    },
    /** All units in view. */
    frame() {
      if (drawn.size) map.fitBounds(L.featureGroup([...drawn.values()]).getBounds(), { padding: [20, 20], animate: false });
    },
    /** @returns {() => void} what shows the same part again */
    place() {
      const [centre, zoom] = [map.getCenter(), map.getZoom()];
      return () => map.setView(centre, zoom, { animate: false });
    },
    /** @param {string} code */
    goTo(code) {
      const layer = drawn.get(code);
      if (layer && !map.getBounds().contains(layer.getBounds())) map.fitBounds(layer.getBounds(), { padding: [60, 60], maxZoom: 14, animate: false });
    },
    draw: drawing.draw,
    stopDrawing: drawing.stop,
    centre: drawing.centre,
    resized: () => map.invalidateSize({ animate: false }),
    recolour() { land.redraw(); paint(); },
  };
}

/** @param {any} unit */
function labelOf(unit) {
  const parts = [unit.name];
  if (unit.undecided.length) parts.push(t("判断待ち"));
  if (unit.level) parts.push(t("レベル{level}", { level: unit.level }));
  if (unit.reports.state !== "heard") parts.push(HEARING.get(unit.reports.state) ?? "");
  return parts.join(" ");
}
