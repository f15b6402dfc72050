/** A line that is drawn to measure; a part of map.js, which hands Leaflet over. */

/**
 * @param {any} L @param {any} map @param {string} tint @param {(points: {lat: number, lon: number}[]) => void} onChange
 */
export function measuredLine(L, map, tint, onChange) {
  /** @type {{lat: number, lon: number}[]} */
  let points = [];
  const group = L.layerGroup().addTo(map);
  const paint = () => {
    group.clearLayers();
    const corners = points.map(({ lat, lon }) => [lat, lon]);
    if (corners.length > 2) {
      group.addLayer(L.polygon(corners, { stroke: false, fillColor: tint, fillOpacity: 0.12, interactive: false }));
      group.addLayer(L.polyline([corners[corners.length - 1], corners[0]], { color: tint, weight: 2, dashArray: "4 6", interactive: false }));
    }
    if (corners.length > 1) group.addLayer(L.polyline(corners, { color: tint, weight: 4, interactive: false }));
    for (const corner of corners) {
      group.addLayer(L.circleMarker(corner, { radius: 5, color: tint, weight: 3, fillOpacity: 1, fillColor: "#fff", interactive: false }));
    }
    onChange([...points]);
  };
  return {
    /** @param {number} lat @param {number} lon */
    add(lat, lon) {
      points.push({ lat, lon });
      paint();
    },
    undo() {
      points.pop();
      paint();
    },
    remove() {
      points = [];
      group.remove();
    },
  };
}
