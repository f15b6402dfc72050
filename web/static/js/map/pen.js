/** One area at a time drawn on a map: while it is, a press sets a corner; gets Leaflet handed over. */

import { drawnArea } from "./corners.js";

/** @param {any} L @param {any} map @param {HTMLElement} root of the map @param {() => string} tint */
export function pen(L, map, root, tint) {
  /** @type {any} */
  let drawing = null;
  map.on("click", (/** @type {any} */ { latlng }) => drawing?.add(latlng.lat, latlng.wrap().lng));
  const stop = () => {
    drawing?.remove();
    drawing = null;
    root.classList.remove("is-picking");
  };
  return {
    /** @param {any} options of corners.js */
    draw(options) {
      stop();
      drawing = drawnArea(L, map, tint(), options);
      root.classList.add("is-picking");
      const corners = options.corners ?? [];
      if (corners.length) map.fitBounds(corners.map((/** @type {any} */ { lat, lon }) => [lat, lon]), { padding: [60, 60], maxZoom: 15, animate: false });
      return drawing;
    },
    stop,
    /** @returns {boolean} whether a press is to set a corner and to open nothing */
    isBusy: () => drawing !== null,
    /** @returns {{lat: number, lon: number}} the middle of the view */
    centre: () => {
      const { lat, lng } = map.getCenter().wrap();
      return { lat, lon: lng };
    },
  };
}
