/** Parts of the page of people: a table that becomes cards on a phone, a choice in a row, a form to add. */

import { el } from "./dom.js";
import { t } from "./i18n.js";

/**
 * @param {string[]} titles @param {{cells: (string|Node)[], muted?: boolean}[]} lines the first cell is the row's name
 */
export function rows(titles, lines) {
  if (!lines.length) return el("p", { class: "note" }, t("まだありません。"));
  return el("table", { class: "rows" },
    el("thead", {}, el("tr", {}, ...titles.map((title) => el("th", { scope: "col" }, title)))),
    el("tbody", {}, ...lines.map(({ cells: [name, ...others], muted }) => el("tr", { class: muted ? "is-disabled" : "" },
      el("th", { scope: "row" }, name),
      ...others.map((cell, at) => el("td", { "data-label": titles[at + 1] }, cell))))));
}

/**
 * @param {string} label @param {[string, string][]} choices value and words @param {string} value
 * @param {(value: string) => void} onChoose @param {boolean} [fixed]
 */
export function chooser(label, choices, value, onChoose, fixed = false) {
  const select = el("select", { "aria-label": label, disabled: fixed, onchange: () => onChoose(select.value) },
    ...choices.map(([each, words]) => el("option", { value: each, selected: each === value }, words)));
  return select;
}

/**
 * @typedef {{name: string, label: string, choices?: [string, string][], value?: string, type?: string,
 *   optional?: boolean, long?: boolean}} Field
 * @param {string} words of the button @param {Field[]} fields
 * @param {(given: Record<string, string>) => void} onSend
 */
export function adding(words, fields, onSend) {
  const field = (/** @type {Field} */ one) => {
    const common = { name: one.name, required: !one.optional, autocomplete: "off" };
    const input = one.choices
      ? el("select", { name: one.name }, ...one.choices.map(([value, name]) => el("option", { value }, name)))
      : one.long ? el("textarea", { ...common, rows: 2 })
        : el("input", { ...common, type: one.type ?? "text", value: one.value ?? "" });
    return el("label", { class: one.long ? "adding__wide" : "" }, one.label, input);
  };
  const form = el("form", { class: "adding", onsubmit: (/** @type {Event} */ event) => {
    event.preventDefault();
    const given = new FormData(form);
    onSend(Object.fromEntries([...given].map(([name, value]) => [name, String(value)])));
  } }, ...fields.map(field), el("button", { class: "button button--main", type: "submit" }, words));
  return form;
}
