/** Orders of the desk: which version they are about, what they say in words, and how they are repeated. Pure. */

import { t } from "./i18n.js";
import { STATES, TYPES } from "./words.js";

/** @type {Record<string, string>} what an order does, in words */
const ORDERS = { verify: t("確認済にする"), reopen: t("未確認に戻す"), reject: t("棄却する"), type: t("種別を直す"), status: t("状態を決める"),
  place: t("場所を決める"), assign: t("担当を決める"), merge: t("統合する"), split: t("通報を分ける"), undo: t("取り消す") };

/**
 * The version that somebody had before them when they began to decide.
 * @param {any} feature @returns {{id: string, version: number}}
 */
export const seenOf = ({ id, properties }) => ({ id, version: properties.ruling_version });

/** @param {any} order `names`: whom or what it is about, in words @returns {[string, string][]} what was attempted */
export function givenLines(order) {
  /** @type {[string, string][]} */
  const lines = [[t("操作"), ORDERS[order.kind]]];
  if (order.kind === "type") lines.push([t("種別"), TYPES.get(order.type)?.word ?? t("通報のとおり")]);
  if (order.kind === "status") lines.push([t("状態"), STATES.get(order.status) ?? t("通報のとおり")]);
  if (order.kind === "place") lines.push([t("場所"), order.place ? `${order.place.lat.toFixed(5)}, ${order.place.lon.toFixed(5)}` : t("通報のとおり")]);
  if (order.kind === "assign") lines.push([t("担当"), order.names]);
  if (order.kind === "merge") lines.push([t("まとめる事案"), order.names]);
  if (order.kind === "split") lines.push([t("分ける通報"), t("{count}件", { count: reportsOf(order) })]);
  if (order.reason) lines.push([t("理由"), order.reason]);
  return lines;
}

/** @param {any} order @returns {number} */
const reportsOf = ({ readings }) => new Set(readings.map((/** @type {any} */ { report }) => report)).size;

/** The same order, for those who have seen the newest versions. @param {any} order @param {any[]} conflicts */
export function onTop(order, conflicts) {
  const now = new Map(conflicts.map(({ id, theirs }) => [id, theirs.ruling.version]));
  const renew = (/** @type {any} */ one) => ({ ...one, version: now.get(one.id) ?? one.version });
  return { ...order, incidents: order.incidents.map(renew), ...(order.into ? { into: renew(order.into) } : {}) };
}
