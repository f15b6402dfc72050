/** Which incidents the desk's queue holds: chosen above it, kept in the address, and what that hides. */

import { byId, el } from "./dom.js";
import { said, t } from "./i18n.js";
import { TYPES } from "./words.js";

const STATE = /^(waiting|working|closed|all)$/;
/** Name in the address, name in the API, what may stand there. @type {ReadonlyArray<[string, string, RegExp]>} */
const PARTS = [["state", "state", STATE], ["assigned", "assigned", /^(me|none)$/], ["type", "type", /^[a-z_]+$/],
  ["m", "municipality", /^(\d{5}|none)$/], ["drill", "drill", /^(true|false)$/]];
/** @type {Record<string, [string, (choice: any) => string]>} by facet what stands for all, and a choice in words */
const FACETS = {
  type: [t("すべての種別"), ({ code }) => TYPES.get(code)?.word ?? code],
  municipality: [t("すべての市区町村"), ({ code, name }) => (code === "none" ? t("市町村不明") : name ?? code)],
  drill: [t("訓練も実際も"), ({ code }) => (code === "true" ? t("訓練だけ") : t("訓練を除く"))],
};

/** @param {string} fragment @returns {Record<string, string>} what cannot be understood is left out */
export function askedOf(fragment) {
  const words = new URLSearchParams(fragment.replace(/^#/, ""));
  /** @type {Record<string, string>} */
  const asked = { state: "waiting" };
  for (const [name, member, shape] of PARTS) if (shape.test(words.get(name) ?? "")) asked[member] = words.get(name) ?? "";
  if (asked.type && !TYPES.has(asked.type)) delete asked.type;
  return asked;
}

/** @param {Record<string, string>} asked @param {string} selected @returns {string} with #, empty when nothing was chosen */
export function fragmentOf(asked, selected) {
  const words = new URLSearchParams(selected ? { sel: selected } : {});
  for (const [name, member] of PARTS) if (asked[member] && asked[member] !== "waiting") words.set(name, asked[member]);
  return words.size ? `#${words}` : "";
}

/** @param {() => void} onChange the queue is to be asked for anew */
export function deskFilters(onChange) {
  let asked = askedOf(location.hash);
  /** @type {Record<string, any[]>} */
  let offered = {};

  const paint = () => {
    for (const radio of document.querySelectorAll("[name=state]")) /** @type {any} */ (radio).checked = /** @type {any} */ (radio).value === asked.state;
    byId("assigned").value = asked.assigned ?? "";
    for (const facet of Object.keys(FACETS)) paintFacet(facet);
  };
  const paintFacet = (/** @type {string} */ facet) => {
    const [all, words] = FACETS[facet];
    const select = byId(`only-${facet}`);
    const chosen = asked[facet] ?? "";
    const choices = [...offered[facet] ?? []];
    if (chosen && !choices.some(({ code }) => code === chosen)) choices.push({ code: chosen, name: null, count: 0 });
    // A headquarters of one municipality has nothing to choose there.
    if (facet === "municipality") select.hidden = choices.length < 2 && !chosen;
    const rows = choices.filter(({ code, count }) => count > 0 || code === chosen || facet === "drill")
      .map((choice) => [choice.code, t("{word}（{count}）", { word: words(choice), count: choice.count })]);
    const written = JSON.stringify(rows);
    // A list that is open stays as it is.
    if (select.dataset.written !== written && document.activeElement !== select) {
      select.dataset.written = written;
      select.replaceChildren(el("option", { value: "" }, all), ...rows.map(([value, word]) => el("option", { value }, word)));
    }
    select.value = chosen;
  };
  const take = () => {
    const state = /** @type {any} */ (document.querySelector("[name=state]:checked"))?.value ?? "waiting";
    asked = { state };
    for (const [name, id] of [["assigned", "assigned"], ...Object.keys(FACETS).map((facet) => [facet, `only-${facet}`])]) {
      if (byId(id).value) asked[name] = byId(id).value;
    }
    onChange();
  };
  const put = (/** @type {Record<string, string>} */ given) => {
    asked = given;
    paint();
    onChange();
  };

  const facets = Object.keys(FACETS).map((facet) => byId(`only-${facet}`));
  for (const field of [...document.querySelectorAll("[name=state]"), byId("assigned"), ...facets]) field.addEventListener("change", take);
  for (const select of facets) select.addEventListener("blur", paint);
  byId("same-off").addEventListener("click", () => put({ state: "waiting" }));
  byId("sift-off").addEventListener("click", () => {
    const { type, municipality, drill, ...rest } = asked;
    put(rest);
    document.querySelector("[name=state]:checked")?.focus();
  });
  paint();
  return {
    asked: () => asked,
    /** @param {string} id of the incident whose senders' others are wanted */
    same: (id) => put({ state: "all", same_sender_as: id }),
    read: () => put(askedOf(location.hash)),
    /** @param {string} selected */
    write: (selected) => history.replaceState(null, "", fragmentOf(asked, selected) || location.pathname),
    /** @param {{hidden: number, choices: any}} answer of the server */
    show({ hidden, choices }) {
      offered = choices;
      paint();
      byId("sift").hidden = !facets.some((select) => select.value);
      byId("sift-words").textContent = t("絞り込みで {count}件を隠しています。", { count: hidden });
      byId("same").hidden = !asked.same_sender_as;
    },
    emptyWords: () => asked.same_sender_as ? t("同じ送信者の事案はありません。") : t("この条件の事案はありません。"),
  };
}
