/** The shapes of the municipalities below everything else, drawn tile by tile, so that a moved map draws only what is new; a part of map.js. */

const TILE = 256;
/** Points nearer than this to the one before are left out. */
const APART_PIXELS = 0.75;
const BORDER_PIXELS = 1;

/**
 * @typedef {{points: Float64Array, left: number, top: number, right: number, bottom: number}} Ring in Web Mercator, 0 to 1 from
 *   north-west: x, y, x, y, …
 * @typedef {{fill: string|null, border: string|null}} Style colours; null: not drawn
 */

/**
 * @param {any} L @param {any} map
 * @param {() => Style} style
 */
export function landLayer(L, map, style) {
  /** @type {Ring[][]} polygons, each an outer ring and its holes */
  let polygons = [];
  const pane = map.createPane("land");
  pane.style.zIndex = "150";
  const Land = L.GridLayer.extend({
    createTile({ x, y, z }) {
      const canvas = L.DomUtil.create("canvas", "leaflet-tile");
      const sharp = Math.min(2, globalThis.devicePixelRatio || 1);
      canvas.width = canvas.height = TILE * sharp;
      const pen = canvas.getContext("2d");
      pen.scale(sharp, sharp);
      drawTile(pen, polygons, { x, y, worldPixels: TILE * 2 ** z }, style());
      return canvas;
    },
  });
  const layer = new Land({ pane: "land", tileSize: TILE, noWrap: true, minZoom: 0, maxZoom: 18, updateWhenZooming: false });

  return {
    /** @param {any[]} features municipality polygons */
    set(features) {
      polygons = features.flatMap(({ geometry }) => (geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates))
        .map((rings) => rings.map(projected));
      // Only now: tiles without anything on them would be made again.
      layer.addTo(map).redraw();
    },
    redraw: () => layer.redraw(),
  };
}

/** @param {[number, number][]} ring lon, lat in degrees @returns {Ring} */
function projected(ring) {
  const points = new Float64Array(ring.length * 2);
  let [left, top, right, bottom] = [1, 1, 0, 0];
  ring.forEach(([lon, lat], index) => {
    const sine = Math.sin((lat * Math.PI) / 180);
    const x = lon / 360 + 0.5;
    const y = 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI);
    points[index * 2] = x;
    points[index * 2 + 1] = y;
    [left, top, right, bottom] = [Math.min(left, x), Math.min(top, y), Math.max(right, x), Math.max(bottom, y)];
  });
  return { points, left, top, right, bottom };
}

/**
 * @param {CanvasRenderingContext2D} pen @param {Ring[][]} polygons
 * @param {{x: number, y: number, worldPixels: number}} tile @param {Style} style
 */
function drawTile(pen, polygons, { x, y, worldPixels }, { fill, border }) {
  const edge = BORDER_PIXELS / worldPixels;
  const size = TILE / worldPixels;
  const [left, top] = [x * size - edge, y * size - edge];
  const [right, bottom] = [left + size + 2 * edge, top + size + 2 * edge];
  pen.beginPath();
  for (const rings of polygons) {
    const outer = rings[0];
    if (outer.left > right || outer.right < left || outer.top > bottom || outer.bottom < top) continue;
    for (const ring of rings) trace(pen, ring, x * TILE, y * TILE, worldPixels);
  }
  if (fill) {
    pen.fillStyle = fill;
    pen.fill("evenodd");
  }
  if (border) {
    pen.strokeStyle = border;
    pen.lineWidth = BORDER_PIXELS;
    pen.stroke();
  }
}

/**
 * @param {CanvasRenderingContext2D} pen @param {Ring} ring
 * @param {number} left @param {number} top of the tile, in pixels of the world @param {number} worldPixels
 */
function trace(pen, { points }, left, top, worldPixels) {
  let [beforeX, beforeY] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let index = 0; index < points.length; index += 2) {
    const x = points[index] * worldPixels - left;
    const y = points[index + 1] * worldPixels - top;
    if (Math.abs(x - beforeX) + Math.abs(y - beforeY) < APART_PIXELS) continue;
    if (index === 0) pen.moveTo(x, y);
    else pen.lineTo(x, y);
    [beforeX, beforeY] = [x, y];
  }
  pen.closePath();
}
