/** A manual line: an officer says that it is met, or no longer, since when and why. */

import { el, japanese } from "../dom.js";
import { t } from "../i18n.js";
import { fieldOfInstant, instantOfField } from "../time.js";
import { levelBadge } from "./words.js";

/**
 * @param {object} options
 * @param {any} options.line @param {any} options.unit @param {any} options.board
 * @param {() => number} options.now
 * @param {(given: any) => Promise<string>} options.send resolves with what went wrong, empty: nothing
 * @param {() => void} options.onClose
 * @returns {HTMLElement}
 */
export function tickForm({ line, unit, board, now, send, onClose }) {
  const met = !unit.lines.some((/** @type {any} */ each) => each.criterion === line.id && each.state === "met");
  const reason = el("textarea", { id: "tick-reason", class: "field", rows: 2, maxLength: 1000 });
  const time = el("input", { id: "tick-time", type: "datetime-local", class: "field", value: fieldOfInstant(now()) });
  const everywhere = el("input", { type: "radio", name: "tick-where", value: "all" });
  const here = el("input", { type: "radio", name: "tick-where", value: "one", checked: true });
  const fault = el("p", { class: "field-error", role: "alert" });
  const form = el("form", { class: "decide", noValidate: true },
    el("header", { class: "detail__header" }, el("h2", { id: "detail-title", tabIndex: -1 }, met ? t("手動の行に達したとする") : t("手動の行に達していないとする")),
      el("button", { type: "button", class: "button", onclick: onClose }, t("やめる"))),
    el("p", {}, levelBadge(line.level), " ", japanese(line.text)),
    el("fieldset", { class: "teach__place" }, el("legend", {}, t("どこで")),
      el("label", { class: "choice" }, here, el("span", {}, japanese(unit.name))), el("label", { class: "choice" }, everywhere, el("span", {}, t("市区町村の全部の単位")))),
    el("p", { class: "teach__field" }, el("label", { for: "tick-time" }, t("いつから")), time),
    el("p", { class: "teach__field" }, el("label", { for: "tick-reason" }, t("理由（発表元、観測所、水位など）")), reason),
    fault, el("button", { type: "submit", class: "button button--main" }, t("記録する")));
  form.addEventListener("submit", async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (reason.value.trim() === "") { fault.textContent = t("理由を書いてください。"); return; }
    fault.textContent = await send({
      municipality: board.municipality, criterion: line.id, units: everywhere.checked ? null : [unit.code], met, drill: board.drill,
      since: new Date(Math.min(instantOfField(time.value) ?? now(), now())).toISOString(), reason: reason.value,
    });
  });
  return form;
}
