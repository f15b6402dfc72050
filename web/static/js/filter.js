/** Which incidents are shown, how many each choice holds, and how that is written in the address. Pure. */

import { isStale } from "./stale.js";
import { OPEN_STATES, STATES, TYPES, stateOf } from "./words.js";

/**
 * @typedef {object} Filter
 * @property {Set<string>|null} types null: all
 * @property {Set<string>} states
 * @property {Set<string>|null} municipalities 5-digit codes; "" is 市町村不明; null: all
 * @property {number|null} hours only what was reported in the last so many hours
 * @property {number|null} from epoch milliseconds
 * @property {number|null} to epoch milliseconds
 * @property {boolean} drill whether 訓練 is shown
 * @property {""|"verified"|"unverified"} verification only what headquarters has confirmed, or has not ruled on; "": both
 * @property {""|"hide"|"only"} stale what becomes of old information; "": shown like any other
 * @property {boolean} inView only what lies within the map
 */

/** @returns {Filter} */
export const defaultFilter = () => ({
  types: null, states: new Set(OPEN_STATES), municipalities: null,
  hours: null, from: null, to: null, drill: true, verification: "", stale: "", inView: false,
});

/** @param {Filter} filter @param {any} properties @param {number} now epoch milliseconds */
function timeFits(filter, properties, now) {
  const at = Date.parse(properties.last_reported_at);
  if (filter.hours !== null && at < now - filter.hours * 3_600_000) return false;
  if (filter.from !== null && at < filter.from) return false;
  return filter.to === null || at <= filter.to;
}

/** @param {any} properties */
const municipalityOf = (properties) => properties.municipality ?? "";

/**
 * What of the filter a feature fails: "" when it is shown, the one facet it fails, or "many".
 * @param {Filter} filter @param {any} properties @param {number} now
 * @returns {""|"types"|"states"|"municipalities"|"time"|"drill"|"verification"|"stale"|"many"}
 */
function failing(filter, properties, now) {
  const failed = [];
  if (filter.types && !filter.types.has(properties.type)) failed.push("types");
  if (!filter.states.has(stateOf(properties))) failed.push("states");
  if (filter.municipalities && !filter.municipalities.has(municipalityOf(properties))) {
    failed.push("municipalities");
  }
  if (!timeFits(filter, properties, now)) failed.push("time");
  if (!filter.drill && properties.drill) failed.push("drill");
  if (filter.verification && properties.verification !== filter.verification) failed.push("verification");
  if (filter.stale && isStale(properties, now) !== (filter.stale === "only")) failed.push("stale");
  // @ts-ignore the names above are those of the return type
  return failed.length > 1 ? "many" : failed[0] ?? "";
}

/** @param {Map<string, number>} counts @param {string} key */
const count = (counts, key) => counts.set(key, (counts.get(key) ?? 0) + 1);

/**
 * One pass over everything: what is shown, and for each choice how many incidents it would hold with
 * the other parts of the filter as they are.
 * @param {Filter} filter @param {Iterable<any>} features @param {number} now epoch milliseconds
 */
export function sift(filter, features, now) {
  const shown = [];
  const counts = {
    types: new Map(), states: new Map(), municipalities: new Map(), time: new Map(), verification: new Map(),
    stale: new Map(), drill: 0,
    hidden: 0, hiddenStale: 0,
  };
  for (const feature of features) {
    const { properties } = feature;
    const fails = failing(filter, properties, now);
    if (fails === "") shown.push(feature);
    else {
      counts.hidden += 1;
      if (isStale(properties, now)) counts.hiddenStale += 1;
    }
    if (fails === "" || fails === "types") count(counts.types, properties.type);
    if (fails === "" || fails === "states") count(counts.states, stateOf(properties));
    if (fails === "" || fails === "municipalities") count(counts.municipalities, municipalityOf(properties));
    if (fails === "" || fails === "time") countHours(counts.time, properties, now);
    if (fails === "" || fails === "verification") countVerification(counts.verification, properties.verification);
    if (fails === "" || fails === "stale") countStale(counts.stale, isStale(properties, now));
    if (properties.drill && (fails === "" || fails === "drill")) counts.drill += 1;
  }
  return { shown, counts };
}

/** @param {Map<string, number>} counts @param {any} properties @param {number} now */
function countHours(counts, properties, now) {
  const age = now - Date.parse(properties.last_reported_at);
  for (const hours of [1, 6, 24]) if (age <= hours * 3_600_000) count(counts, String(hours));
  count(counts, "all");
}

/** @param {Map<string, number>} counts @param {string} verification */
function countVerification(counts, verification) {
  count(counts, "all");
  count(counts, verification);
}

/** @param {Map<string, number>} counts @param {boolean} stale */
function countStale(counts, stale) {
  count(counts, "all");
  count(counts, stale ? "only" : "hide");
}

/** @param {Set<string>} a @param {ReadonlyArray<string>} b */
const sameMembers = (a, b) => a.size === b.length && b.every((member) => a.has(member));

/** @param {Filter} filter @returns {boolean} whether nothing was chosen */
export const isDefault = (filter) => toFragment(filter) === "";

/**
 * The filter for the address; choices left as they are take no room.
 * @param {Filter} filter @returns {string}
 */
export function toFragment(filter) {
  const words = new URLSearchParams();
  if (filter.types) words.set("type", [...filter.types].sort().join(","));
  if (!sameMembers(filter.states, OPEN_STATES)) words.set("state", [...filter.states].sort().join(","));
  if (filter.municipalities) words.set("m", [...filter.municipalities].sort().join(","));
  if (filter.hours !== null) words.set("h", String(filter.hours));
  if (filter.from !== null) words.set("from", new Date(filter.from).toISOString());
  if (filter.to !== null) words.set("to", new Date(filter.to).toISOString());
  if (!filter.drill) words.set("drill", "0");
  if (filter.verification) words.set("v", filter.verification);
  if (filter.stale) words.set("old", filter.stale);
  if (filter.inView) words.set("view", "1");
  return words.toString().replaceAll("%2C", ",").replaceAll("%3A", ":");
}

/**
 * @param {string} fragment with or without #; what cannot be understood is left out
 * @returns {Filter}
 */
export function fromFragment(fragment) {
  const words = new URLSearchParams(fragment.replace(/^#/, ""));
  const filter = defaultFilter();
  const known = (/** @type {string} */ name, /** @type {ReadonlyMap<string, unknown>} */ all) =>
    (words.get(name) ?? "").split(",").filter((code) => all.has(code));
  if (words.has("type")) filter.types = new Set(known("type", TYPES));
  if (words.has("state")) filter.states = new Set(known("state", STATES));
  if (words.has("m")) {
    filter.municipalities = new Set(
      (words.get("m") ?? "").split(",").filter((code) => code === "" || /^\d{5}$/.test(code)),
    );
  }
  const hours = Number(words.get("h"));
  if (hours > 0 && hours <= 8760) filter.hours = hours;
  filter.from = instant(words.get("from"));
  filter.to = instant(words.get("to"));
  filter.drill = words.get("drill") !== "0";
  const verification = words.get("v");
  if (verification === "verified" || verification === "unverified") filter.verification = verification;
  const stale = words.get("old");
  if (stale === "hide" || stale === "only") filter.stale = stale;
  filter.inView = words.get("view") === "1";
  return filter;
}

/** @param {string|null} text @returns {number|null} */
function instant(text) {
  const at = Date.parse(text ?? "");
  return Number.isNaN(at) ? null : at;
}
