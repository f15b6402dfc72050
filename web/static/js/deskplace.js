/** Where an incident is: by pressing the map, by its numbers, by a candidate, or as an area that is drawn. */

import { cornersOf, shapeOf } from "./cornerlist.js";
import { el } from "./dom.js";
import { t } from "./i18n.js";
import { cornerHelp } from "./map/corners.js";
import { metresWords } from "./words.js";

/** @type {ReadonlyArray<[number, string]>} radius in metres and what is that exact */
const EXACTNESS = [[30, t("建物や橋など、一点")], [100, t("まわりの一帯")], [300, t("集落や小さな地区")], [1000, t("広い地区")]];
/** @type {Record<string, number>} how exact a candidate of a level is, in metres */
const LEVELS = { position: 30, house: 30, block: 100, facility: 100, section: 300, chome: 300 };

/** @param {any} candidate @returns {any} the place to be sent */
export const placeOfCandidate = ({ lat, lon, level, name }) => ({ lat, lon, level, radius_m: LEVELS[level] ?? 1000, place_text: name });

/** @param {string} written also in full width @returns {number} */
const degrees = (written) => written.trim() === "" ? NaN : Number(written.normalize("NFKC").trim());

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
      const lat = el("input", { id: "place-lat", class: "field", inputMode: "decimal", autocomplete: "off" });
      const lon = el("input", { id: "place-lon", class: "field", inputMode: "decimal", autocomplete: "off" });
      const name = el("input", { id: "place-name", class: "field ask__wide", maxLength: 60, autocomplete: "off" });
      const radius = el("select", { id: "place-radius", class: "field ask__wide" }, ...EXACTNESS.map(([metres, words]) =>
        el("option", { value: String(metres) }, t("{words}（±{metres}）", { words, metres: metresWords(metres) }))));
      const area = el("input", { type: "checkbox", id: "place-area" });
      const fault = el("p", { class: "field-error", role: "alert" });
      const back = el("button", { type: "button", class: "button button--small", onclick: () => drawing?.undo() }, t("一つ戻す"));
      const show = (/** @type {boolean} */ move) => {
        const [y, x] = [degrees(lat.value), degrees(lon.value)];
        if (Math.abs(y) <= 90 && Math.abs(x) <= 180) picking.set(y, x, Number(radius.value), move);
      };
      const put = (/** @type {number} */ y, /** @type {number} */ x) => {
        if (area.checked) { drawing.add(y, x); return; }
        lat.value = y.toFixed(6);
        lon.value = x.toFixed(6);
        show(false);
      };
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
        const [y, x] = [degrees(lat.value), degrees(lon.value)];
        if (!(Math.abs(y) <= 90 && Math.abs(x) <= 180)) return t("場所を示してください。地図を押すか、緯度と経度を入れてください。");
        return { lat: y, lon: x, radius_m: Number(radius.value), place_text };
      };
      root.replaceChildren(el("form", { class: "placing", onsubmit: send, "aria-labelledby": "placing-title" },
        el("h2", { id: "placing-title", tabIndex: -1 }, t("場所を決める")),
        el("p", { class: "note" }, t("地図を押すと印が付きます。印は動かせます。緯度と経度でも指定できます。")),
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
