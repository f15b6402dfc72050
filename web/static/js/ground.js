/** Distances and areas on the ground, and how they are written. Pure. */

const EARTH_M = 6_371_008.8;

/** @typedef {{lat: number, lon: number}} Point degrees, WGS 84 */

const radians = (/** @type {number} */ degrees) => (degrees * Math.PI) / 180;

/** @param {Point} a @param {Point} b @returns {number} metres along the great circle */
export function metresBetween(a, b) {
  const [dLat, dLon] = [radians(b.lat - a.lat), radians(b.lon - a.lon)];
  const h = Math.sin(dLat / 2) ** 2 + Math.cos(radians(a.lat)) * Math.cos(radians(b.lat)) * Math.sin(dLon / 2) ** 2;
  return 2 * EARTH_M * Math.asin(Math.min(1, Math.sqrt(h)));
}

/** @param {Point[]} points @returns {number} metres along the line */
export const lengthOf = (points) =>
  points.slice(1).reduce((sum, point, index) => sum + metresBetween(points[index], point), 0);

/** @param {Point[]} points corners in order, the last is joined with the first @returns {number} square metres */
export function areaOf(points) {
  if (points.length < 3) return 0;
  let sum = 0;
  for (let index = 0; index < points.length; index += 1) {
    const [a, b] = [points[index], points[(index + 1) % points.length]];
    sum += radians(b.lon - a.lon) * (2 + Math.sin(radians(a.lat)) + Math.sin(radians(b.lat)));
  }
  return Math.abs((sum * EARTH_M * EARTH_M) / 2);
}

/**
 * @param {any} geometry GeoJSON Polygon or MultiPolygon @param {Point} point
 * @returns {boolean} whether the point lies in it
 */
export function covers(geometry, { lat, lon }) {
  const polygons = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
  let inside = false;
  for (const rings of polygons) {
    for (const ring of rings) {
      for (let index = 0, before = ring.length - 1; index < ring.length; before = index, index += 1) {
        const [[x1, y1], [x2, y2]] = [ring[before], ring[index]];
        if (y1 > lat !== y2 > lat && lon < ((x2 - x1) * (lat - y1)) / (y2 - y1) + x1) inside = !inside;
      }
    }
  }
  return inside;
}

/** @param {number} metres @returns {string} 850 m, 12.3 km */
export const lengthWords = (metres) => (metres < 1000 ? `${Math.round(metres)} m` : `${(metres / 1000).toFixed(metres < 100_000 ? 2 : 0)} km`);

/** @param {number} square metres @returns {string} 1,200 m², 3.4 ha, 12.3 km² */
export function areaWords(square) {
  if (square < 10_000) return `${Math.round(square).toLocaleString("ja-JP")} m²`;
  if (square < 1_000_000) return `${(square / 10_000).toFixed(2)} ha`;
  return `${(square / 1_000_000).toFixed(2)} km²`;
}
