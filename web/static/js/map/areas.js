/** The small map of the page 人と組織: the areas of the brigades, one of them chosen, drawn or looked at beforehand. */

import { t } from "../i18n.js";
import { landLayer } from "./land.js";
import { pen } from "./pen.js";
import { labelIcon } from "./signs.js";

/** @param {HTMLElement} root which says where the tiles are */
export function areaMap(root) {
  const { tileUrl } = root.dataset;
  const L = /** @type {any} */ (globalThis).L;
  const map = L.map(root, { attributionControl: false, zoomControl: false, minZoom: 4, maxZoom: 18, zoomSnap: 0.5, zoomAnimation: false, fadeAnimation: false });
  L.control.zoom({ position: "topright", zoomInTitle: t("拡大"), zoomOutTitle: t("縮小") }).addTo(map);
  L.control.scale({ imperial: false, position: "bottomright" }).addTo(map);
  map.setView([36, 137], 5);
  if (tileUrl) L.tileLayer(tileUrl, { maxZoom: 18, className: "tiles" }).addTo(map);
  const colour = (/** @type {string} */ name) => getComputedStyle(root).getPropertyValue(name).trim();
  const land = landLayer(L, map, () => ({ fill: tileUrl ? null : colour("--map-land"), border: colour("--map-border") }));
  const areas = L.layerGroup().addTo(map);
  const chosen = L.layerGroup().addTo(map);
  const drawing = pen(L, map, root, () => colour("--accent"));
  /** @type {any[]} */
  let municipalities = [];
  const fit = (/** @type {any} */ box) => map.fitBounds(box, { padding: [30, 30], maxZoom: 14, animate: false });

  return {
    /** @param {any[]} features municipality polygons */
    setBase(features) {
      municipalities = features;
      land.set(features);
    },
    /** @param {{name: string, area: any}[]} brigades with their areas */
    show(brigades) {
      areas.clearLayers();
      for (const { name, area } of brigades) {
        const layer = L.geoJSON(area, { interactive: false, style: { color: colour("--accent"), weight: 2, fillOpacity: 0.12, className: "brigade-area" } });
        areas.addLayer(layer).addLayer(L.marker(layer.getBounds().getCenter(), { icon: labelIcon(L, name), interactive: false, keyboard: false }));
      }
    },
    /** @param {any|null} geometry what is to become the area */
    preview(geometry) {
      chosen.clearLayers();
      if (!geometry) return;
      const layer = L.geoJSON(geometry, { interactive: false, style: { color: colour("--danger"), weight: 4, dashArray: "8 6", fillOpacity: 0.15, className: "brigade-area is-new" } });
      chosen.addLayer(layer);
      fit(layer.getBounds());
    },
    /** @param {any[]} some areas @param {string} code of the municipality to show where there are none */
    frame(some, code) {
      map.invalidateSize({ animate: false });
      if (some.length) { fit(L.featureGroup(some.map((each) => L.geoJSON(each))).getBounds()); return; }
      const home = municipalities.find(({ properties }) => properties.code === code);
      if (home) fit(L.geoJSON(home).getBounds());
    },
    draw: drawing.draw,
    stopDrawing: drawing.stop,
    centre: drawing.centre,
  };
}
