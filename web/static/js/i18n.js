/**
 * Japanese first, English for those who ask for it. Every word a page shows is written in Japanese at the
 * place where it is used, `t("事案 {count}件", { count })`, and its English stands in static/en/*.json under
 * the Japanese. The server renders the page in the same language (cookie `lang`, web/words.py).
 */

import { patternsOf, translator } from "./sentences.js";

const KEY = "hansho.lang";
const YEAR_S = 31_536_000;
const PATIENCE_MS = 10_000;
/** The files of static/en; each page needs words of several. */
const PARTS = [
  "page",
  "words",
  "map",
  "report",
  "teach",
  "problems",
  "tools",
  "access",
  "evacuation",
  "log",
  "still",
  "desk",
];

/** Modules without words of their own are also tested outside a browser, where there is no page. */
const page = typeof document === "undefined" ? null : document;

/** @returns {"ja"|"en"} the language of this page, as the server rendered it */
export const language = () => (page?.documentElement.lang === "en" ? "en" : "ja");

/** The language the other is switched to. */
const other = () => (language() === "en" ? "ja" : "en");

/**
 * `{name}` is replaced by the value; `{count|report|reports}` by the first word for 1, else by the second.
 * @param {string} pattern @param {Record<string, string|number>} values
 * @returns {string}
 */
export const filled = (pattern, values) => pattern.replace(
  /\{(\w+)(?:\|([^|{}]*)\|([^|{}]*))?\}/g,
  (whole, name, one, many) => {
    if (!(name in values)) return whole;
    return one === undefined ? String(values[name]) : Number(values[name]) === 1 ? one : many;
  },
);

/** @param {string} part @returns {Promise<Record<string, string>>} */
const entries = (part) => fetched(`../en/${part}.json`);

/** @param {string} path @returns {Promise<Record<string, string>>} */
async function fetched(path) {
  try {
    const patience = AbortSignal.timeout(PATIENCE_MS);
    return await (await fetch(new URL(path, import.meta.url), { signal: patience })).json();
  } catch {
    // Without its English a page is still a page: the words stay Japanese.
    return {};
  }
}

/** @param {"ja"|"en"} chosen kept in this browser, and told to the server */
function keep(chosen) {
  localStorage.setItem(KEY, chosen);
  document.cookie = `lang=${chosen}; Path=/; Max-Age=${YEAR_S}; SameSite=Lax`;
}

/** @param {HTMLElement|null} button the switch that every page has */
function bind(button) {
  button?.addEventListener("click", () => { keep(other()); location.reload(); });
}

/** A browser whose cookies were cleared still knows what was chosen. */
function followChoice() {
  const held = localStorage.getItem(KEY);
  if ((held !== "ja" && held !== "en") || held === language()) return;
  keep(held);
  // Where cookies are refused the page stays as it came, rather than loading for ever.
  if (document.cookie.includes(`lang=${held}`)) location.reload();
}

if (page) {
  followChoice();
  bind(page.getElementById("lang"));
}
/** @type {Record<string, string>} */
const english = language() === "en" ? Object.assign({}, ...await Promise.all(PARTS.map(entries))) : {};

const translate = translator(patternsOf(language() === "en" ? await fetched("../data/sentences.json") : {}), english, filled);

/**
 * The words of a page in its language. Give the Japanese as one plain literal: a test reads it.
 * @param {string} japanese @param {Record<string, string|number>} [values] for `{name}`
 * @returns {string}
 */
export const t = (japanese, values = {}) => filled(english[japanese] ?? japanese, values);

/**
 * What the server said in Japanese, in English where that is known; otherwise as it was said.
 * @param {string} japanese @returns {string}
 */
export const said = (japanese) => (language() === "en" ? translate(japanese) : null) ?? japanese;
