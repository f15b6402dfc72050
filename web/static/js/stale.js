/** Which information is old, and how old, by the server's clock. Pure. */

import { t } from "./i18n.js";
import { agoWords, timeWords } from "./time.js";

/** @type {WeakMap<object, number>} a property's time read once: a whole prefecture is asked about every half minute */
const known = new WeakMap();

/** @param {any} properties @returns {number} epoch milliseconds from which on it is old; Infinity: never */
function staleFrom(properties) {
  const held = known.get(properties);
  if (held !== undefined) return held;
  const at = properties.stale_at ? Date.parse(properties.stale_at) : Infinity;
  known.set(properties, at);
  return at;
}

/** @param {any} properties of a Feature @param {number} now server's time @returns {boolean} */
export const isStale = (properties, now) => staleFrom(properties) <= now;

/** @param {any} properties @returns {string} ISO 8601: the last report, or headquarters' confirmation after it */
export function lastKnown({ last_reported_at: reported, confirmed_at: confirmed }) {
  return confirmed && Date.parse(confirmed) > Date.parse(reported) ? confirmed : reported;
}

/** @param {any} properties @param {number} now @returns {string} 3時間前, empty while it is not old */
export const staleAge = (properties, now) => isStale(properties, now) ? agoWords(lastKnown(properties), now) : "";

/** @param {any} properties @param {number} now @returns {string} 3時間前の情報, empty while it is not old */
export function staleWords(properties, now) {
  const ago = staleAge(properties, now);
  return ago && t("{ago}の情報", { ago });
}

/** @param {any} properties @param {number} now @returns {string} what it means that it is old, empty while it is not */
export function staleNotice(properties, now) {
  const ago = staleAge(properties, now);
  return ago && t("{ago}の情報です。{time} から、新しい通報も本部の確認もありません。今どうなっているかは分かりません。", {
    ago, time: timeWords(lastKnown(properties), now),
  });
}
