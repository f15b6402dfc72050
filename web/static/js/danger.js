/** The order in which an officer should look: danger to life first, then newest. Pure. */

import { OPEN_STATES, TYPES, stateOf } from "./words.js";

/**
 * 0 is gravest. Whatever is over (なし, 解消, 本部棄却) comes last, however bad it was.
 * @param {any} properties of a Feature
 * @returns {number}
 */
export function dangerRank(properties) {
  const state = stateOf(properties);
  if (!OPEN_STATES.includes(state)) return 9;
  if (properties.urgent || properties.trapped > 0 || properties.missing > 0) return 0;
  const people = properties.dead > 0 || properties.injured > 0;
  if (people || properties.type === "rescue_request" || properties.type === "casualty") return 1;
  const deadly = TYPES.get(properties.type)?.deadly ?? false;
  if (state === "feared") return deadly ? 3 : 5;
  return deadly ? 2 : 4;
}

/**
 * Comparator of Features: gravest first, then the latest report, then the id so that it never flickers.
 * @param {any} a @param {any} b @returns {number}
 */
export function byDanger(a, b) {
  const rank = dangerRank(a.properties) - dangerRank(b.properties);
  if (rank !== 0) return rank;
  const newer = Date.parse(b.properties.last_reported_at) - Date.parse(a.properties.last_reported_at);
  return newer !== 0 ? newer : a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}
