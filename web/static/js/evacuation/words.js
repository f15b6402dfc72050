/** Words of the board: 警戒レベル, what is recorded, how a unit was heard. Colour never stands alone. */

import { el } from "../dom.js";
import { t } from "../i18n.js";

export const LEVELS = [3, 4, 5];
const LEVEL_WORDS = new Map([[3, t("高齢者等避難")], [4, t("避難指示")], [5, t("緊急安全確保")]]);
export const KINDS = new Map([["order", t("発令")], ["dismiss", t("見送り")], ["lift", t("解除")]]);
export const HEARING = new Map([["heard", t("報告あり")], ["overdue", t("報告が途切れている")], ["silent", t("報告なし")]]);
export const HAZARDS = new Map([
  ["flood", t("洪水")], ["landslide", t("土砂災害")], ["storm_surge", t("高潮")],
  ["tsunami", t("津波")], ["fire", t("火災")], ["other", t("その他")],
]);
export const SHELTER_STATES = new Map([["open", t("開設")], ["full", t("満員")], ["closed", t("閉鎖")], ["unknown", t("未入力")]]);
export const USES = new Map([
  ["emergency", t("指定緊急避難場所")], ["evacuation", t("指定避難所")], ["own", t("避難場所")],
]);

/** @param {number} level @returns {string} 警戒レベル4 避難指示 */
export const levelWords = (level) => t("警戒レベル{level} {words}", { level, words: LEVEL_WORDS.get(level) ?? "" });

/** @param {number|null} level @returns {HTMLElement} the level in its colour with its words */
export const levelBadge = (level) => el("span", { class: `level level--${level ?? 0}` },
  level === null ? t("発令なし") : levelWords(level));

/** @param {string|null|undefined} proxy the prefecture that ordered in the mayor's place @returns {HTMLElement|null} */
export const proxyFlag = (proxy) => proxy ? el("span", { class: "flag" }, t("知事が代行（{prefecture}）", { prefecture: proxy })) : null;

/** @param {any} unit @returns {string[]} what has to be seen at once, in words */
export function flags(unit) {
  const words = [];
  if (unit.undecided.length) words.push(t("判断待ち"));
  // A board of the past may know nothing of this.
  if (unit.still_met?.length) words.push(t("解除後も基準に達している"));
  if (unit.lines.some((/** @type {any} */ line) => line.state === "unconfirmed")) words.push(t("要確認"));
  if (unit.reports.state !== "heard") words.push(HEARING.get(unit.reports.state) ?? "");
  return words;
}

/** @param {string[]} names @returns {string} */
export const namesWords = (names) => names.join(t("、"));
