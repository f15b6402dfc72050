/** The editor of the municipality's own 発令基準: one line at a time, saved as a whole. */

import { el } from "../dom.js";
import { t } from "../i18n.js";
import { STATES, TYPES } from "../words.js";
import { HAZARDS, LEVELS, levelWords } from "./words.js";

const CONDITIONS = new Map([["manual", t("手動（職員が判断する）")], ["count", t("事案の数")], ["water", t("水の深さ")]]);
/** A rejected incident never counts, so it cannot be asked for. */
const COUNTED = ["present", "feared", "hearsay", "resolved"];

/**
 * @param {object} options
 * @param {any} options.table as GET /evacuation/criteria gave it
 * @param {boolean} options.editable
 * @param {(given: any) => Promise<string>} options.save resolves with what went wrong, empty: saved
 * @param {() => void} options.onClose
 * @returns {HTMLElement}
 */
export function criteriaEditor({ table, editable, save, onClose }) {
  const rows = el("ol", { class: "criteria" });
  const fault = el("p", { class: "field-error", role: "alert" });
  const interval = el("input", { id: "criteria-interval", type: "number", min: "5", max: "1440", class: "field", value: String(table.interval_min), disabled: !editable });
  /** @type {{node: HTMLElement, read: () => any}[]} */
  let lines = [];
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
    if (criteria.some((line) => line.text.trim() === "")) { fault.textContent = t("文のない行があります。文を書くか、行を消してください。"); return; }
    if (criteria.some((line) => line.condition.kind === "count" && (!line.condition.types.length || !line.condition.statuses.length))) {
      fault.textContent = t("事案の数で決める行には、種別と状態を1つ以上選んでください。");
      return;
    }
    fault.textContent = await save({ basis: table.basis, interval_min: Number(interval.value), criteria });
  });
  return form;
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
  return { node, read };
}

/** @param {[string, string][]} options @param {string[]} chosen @param {boolean} editable */
function boxes(options, chosen, editable) {
  const inputs = options.map(([value]) => el("input", { type: "checkbox", value, checked: chosen.includes(value), disabled: !editable }));
  return {
    node: el("div", { class: "choices" }, ...options.map(([, words], at) => el("label", { class: "choice" }, inputs[at], el("span", {}, words)))),
    read: () => inputs.filter((input) => input.checked).map((input) => input.value),
  };
}
