/** What of the chronology is shown: time, municipality, kind, words, drill, and the order. */

import { el } from "./dom.js";
import { t } from "./i18n.js";
import { CATEGORIES } from "./logline.js";
import { instantOfField } from "./time.js";
import { townField } from "./townfield.js";

const TYPING_MS = 400;
const SOURCES = new Map([["report", t("通報")], ["action", t("画面での操作")], ["entry", t("手書きの記録")]]);

/**
 * @param {object} options
 * @param {HTMLFormElement} options.root @param {() => void} options.onChange @param {string} options.incident id or empty
 */
export function logFilters({ root, onChange, incident }) {
  const option = (/** @type {string} */ value, /** @type {string} */ words) => el("option", { value }, words);
  const pick = (/** @type {string} */ id, /** @type {[string, string][]} */ rows) =>
    el("select", { class: "field", id }, option("", t("すべて")), ...rows.map(([value, words]) => option(value, words)));
  const words = el("input", { class: "field", id: "filter-words", type: "search", maxLength: 100, autocomplete: "off" });
  const source = pick("filter-source", [...SOURCES]);
  const category = pick("filter-category", [...CATEGORIES]);
  const drill = pick("filter-drill", [["false", t("訓練を除く")], ["true", t("訓練だけ")]]);
  const since = el("input", { class: "field", id: "filter-since", type: "datetime-local" });
  const until = el("input", { class: "field", id: "filter-until", type: "datetime-local" });
  const town = townField("filter-town");
  const order = el("select", { class: "field", id: "filter-order" }, option("new", t("新しい順")), option("old", t("古い順")));
  const only = el("p", { hidden: true });
  let about = incident;
  let timer = 0;

  const field = (/** @type {string} */ term, /** @type {any} */ input, cls = "") => el("p", { class: cls }, el("label", { for: input.id }, term), input);
  root.append(field(t("言葉で探す"), words, "logfilters__words"), field(t("種類"), source), field(t("区分"), category), field(t("市区町村"), town.input), town.list,
    field(t("いつから"), since, "logfilters__time"), field(t("いつまで"), until, "logfilters__time"), field(t("訓練"), drill), field(t("並び"), order), only);
  const say = () => {
    only.hidden = about === "";
    only.replaceChildren(el("span", { class: "note" }, t("一つの事案の記録")),
      el("button", { type: "button", class: "button button--small", onclick: () => { location.hash = ""; } }, t("すべての記録に戻る")));
  };
  say();
  root.addEventListener("submit", (event) => event.preventDefault());
  root.addEventListener("input", () => { clearTimeout(timer); timer = window.setTimeout(onChange, TYPING_MS); });
  return {
    oldestFirst: () => order.value === "old",
    focus: () => words.focus(),
    /** @param {string} id */
    about(id) { about = id; say(); },
    /** @returns {URLSearchParams} */
    query() {
      const query = new URLSearchParams();
      const [from, to] = [instantOfField(since.value), instantOfField(until.value)];
      const iso = (/** @type {number|null} */ at) => (at === null ? ".." : new Date(at).toISOString());
      if (from !== null || to !== null) query.set("datetime", `${iso(from)}/${iso(to === null ? null : to + 59_999)}`);
      for (const [name, value] of [["q", words.value.trim()], ["source", source.value], ["category", category.value],
        ["drill", drill.value], ["municipality", town.code()], ["incident", about]]) if (value) query.set(name, value);
      return query;
    },
    /** @returns {string} for the head of a printed page */
    words() {
      const parts = [words.value && t("「{words}」を含む", { words: words.value }), SOURCES.get(source.value), CATEGORIES.get(category.value),
        town.input.value, since.value && t("{time} から", { time: since.value.replace("T", " ") }), until.value && t("{time} まで", { time: until.value.replace("T", " ") })];
      return parts.filter(Boolean).join(t("、"));
    },
  };
}
