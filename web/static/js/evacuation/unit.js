/** One unit: which lines are met by what, its incidents, shelters, and who was heard. */

import { el, japanese, spoken } from "../dom.js";
import { said, t } from "../i18n.js";
import { timeWords, whenWords } from "../time.js";
import { peopleWords } from "../words.js";
import { HAZARDS, HEARING, SHELTER_STATES, USES, levelBadge, levelWords, namesWords, proxyFlag } from "./words.js";

const ROADS = ["road_closure", "bridge_damage", "road_damage", "road_flooding"];

/**
 * @typedef {object} Doing what may be done from here; null where nothing may be written
 * @property {(code: string) => void} decide @property {(line: any, unit: any) => void} tick
 * @property {(shelter: any, state: string) => void} shelter @property {(unit: any, reporter: string, note: string) => void} heard
 * @property {boolean} mayDecide
 */

/**
 * @param {any} unit @param {any} board
 * @param {{now: number, doing: Doing|null, onClose: () => void}} how
 * @returns {Node[]}
 */
export function unitNodes(unit, board, { now, doing, onClose }) {
  const incidents = (/** @type {string[]} */ ids) => ids.map((id) => ({ id, ...board.incidents[id] }));
  const inside = incidents(unit.inside);
  const open = inside.filter((one) => unit.mark.incidents[one.id] !== undefined);
  const over = inside.filter((one) => unit.mark.incidents[one.id] === undefined);
  const of = (/** @type {(one: any) => boolean} */ wanted) => open.filter(wanted);
  const people = [unit.households === null ? "" : t("{count}世帯", { count: unit.households }), unit.population === null ? "" : t("{count}人", { count: unit.population })];
  return [
    el("header", { class: "detail__header" }, el("h2", { id: "detail-title", tabIndex: -1 }, japanese(unit.name)),
      el("button", { type: "button", class: "button", onclick: onClose }, t("閉じる"))),
    el("p", { class: "detail__tags" }, levelBadge(unit.level), proxyFlag(unit.proxy),
      unit.decided_at ? el("span", {}, t("{time} 判断", { time: timeWords(unit.decided_at, now) })) : null,
      unit.dismissed_level ? el("span", { class: "flag" }, t("{level}は見送り（{time}）", { level: levelWords(unit.dismissed_level), time: timeWords(unit.dismissed_at, now) })) : null,
      people.some(Boolean) ? el("span", {}, people.filter(Boolean).join(" ")) : null),
    el("p", { class: "unit-summary" }, spoken(unit.summary)),
    doing?.mayDecide ? el("p", { class: "no-print" }, el("button", { type: "button", class: "button button--main", onclick: () => doing.decide(unit.code) },
      t("この単位の発令・見送り・解除を記録する"))) : null,
    section(t("達した発令基準"), lineList(unit, board, { now, doing })),
    section(t("前兆"), incidentList(of((one) => one.type === "precursor"), now)),
    section(t("道路の寸断"), incidentList(of((one) => ROADS.includes(one.type)), now)),
    section(t("孤立"), incidentList(of((one) => one.type === "isolation"), now)),
    section(t("ほかの事案"), incidentList(of((one) => one.type !== "precursor" && one.type !== "isolation" && !ROADS.includes(one.type)), now)),
    unit.near.length ? section(t("位置の誤差がこの単位に及ぶ事案（基準には数えません）"), incidentList(incidents(unit.near), now)) : null,
    over.length ? section(t("解消した事案・異常なしの報告"), incidentList(over, now)) : null,
    section(t("避難場所"), shelterList(unit, doing)),
    section(t("報告"), reports(unit, board, { now, doing })),
  ].filter((node) => node !== null);
}

/** @param {string} title @param {Node} body */
const section = (title, body) => el("section", { class: "unit-part" }, el("h3", {}, title), body);
const nothing = () => el("p", { class: "note" }, t("ありません。"));

/** @param {any} unit @param {any} board @param {{now: number, doing: Doing|null}} how */
function lineList(unit, board, { now, doing }) {
  const known = new Map(unit.lines.map((/** @type {any} */ line) => [line.criterion, line]));
  const shown = board.criteria.filter((/** @type {any} */ line) => known.has(line.id)).sort((/** @type {any} */ a, /** @type {any} */ b) => b.level - a.level);
  const manual = doing ? board.criteria.filter((/** @type {any} */ line) => line.condition.kind === "manual" && !known.has(line.id)) : [];
  return el("div", {}, shown.length ? el("ul", { class: "met" }, ...shown.map((/** @type {any} */ line) =>
    met(line, /** @type {any} */ (known.get(line.id)), { unit, board, now, doing }))) : nothing(),
  manual.length ? el("details", { class: "no-print" }, el("summary", {}, t("手動の行を「達した」とする（{count}行）", { count: manual.length })),
    el("ul", { class: "met" }, ...manual.map((/** @type {any} */ line) => el("li", {}, levelBadge(line.level), " ", japanese(line.text), " ",
      el("button", { type: "button", class: "button button--small", "data-key": `tick/${line.id}`, onclick: () => doing?.tick(line, unit) }, t("達したとする")))))) : null);
}

/** @param {any} line @param {any} outcome @param {any} how */
function met(line, outcome, { unit, board, now, doing }) {
  const due = unit.undecided.includes(line.id);
  const state = outcome.state === "met" ? t("達した") : t("確認できれば達する");
  return el("li", { class: `met__line met__line--${outcome.state}` },
    el("p", {}, levelBadge(line.level), " ", el("span", { class: "flag" }, state), due ? el("span", { class: "flag flag--due" }, t("判断待ち")) : null,
      unit.still_met?.includes(line.id) ? el("span", { class: "flag" }, t("解除後の判断なし")) : null),
    el("p", { class: "met__text" }, HAZARDS.get(line.hazard) ?? "", " ", japanese(line.text)),
    outcome.tick ? el("p", { class: "note" }, t("{time}から（手動）：", { time: timeWords(outcome.tick.since, now) }), japanese(outcome.tick.reason),
      doing ? el("button", { type: "button", class: "button button--link no-print", "data-key": `tick/${line.id}`, onclick: () => doing.tick(line, unit) }, t("達していないとする")) : null)
      : incidentList(outcome.evidence.map((/** @type {string} */ id) => ({ id, ...board.incidents[id] })), now));
}

/** @param {any[]} incidents @param {number} now server's time @returns {HTMLElement} each with its link */
export function incidentList(incidents, now) {
  if (incidents.length === 0) return nothing();
  return el("ul", { class: "evidence" }, ...incidents.map((one) => el("li", { class: one.verified ? "evidence__one" : "evidence__one is-unverified" },
    el("a", { href: `/#sel=${one.id}` }, t("{type}（{status}）", { type: said(one.type_ja), status: said(one.status_ja) })), " ", japanese(one.place_text), " ",
    el("span", { class: "flag" }, one.verified ? t("確認済み") : t("未確認")),
    one.urgent ? el("span", { class: "tag tag--urgent" }, t("緊急")) : null,
    one.depth_cm ? el("span", {}, t("深さ {depth} cm", { depth: one.depth_cm })) : null,
    el("span", { class: "row__people" }, peopleWords(one.people)),
    el("span", { class: "note" }, t("通報 {count}件、最後 {time}", { count: one.report_count, time: whenWords(one.last_reported_at, now) })))));
}

/** @param {any} unit @param {Doing|null} doing */
function shelterList(unit, doing) {
  if (unit.shelters.length === 0) return el("p", { class: "note" }, t("この単位の中に、登録された避難場所はありません。"));
  return el("ul", { class: "shelters" }, ...unit.shelters.map((/** @type {any} */ one) => el("li", {},
    el("p", {}, el("strong", {}, japanese(one.name)), " ", el("span", { class: "note" }, USES.get(one.use) ?? ""), " ",
      el("span", { class: `flag shelter--${one.state}` }, SHELTER_STATES.get(one.state) ?? "")),
    el("p", { class: "note" }, one.disasters === null ? t("どの災害に使えるかの登録はありません。") : t("使える災害："),
      one.disasters ? japanese(namesWords(one.disasters) || "―") : null),
    one.unfit.length ? el("p", { class: "field-error" }, t("この災害には指定されていません："), japanese(namesWords(one.unfit))) : null,
    doing ? el("p", { class: "shelters__states no-print" }, ...["open", "full", "closed"].map((state) =>
      el("button", { type: "button", class: "button button--small", "aria-pressed": String(one.state === state),
        "aria-label": t("{name}を「{state}」にする", { name: one.name, state: SHELTER_STATES.get(state) ?? "" }),
        onclick: () => doing.shelter(one, state) }, SHELTER_STATES.get(state) ?? ""))) : null)));
}

/** @param {any} unit @param {any} board @param {{now: number, doing: Doing|null}} how */
function reports(unit, board, { now, doing }) {
  const { state, received, last_at: last, expected } = unit.reports;
  const reporter = el("input", { class: "field", id: "heard-reporter", maxLength: 60, autocomplete: "off", defaultValue: expected.find((/** @type {any} */ one) => one.due)?.name ?? "" });
  const note = el("input", { class: "field", id: "heard-note", maxLength: 200, autocomplete: "off" });
  return el("div", {},
    el("p", {}, el("strong", {}, HEARING.get(state) ?? ""), " ", t("24時間で {count}件", { count: received }),
      last ? t("、最後 {time}", { time: whenWords(last, now) }) : "", el("span", { class: "note" }, t("（{count}分ごとの報告を待つ設定）", { count: board.interval_min }))),
    state === "heard" ? null : el("p", { class: "field-error" }, t("報告がないことは、安全を意味しません。")),
    expected.length ? el("ul", { class: "reporters" }, ...expected.map((/** @type {any} */ one) => el("li", {}, japanese(one.name), " ",
      el("span", { class: "flag" }, one.heard_at ? whenWords(one.heard_at, now) : t("まだ")), " ", japanese(one.note)))) : null,
    doing ? el("form", { class: "heard no-print", onsubmit: (/** @type {Event} */ event) => { event.preventDefault(); if (reporter.value.trim()) doing.heard(unit, reporter.value, note.value); } },
      el("label", { for: "heard-reporter" }, t("無線・電話で報告した人や分団")), reporter, el("label", { for: "heard-note" }, t("内容（「異常なし」など）")), note,
      el("button", { type: "submit", class: "button button--small" }, t("報告を受けたと記録する"))) : null);
}
