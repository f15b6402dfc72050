/** An area that is drawn and put right corner by corner, by pointer and by keyboard; gets Leaflet handed over. */

import { cornerList } from "../cornerlist.js";
import { el } from "../dom.js";
import { t } from "../i18n.js";
import { pinIcon } from "./signs.js";

const PANE = "corners";
const HELP = "corner-help";
/** CSS pixels; a target has at least 24 (WCAG 2.5.8). */
const CORNER = 32;
const HANDLE = 26;
/** A handle nearer to a corner would lie on it: it comes when the map is zoomed in. */
const NEAREST = (CORNER + HANDLE) / 2 + 2;
const STEP = 10;
const FINE_STEP = 1;
/** @type {Record<string, [number, number]>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** How corners are handled, to stand beside the map, and where it is said what happened to one. */
export function cornerHelp() {
  const said = el("p", { class: "note corner-help", role: "status" });
  return {
    node: el("div", {}, el("p", { class: "note", id: HELP },
      t("角は引いて動かせます。間の「＋」で角が増えます。キーボードでは、Tabキーで角を選び、矢印キーで動かし（Shiftキーで細かく）、Deleteキーで消します。")), said),
    /** @param {string} words */
    say: (words) => { said.textContent = words; },
  };
}

/**
 * @param {any} L @param {any} map @param {string} tint
 * @param {object} options
 * @param {readonly {lat: number, lon: number}[]} [options.corners] of an area that is there already
 * @param {(corners: {lat: number, lon: number}[], canUndo: boolean) => void} options.onChange
 * @param {(words: string) => void} options.say
 */
export function drawnArea(L, map, tint, { corners, onChange, say }) {
  const list = cornerList(corners);
  const Pin = pinIcon(L);
  if (!map.getPane(PANE)) map.createPane(PANE).style.zIndex = "640";
  const outline = L.layerGroup().addTo(map);
  /** @type {any[]} the sign of each corner, by its number */
  const signs = [];
  /** @type {any[]} the handle behind each corner */
  const handles = [];

  const at = (/** @type {any} */ latlng) => {
    const { lat, lng } = latlng.wrap();
    return { lat, lon: lng };
  };
  const paintOutline = (/** @type {{lat: number, lon: number}[]} */ points) => {
    const line = points.map(({ lat, lon }) => [lat, lon]);
    const style = { color: tint, weight: 4, fillColor: tint, fillOpacity: 0.12, interactive: false };
    outline.clearLayers();
    if (line.length > 1) outline.addLayer(line.length > 2 ? L.polygon(line, style) : L.polyline(line, style));
  };
  const placeHandles = () => {
    const spots = signs.map((sign) => map.latLngToContainerPoint(sign.getLatLng()));
    handles.forEach((handle, number) => {
      const middle = list.middle(number);
      if (middle) handle.setLatLng([middle.lat, middle.lon]);
      const spot = map.latLngToContainerPoint(handle.getLatLng());
      handle.getElement().hidden = !middle || spots.some((each) => each.distanceTo(spot) < NEAREST);
    });
  };
  const paint = () => {
    const points = list.all();
    while (signs.length > points.length) for (const each of [signs, handles]) each.pop().remove();
    while (signs.length < points.length) {
      signs.push(cornerSign(signs.length));
      handles.push(edgeHandle(handles.length));
    }
    points.forEach(({ lat, lon }, number) => {
      signs[number].setLatLng([lat, lon]);
      signs[number].getElement().ariaLabel = t("角 {number}（全{count}点）", { number: number + 1, count: points.length });
      handles[number].getElement().ariaLabel = t("角 {number}と角 {next}の間に角を加える", { number: number + 1, next: (number + 1) % points.length + 1 });
    });
    placeHandles();
    paintOutline(points);
    onChange([...points], list.canUndo());
  };
  /** Presses on a sign for which nobody listens would be taken by the map below. */
  const signOf = (/** @type {any} */ node, /** @type {number} */ size, /** @type {number} */ zIndexOffset) => L.marker(map.getCenter(), {
    icon: new Pin({ build: () => node, size }), draggable: true, autoPan: true, keyboard: false, pane: PANE, zIndexOffset,
  }).on("click dblclick", () => {}).addTo(map);

  function cornerSign(/** @type {number} */ number) {
    const node = el("button", { type: "button", class: "corner", "aria-describedby": HELP,
      onkeydown: (/** @type {KeyboardEvent} */ event) => pressed(number, event),
      onfocus: () => { if (node.matches(":focus-visible")) show(number); } });
    const sign = signOf(node, CORNER, 1000);
    sign.on("drag", () => paintOutline(list.all().map((each, other) => other === number ? at(sign.getLatLng()) : each)));
    sign.on("dragend", () => { list.move(number, at(sign.getLatLng())); paint(); sayWhere(number); });
    return sign;
  }
  function edgeHandle(/** @type {number} */ number) {
    const node = el("button", { type: "button", class: "corner corner--new" });
    const handle = signOf(node, HANDLE, 0);
    const cut = () => {
      list.insert(number + 1, at(handle.getLatLng()));
      paint();
      signs[number + 1].getElement().focus();
      say(t("角を加えました。全{count}点です。", { count: list.all().length }));
    };
    handle.on("drag", () => {
      const points = [...list.all()];
      points.splice(number + 1, 0, at(handle.getLatLng()));
      paintOutline(points);
    });
    handle.on("dragend", cut);
    handle.on("click", cut);
    return handle;
  }
  const show = (/** @type {number} */ number) => map.panInside(signs[number].getLatLng(), { padding: [CORNER, CORNER], animate: false });
  const sayWhere = (/** @type {number} */ number) => {
    const { lat, lon } = list.all()[number];
    say(t("角 {number}は北緯 {lat}、東経 {lon}です。", { number: number + 1, lat: lat.toFixed(5), lon: lon.toFixed(5) }));
  };
  const step = (/** @type {number} */ number, /** @type {number[]} */ [x, y], /** @type {boolean} */ fine) => {
    const pixels = fine ? FINE_STEP : STEP;
    const spot = map.project(signs[number].getLatLng()).add([x * pixels, y * pixels]);
    list.move(number, at(map.unproject(spot)), true);
    paint();
    show(number);
    sayWhere(number);
  };
  const remove = (/** @type {number} */ number) => {
    if (!list.remove(number)) {
      say(t("角は3点より少なくできません。"));
      return;
    }
    paint();
    signs[Math.min(number, signs.length - 1)].getElement().focus();
    say(t("角を消しました。残り{count}点です。", { count: list.all().length }));
  };
  function pressed(/** @type {number} */ number, /** @type {KeyboardEvent} */ event) {
    const away = ARROWS[event.key];
    if (!away && event.key !== "Delete") return;
    // The arrows would move the map and the list as well.
    event.preventDefault();
    event.stopPropagation();
    if (away) step(number, away, event.shiftKey);
    else remove(number);
  }
  map.on("zoomend", placeHandles);
  paint();
  return {
    /** @param {number} lat @param {number} lon */
    add(lat, lon) { list.add({ lat, lon }); paint(); },
    undo() { list.undo(); paint(); },
    remove() {
      map.off("zoomend", placeHandles);
      for (const each of [outline, ...signs, ...handles]) each.remove();
    },
  };
}
