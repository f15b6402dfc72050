/** The clusters that the server made; a part of map.js, which hands Leaflet over. */

import { t } from "../i18n.js";
import { clusterMark } from "../icons.js";
import { clusterKey, isOnePlace } from "../view.js";
import { TYPES } from "../words.js";

const DEEPEST = 18;

/**
 * @param {any} L @param {any} map
 * @param {object} options
 * @param {any} options.Pin icon class
 * @param {(cluster: any) => void} options.onPlace a cluster was pressed that no zoom takes apart
 * @param {(event: any) => boolean} options.picked while a place is pointed out, a press means the place
 */
export function drawnView(L, map, { Pin, onPlace, picked }) {
  /** @type {Map<string, any>} markers by key */
  const held = new Map();

  const press = (/** @type {any} */ cluster, /** @type {any} */ event) => {
    if (picked(event)) return;
    const { bounds: [west, south, east, north] } = cluster;
    if (isOnePlace(cluster) || map.getZoom() >= DEEPEST) onPlace(cluster);
    else map.fitBounds([[south, west], [north, east]], { padding: [80, 80], maxZoom: DEEPEST, animate: false });
  };
  const markerOf = (/** @type {any} */ cluster) => {
    const icon = new Pin({ build: () => faceOf(cluster), size: 52 });
    return L.marker([cluster.lat, cluster.lon], { icon, keyboard: false, zIndexOffset: cluster.urgent ? 1000 : 0 })
      .on("click", (/** @type {any} */ event) => press(cluster, event));
  };

  return {
    /** @param {any[]} clusters exactly what is to be seen; what stayed the same stays the same element */
    show(clusters) {
      const wanted = new Map(clusters.map((cluster) => [clusterKey(cluster), cluster]));
      for (const [key, marker] of held) {
        if (wanted.has(key)) continue;
        marker.remove();
        held.delete(key);
      }
      for (const [key, cluster] of wanted) {
        if (!held.has(key)) held.set(key, markerOf(cluster).addTo(map));
      }
    },
  };
}

/** @param {any} cluster */
function faceOf(cluster) {
  const { count, urgent, stale, drill, type, state } = cluster;
  const gravest = { type, status: state, verification: state === "rejected" ? "rejected" : "unverified" };
  const node = clusterMark({ count, urgent, stale, drill, gravest });
  const word = TYPES.get(type)?.word ?? type;
  const words = urgent
    ? t("{count}件のまとまり（緊急 {urgent}件）。いちばん危険なもの：{type}", { count, urgent, type: word })
    : t("{count}件のまとまり。いちばん危険なもの：{type}", { count, type: word });
  node.title = [words, stale > 0 && t("古い情報 {stale}件を含む", { stale })].filter(Boolean).join(t("、"));
  return node;
}
