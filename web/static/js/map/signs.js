/** Icons and signs on the map; a part of map.js, which hands Leaflet over. */

import { t } from "../i18n.js";

/** An icon that builds its element only when it comes into view. @param {any} L */
export function pinIcon(L) {
  return L.Icon.extend({
    createIcon() {
      const node = this.options.build();
      // Leaflet writes the class anew from the options.
      this.options.className = node.className;
      this._setIconStyles(node, "icon");
      return node;
    },
    createShadow: () => null,
    initialize(/** @type {{build: () => HTMLElement, size: number, pointed?: boolean}} */ options) {
      const { size, pointed } = options;
      L.setOptions(this, { ...options, iconSize: [size, size], iconAnchor: [size / 2, pointed ? size + 3 : size / 2] });
    },
  });
}

/** The sign of a place that is pointed out, with its circle. @param {any} L @param {any} map @param {string} tint @param {(at: any) => void} onMoved @param {(feature: any) => void} goTo */
export function pickSign(L, map, tint, onMoved, goTo) {
  const node = document.createElement("span");
  node.title = t("指定する場所（動かせます）");
  const icon = L.divIcon({ className: "pick", html: node, iconSize: [44, 44], iconAnchor: [22, 22] });
  const marker = L.marker([0, 0], { icon, draggable: true, autoPan: true, keyboard: false, zIndexOffset: 9000 });
  const circle = L.circle([0, 0], { radius: 0, color: tint, weight: 3, fillOpacity: 0.15, interactive: false });
  marker.on("drag", () => circle.setLatLng(marker.getLatLng()));
  marker.on("dragend", () => onMoved(marker.getLatLng()));
  return {
    set(/** @type {number} */ lat, /** @type {number} */ lon, /** @type {number} */ radius, /** @type {boolean} */ move) {
      marker.setLatLng([lat, lon]).addTo(map);
      circle.setLatLng([lat, lon]).setRadius(radius).addTo(map);
      if (move) goTo({ geometry: { coordinates: [lon, lat] }, properties: { radius_m: radius } });
    },
    remove() {
      marker.remove();
      circle.remove();
    },
  };
}

/** @param {any} L @param {string} name */
export function labelIcon(L, name) {
  const text = document.createElement("span");
  text.textContent = name;
  return L.divIcon({ className: "place-label", html: text, iconSize: [0, 0] });
}
