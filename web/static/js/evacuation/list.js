/** The units in order of need, and above them what belongs to none. */

import { el, japanese } from "../dom.js";
import { t } from "../i18n.js";
import { incidentList } from "./unit.js";
import { flags, levelBadge, levelWords, proxyFlag } from "./words.js";

/**
 * @param {HTMLElement} root
 * @param {{board: any, now: number, selected: string, onOpen: (code: string) => void}} shown
 */
export function showUnits(root, { board, now, selected, onOpen }) {
  const held = document.activeElement instanceof HTMLElement && root.contains(document.activeElement)
    ? document.activeElement.dataset.code : undefined;
  const scrolled = root.scrollTop;
  const opened = root.querySelector("#outside")?.hasAttribute("open") ?? false;
  root.replaceChildren(notes(board, now, opened), el("ol", { class: "units" },
    ...board.units.map((/** @type {any} */ unit) => row(unit, unit.code === selected, onOpen))));
  root.scrollTop = scrolled;
  if (held) for (const button of root.querySelectorAll("button")) if (button.dataset.code === held) button.focus();
}

/** @param {any} board @param {number} now @param {boolean} opened the list of what lies outside */
function notes(board, now, opened) {
  const lines = [];
  if (board.criteria.length === 0) lines.push(t("発令基準がまだ登録されていません。「発令基準」から登録すると、達した行が出ます。"));
  if (board.automatic) lines.push(t("発令単位は、大字・町から自動で作ったものです。境界はおおよそです。"));
  if (board.units.length === 0) lines.push(t("発令単位がありません。「発令単位」から登録してください。"));
  if (board.unplaced) lines.push(t("場所の分からない事案 {count}件は、どの単位にも入っていません。", { count: board.unplaced }));
  const outside = board.outside.map((/** @type {string} */ id) => ({ id, ...board.incidents[id] }));
  return el("ul", { class: "board-notes" }, ...lines.map((words) => el("li", {}, words)),
    outside.length ? el("li", {}, el("details", { id: "outside", open: opened }, el("summary", {}, t("どの単位にも入らない場所の事案が {count}件あります。", { count: outside.length })),
      incidentList(outside, now))) : null);
}

/** @param {any} unit @param {boolean} chosen @param {(code: string) => void} onOpen */
function row(unit, chosen, onOpen) {
  const { counts } = unit;
  const facts = [
    counts.urgent ? t("緊急 {count}", { count: counts.urgent }) : "",
    counts.verified ? t("確認済み {count}", { count: counts.verified }) : "",
    counts.unverified ? t("未確認 {count}", { count: counts.unverified }) : "",
    counts.precursors ? t("前兆 {count}", { count: counts.precursors }) : "",
    counts.cut_roads ? t("道路 {count}", { count: counts.cut_roads }) : "",
    counts.isolation ? t("孤立 {count}", { count: counts.isolation }) : "",
  ].filter(Boolean).join(" ");
  return el("li", { class: chosen ? "unit-row is-selected" : "unit-row" },
    el("button", { type: "button", class: "unit-row__button", "data-code": unit.code, "aria-pressed": String(chosen), onclick: () => onOpen(unit.code) },
      el("span", { class: "unit-row__head" }, el("strong", {}, japanese(unit.name)), levelBadge(unit.level)),
      el("span", { class: "unit-row__flags" },
        unit.undecided.length ? el("span", { class: "flag flag--due" }, t("判断待ち：{level}の基準", { level: levelWords(unit.advised) })) : null,
        proxyFlag(unit.proxy), ...flags(unit).slice(unit.undecided.length ? 1 : 0).map((words) => el("span", { class: "flag" }, words))),
      facts ? el("span", { class: "unit-row__facts" }, facts) : null));
}
