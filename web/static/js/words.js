/**
 * The words and groups of damage types, statuses and levels, as a city office writes them.
 * Codes are those of the public API.
 */

/** @typedef {{code: string, word: string, group: string, deadly: boolean}} DamageType */

/** Groups in the order of the legend; the code is also the CSS class of the colour. */
export const GROUPS = new Map([
  ["people", "人命"],
  ["water", "水害"],
  ["ground", "土砂・地盤"],
  ["fire", "火災・危険物"],
  ["building", "建物・風雪"],
  ["road", "道路・鉄道"],
  ["lifeline", "ライフライン"],
  ["other", "避難・その他"],
]);

/** @type {ReadonlyArray<[string, string, string, boolean]>} code, word, group, deadly by itself */
const ROWS = [
  ["casualty", "人的被害", "people", true],
  ["rescue_request", "救助要請", "people", true],
  ["isolation", "孤立", "people", true],
  ["tsunami", "津波", "water", true],
  ["river_overflow", "越水・氾濫・決壊", "water", true],
  ["inundation", "浸水", "water", true],
  ["road_flooding", "道路冠水", "water", false],
  ["landslide", "土砂災害", "ground", true],
  ["precursor", "前兆", "ground", true],
  ["volcanic", "噴火・降灰", "ground", true],
  ["liquefaction", "液状化", "ground", false],
  ["fire", "火災・煙", "fire", true],
  ["gas_leak", "ガス漏れ・停止", "fire", true],
  ["hazmat", "危険物", "fire", true],
  ["building_damage", "建物被害", "building", true],
  ["wind", "突風・竜巻", "building", true],
  ["fallen_tree", "倒木・電柱・飛来物", "building", false],
  ["snow", "雪害", "building", false],
  ["bridge_damage", "橋梁被害", "road", false],
  ["road_damage", "道路損壊", "road", false],
  ["road_closure", "通行止め・通行不能", "road", false],
  ["railway", "鉄道", "road", false],
  ["power_outage", "停電", "lifeline", false],
  ["water_outage", "断水", "lifeline", false],
  ["telecom_outage", "通信障害", "lifeline", false],
  ["evacuation", "避難状況", "other", false],
  ["none", "異常なし", "other", false],
];

/** @type {ReadonlyMap<string, DamageType>} */
export const TYPES = new Map(
  ROWS.map(([code, word, group, deadly]) => [code, { code, word, group, deadly }]),
);

/** States an officer tells apart; `rejected` is headquarters' verdict, whatever the reports say. */
export const STATES = new Map([
  ["present", "発生中"],
  ["hearsay", "未確認情報"],
  ["feared", "おそれ"],
  ["resolved", "解消"],
  ["denied", "なし"],
  ["rejected", "本部棄却"],
]);

/** States that may still hurt someone: shown unless the officer says otherwise. */
export const OPEN_STATES = Object.freeze(["present", "hearsay", "feared"]);

const LEVELS = new Map([
  ["position", "端末の位置"],
  ["house", "住居番号"],
  ["block", "番地"],
  ["facility", "施設"],
  ["section", "道路・河川の区間"],
  ["chome", "丁目"],
  ["town", "大字・町"],
  ["former_municipality", "旧町村"],
  ["municipality", "市町村"],
  ["prefecture", "都道府県"],
  ["unknown", "不明"],
]);

const CHANNELS = new Map([
  ["line", "LINE"],
  ["form", "スマートフォン入力"],
  ["api", "連携システム"],
  ["file", "ファイル取り込み"],
  ["replay", "再生"],
]);

/** @param {string} code @returns {string} the group of a damage type; unknown codes count as other */
export const groupOf = (code) => TYPES.get(code)?.group ?? "other";

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
  if (verification === "verified") return "本部確認済";
  return verification === "rejected" ? "本部棄却" : "本部未確認";
}

/**
 * How far off the place may be, in words.
 * @param {{level: string, radius_m: number|null}} properties
 * @returns {string}
 */
export function radiusWords(properties) {
  const level = levelWord(properties.level);
  if (properties.radius_m === null || properties.radius_m === undefined) return `地点は不明（${level}まで判明）`;
  return `おおよそ ±${metresWords(properties.radius_m)}（${level}）`;
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
  if (properties.dead) words.push(`死者 ${properties.dead}人`);
  if (properties.missing) words.push(`行方不明者 ${properties.missing}人`);
  if (properties.trapped) words.push(`閉じ込め・取り残され ${properties.trapped}人`);
  if (properties.injured) words.push(`負傷者 ${properties.injured}人`);
  return words.join("、");
}
