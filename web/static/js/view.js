/** One view of very many incidents: what to ask the server for, and what its answer means. Pure. */

/** Beyond so many the page no longer holds every incident itself. */
export const MANY = 4000;

/** How much of the surroundings is asked for, so that a small move shows no empty edge. */
const MARGIN = 0.25;

/**
 * @typedef {{west: number, south: number, east: number, north: number}} Bounds
 * @typedef {object} Asked
 * @property {import("./filter.js").Filter} filter
 * @property {Bounds|null} bounds of the map; null: only counts and the list
 * @property {number} zoom
 * @property {Bounds|null} listed only what lies here is listed; null: everything
 * @property {number} limit of the list
 * @property {number} read the change up to which everything has been read
 * @property {boolean} tray whether the unplaced are wanted one by one
 * @property {number|null} at epoch milliseconds; null: now
 */

/** @param {Asked} asked @returns {string} path and query */
export function viewPath({ filter, bounds, zoom, listed, limit, read, tray, at }) {
  const words = new URLSearchParams();
  if (bounds) words.set("bbox", boxWords(padded(bounds, MARGIN)));
  words.set("zoom", String(zoom));
  if (listed) words.set("list", boxWords(listed));
  words.set("limit", String(limit));
  if (tray) words.set("tray", "true");
  if (read > 0) words.set("read", String(read));
  if (filter.types) words.set("type", [...filter.types].sort().join(","));
  words.set("state", [...filter.states].sort().join(","));
  if (filter.municipalities) words.set("municipality", [...filter.municipalities].sort().map((code) => code || "-").join(","));
  if (filter.hours !== null) words.set("hours", String(filter.hours));
  if (filter.from !== null) words.set("from", new Date(filter.from).toISOString());
  if (filter.to !== null) words.set("to", new Date(filter.to).toISOString());
  if (!filter.drill) words.set("drill", "false");
  if (filter.verification) words.set("verification", filter.verification);
  if (filter.stale) words.set("old", filter.stale);
  if (at !== null) words.set("at", new Date(at).toISOString());
  return `/situation?${words.toString().replaceAll("%2C", ",").replaceAll("%3A", ":")}`;
}

/** @param {Bounds} bounds @param {number} share of its size, added on each side @returns {Bounds} */
export function padded({ west, south, east, north }, share) {
  const [wide, high] = [(east - west) * share, (north - south) * share];
  return { west: west - wide, south: south - high, east: east + wide, north: north + high };
}

/** @param {Bounds} bounds @returns {string} within the world, as the server reads it */
function boxWords({ west, south, east, north }) {
  const lon = (/** @type {number} */ degrees) => Math.max(-180, Math.min(180, degrees)).toFixed(5);
  const lat = (/** @type {number} */ degrees) => Math.max(-85, Math.min(85, degrees)).toFixed(5);
  return [lon(west), lat(south), lon(east), lat(north)].join(",");
}

/**
 * The answer with its features in place of their ids.
 * @param {any} answer of /situation
 */
export function readView(answer) {
  const features = new Map(answer.features.map((/** @type {any} */ feature) => [feature.id, feature]));
  const named = (/** @type {string[]} */ ids) => ids.map((id) => features.get(id)).filter(Boolean);
  const counted = (/** @type {Record<string, number>} */ numbers) => new Map(Object.entries(numbers));
  const { counts } = answer;
  return {
    ...answer,
    features,
    pins: named(answer.pins),
    list: named(answer.list),
    tray: named(answer.unplaced.list),
    counts: {
      types: counted(counts.types), states: counted(counts.states), municipalities: counted(counts.municipalities),
      time: counted(counts.time), verification: counted(counts.verification), stale: counted(counts.stale),
      drill: counts.drill, hidden: counts.hidden, hiddenStale: counts.hidden_stale,
    },
  };
}

/**
 * The key by which a mark stays the same mark while the map moves.
 * @param {any} cluster @returns {string}
 */
export const clusterKey = ({ lat, lon, count, urgent, stale, type, state, drill }) =>
  [lat, lon, count, urgent, stale, type, state, drill].join("/");

/** @param {any} cluster @returns {boolean} whether zooming in would not take it apart */
export function isOnePlace({ bounds: [west, south, east, north] }) {
  return east - west < 0.0002 && north - south < 0.0002;
}
