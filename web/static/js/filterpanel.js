/** The choices above the list, each with the number of incidents it would show. */

import { el } from "./dom.js";
import { t } from "./i18n.js";
import { typeIcon } from "./icons.js";
import { defaultFilter, isDefault } from "./filter.js";
import { fieldOfInstant, instantOfField } from "./time.js";
import { GROUPS, OPEN_STATES, STATES, TYPES, verificationWord } from "./words.js";

const HOURS = new Map([["1", t("1時間以内")], ["6", t("6時間以内")], ["24", t("24時間以内")], ["all", t("すべて")]]);

const VERIFICATIONS = new Map([["all", t("すべて")], ...["verified", "unverified"].map((code) => [code, verificationWord(code)])]);

const STALE = new Map([["all", t("古い情報も表示")], ["hide", t("古い情報を隠す")], ["only", t("古い情報だけ")]]);

/**
 * @param {object} options
 * @param {HTMLElement} options.root
 * @param {(filter: import("./filter.js").Filter) => void} options.onChange
 */
export function filterPanel({ root, onChange }) {
  let filter = defaultFilter();
  /** @type {Map<string, HTMLElement>} count elements by facet and code */
  const counts = new Map();
  /** @type {Map<string, HTMLInputElement>} inputs by facet and code */
  const inputs = new Map();
  const municipalityChoices = el("div", { class: "choices" });
  const from = dateField(t("この時刻から"));
  const to = dateField(t("この時刻まで"));
  const reset = el("button", { type: "button", class: "button",
    onclick: () => { filter = defaultFilter(); paint(); onChange(filter); } }, t("絞り込みをやめる"));

  const choice = (/** @type {string} */ facet, /** @type {string} */ code, /** @type {string} */ word,
    /** @type {string} */ kind = "checkbox", /** @type {Node|null} */ picture = null) => {
    const input = el("input", { type: kind, name: `filter-${facet}`, value: code, onchange: take });
    const number = el("span", { class: "choice__count" }, "0");
    inputs.set(`${facet}/${code}`, input);
    counts.set(`${facet}/${code}`, number);
    return el("label", { class: "choice" }, input, picture, el("span", { class: "choice__word" }, word), number);
  };
  const section = (/** @type {string} */ title, /** @type {boolean} */ open, /** @type {any[]} */ ...body) =>
    el("details", { class: "facet", open }, el("summary", {}, title), ...body);

  const drill = choice("drill", "shown", t("訓練の事案を表示する"));
  const inView = choice("inView", "on", t("地図の範囲のみ"));
  root.append(
    section(t("状態"), true, el("div", { class: "choices" }, ...[...STATES].map(([code, word]) => choice("states", code, word))),
      el("p", { class: "note" }, t("解消・なし・本部棄却は、はじめは隠しています。"))),
    section(t("時間（最新の通報）"), true,
      el("div", { class: "choices" }, ...[...HOURS].map(([code, word]) => choice("time", code, word, "radio"))),
      from.label, to.label),
    section(t("本部の確認"), false,
      el("div", { class: "choices" }, ...[...VERIFICATIONS].map(([code, word]) => choice("verification", code, word, "radio")))),
    section(t("古い情報"), false,
      el("div", { class: "choices" }, ...[...STALE].map(([code, word]) => choice("stale", code, word, "radio"))),
      el("p", { class: "note" }, t("古い情報は消えません。薄く、何時間前かを付けて表示します。"))),
    section(t("種別"), false, ...typeChoices(choice)),
    section(t("市町村"), false, municipalityChoices),
    el("div", { class: "choices" }, drill, inView), reset);
  from.input.addEventListener("change", take);
  to.input.addEventListener("change", take);

  function take() {
    const chosen = (/** @type {string} */ facet) => [...inputs]
      .filter(([key, input]) => key.startsWith(`${facet}/`) && input.checked).map(([, input]) => input.value);
    const types = chosen("types");
    const hours = chosen("time")[0];
    const stale = chosen("stale")[0];
    const verification = chosen("verification")[0];
    filter = {
      types: types.length ? new Set(types) : null,
      states: new Set(chosen("states").length ? chosen("states") : OPEN_STATES),
      municipalities: chosen("municipalities").length ? new Set(chosen("municipalities")) : null,
      hours: hours && hours !== "all" ? Number(hours) : null,
      from: instantOfField(from.input.value), to: instantOfField(to.input.value),
      verification: verification === "verified" || verification === "unverified" ? verification : "",
      stale: stale === "hide" || stale === "only" ? stale : "", drill: chosen("drill").length > 0, inView: chosen("inView").length > 0,
    };
    paint();
    onChange(filter);
  }

  function paint() {
    for (const [key, input] of inputs) input.checked = isChosen(filter, key);
    from.input.value = filter.from === null ? "" : fieldOfInstant(filter.from);
    to.input.value = filter.to === null ? "" : fieldOfInstant(filter.to);
    reset.disabled = isDefault(filter);
  }

  /** Municipalities come and go with the incidents. @param {Map<string, number>} held @param {(code: string) => string} nameOf */
  function offerMunicipalities(held, nameOf) {
    const codes = [...new Set([...held.keys(), ...(filter.municipalities ?? [])])].sort();
    const known = [...inputs.keys()].filter((key) => key.startsWith("municipalities/"));
    const names = codes.map((code) => (code === "" ? t("市町村不明") : nameOf(code)));
    // The names come after the first view.
    const offered = names.join();
    if (offered === municipalityChoices.dataset.offered && known.length === codes.length) return;
    municipalityChoices.dataset.offered = offered;
    for (const key of known) {
      inputs.delete(key);
      counts.delete(key);
    }
    municipalityChoices.replaceChildren(...codes.map((code, at) => choice("municipalities", code, names[at])));
    paint();
  }

  paint();
  return {
    /** @param {import("./filter.js").Filter} chosen e.g. from the address */
    set(chosen) {
      filter = chosen;
      paint();
    },
    /** @param {any} counted by `sift` @param {(code: string) => string} nameOf */
    count(counted, nameOf) {
      offerMunicipalities(counted.municipalities, nameOf);
      for (const [key, node] of counts) {
        const [facet, code] = key.split("/");
        const number = facet === "drill" ? counted.drill : facet === "inView" ? "" : counted[facet].get(code) ?? 0;
        const words = number === "" ? "" : String(number);
        if (node.textContent !== words) node.textContent = words;
        node.parentElement?.classList.toggle("is-empty", number === 0);
      }
    },
  };
}

/** @param {string} word */
function dateField(word) {
  const input = el("input", { type: "datetime-local", class: "field" });
  return { input, label: el("label", { class: "choice choice--field" }, el("span", {}, word), input) };
}

/** @param {Function} choice */
function typeChoices(choice) {
  return [...GROUPS].map(([group, word]) => el("fieldset", { class: "choices" }, el("legend", {}, word),
    ...[...TYPES.values()].filter((type) => type.group === group).map((type) => {
      const picture = el("span", { class: `choice__icon group--${group}`, "aria-hidden": "true" }, typeIcon(type.code));
      return choice("types", type.code, type.word, "checkbox", picture);
    })));
}

/** @param {import("./filter.js").Filter} filter @param {string} key */
function isChosen(filter, key) {
  const [facet, code] = key.split("/");
  if (facet === "time") return code === (filter.hours === null ? "all" : String(filter.hours));
  if (facet === "verification") return code === (filter.verification || "all");
  if (facet === "stale") return code === (filter.stale || "all");
  if (facet === "drill") return filter.drill;
  if (facet === "inView") return filter.inView;
  // @ts-ignore the remaining facets are sets or null
  return filter[facet]?.has(code) ?? false;
}
