/** Measuring on the map: distance along the points that are pressed, and the area they enclose. */

import { el } from "./dom.js";
import { t } from "./i18n.js";
import { areaOf, areaWords, lengthOf, lengthWords } from "./ground.js";

/**
 * @param {object} options
 * @param {HTMLElement} options.root @param {any} options.map @param {() => void} options.onClose
 */
export function measuring({ root, map, onClose }) {
  /** @type {any} */
  let line = null;
  /** @type {any} */
  let picking = null;
  const words = el("p", { class: "measure__words", role: "status" });
  const undo = el("button", { type: "button", class: "button button--small", onclick: () => line?.undo() }, t("一つ戻す"));
  const close = el("button", { type: "button", class: "button button--small", onclick: () => stop() }, t("計測を終わる"));
  const centre = el("button", { type: "button", class: "button button--small",
    onclick: () => { const { lat, lon } = picking.centre(); line.add(lat, lon); } }, t("地図の中心を加える"));
  root.append(words, el("div", { class: "measure__buttons" }, centre, undo, close));

  const say = (/** @type {{lat: number, lon: number}[]} */ points) => {
    words.textContent = points.length < 2 ? t("地図を押して、測る点を順に選んでください。")
      : points.length < 3 ? t("距離 {length}", { length: lengthWords(lengthOf(points)) })
        : t("距離 {length}　囲んだ面積 {area}", { length: lengthWords(lengthOf(points)), area: areaWords(areaOf(points)) });
    undo.disabled = points.length === 0;
  };
  function stop() {
    if (!line) return;
    line.remove();
    picking.stop();
    line = null;
    root.hidden = true;
    onClose();
  }
  return {
    isOpen: () => line !== null,
    start() {
      if (line) return;
      root.hidden = false;
      line = map.measuredLine(say);
      picking = map.pick((/** @type {number} */ lat, /** @type {number} */ lon) => line.add(lat, lon));
      say([]);
      centre.focus();
    },
    stop,
  };
}
