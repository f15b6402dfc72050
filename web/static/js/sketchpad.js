/** Drawing an area corner by corner beside a map: its buttons, its name, what is said about its corners. */

import { FEWEST, cornersOf, shapeOf } from "./cornerlist.js";
import { el } from "./dom.js";
import { t } from "./i18n.js";
import { cornerHelp } from "./map/corners.js";

/**
 * @param {any} map that can `draw`, `stopDrawing` and tell its `centre`
 * @param {object} options
 * @param {boolean} options.named whether an area gets its name here
 * @param {(feature: any, corrected: any) => void} options.onDrawn corrected: the one it takes the place of, null for a new one
 */
export function sketchpad(map, { named, onDrawn }) {
  /** @type {any} */
  let drawing = null;
  /** @type {any} */
  let corrected = null;
  /** @type {{lat: number, lon: number}[]} */
  let corners = [];
  const small = { type: "button", class: "button button--small" };
  const help = cornerHelp();
  const name = el("input", { id: "draw-name", class: "field", maxLength: 60, autocomplete: "off" });
  const told = el("p", { class: "note", "aria-live": "polite" });
  const begin = el("button", { ...small, onclick: () => draw(null) }, t("地図に描き始める"));
  const middle = el("button", { ...small, onclick: () => { const { lat, lon } = map.centre(); drawing.add(lat, lon); } }, t("地図の中央に印を置く"));
  const back = el("button", { ...small, onclick: () => drawing.undo() }, t("1つ戻す"));
  const finish = el("button", { ...small, onclick: () => end() });
  const show = (/** @type {boolean} */ canUndo) => {
    back.disabled = !canUndo;
    finish.disabled = corners.length < FEWEST;
    told.textContent = t("角 {count}点。地図を押して角を置きます。3点以上で面になります。", { count: corners.length });
  };
  const rest = () => {
    map.stopDrawing();
    drawing = corrected = null;
    corners = [];
    name.value = told.textContent = "";
    finish.textContent = t("この面を加える");
    middle.disabled = back.disabled = finish.disabled = help.node.hidden = true;
    help.say("");
  };
  const draw = (/** @type {any} */ feature) => {
    corrected = feature;
    drawing = map.draw({ corners: feature ? cornersOf(feature.geometry) : [], say: help.say,
      onChange: (/** @type {any[]} */ now, /** @type {boolean} */ canUndo) => { corners = now; show(canUndo); } });
    middle.disabled = help.node.hidden = false;
    finish.textContent = feature ? t("この形に直す") : t("この面を加える");
  };
  const end = () => {
    const given = name.value.trim();
    if (named && given === "") { told.textContent = t("先に、この面の名前を入れてください。"); name.focus(); return; }
    const known = corrected && given === nameOf(corrected) ? corrected.properties : { ...corrected?.properties, name: given };
    onDrawn({ type: "Feature", properties: known, geometry: shapeOf(corners) }, corrected);
    rest();
  };
  rest();
  return {
    rest,
    /** @param {any} feature */
    correct(feature) {
      name.value = nameOf(feature);
      draw(feature);
      (named ? name : middle).focus();
    },
    node: el("fieldset", { class: "teach__place" }, el("legend", {}, t("地図に描く")),
      named && el("label", { for: "draw-name" }, t("名前")), named && name, el("p", { class: "teach__answers" }, begin, middle, back, finish), told, help.node),
  };
}

/** @param {any} feature @returns {string} */
export const nameOf = ({ properties }) => String(properties?.name ?? Object.values(properties ?? {}).find((value) => typeof value === "string") ?? "");
