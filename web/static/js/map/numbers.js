/** Numbered places on the map, to be chosen by a press or by their number. */

/**
 * @param {any} L Leaflet @param {any} layer of the map
 * @param {{lat: number, lon: number, name: string}[]} places
 * @param {(index: number) => void} onChoose
 */
export function showNumbers(L, layer, places, onChoose) {
  layer.clearLayers();
  places.forEach(({ lat, lon, name }, index) => {
    const node = document.createElement("span");
    node.textContent = String(index + 1);
    const icon = L.divIcon({ className: "numbered", html: node, iconSize: [28, 28], iconAnchor: [14, 14] });
    const marker = L.marker([lat, lon], { icon, title: `${index + 1} ${name}`, keyboard: false, zIndexOffset: 8000 });
    marker.on("click", () => onChoose(index));
    layer.addLayer(marker);
  });
}

/** @param {any} L @param {any} map @param {{lat: number, lon: number}[]} places */
export function frameNumbers(L, map, places) {
  if (places.length === 0) return;
  map.fitBounds(L.latLngBounds(places.map(({ lat, lon }) => [lat, lon])), { padding: [70, 70], maxZoom: 14, animate: false });
}
