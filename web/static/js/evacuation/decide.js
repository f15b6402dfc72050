/** 発令, 見送り and 解除: chosen, said in words, then recorded; what changed meanwhile is shown first. */

import { Refused } from "../api.js";
import { el, japanese, spoken } from "../dom.js";
import { said, t } from "../i18n.js";
import { fieldOfInstant, instantOfField, timeWords } from "../time.js";
import { KINDS, LEVELS, levelWords, namesWords } from "./words.js";

/** 避難指示; 高齢者等避難 stays with the municipality. */
const LOWEST_BY_PROXY = 4;

/**
 * @param {object} options
 * @param {any} options.board as it is when the form opens: what the commander has seen
 * @param {string} options.code the unit from which it is opened
 * @param {() => number} options.now
 * @param {(given: any) => Promise<any>} options.send
 * @param {(made: any) => void} options.onDone
 * @param {() => void} options.onClose
 * @param {boolean} options.proxy the governor in the mayor's place
 * @returns {HTMLElement}
 */
export function decisionForm({ board, code, now, send, onDone, onClose, proxy }) {
  const first = board.units.find((/** @type {any} */ unit) => unit.code === code);
  const advised = first?.undecided.length ? first.advised : first?.level ?? 4;
  const kind = el("select", { id: "decide-kind", class: "field" }, ...[...KINDS].filter(([value]) => !proxy || value !== "dismiss").map(([value, words]) => el("option", { value }, words)));
  const level = el("select", { id: "decide-level", class: "field" }, ...LEVELS.filter((each) => !proxy || each >= LOWEST_BY_PROXY).map((each) => el("option", { value: String(each), selected: each === advised }, levelWords(each))));
  const time = el("input", { id: "decide-time", type: "datetime-local", class: "field", value: fieldOfInstant(now()) });
  const reason = el("textarea", { id: "decide-reason", class: "field", rows: 3, maxLength: 1000 });
  const fault = el("p", { class: "field-error", role: "alert" });
  const boxes = board.units.map((/** @type {any} */ unit) => {
    const box = el("input", { type: "checkbox", value: unit.code, checked: unit.code === code });
    return { box, unit, node: el("label", { class: "choice" }, box, el("span", {}, japanese(unit.name)),
      el("span", { class: "note" }, unit.level ? levelWords(unit.level) : "", unit.undecided.length ? ` ${t("判断待ち")}` : "")) };
  });
  const stage = el("div", {});
  const field = (/** @type {string} */ words, /** @type {any} */ input) => el("p", { class: "teach__field" }, el("label", { for: input.id }, words), input);
  const chosen = () => boxes.filter((/** @type {any} */ each) => each.box.checked).map((/** @type {any} */ each) => each.unit);
  const form = el("form", { class: "decide", noValidate: true }, field(t("記録すること"), kind), field(t("警戒レベル"), level),
    el("fieldset", { class: "teach__place" }, el("legend", {}, t("発令単位")), el("div", { class: "decide__units" }, ...boxes.map((/** @type {any} */ each) => each.node))),
    field(t("判断した時刻"), time), field(t("理由"), reason), fault,
    el("button", { type: "submit", class: "button button--main" }, t("内容を確かめる")));
  const edit = () => { stage.replaceChildren(form); };
  const given = (/** @type {number} */ at) => ({
    municipality: board.municipality, kind: kind.value, level: Number(level.value), drill: board.drill, reason: reason.value,
    decided_at: new Date(at).toISOString(),
    by_proxy: proxy, units: chosen().map((/** @type {any} */ unit) => ({ code: unit.code, mark: unit.mark })),
  });
  form.addEventListener("submit", (/** @type {Event} */ event) => {
    event.preventDefault();
    const units = chosen();
    const at = instantOfField(time.value);
    fault.textContent = units.length === 0 ? t("発令単位を1つ以上選んでください。")
      : at === null ? t("判断した時刻を入れてください。")
        : at > now() ? t("判断した時刻が未来です。")
          : reason.value.trim() === "" ? t("理由を書いてください。") : "";
    if (fault.textContent || at === null) return;
    confirmStep(stage, { body: given(at), units, now, send, onDone, onEdit: edit });
  });
  edit();
  return el("div", { class: "decide-panel" },
    el("header", { class: "detail__header" }, el("h2", { id: "detail-title", tabIndex: -1 }, proxy ? t("知事の代行を記録する") : t("判断を記録する")),
      el("button", { type: "button", class: "button", onclick: onClose }, t("やめる"))),
    el("p", { class: "advice" }, t("ここでの記録は、住民には伝わりません。防災行政無線などでの伝達は別に行ってください。")),
    proxy ? el("p", { class: "advice" }, t("市区町村が全部または大部分の事務を行えなくなったときだけ、知事が代わって行います（災害対策基本法60条6項）。代行の開始と終了は公示が必要です（同条7項）。公示は別に行ってください。")) : null, stage);
}

/** @param {HTMLElement} stage @param {any} how */
function confirmStep(stage, { body, units, now, send, onDone, onEdit }) {
  const errors = el("div", { role: "alert" });
  const record = el("button", { type: "button", class: "button button--main" }, t("このとおり記録する"));
  const names = namesWords(units.map((/** @type {any} */ unit) => unit.name));
  const words = { level: levelWords(body.level), time: timeWords(body.decided_at, now()), count: units.length };
  const sentence = body.kind === "order" ? t("{time}、{count}単位に{level}を発令したと記録します。", words)
    : body.kind === "lift" ? t("{time}、{count}単位の{level}を解除したと記録します。", words)
      : t("{time}、{count}単位への{level}の発令を見送ったと記録します。", words);
  const lowered = body.kind === "order" ? units.filter((/** @type {any} */ unit) => (unit.level ?? 0) > body.level) : [];
  const box = el("div", { class: "notice confirm", tabIndex: -1 },
    body.drill ? el("p", {}, el("strong", { class: "tag tag--drill" }, t("訓練"))) : null,
    body.by_proxy ? el("p", {}, el("strong", {}, t("知事の代行として記録します。"))) : null,
    el("p", { class: "confirm__words" }, sentence), el("p", {}, t("対象："), japanese(names)), el("p", {}, t("理由："), japanese(body.reason)),
    ...lowered.map((/** @type {any} */ unit) => el("p", {}, el("strong", {}, t("{name}は今、{level}を発令中です。低いレベルに置き換わります。", { name: unit.name, level: levelWords(unit.level) })))),
    el("p", { class: "note" }, t("今のボードがそのまま残り、後から変えられません。")), errors,
    el("p", { class: "teach__answers" }, record, el("button", { type: "button", class: "button", onclick: onEdit }, t("直す"))));
  const attempt = async (/** @type {any} */ given) => {
    record.disabled = true;
    errors.replaceChildren();
    try {
      onDone(await send(given));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      record.disabled = false;
      errors.replaceChildren(refusal(error, given, attempt));
      record.hidden = error.problem.type === "/problems/board-changed";
    }
  };
  record.addEventListener("click", () => void attempt(body));
  stage.replaceChildren(box);
  box.focus();
}

/** @param {any} error @param {any} given @param {(given: any) => void} attempt */
function refusal(error, given, attempt) {
  const { problem } = error;
  if (problem.type !== "/problems/board-changed") {
    const messages = (problem.errors ?? []).flatMap((/** @type {any} */ each) => [spoken(each.message), " "]);
    return el("p", { class: "field-error" }, ...messages, !messages.length && said(problem.title ?? t("記録できませんでした。通信を確かめて、もう一度押してください。")));
  }
  const again = { ...given, confirmed: true, units: given.units.map((/** @type {any} */ unit) => ({ ...unit, mark: problem.marks?.[unit.code] ?? unit.mark })) };
  return el("div", { class: "changed" }, el("p", {}, el("strong", {}, said(problem.title))), el("p", {}, said(problem.detail)),
    el("ul", {}, ...(problem.changed ?? []).map((/** @type {any} */ one) => el("li", {}, japanese(one.name), " ", one.words.map(said).join(" / ")))),
    el("button", { type: "button", class: "button button--main", onclick: () => attempt(again) }, t("変わったことを確かめたので記録する")));
}
