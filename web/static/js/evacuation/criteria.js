/** The editor of the municipality's own 発令基準: one line at a time, saved as a whole. */

import { Refused } from "../api.js";
import { el } from "../dom.js";
import { said, t } from "../i18n.js";
import { STATES, TYPES } from "../words.js";
import { HAZARDS, LEVELS, levelWords } from "./words.js";

const CONDITIONS = new Map([["manual", t("手動（職員が判断する）")], ["count", t("事案の数")], ["water", t("水の深さ")]]);
/** A rejected incident never counts, so it cannot be asked for. */
const COUNTED = ["present", "feared", "hearsay", "resolved"];

/**
 * @param {object} options
 * @param {any} options.table as GET /evacuation/criteria gave it
 * @param {boolean} options.editable
 * @param {(given: any) => Promise<void>} options.save throws Refused for what was wrong
 * @param {() => void} options.onClose
 * @returns {HTMLElement}
 */
export function criteriaEditor({ table, editable, save, onClose }) {
  const rows = el("ol", { class: "criteria" });
  const fault = el("p", { class: "field-error", role: "alert" });
  const interval = el("input", { id: "criteria-interval", type: "number", min: "5", max: "1440", class: "field", value: String(table.interval_min), disabled: !editable });
  /** @type {{node: HTMLElement, read: () => any, mark: (field: string) => void}[]} */
  let lines = [];
  const refuse = (/** @type {Fault[]} */ faults) => {
    fault.textContent = faults.map(({ row, words }) => row < 0 ? words : t("{row}行目：{words}", { row: row + 1, words })).join(" ");
    for (const marked of form.querySelectorAll("[aria-invalid]")) marked.removeAttribute("aria-invalid");
    const first = faults.find(({ row, field }) => lines[row] || field === "interval_min");
    if (first) (lines[first.row]?.mark ?? (() => mark(interval)))(first.field);
  };
  const show = () => rows.replaceChildren(...lines.map((line) => line.node));
  const add = (/** @type {any} */ given) => {
    const line = lineEditor(given, editable, {
      remove: () => { lines = lines.filter((each) => each !== line); show(); },
      up: () => {
        const at = lines.indexOf(line);
        if (at > 0) lines.splice(at - 1, 2, line, lines[at - 1]);
        show();
      },
    });
    lines.push(line);
  };
  table.criteria.forEach(add);
  show();
  const fresh = { hazard: "flood", level: 4, text: "", condition: { kind: "manual" } };
  const form = el("form", { class: "decide", noValidate: true },
    el("header", { class: "detail__header" }, el("h2", { id: "detail-title", tabIndex: -1 }, t("発令基準")),
      el("button", { type: "button", class: "button", onclick: onClose }, t("閉じる"))),
    el("p", { class: "note" }, t("市区町村の計画の文を1行ずつ書きます。以前の判断は、当時の文のまま残ります。")),
    el("p", { class: "teach__field" }, el("label", { for: "criteria-interval" }, t("各単位から報告を受ける間隔（分）")), interval),
    rows, fault,
    editable ? el("p", { class: "teach__answers no-print" },
      el("button", { type: "button", class: "button button--small", onclick: () => { add(fresh); show(); lines[lines.length - 1].node.querySelector("select")?.focus(); } }, t("行を足す")),
      lines.length === 0 ? el("button", { type: "button", class: "button button--small", onclick: () => { table.suggestions.forEach(add); show(); } }, t("例から始める")) : null,
      el("button", { type: "submit", class: "button button--main" }, t("発令基準を保存する"))) : null);
  form.addEventListener("submit", async (/** @type {Event} */ event) => {
    event.preventDefault();
    const criteria = lines.map((line) => line.read());
    const unfinished = criteria.flatMap(unfinishedIn);
    refuse(unfinished);
    if (unfinished.length) return;
    try {
      await save({ basis: table.basis, interval_min: Number(interval.value), criteria });
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      refuse(faultsOf(error.problem));
    }
  });
  return form;
}

/** @typedef {{row: number, field: string, words: string}} Fault `row` from 0, -1: the table itself */

/** @param {any} line as it will be sent @param {number} row @returns {Fault[]} */
function unfinishedIn({ text, condition }, row) {
  if (text.trim() === "") return [{ row, field: "text", words: t("文がありません。文を書くか、行を消してください。") }];
  if (condition.kind !== "count") return [];
  return ["types", "statuses"].filter((field) => !condition[field].length).slice(0, 1)
    .map((field) => ({ row, field, words: t("事案の数で決める行には、種別と状態を1つ以上選んでください。") }));
}

/** @param {any} problem of the server: criteria.2.condition.count.at_least is the third line's number @returns {Fault[]} */
function faultsOf(problem) {
  const faults = (problem.errors ?? []).map((/** @type {{field: string, message: string}} */ { field, message }) => ({
    row: Number(/^criteria\.(\d+)/.exec(field)?.[1] ?? -1), field: field.split(".").at(-1) ?? "", words: said(message),
  }));
  return faults.length ? faults : [{ row: -1, field: "", words: said(problem.detail ?? t("記録できませんでした。通信を確かめて、もう一度押してください。")) }];
}

/** @param {HTMLElement} control what is wrong is gone to */
function mark(control) {
  if (control.matches("input, select, textarea")) control.setAttribute("aria-invalid", "true");
  control.focus();
}

let serial = 0;

/** @param {any} given @param {boolean} editable @param {{remove: () => void, up: () => void}} on */
function lineEditor(given, editable, on) {
  serial += 1;
  const id = `line-${serial}`;
  const { condition } = given;
  const select = (/** @type {Iterable<[any, string]>} */ options, /** @type {any} */ value, /** @type {string} */ label) => el("select",
    { class: "field", "aria-label": label, disabled: !editable }, ...[...options].map(([each, words]) => el("option", { value: String(each), selected: each === value }, words)));
  const number = (/** @type {number} */ value, /** @type {number} */ most, /** @type {string} */ label) => el("input",
    { type: "number", class: "field field--short", min: "1", max: String(most), value: String(value), "aria-label": label, disabled: !editable });
  const hazard = select(HAZARDS, given.hazard, t("災害の種類"));
  const level = select(LEVELS.map((each) => [each, levelWords(each)]), given.level, t("警戒レベル"));
  const words = el("textarea", { id, class: "field", rows: 2, maxLength: 1000, value: given.text, disabled: !editable });
  const kind = select(CONDITIONS, condition.kind, t("達したことの決め方"));
  const hours = number(condition.hours ?? 6, 72, t("何時間前までの報告を数えるか"));
  const least = number(condition.at_least ?? 1, 100, t("何件で達するか"));
  const depth = number(condition.at_least_cm ?? 45, 500, t("水の深さ（cm）"));
  const verified = el("input", { type: "checkbox", checked: condition.verified ?? true, disabled: !editable });
  const types = boxes([...TYPES.values()].map(({ code, word }) => [code, word]), condition.types ?? [], editable);
  const statuses = boxes(COUNTED.map((code) => [code, STATES.get(code) ?? ""]), condition.statuses ?? ["present"], editable);
  const common = el("p", { class: "criteria__row" }, hours, t("時間以内の報告"), el("label", { class: "choice" }, verified, t("確認済みだけを数える")));
  const count = el("div", {}, el("details", {}, el("summary", {}, t("種別を選ぶ")), types.node), el("details", {}, el("summary", {}, t("状態を選ぶ")), statuses.node),
    el("p", { class: "criteria__row" }, least, t("件以上")));
  const water = el("p", { class: "criteria__row" }, depth, t("cm以上"));
  const follow = () => { count.hidden = kind.value !== "count"; water.hidden = kind.value !== "water"; common.hidden = kind.value === "manual"; };
  kind.addEventListener("change", follow);
  follow();
  const read = () => {
    const shared = { verified: verified.checked, hours: Number(hours.value) };
    const how = kind.value === "manual" ? {} : kind.value === "water" ? { at_least_cm: Number(depth.value), ...shared }
      : { types: types.read(), statuses: statuses.read(), at_least: Number(least.value), ...shared };
    return { ...(given.id ? { id: given.id } : {}), hazard: hazard.value, level: Number(level.value), text: words.value, condition: { kind: kind.value, ...how } };
  };
  const node = el("li", { class: "criteria__line" }, el("p", { class: "criteria__row" }, hazard, level),
    el("label", { for: id }, t("基準の文")), words, el("p", { class: "criteria__row" }, kind), count, water, common,
    editable ? el("p", { class: "criteria__row no-print" }, el("button", { type: "button", class: "button button--small", onclick: on.up }, t("上へ")),
      el("button", { type: "button", class: "button button--small", onclick: on.remove }, t("この行を消す"))) : null);
  const [ofTypes, ofStatuses] = count.querySelectorAll("summary");
  /** @type {Record<string, HTMLElement>} by the last word of a field's name */
  const controls = { hazard, level, kind, hours, at_least: least, at_least_cm: depth, types: ofTypes, statuses: ofStatuses };
  return { node, read, mark: (/** @type {string} */ field) => mark(controls[field] ?? words) };
}

/** @param {[string, string][]} options @param {string[]} chosen @param {boolean} editable */
function boxes(options, chosen, editable) {
  const inputs = options.map(([value]) => el("input", { type: "checkbox", value, checked: chosen.includes(value), disabled: !editable }));
  return {
    node: el("div", { class: "choices" }, ...options.map(([, words], at) => el("label", { class: "choice" }, inputs[at], el("span", {}, words)))),
    read: () => inputs.filter((input) => input.checked).map((input) => input.value),
  };
}
