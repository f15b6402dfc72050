/** A point as forms ask for it: its degrees, and how exact it is. */

import { el } from "./dom.js";
import { t } from "./i18n.js";
import { metresWords } from "./words.js";

/** @type {ReadonlyArray<[number, string]>} radius in metres and what is that exact */
const EXACTNESS = [[30, t("建物や橋など、一点")], [100, t("まわりの一帯")], [300, t("集落や小さな地区")], [1000, t("広い地区")]];
const USUAL = 100;
/** How far off a place of this level usually is, as one of EXACTNESS. */
const RADII = new Map([["position", 30], ["house", 30], ["block", 100], ["facility", 100], ["section", 300], ["chome", 300]]);

/** @param {string} level @returns {number} metres */
export const radiusOf = (level) => RADII.get(level) ?? 1000;

/** @param {string} id @param {string} className @param {number} [usual] metres chosen at first */
export const radiusField = (id, className, usual = USUAL) => el("select", { id, class: className }, ...EXACTNESS.map(([metres, words]) =>
  el("option", { value: String(metres), selected: metres === usual }, t("{words}（±{metres}）", { words, metres: metresWords(metres) }))));

/** @param {string} id */
export const degreesField = (id) => el("input", { id, class: "field", inputMode: "decimal", autocomplete: "off" });

/** @param {string} written also in full width @returns {number} NaN for none */
const degrees = (written) => written.trim() === "" ? NaN : Number(written.normalize("NFKC").trim());

/** @param {HTMLInputElement} lat @param {HTMLInputElement} lon @returns {{lat: number, lon: number}|null} null unless both are degrees */
export function pointOf(lat, lon) {
  const [y, x] = [degrees(lat.value), degrees(lon.value)];
  return Math.abs(y) <= 90 && Math.abs(x) <= 180 ? { lat: y, lon: x } : null;
}
