/** Where an incident is: by pressing the map, by its numbers, by a candidate, or as an area that is drawn. */

import { cornersOf, shapeOf } from "./cornerlist.js";
import { el } from "./dom.js";
import { t } from "./i18n.js";
import { cornerHelp } from "./map/corners.js";
import { placeFinder } from "./placefinder.js";
import { degreesField, pointOf, radiusField, radiusOf } from "./spot.js";

/** Who decides where an incident is has seen the spot on the map: metres. */
const SIGHTED = 30;

/** @param {any} candidate @returns {any} the place to be sent */
export const placeOfCandidate = ({ lat, lon, level, name }) => ({ lat, lon, level, radius_m: radiusOf(level), place_text: name });

/**
 * @param {object} options
 * @param {HTMLElement} options.root @param {any} options.map
 * @param {(place: any|null, feature: any) => void} options.onSave null: as the reports say; the incident as it was when asked
 * @param {(open: boolean) => void} options.onTurn
 */
export function placePanel({ root, map, onSave, onTurn }) {
  /** @type {any} */
  let picking = null;
  /** @type {any} */
  let drawing = null;
  /** @type {{lat: number, lon: number}[]} */
  let corners = [];

  const stop = () => {
    picking?.stop();
    drawing?.remove();
    picking = drawing = null;
    corners = [];
    root.hidden = true;
    root.replaceChildren();
  };
  const close = () => {
    if (root.hidden) return;
    stop();
    onTurn(false);
  };
  return {
    isOpen: () => !root.hidden,
    close,
    /** @param {any} feature */
    open(feature) {
      stop();
      const lat = degreesField("place-lat");
      const lon = degreesField("place-lon");
      const name = el("input", { id: "place-name", class: "field ask__wide", maxLength: 60, autocomplete: "off" });
      const radius = radiusField("place-radius", "field ask__wide", SIGHTED);
      const area = el("input", { type: "checkbox", id: "place-area" });
      const fault = el("p", { class: "field-error", role: "alert" });
      const back = el("button", { type: "button", class: "button button--small", onclick: () => drawing?.undo() }, t("一つ戻す"));
      const show = (/** @type {boolean} */ move) => {
        const point = pointOf(lat, lon);
        if (point) picking.set(point.lat, point.lon, Number(radius.value), move);
      };
      const put = (/** @type {number} */ y, /** @type {number} */ x) => {
        if (area.checked) { drawing.add(y, x); return; }
        lat.value = y.toFixed(6);
        lon.value = x.toFixed(6);
        show(false);
      };
      const find = placeFinder("place-find", map, (found) => {
        // An area is drawn by hand: there the map only goes to the place.
        if (area.checked) { map.goTo(found); return; }
        radius.value = String(radiusOf(found.level));
        put(found.lat, found.lon);
        show(true);
      });
      const help = cornerHelp();
      const startArea = (/** @type {{lat: number, lon: number}[]} */ first) => {
        drawing?.remove();
        drawing = null;
        corners = [];
        if (area.checked) {
          drawing = map.drawnArea({ corners: first, say: help.say,
            onChange: (/** @type {any[]} */ now, /** @type {boolean} */ canUndo) => { corners = now; back.disabled = !canUndo; } });
        }
        back.hidden = help.node.hidden = !area.checked;
      };
      const send = (/** @type {Event} */ event) => {
        event.preventDefault();
        const place = placeGiven();
        if (typeof place === "string") { fault.textContent = place; return; }
        close();
        onSave(place, feature);
      };
      const placeGiven = () => {
        const place_text = name.value.trim() || null;
        if (area.checked) {
          if (corners.length < 2) return t("地図を2か所以上押して、線か面を描いてください。");
          return { ...corners[0], shape: shapeOf(corners), place_text };
        }
        const point = pointOf(lat, lon);
        if (!point) return t("場所を示してください。地図を押すか、緯度と経度を入れてください。");
        return { ...point, radius_m: Number(radius.value), place_text };
      };
      root.replaceChildren(el("form", { class: "placing", onsubmit: send, "aria-labelledby": "placing-title" },
        el("h2", { id: "placing-title", tabIndex: -1 }, t("場所を決める")),
        el("p", { class: "note" }, t("地図を押すと印が付きます。印は動かせます。緯度と経度でも指定できます。")),
        find,
        el("label", { class: "choice" }, area, t("線や面を描く（押した順に結びます）")),
        el("p", { class: "acts" },
          el("button", { type: "button", class: "button button--small", onclick: () => { const at = picking.centre(); put(at.lat, at.lon); } }, t("地図の中央に印を置く")), back),
        help.node,
        el("div", { class: "placing__pair" }, el("label", { for: "place-lat" }, t("緯度"), lat), el("label", { for: "place-lon" }, t("経度"), lon)),
        el("label", { for: "place-radius" }, t("位置の確かさ"), radius),
        el("label", { for: "place-name" }, t("場所の名前（空なら通報の言葉のまま）"), name), fault,
        el("p", { class: "ask__buttons" }, el("button", { type: "submit", class: "button button--main" }, t("この場所に決める")),
          feature.properties.ruled.includes("place") && el("button", { type: "button", class: "button", onclick: () => { close(); onSave(null, feature); } }, t("通報のとおりに戻す")),
          el("button", { type: "button", class: "button", onclick: close }, t("やめる")))));
      root.hidden = false;
      onTurn(true);
      picking = map.pick(put);
      area.addEventListener("change", () => startArea([]));
      for (const field of [lat, lon, radius]) field.addEventListener("change", () => show(true));
      const drawn = cornersOf(feature.properties.shape);
      area.checked = drawn !== null;
      startArea(drawn ?? []);
      if (feature.geometry) {
        const [x, y] = feature.geometry.coordinates;
        lat.value = y.toFixed(6);
        lon.value = x.toFixed(6);
        show(true);
      }
      root.querySelector("h2")?.focus();
    },
  };
}
