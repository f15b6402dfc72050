/** What lies on the map besides incidents: tiles, shelters, evacuation units, areas of brigades; a part of map.js. */

import { el } from "../dom.js";
import { t } from "../i18n.js";
import { labelIcon } from "./signs.js";

const HAZARD_OPACITY = 0.65;
/** 警戒レベル and what is issued at each. */
export const LEVELS = new Map([[3, t("高齢者等避難")], [4, t("避難指示")], [5, t("緊急安全確保")]]);

/** @param {any} L @param {any} map @param {(name: string) => string} colour */
export function overlays(L, map, colour) {
  /** @type {Map<string, any>} tile layers by id */
  const tiles = new Map();
  const shelters = L.layerGroup();
  const units = L.layerGroup();
  const brigades = L.layerGroup();
  // Above the ground, below the incidents.
  const pane = map.createPane("overlay-tiles");
  pane.style.zIndex = "250";

  const popup = (/** @type {any} */ marker, /** @type {Node} */ content) =>
    marker.bindPopup(content, { maxWidth: 280, autoPan: false, closeButton: true });

  return {
    /** @param {{id: string, url: string, hazard: boolean, deepest: number}} raster @param {boolean} on */
    raster({ id, url, hazard, deepest }, on) {
      tiles.get(id)?.remove();
      tiles.delete(id);
      if (!on) return;
      const layer = L.tileLayer(url, {
        maxZoom: 18, maxNativeZoom: deepest, opacity: hazard ? HAZARD_OPACITY : 1, className: "tiles", pane: "overlay-tiles",
        zIndex: hazard ? 2 : 1,
      });
      tiles.set(id, layer.addTo(map));
    },
    /** @param {any[]|null} features null: not shown */
    shelters(features) {
      shelters.clearLayers();
      if (!features) {
        shelters.remove();
        return;
      }
      for (const feature of features) {
        const [lon, lat] = feature.geometry.coordinates;
        const icon = L.divIcon({ className: "shelter-icon", html: el("span", { class: "shelter" }, t("避")), iconSize: [26, 26] });
        const marker = L.marker([lat, lon], { icon, keyboard: false, zIndexOffset: -500, title: feature.properties.name });
        shelters.addLayer(popup(marker, shelterCard(feature.properties)));
      }
      shelters.addTo(map);
    },
    /** @param {any|null} collection of evacuation units; null: not shown */
    units(collection) {
      units.clearLayers();
      if (!collection) {
        units.remove();
        return;
      }
      for (const feature of collection.features) {
        const level = Number(feature.properties.level);
        const tint = LEVELS.has(level) ? colour(`--level-${level}`) : colour("--accent");
        const area = L.geoJSON(feature, { style: () => ({ color: tint, weight: 3, fillColor: tint, fillOpacity: LEVELS.has(level) ? 0.3 : 0.05 }) });
        const words = [feature.properties.name, LEVELS.has(level) && t("警戒レベル{level} {word}", { level, word: LEVELS.get(level) ?? "" })].filter(Boolean).join(" ");
        units.addLayer(area.bindTooltip(el("span", {}, words), { sticky: true }));
      }
      units.addTo(map);
    },
    /** @returns {boolean} whether evacuation units are drawn */
    hasUnits: () => map.hasLayer(units),
    /** @param {any[]|null} features null: not shown */
    brigades(features) {
      brigades.clearLayers();
      if (!features) {
        brigades.remove();
        return;
      }
      const tint = colour("--ok");
      for (const feature of features) {
        const area = L.geoJSON(feature, { interactive: false, style: { color: tint, weight: 2, dashArray: "10 4", fillColor: tint, fillOpacity: 0.06 } });
        const icon = labelIcon(L, feature.properties.name);
        brigades.addLayer(area).addLayer(L.marker(area.getBounds().getCenter(), { icon, interactive: false, keyboard: false, zIndexOffset: -9000 }));
      }
      brigades.addTo(map);
    },
  };
}

const USES = new Map([["emergency", t("指定緊急避難場所")], ["evacuation", t("指定避難所")]]);
const DISASTERS = new Map([
  ["flood", t("洪水")], ["landslide", t("土砂災害")], ["storm_surge", t("高潮")], ["earthquake", t("地震")],
  ["tsunami", t("津波")], ["fire", t("大規模火災")], ["inland_flood", t("内水氾濫")], ["volcano", t("火山")],
]);

/** @param {any} properties @returns {HTMLElement} */
function shelterCard({ name, use, address, disasters, municipality_name: municipality }) {
  return el("div", { class: "shelter-card" },
    el("b", {}, name),
    el("p", {}, [USES.get(use) ?? t("避難所"), municipality].filter(Boolean).join(t("・"))),
    address && el("p", {}, address),
    disasters && el("p", {}, disasters.length
      ? t("対象：{disasters}", { disasters: disasters.map((/** @type {string} */ one) => DISASTERS.get(one) ?? one).join(t("、")) })
      : t("対象の災害の記載なし")));
}
