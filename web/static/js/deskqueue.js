/** The queue beside the incident: gravest first, each with its reasons; several can be selected at once. */

import { arrange, el, japanese } from "./dom.js";
import { t } from "./i18n.js";
import { mark } from "./icons.js";
import { listenForRows } from "./rowpress.js";
import { staleAge, staleWords } from "./stale.js";
import { agoWords } from "./time.js";
import { STATES, stateOf, typeWord, verificationWord } from "./words.js";

/** @type {Record<string, (count: number) => string>} a reason in words */
const REASONS = {
  contradicted: () => t("本部の判断と違う通報が後から届いています"),
  trapped: (count) => t("閉じ込め・取り残され {count}人", { count }),
  missing: (count) => t("行方不明者 {count}人", { count }),
  rescue: () => t("救助を求めています"),
  urgent: () => t("緊急の通報です"),
  rising: () => t("水が増えていると書かれています"),
  spreading: () => t("火が広がっていると書かれています"),
  dead: (count) => t("死者 {count}人", { count }),
  injured: (count) => t("負傷者 {count}人", { count }),
  deadly: () => t("命に関わる被害の種類です"),
  several: (count) => t("別々の{count}人から通報があります", { count }),
  single: () => t("通報した人は1人だけです"),
  photos: (count) => t("写真が{count}枚あります", { count }),
  official: () => t("関係機関のシステムからの通報があります"),
  since: (count) => t("本部の判断の後に通報が{count}件届いています", { count }),
  unplaced: () => t("場所が決まっていません"),
};
export const AT_ONCE = 200; // incidents of one order, as the server takes it
/** Reasons that tell of danger rather than of evidence. */
const GRAVE = new Set(["contradicted", "trapped", "missing", "rescue", "urgent", "rising", "spreading", "dead", "injured"]);

/** @param {any} entry of the queue */
export const reasonsNode = (entry) => el("ul", { class: "reasons" }, ...entry.reasons.map((/** @type {any} */ { code, count, ja }) =>
  el("li", { class: GRAVE.has(code) ? "reasons__grave" : "" }, REASONS[code]?.(count) ?? ja)));

/** @param {any} properties @returns {string} how an incident is called in a list */
export const nameOf = (properties) => [typeWord(properties), properties.place_text || t("場所の記載なし"),
  properties.municipality_name].filter(Boolean).join(" ");

/**
 * @param {object} options
 * @param {HTMLElement} options.root
 * @param {(id: string) => void} options.onOpen @param {() => void} options.onCheck
 */
export function deskQueue({ root, onOpen, onCheck }) {
  /** @type {Set<string>} */
  const checked = new Set();
  /** @type {any[]} */
  let entries = [];
  /** @type {Map<string, {key: string, node: HTMLElement}>} rows built, by incident */
  let built = new Map();

  const check = (/** @type {string} */ id, /** @type {boolean} */ on) => {
    if (on) checked.add(id);
    else checked.delete(id);
    const box = root.querySelector(`[data-id="${CSS.escape(id)}"] input`);
    if (box instanceof HTMLInputElement) box.checked = on;
    onCheck();
  };
  const row = (/** @type {any} */ entry, /** @type {string} */ selected, /** @type {number} */ now) => {
    const { feature: { id, properties } } = entry;
    const key = JSON.stringify([entry, id === selected, agoWords(properties.first_reported_at, now), staleWords(properties, now)]);
    const held = built.get(id);
    return held?.key === key ? held : { key, node: buildRow(entry, id === selected, now) };
  };
  const buildRow = (/** @type {any} */ entry, /** @type {boolean} */ selected, /** @type {number} */ now) => {
    const { feature: { id, properties }, ruling } = entry;
    const state = stateOf(properties);
    const box = el("input", { type: "checkbox", checked: checked.has(id), "aria-label": t("{name}を選択", { name: nameOf(properties) }),
      onchange: () => check(id, box.checked) });
    return el("li", { class: `row entry row--${state}${selected ? " is-selected" : ""}`, "data-id": id },
      el("label", { class: "entry__check" }, box),
      el("button", { type: "button", class: "row__button", "aria-current": selected ? "true" : null },
        mark(properties, { age: staleAge(properties, now) }),
        el("span", { class: "row__body" },
          el("span", { class: "row__head" }, el("span", { class: "row__type" }, typeWord(properties)),
            el("span", { class: `row__state row__state--${state}` }, STATES.get(state)),
            properties.contradicted && el("span", { class: "tag tag--urgent" }, t("要再判断")),
            staleWords(properties, now) && el("span", { class: "tag tag--stale" }, staleWords(properties, now)),
            properties.drill && el("span", { class: "tag tag--drill" }, t("訓練"))),
          el("span", { class: "row__place" }, japanese(properties.place_text || t("場所の記載なし")), " ",
            el("span", { class: "row__municipality" }, properties.municipality_name ?? t("市町村不明"))),
          reasonsNode(entry),
          el("span", { class: "row__foot" },
            el("span", {}, agoWords(properties.first_reported_at, now)),
            el("span", { class: properties.verification === "verified" ? "row__verified" : "" }, verificationWord(properties.verification)),
            ruling.assigned && el("span", { class: "tag" }, t("担当 {name}", { name: ruling.assigned.name })))))); 
  };
  listenForRows(root, (button) => button.closest("[data-id]")?.getAttribute("data-id") ?? "", onOpen);
  return {
    /** @param {any[]} given @param {string} selected @param {number} now @param {string} emptyWords */
    show(given, selected, now, emptyWords) {
      entries = given;
      const held = document.activeElement?.closest?.("[data-id]")?.getAttribute("data-id") ?? "";
      const inBox = document.activeElement instanceof HTMLInputElement;
      for (const id of checked) if (!entries.some(({ feature }) => feature.id === id)) checked.delete(id);
      built = new Map(entries.map((entry) => [entry.feature.id, row(entry, selected, now)]));
      const rows = [...built.values()].map(({ node }) => node);
      arrange(root, rows.length ? rows : [el("li", { class: "empty" }, emptyWords)]);
      // Drawn anew, the keyboard stays where it was.
      const again = held && root.querySelector(`[data-id="${CSS.escape(held)}"] ${inBox ? "input" : "button"}`);
      if (again instanceof HTMLElement) again.focus({ preventScroll: true });
      onCheck();
    },
    /** @returns {string[]} */
    checked: () => entries.map(({ feature }) => feature.id).filter((id) => checked.has(id)),
    /** @param {string} id */
    toggle: (id) => check(id, !checked.has(id)),
    /** @param {boolean} on the gravest, as many as one order takes; none else */
    checkAll(on) {
      entries.forEach(({ feature }, at) => check(feature.id, on && at < AT_ONCE));
    },
    /** @param {string} id @param {number} step @returns {string} the neighbour, or the first */
    beside(id, step) {
      const at = entries.findIndex(({ feature }) => feature.id === id);
      const next = at < 0 ? 0 : Math.max(0, Math.min(entries.length - 1, at + step));
      return entries[next]?.feature.id ?? "";
    },
    /** @param {string} id */
    focus: (id) => root.querySelector(`[data-id="${CSS.escape(id)}"] button`)?.focus(),
    /** @param {string} id */
    reveal: (id) => root.querySelector(`[data-id="${CSS.escape(id)}"]`)?.scrollIntoView({ block: "nearest" }),
  };
}
