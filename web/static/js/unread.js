/** Which incidents the officer at this browser has not looked at yet. Pure but for the given storage. */

const KEY = "hansho.seen";

/**
 * @typedef {{upto: number, versions: Map<string, number>}} Seen
 * `upto`: every change up to this seq is read; `versions`: the version of an incident that was opened.
 */

/** @param {Storage} storage @returns {Seen} */
export function loadSeen(storage) {
  const held = parse(storage.getItem(KEY));
  return { upto: held.upto ?? 0, versions: new Map(held.versions ?? []) };
}

/** @param {string|null} text @returns {{upto?: number, versions?: [string, number][]}} */
function parse(text) {
  try {
    return JSON.parse(text ?? "{}") ?? {};
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

/** @param {Storage} storage @param {Seen} seen */
export function saveSeen(storage, seen) {
  storage.setItem(KEY, JSON.stringify({ upto: seen.upto, versions: [...seen.versions] }));
}

/**
 * @param {Seen} seen @param {any} feature
 * @returns {"new"|"changed"|""}
 */
export function newsOf(seen, feature) {
  const { seq, version } = feature.properties;
  if (seq <= seen.upto) return "";
  const known = seen.versions.get(feature.id);
  if (known !== undefined) return version > known ? "changed" : "";
  return version > 1 && seen.upto > 0 ? "changed" : "new";
}

/**
 * How many are unread, of very many that the page does not hold: what was opened one by one is taken off.
 * @param {Seen} seen @param {number} newer incidents changed after `upto` @returns {number}
 */
export const unreadOf = (seen, newer) => Math.max(0, newer - seen.versions.size);

/** @param {Seen} seen @param {any} feature */
export function markRead(seen, feature) {
  seen.versions.set(feature.id, feature.properties.version);
}

/**
 * Everything that the page holds is read; a single versions entry is no longer needed.
 * @param {Seen} seen @param {number} seq
 */
export function markAllRead(seen, seq) {
  seen.upto = Math.max(seen.upto, seq);
  seen.versions.clear();
}
