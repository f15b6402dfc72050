/** The corners of what is drawn, in their order, and the way back to what they were. Pure. */

/** An area has at least so many; below that it is a line or a point. */
export const FEWEST = 3;
const MOST = 60;

/** @typedef {{lat: number, lon: number}} Corner */

/** @param {readonly Corner[]} [first] corners of an area that is there already */
export function cornerList(first = []) {
  let corners = [...first];
  /** @type {Corner[][]} */
  const before = [];
  /** which corner the last step moved by the keyboard */
  let stepped = -1;

  const change = (/** @type {Corner[]} */ next) => {
    before.push(corners);
    corners = next;
    stepped = -1;
  };
  return {
    all: () => corners,
    canUndo: () => before.length > 0,
    /** @param {Corner} corner */
    add: (corner) => change([...corners, corner]),
    /** @param {number} at the number it will have @param {Corner} corner */
    insert: (at, corner) => change([...corners.slice(0, at), corner, ...corners.slice(at)]),
    /**
     * @param {number} at @param {Corner} corner
     * @param {boolean} [step] one of several small ones: they are taken back together
     */
    move(at, corner, step = false) {
      const next = corners.map((each, number) => number === at ? corner : each);
      if (step && stepped === at) corners = next;
      else change(next);
      stepped = step ? at : -1;
    },
    /** @param {number} at @returns {boolean} false when too few would remain */
    remove(at) {
      if (corners.length <= FEWEST) return false;
      change(corners.filter((_, number) => number !== at));
      return true;
    },
    undo() {
      corners = before.pop() ?? corners;
      stepped = -1;
    },
    /**
     * @param {number} at @returns {Corner|null} the middle of the edge that begins at this corner; null without one
     */
    middle(at) {
      const isLast = at === corners.length - 1;
      if (at >= corners.length || (isLast && corners.length < FEWEST)) return null;
      const [a, b] = [corners[at], corners[isLast ? 0 : at + 1]];
      return { lat: (a.lat + b.lat) / 2, lon: (a.lon + b.lon) / 2 };
    },
  };
}

/**
 * @param {any} geometry GeoJSON
 * @returns {Corner[]|null} the corners of one line or of one area without holes; null for other shapes, and for
 * borders with so many corners that nobody moves them by hand
 */
export function cornersOf(geometry) {
  const points = pointsOf(geometry);
  if (!points || points.length > MOST) return null;
  return points.map(([lon, lat]) => ({ lat, lon }));
}

/** @param {any} geometry @returns {number[][]|null} */
function pointsOf(geometry) {
  if (geometry?.type === "LineString") return geometry.coordinates;
  const areas = geometry?.type === "Polygon" ? [geometry.coordinates] : geometry?.type === "MultiPolygon" ? geometry.coordinates : [];
  return areas.length === 1 && areas[0].length === 1 ? areas[0][0].slice(0, -1) : null;
}

/**
 * The opposite way, with about 0.1 m of precision.
 * @param {readonly Corner[]} corners at least two: two are a line, more an area
 */
export function shapeOf(corners) {
  const points = corners.map(({ lat, lon }) => [Number(lon.toFixed(6)), Number(lat.toFixed(6))]);
  return points.length < FEWEST ? { type: "LineString", coordinates: points } : { type: "Polygon", coordinates: [[...points, points[0]]] };
}
