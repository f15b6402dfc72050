/** The order in which an officer should look: danger to life first, then newest. Pure. */

import { OPEN_STATES, TYPES, stateOf } from "./words.js";

const OVER = 9;
/** More than any rank of what is open. */
const DRILL = 9;

/**
 * 0 is gravest. Whatever is over (なし, 解消, 本部棄却) comes last, however bad it was.
 * @param {any} properties of a Feature
 * @returns {number}
 */
export function dangerRank(properties) {
  const state = stateOf(properties);
  if (!OPEN_STATES.includes(state)) return OVER;
  // Nothing comes before what is marked urgent: the face of a cluster is then never another one's.
  const caught = properties.trapped > 0 || properties.missing > 0 || properties.type === "rescue_request";
  if (properties.urgent) return caught ? 0 : 1;
  if (caught) return 2;
  // 3 is what grows by the reports' words, which only the desk weighs.
  if (properties.dead > 0 || properties.injured > 0 || properties.type === "casualty") return 4;
  const now = state === "present";
  if (TYPES.get(properties.type)?.deadly) return now ? 5 : 6;
  return now ? 7 : 8;
}

/** What is real and open comes before a drill, and both before what is over. @param {any} properties */
function precedence(properties) {
  const rank = dangerRank(properties);
  return rank === OVER ? 2 * DRILL : rank + (properties.drill ? DRILL : 0);
}

/** @param {any} feature @returns {{feature: any, rank: number, at: number}} what a comparison needs, worked out once */
const weighed = (feature) => ({
  feature, rank: precedence(feature.properties), at: Date.parse(feature.properties.last_reported_at),
});

/** @param {ReturnType<typeof weighed>} a @param {ReturnType<typeof weighed>} b */
function compare(a, b) {
  if (a.rank !== b.rank) return a.rank - b.rank;
  if (a.at !== b.at) return b.at - a.at;
  return a.feature.id < b.feature.id ? -1 : 1;
}

/**
 * Gravest first, then the latest report, then the id so that the order never flickers.
 * @param {any[]} features @returns {any[]} a new array
 */
export const byDanger = (features) => features.map(weighed).sort(compare).map(({ feature }) => feature);

/** @param {any[]} features at least one @returns {any} what `byDanger` would put first */
export const gravestOf = (features) =>
  features.map(weighed).reduce((gravest, one) => (compare(one, gravest) < 0 ? one : gravest)).feature;
