/** The record of actions in words: who did what, when and why, and whether it still holds. */

import { el, japanese } from "./dom.js";
import { said, t } from "./i18n.js";
import { whenWords } from "./time.js";
import { verificationWord } from "./words.js";

/** @param {any} ruling @returns {string} */
const placeWords = ({ place }) => place === null ? t("通報のとおり")
  : place.place_text || `${place.lat.toFixed(5)}, ${place.lon.toFixed(5)}`;

/** @type {Record<string, [string, (ruling: any) => string]>} name of a decision, and its words */
const DECISIONS = {
  verification: [t("本部の確認"), (ruling) => verificationWord(ruling.verification)],
  type: [t("種別"), (ruling) => ruling.type_ja === null ? t("通報のとおり") : said(ruling.type_ja)],
  status: [t("状態"), (ruling) => ruling.status_ja === null ? t("通報のとおり") : said(ruling.status_ja)],
  place: [t("場所"), placeWords],
  assigned: [t("担当"), (ruling) => ruling.assigned === null ? t("なし") : ruling.assigned.name],
};

/** @param {any} ruling @returns {[string, string][]} everything that headquarters decided */
export const rulingLines = (ruling) => Object.values(DECISIONS).map(([name, words]) => [name, words(ruling)]);

/** @param {any} action @returns {string[]} each decision that changed: 種別：浸水 → 道路冠水 */
export function changeLines(action) {
  const lines = Object.entries(DECISIONS).filter(([name]) => action.changed.includes(name))
    .map(([, [name, words]]) => t("{name}：{before} → {after}", { name, before: words(action.before), after: words(action.after) }));
  if (action.taught) lines.push(t("教えた場所の名前：{name}", { name: action.taught }));
  if (action.moved) lines.push(t("通報 {count}件を移しました", { count: action.moved }));
  if (!action.moved && action.incidents > 1) lines.push(t("{count}件の事案をまとめて操作", { count: action.incidents }));
  return lines;
}

/** @param {any} action @param {number} now @returns {string} 職員甲（福山市）3:12（2分前） */
export const byWords = (action, now) => action.organization
  ? t("{name}（{organization}） {when}", { name: action.by, organization: action.organization, when: whenWords(action.at, now) })
  : t("{name} {when}", { name: action.by, when: whenWords(action.at, now) });

/** @param {any[]} trail newest first @param {number} now @param {(id: number) => void} onUndo */
export function trailNode(trail, now, onUndo) {
  if (!trail.length) return el("p", { class: "note" }, t("まだ操作はありません。"));
  return el("ol", { class: "trail" }, ...trail.map((action) => el("li", { class: action.standing ? "" : "is-undone", "data-action": String(action.id) },
    el("p", {}, el("strong", {}, said(action.kind_ja)), !action.standing && action.kind !== "desk.undo" && el("span", { class: "tag" }, t("取消済み"))),
    el("p", { class: "note" }, byWords(action, now)),
    ...changeLines(action).map((line) => el("p", {}, line)),
    action.reason && el("p", {}, t("理由："), japanese(action.reason)),
    action.standing && action.before !== null && el("button", { type: "button", class: "button button--small", "data-key": `undo/${action.id}`, onclick: () => onUndo(action.id) },
      t("この操作を取り消す")))));
}
