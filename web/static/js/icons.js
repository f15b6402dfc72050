/** The marks of an incident, the same on pin, row and panel: never colour alone. */

import { el, symbol } from "./dom.js";
import { GROUPS, OPEN_STATES, STATES, TYPES, groupOf, stateOf, verificationWord } from "./words.js";

/** Beyond this the place is an area, and the pin has no tip. */
const POINT_RADIUS_M = 200;

const SPRITE = new URL("../icons/damage.svg", import.meta.url).pathname;

/** @param {string} code damage type @returns {SVGSVGElement} */
export const typeIcon = (code) => symbol(`${SPRITE}#${TYPES.has(code) ? code : "hazmat"}`);

/** @param {any} properties @returns {string} one line that says what the mark shows */
export function markWords(properties) {
  return [
    properties.drill ? "訓練" : "",
    properties.urgent ? "緊急" : "",
    properties.type_ja,
    STATES.get(stateOf(properties)),
    properties.place_text,
    properties.municipality_name,
    verificationWord(properties.verification),
  ].filter(Boolean).join(" ");
}

/** @param {any} properties @returns {boolean} whether the place is known so well that a tip may point at it */
export const isPointed = (properties) => (properties.radius_m ?? Infinity) <= POINT_RADIUS_M;

/**
 * @param {any} properties
 * @param {{pin?: boolean}} [options] a pin has a tip when the place is a point
 * @returns {HTMLElement}
 */
export function mark(properties, { pin = false } = {}) {
  const state = stateOf(properties);
  const pointed = pin && isPointed(properties);
  const classes = ["mark", `mark--${state}`, `group--${groupOf(properties.type)}`];
  if (pointed) classes.push("mark--pointed");
  if (properties.urgent && OPEN_STATES.includes(state)) classes.push("mark--urgent");
  return el(
    "span",
    { class: classes.join(" "), "aria-hidden": "true" },
    el("span", { class: "mark__face" }, typeIcon(properties.type)),
    state === "hearsay" && el("span", { class: "mark__state" }, "?"),
    state === "resolved" && el("span", { class: "mark__state" }, "✓"),
    properties.verification === "verified" && el("span", { class: "mark__verified" }, "確"),
    properties.drill && el("span", { class: "mark__drill" }, "訓"),
  );
}

/**
 * A cluster: how many, the gravest of them as its face, and whether something urgent is inside.
 * @param {{count: number, urgent: number, drill: boolean, gravest: any}} content
 * @returns {HTMLElement}
 */
export function clusterMark({ count, urgent, drill, gravest }) {
  const size = count >= 100 ? "l" : count >= 10 ? "m" : "s";
  return el(
    "span",
    { class: `cluster cluster--${size} cluster--${stateOf(gravest)} group--${groupOf(gravest.type)}`
      + (urgent ? " cluster--urgent" : "") },
    el("span", { class: "cluster__face" }, typeIcon(gravest.type)),
    el("span", { class: "cluster__count" }, String(count)),
    urgent > 0 && el("span", { class: "cluster__urgent" }, `緊急${urgent}`),
    drill && el("span", { class: "mark__drill" }, "訓"),
  );
}

/** @returns {HTMLElement} what each mark means */
export function legend() {
  const sample = (/** @type {object} */ properties) =>
    mark({ type: "landslide", status: "present", verification: "unverified", ...properties }, { pin: true });
  const line = (/** @type {Node} */ picture, /** @type {string} */ words) => el("li", {}, picture, words);
  return el(
    "div",
    { class: "legend" },
    el("ul", {},
      line(sample({ radius_m: 50 }), "発生中（塗り・実線）。先端があるものは地点まで判明"),
      line(sample({ radius_m: 900 }), "丸いものはおおよその位置。選ぶと範囲を表示"),
      line(sample({ status: "hearsay" }), "未確認情報（点線と ?）"),
      line(sample({ status: "feared" }), "おそれ（破線・白抜き）"),
      line(sample({ status: "resolved" }), "解消（灰色と ✓）"),
      line(sample({ status: "denied" }), "なし・本部棄却（灰色に斜線）"),
      line(sample({ urgent: true }), "緊急（赤い二重の輪）"),
      line(sample({ verification: "verified" }), "「確」は本部確認済"),
      line(sample({ drill: true }), "「訓」は訓練"),
    ),
    el("ul", { class: "legend__groups" }, ...[...GROUPS].map(([group, word]) =>
      line(el("span", { class: `swatch group--${group}`, "aria-hidden": "true" }), word))),
  );
}
