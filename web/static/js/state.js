/**
 * What the page knows of the incidents: pages of the collection plus events of the stream.
 * Pure: applying the same page or event twice, or late, changes nothing.
 *
 * @typedef {{id: string, geometry: any, properties: any}} Feature
 * @typedef {{items: Map<string, Feature>, removed: Map<string, number>, seq: number}} State
 */

/** @returns {State} */
export const emptyState = () => ({ items: new Map(), removed: new Map(), seq: 0 });

/**
 * @param {State} state @param {Feature} feature
 * @returns {boolean} whether the feature was news
 */
function put(state, feature) {
  const { seq, version } = feature.properties;
  if ((state.removed.get(feature.id) ?? -1) >= seq) return false;
  const held = state.items.get(feature.id)?.properties;
  if (held && (held.seq > seq || (held.seq === seq && held.version >= version))) return false;
  state.items.set(feature.id, feature);
  state.removed.delete(feature.id);
  return true;
}

/**
 * Takes one page of the collection in. A fetch always fills an empty state: that is how what no page
 * holds any more disappears. The cursor stays at the first page of many, the oldest: events after it are
 * applied again without harm.
 * @param {State} state @param {{features: Feature[], seq: number}} page
 * @returns {string[]} ids of what changed
 */
export function applyPage(state, page) {
  if (state.seq === 0) state.seq = page.seq;
  return page.features.filter((feature) => put(state, feature)).map((feature) => feature.id);
}

/**
 * Takes one `change` event in.
 * @param {State} state @param {{seq: number, removed: boolean, feature: Feature}} change
 * @returns {boolean} whether anything changed
 */
export function applyChange(state, change) {
  state.seq = Math.max(state.seq, change.seq);
  if (!change.removed) return put(state, change.feature);
  const { id } = change.feature;
  const held = state.items.get(id);
  if (held && held.properties.seq > change.seq) return false;
  state.removed.set(id, Math.max(change.seq, state.removed.get(id) ?? 0));
  return state.items.delete(id);
}
