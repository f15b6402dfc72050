/** Which names of places are written on the map, and where. Pure. */

const PREFECTURES = (
  "北海道 青森県 岩手県 宮城県 秋田県 山形県 福島県 茨城県 栃木県 群馬県 埼玉県 千葉県 東京都 神奈川県 新潟県 富山県 " +
  "石川県 福井県 山梨県 長野県 岐阜県 静岡県 愛知県 三重県 滋賀県 京都府 大阪府 兵庫県 奈良県 和歌山県 鳥取県 島根県 " +
  "岡山県 広島県 山口県 徳島県 香川県 愛媛県 高知県 福岡県 佐賀県 長崎県 熊本県 大分県 宮崎県 鹿児島県 沖縄県"
).split(" ");

/** Below this zoom prefectures are named, from it on municipalities. */
const MUNICIPALITY_ZOOM = 9;

/** @typedef {{name: string, lat: number, lon: number, area: number, municipal: boolean}} Label */

/**
 * @param {any[]} features municipality polygons with `code` and `name`
 * @returns {Label[]} largest first
 */
export function labelsOf(features) {
  /** @type {Map<string, Label>} */
  const prefectures = new Map();
  const labels = [];
  for (const { geometry, properties } of features) {
    const box = largestBox(geometry);
    const [lon, lat] = [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2];
    const area = (box[2] - box[0]) * (box[3] - box[1]);
    labels.push({ name: properties.name, lat, lon, area, municipal: true });
    addTo(prefectures, properties.code.slice(0, 2), { lat, lon, area });
  }
  return [...labels, ...prefectures.values()].sort((a, b) => b.area - a.area);
}

/** @param {Map<string, Label>} prefectures @param {string} code @param {{lat: number, lon: number, area: number}} part */
function addTo(prefectures, code, { lat, lon, area }) {
  const name = PREFECTURES[Number(code) - 1];
  if (!name) return;
  const held = prefectures.get(code) ?? { name, lat: 0, lon: 0, area: 0, municipal: false };
  const whole = held.area + area;
  held.lat = (held.lat * held.area + lat * area) / whole;
  held.lon = (held.lon * held.area + lon * area) / whole;
  held.area = whole;
  prefectures.set(code, held);
}

/** @param {any} geometry @returns {number[]} west, south, east, north of the largest part */
export function largestBox(geometry) {
  const polygons = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
  const boxes = polygons.map((/** @type {number[][][]} */ [outer]) => boxOf(outer));
  const area = (/** @type {number[]} */ box) => (box[2] - box[0]) * (box[3] - box[1]);
  return boxes.reduce((/** @type {number[]} */ a, /** @type {number[]} */ b) => (area(b) > area(a) ? b : a));
}

/** @param {number[][]} ring */
function boxOf(ring) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [lon, lat] of ring) {
    box[0] = Math.min(box[0], lon);
    box[1] = Math.min(box[1], lat);
    box[2] = Math.max(box[2], lon);
    box[3] = Math.max(box[3], lat);
  }
  return box;
}

/**
 * The labels that fit: in view, largest first, none over another.
 * @param {Label[]} labels largest first @param {number} zoom
 * @param {(label: Label) => {x: number, y: number}} project pixels in the view
 * @param {{width: number, height: number}} size of the view in pixels
 * @returns {{label: Label, x: number, y: number}[]}
 */
export function fittingLabels(labels, zoom, project, size) {
  const wanted = zoom >= MUNICIPALITY_ZOOM;
  /** @type {{label: Label, x: number, y: number, half: number}[]} */
  const placed = [];
  for (const label of labels) {
    if (label.municipal !== wanted) continue;
    const { x, y } = project(label);
    if (x < 0 || y < 0 || x > size.width || y > size.height) continue;
    const half = label.name.length * 7 + 6;
    const clear = placed.every((other) =>
      Math.abs(other.x - x) > other.half + half || Math.abs(other.y - y) > 20);
    if (clear) placed.push({ label, x, y, half });
    if (placed.length >= 80) break;
  }
  return placed;
}
