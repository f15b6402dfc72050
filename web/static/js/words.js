/**
 * The words and groups of damage types, statuses and levels, as a city office writes them.
 * Codes are those of the public API.
 */

import { said, t } from "./i18n.js";

/** @typedef {{code: string, word: string, group: string, deadly: boolean}} DamageType */

/** Groups in the order of the legend; the code is also the CSS class of the colour. */
export const GROUPS = new Map([
  ["people", t("人命")],
  ["water", t("水害")],
  ["ground", t("土砂・地盤")],
  ["fire", t("火災・危険物")],
  ["building", t("建物・風雪")],
  ["road", t("道路・鉄道")],
  ["lifeline", t("ライフライン")],
  ["other", t("避難・その他")],
]);

/** @type {ReadonlyArray<[string, string, string, boolean]>} code, word, group, deadly by itself */
const ROWS = [
  ["casualty", t("人的被害"), "people", true],
  ["rescue_request", t("救助要請"), "people", true],
  ["isolation", t("孤立"), "people", true],
  ["tsunami", t("津波"), "water", true],
  ["river_overflow", t("越水・氾濫・決壊"), "water", true],
  ["inundation", t("浸水"), "water", true],
  ["road_flooding", t("道路冠水"), "water", false],
  ["landslide", t("土砂災害"), "ground", true],
  ["precursor", t("前兆"), "ground", true],
  ["volcanic", t("噴火・降灰"), "ground", true],
  ["liquefaction", t("液状化"), "ground", false],
  ["fire", t("火災・煙"), "fire", true],
  ["gas_leak", t("ガス漏れ・停止"), "fire", true],
  ["hazmat", t("危険物"), "fire", true],
  ["building_damage", t("建物被害"), "building", true],
  ["wind", t("突風・竜巻"), "building", true],
  ["fallen_tree", t("倒木・電柱・飛来物"), "building", false],
  ["snow", t("雪害"), "building", false],
  ["bridge_damage", t("橋梁被害"), "road", false],
  ["road_damage", t("道路損壊"), "road", false],
  ["road_closure", t("通行止め・通行不能"), "road", false],
  ["railway", t("鉄道"), "road", false],
  ["power_outage", t("停電"), "lifeline", false],
  ["water_outage", t("断水"), "lifeline", false],
  ["telecom_outage", t("通信障害"), "lifeline", false],
  ["evacuation", t("避難状況"), "other", false],
  ["none", t("異常なし"), "other", false],
];

/** @type {ReadonlyMap<string, DamageType>} */
export const TYPES = new Map(
  ROWS.map(([code, word, group, deadly]) => [code, { code, word, group, deadly }]),
);

/** States an officer tells apart; `rejected` is headquarters' verdict, whatever the reports say. */
export const ROLES = new Map([
  ["viewer", t("閲覧者")], ["officer", t("本部員")], ["commander", t("指揮者")], ["administrator", t("管理者")],
]);

export const STATES = new Map([
  ["present", t("発生中")],
  ["hearsay", t("未確認情報")],
  ["feared", t("おそれ")],
  ["resolved", t("解消")],
  ["denied", t("なし")],
  ["rejected", t("本部棄却")],
]);

/** States that may still hurt someone: shown unless the officer says otherwise. */
export const OPEN_STATES = Object.freeze(["present", "hearsay", "feared"]);

const LEVELS = new Map([
  ["position", t("端末の位置")],
  ["house", t("住居番号")],
  ["block", t("番地")],
  ["facility", t("施設")],
  ["section", t("道路・河川の区間")],
  ["chome", t("丁目")],
  ["town", t("大字・町")],
  ["former_municipality", t("旧町村")],
  ["municipality", t("市町村")],
  ["prefecture", t("都道府県")],
  ["unknown", t("不明")],
]);

const CHANNELS = new Map([
  ["line", "LINE"],
  ["form", t("スマートフォン入力")],
  ["api", t("連携システム")],
  ["file", t("ファイル取り込み")],
  ["replay", t("再生")],
]);

/** @param {string} code @returns {string} the group of a damage type; unknown codes count as other */
export const groupOf = (code) => TYPES.get(code)?.group ?? "other";

/** @param {{type_ja: string}} properties @returns {string} what happened, in the language of the page */
export const typeWord = (properties) => said(properties.type_ja);

/** @param {string} code @returns {string} */
export const levelWord = (code) => LEVELS.get(code) ?? code;

/** @param {string} code @returns {string} */
export const channelWord = (code) => CHANNELS.get(code) ?? code;

/**
 * The state shown for an incident.
 * @param {{status: string, verification: string}} properties
 * @returns {string}
 */
export function stateOf(properties) {
  if (properties.verification === "rejected") return "rejected";
  return STATES.has(properties.status) ? properties.status : "hearsay";
}

/** @param {string} verification @returns {string} */
export function verificationWord(verification) {
  if (verification === "verified") return t("本部確認済");
  return verification === "rejected" ? t("本部棄却") : t("本部未確認");
}

/**
 * How far off the place may be, in words.
 * @param {{level: string, radius_m: number|null}} properties
 * @returns {string}
 */
export function radiusWords(properties) {
  const level = levelWord(properties.level);
  if (properties.radius_m === null || properties.radius_m === undefined) return t("地点は不明（{level}まで判明）", { level });
  return t("おおよそ ±{metres}（{level}）", { metres: metresWords(properties.radius_m), level });
}

/** @param {number} metres @returns {string} */
export const metresWords = (metres) => metres >= 950 ? `${(metres / 1000).toFixed(1)} km` : `${roundMetres(metres)} m`;

/** @param {number} metres */
function roundMetres(metres) {
  return metres < 100 ? Math.max(5, Math.round(metres / 5) * 5) : Math.round(metres / 50) * 50;
}

/** @param {Record<string, number>} properties @returns {string} stated people, empty when none */
export function peopleWords(properties) {
  const words = [];
  if (properties.dead) words.push(t("死者 {count}人", { count: properties.dead }));
  if (properties.missing) words.push(t("行方不明者 {count}人", { count: properties.missing }));
  if (properties.trapped) words.push(t("閉じ込め・取り残され {count}人", { count: properties.trapped }));
  if (properties.injured) words.push(t("負傷者 {count}人", { count: properties.injured }));
  return words.join(t("、"));
}
