/** The marks of an incident, the same on pin, row and panel: never colour alone. */

import { el, symbol } from "./dom.js";
import { t } from "./i18n.js";
import { GROUPS, OPEN_STATES, STATES, TYPES, groupOf, stateOf, typeWord, verificationWord } from "./words.js";

/** Beyond this the place is an area, and the pin has no tip. */
const POINT_RADIUS_M = 200;

const SPRITE = new URL("../icons/damage.svg", import.meta.url).pathname;

/** @param {string} code damage type @returns {SVGSVGElement} */
export const typeIcon = (code) => symbol(`${SPRITE}#${TYPES.has(code) ? code : "hazmat"}`);

/** @param {any} properties @returns {string} one line that says what the mark shows */
export function markWords(properties) {
  return [
    properties.drill ? t("訓練") : "",
    properties.urgent ? t("緊急") : "",
    typeWord(properties),
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
 * @param {{pin?: boolean, age?: string}} [options] a pin has a tip when the place is a point; `age` of old
 * information, which a pin shows in words
 * @returns {HTMLElement}
 */
export function mark(properties, { pin = false, age = "" } = {}) {
  const state = stateOf(properties);
  const pointed = pin && isPointed(properties);
  const classes = ["mark", `mark--${state}`, `group--${groupOf(properties.type)}`];
  if (pointed) classes.push("mark--pointed");
  if (properties.urgent && OPEN_STATES.includes(state)) classes.push("mark--urgent");
  if (age) classes.push("mark--stale");
  return el(
    "span",
    { class: classes.join(" "), "aria-hidden": "true" },
    el("span", { class: "mark__face" }, typeIcon(properties.type)),
    state === "hearsay" && el("span", { class: "mark__state" }, "?"),
    state === "resolved" && el("span", { class: "mark__state" }, "✓"),
    properties.verification === "verified" && el("span", { class: "mark__verified" }, t("確")),
    properties.drill && el("span", { class: "mark__drill" }, t("訓")),
    pin && age && el("span", { class: "mark__age" }, age),
  );
}

/** @param {number} count @returns {string} as a mark has room for */
const shortCount = (count) => (count < 10_000 ? String(count) : t("{count}万", { count: (count / 10_000).toFixed(1) }));

/**
 * A cluster: how many, the gravest of them as its face, and whether something urgent is inside.
 * Where everything in it is old, it is drawn as old.
 * @param {{count: number, urgent: number, stale: number, drill: boolean, gravest: any}} content
 * @returns {HTMLElement}
 */
export function clusterMark({ count, urgent, stale, drill, gravest }) {
  const size = count >= 100 ? "l" : count >= 10 ? "m" : "s";
  return el(
    "span",
    { class: `cluster cluster--${size} cluster--${stateOf(gravest)} group--${groupOf(gravest.type)}`
      + (urgent ? " cluster--urgent" : "") + (stale === count ? " cluster--stale" : "") },
    el("span", { class: "cluster__face" }, typeIcon(gravest.type)),
    el("span", { class: "cluster__count" }, shortCount(count)),
    urgent > 0 && el("span", { class: "cluster__urgent" }, t("緊急{count}", { count: urgent })),
    drill && el("span", { class: "mark__drill" }, t("訓")),
    stale === count && el("span", { class: "mark__age" }, t("古い情報")),
  );
}

/** @returns {Node[]} the keys of the page and what each does */
function keyLines() {
  /** @type {[string, string][]} */
  const keys = [
    ["Alt+U", t("いちばん急ぐ事案へ")], ["Alt+N", t("地図の中央に最も近い事案へ")],
    ["↑ ↓ Home End", t("一覧の中を移動")], ["Enter", t("事案を開く")], ["Esc", t("閉じて一覧に戻る")],
    [t("地図で ↑ ↓ ← → + −"), t("地図を動かす、拡大・縮小")],
  ];
  return keys.flatMap(([key, words]) => [el("dt", {}, el("kbd", {}, key)), el("dd", {}, words)]);
}

/** @returns {HTMLElement} what each mark means, and the keys */
export function legend() {
  const sample = (/** @type {object} */ properties) =>
    mark({ type: "landslide", status: "present", verification: "unverified", ...properties }, { pin: true });
  const line = (/** @type {Node} */ picture, /** @type {string} */ words) => el("li", {}, picture, words);
  return el(
    "div",
    { class: "legend" },
    el("ul", {},
      line(sample({ radius_m: 50 }), t("発生中（塗り・実線）。先端があるものは地点まで判明")),
      line(sample({ radius_m: 900 }), t("丸いものはおおよその位置。選ぶと範囲を表示")),
      line(sample({ status: "hearsay" }), t("未確認情報（点線と ?）")),
      line(sample({ status: "feared" }), t("おそれ（破線・白抜き）")),
      line(sample({ status: "resolved" }), t("解消（灰色と ✓）")),
      line(sample({ status: "denied" }), t("なし・本部棄却（灰色に斜線）")),
      line(sample({ urgent: true }), t("緊急（赤い二重の輪）")),
      line(sample({ verification: "verified" }), t("「確」は本部確認済")),
      line(sample({ drill: true }), t("「訓」は訓練")),
      line(mark({ type: "landslide", status: "present", verification: "unverified" }, { age: "-" }),
        t("古い情報（薄い色・破線の輪と経過時間）。まとまりは、すべて古いとき")),
    ),
    el("ul", { class: "legend__groups" }, ...[...GROUPS].map(([group, word]) =>
      line(el("span", { class: `swatch group--${group}`, "aria-hidden": "true" }), word))),
    el("h3", {}, t("キー操作")),
    el("dl", { class: "legend__keys" }, ...keyLines()),
  );
}
