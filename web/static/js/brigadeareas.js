/** The areas of the brigades on the page 人と組織: seen on a small map; imported from a file or drawn, then saved. */

import { municipalities } from "./api.js";
import { areaMap } from "./map/areas.js";
import { cornersOf } from "./cornerlist.js";
import { byId, el, japanese } from "./dom.js";
import { t } from "./i18n.js";
import { sketchpad } from "./sketchpad.js";

const LARGEST_FILE = 20_000_000;
/** What the server takes, with room for what stands around the area. */
const LARGEST_AREA = 1_000_000;

/** @typedef {{id: string, kind: string, name: string, code: string, managed: boolean, area: any}} Brigade */

/**
 * @param {(id: string, area: any) => void} save an area, null: none
 */
export function brigadeAreas(save) {
  const map = areaMap(byId("map"));
  /** @type {Brigade[]} */
  let brigades = [];
  let framed = false;
  /** The map opens where its brigades are. */
  const frame = () => map.frame(brigades.filter(({ area }) => area).map(({ area }) => area), brigades[0]?.code ?? "");
  void municipalities().then(({ features }) => { map.setBase(features); if (!framed) frame(); });
  const close = () => {
    map.stopDrawing();
    map.preview(null);
    byId("area").replaceChildren();
  };

  return {
    /** @param {Brigade[]} organizations */
    show(organizations) {
      brigades = organizations.filter(({ kind, managed }) => kind === "brigade" && managed);
      byId("areas").hidden = brigades.length === 0;
      close();
      map.show(brigades.filter(({ area }) => area));
      frame();
    },
    /** @param {string} id of a brigade shown */
    open(id) {
      const brigade = brigades.find((one) => one.id === id);
      if (!brigade) return;
      close();
      framed = true;
      map.frame(brigade.area ? [brigade.area] : [], brigade.code);
      byId("area").replaceChildren(panel(brigade, { map, close, save: (area) => save(id, area) }));
      byId("area-title").focus();
    },
  };
}

/**
 * @param {Brigade} brigade
 * @param {{map: any, close: () => void, save: (area: any) => void}} doing
 */
function panel({ name, area }, { map, close, save }) {
  /** @type {any} */
  let wanted = null;
  const told = el("p", { role: "alert" });
  const keep = el("button", { type: "button", class: "button button--main", disabled: true, onclick: () => {
    if (JSON.stringify(wanted).length > LARGEST_AREA) { fault(t("区域の角が多すぎます。線を簡単にしたファイルを選んでください。")); return; }
    save(wanted);
  } }, t("この区域にする"));
  const fault = (/** @type {string} */ words) => told.replaceChildren(el("strong", { class: "field-error" }, words));
  const offer = (/** @type {any} */ geometry) => {
    wanted = geometry;
    keep.disabled = !geometry;
    map.preview(geometry);
    told.replaceChildren(geometry ? t("地図の赤い破線が新しい区域です。よければ「この区域にする」を押してください。") : "");
  };
  const pad = sketchpad(map, { named: false, onDrawn: ({ geometry }) => offer(geometry) });
  const file = el("input", { id: "area-file", type: "file", accept: ".geojson,.json,application/geo+json", class: "field",
    // The same file, corrected meanwhile, is to be read again.
    onclick: () => { file.value = ""; }, onchange: async () => {
    const [chosen] = file.files;
    if (!chosen) return;
    pad.rest();
    offer(null);
    const found = chosen.size > LARGEST_FILE ? null : areaIn(await chosen.text());
    if (found) offer(found);
    else fault(t("GeoJSONの面（PolygonかMultiPolygon、経度・緯度、20 MBまで）として読めません。地図ソフトから、その形で書き出してください。"));
  } });
  return el("section", { class: "decide", "aria-labelledby": "area-title" },
    el("h3", { id: "area-title", tabIndex: -1 }, japanese(name), " ", t("担当区域")),
    el("p", { class: "teach__field" }, el("label", { for: "area-file" }, t("GeoJSONファイルから取り込む")), file),
    pad.node,
    cornersOf(area) && el("p", {}, el("button", { type: "button", class: "button button--small", onclick: () => { offer(null); pad.correct({ properties: {}, geometry: area }); } }, t("今の区域の形を直す"))),
    told,
    el("p", { class: "teach__answers" }, keep,
      area && el("button", { type: "button", class: "button", onclick: () => save(null) }, t("区域をなくす")),
      el("button", { type: "button", class: "button", onclick: close }, t("閉じる"))));
}

/** @param {string} text @returns {any} all areas of a GeoJSON as one geometry; null: none */
export function areaIn(text) {
  try {
    const read = JSON.parse(text);
    const geometries = read.type === "FeatureCollection" ? read.features.map((/** @type {any} */ one) => one.geometry)
      : [read.type === "Feature" ? read.geometry : read];
    const parts = geometries.flatMap((/** @type {any} */ one) =>
      one.type === "Polygon" ? [one.coordinates] : one.type === "MultiPolygon" ? one.coordinates : []);
    const near = parts.map((/** @type {number[][][]} */ rings) => rings.map((ring) => ring.map(([lon, lat]) => {
      // A map sheet in metres cannot be drawn on the earth.
      if (!(Math.abs(lon) <= 180 && Math.abs(lat) <= 90)) throw new RangeError("no degrees");
      return [Number(lon.toFixed(6)), Number(lat.toFixed(6))];
    })));
    return near.length ? { type: "MultiPolygon", coordinates: near } : null;
  } catch {
    return null;
  }
}
