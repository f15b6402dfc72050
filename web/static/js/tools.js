/** The tools of the map, put together: layers, looking back, measuring, printing, sharing, the wall screen. */

import { probe } from "./api.js";
import { byId, el } from "./dom.js";
import { t } from "./i18n.js";
import { layerPanel } from "./layers.js";
import { measuring } from "./measuring.js";
import { placeFinder } from "./placefinder.js";
import { replayBar } from "./replay.js";
import { sharePanel } from "./share.js";
import { printSheet } from "./sheet.js";
import { TYPES } from "./words.js";
import { isWall, wallScreen } from "./wall.js";

/** @typedef {import("./main.js").Page} Page */

const WALL_TYPES = 8;

/** @param {Page} page */
export function mapTools(page) {
  const { map } = page;
  /** @type {any} */
  let wall = null;
  let walled = false;
  const write = () => page.address.write();
  const layers = layerPanel({ root: byId("layers"), map, rasters: page.config.rasters, onChange: write, at: () => page.large.at(),
    onAttribution: (words) => { byId("attribution").textContent = [page.config.tileAttribution, ...words].filter(Boolean).join("　"); } });
  const measure = measuring({ root: byId("measure"), map, onClose: () => byId("tools-summary").focus() });
  const replay = replayBar({ root: byId("replay"), band: byId("past"), now: () => page.now(), 
    travel: async (at) => { await travel(page, at); layers.travelled(); } });
  const sheet = printSheet({ map, situation: () => ({ ...sumOf(page), now: page.now(), at: page.large.at(), filter: page.filter,
    stale: page.stale, nameOf: (code) => page.municipalityNames.get(code) ?? code }) });
  const share = sharePanel(byId("share"));

  const close = () => { byId("tools").open = false; };
  const button = (/** @type {string} */ word, /** @type {() => void} */ act) =>
    el("button", { type: "button", class: "button button--small", onclick: () => { close(); act(); } }, word);
  byId("tool-buttons").append(
    placeFinder("tools-find", map, (found) => {
      close();
      map.number([found], () => map.number([], () => {}));
      map.goTo(found);
    }),
    button(t("距離・面積を測る"), () => measure.start()),
    button(t("時刻をたどる"), () => void replay.open(page.large.at())),
    button(t("印刷（A3横）"), () => sheet.open()),
    button(t("この表示を共有"), () => { write(); share.open(); }),
    button(t("壁面表示"), () => { location.hash = [location.hash.slice(1), "wall"].filter(Boolean).join("&"); }));

  return {
    /** @returns {string[]} parts of the address */
    words: () => [walled ? "wall" : "", layers.words() && `layers=${layers.words()}`,
      page.large.at() === null ? "" : `at=${new Date(page.large.at() ?? 0).toISOString()}`],
    /** @param {string} fragment */
    readLayers: (fragment) => layers.set(wordsOf(fragment).get("layers")),
    /** What needs the situation to be there. @param {string} fragment */
    readTools(fragment) {
      const words = wordsOf(fragment);
      const at = Date.parse(words.get("at") ?? "");
      if (!Number.isNaN(at) && at !== page.large.at()) void replay.open(at);
      walled = isWall(fragment);
      if (walled && !wall) {
        // The wall goes from place to place: its list must not follow.
        page.filter = { ...page.filter, inView: false };
        page.filters.set(page.filter);
        if (page.large.on()) void page.large.ask();
        wall = wallScreen({ map, now: () => page.now(), situation: () => sumOf(page), probe });
      } else if (!walled && wall) {
        wall.stop();
        wall = null;
      }
    },
    moved: () => layers.moved(),
    /** Something else was shown. */
    refresh: () => sheet.refresh(),
    stopMeasuring: () => measure.stop(),
    isWall: () => walled,
    /** @returns {boolean} whether one of the tools was open and is closed now */
    stepBack() {
      if (sheet.isOpen()) sheet.close();
      else if (measure.isOpen()) measure.stop();
      else if (!byId("share").hidden) share.close();
      else if (wall) location.hash = "";
      else return false;
      return true;
    },
  };
}

/** @param {string} fragment */
const wordsOf = (fragment) => new URLSearchParams(fragment.replace(/^#/, ""));

/** @param {Page} page @param {number|null} at */
async function travel(page, at) {
  page.large.travel(at);
  if (at === null) page.opened = page.large.many() ? page.opened : null;
  if (page.large.on()) await page.large.ask();
  else {
    page.map.showView(null);
    page.refresh();
  }
  page.address.write();
}

/** What is shown, whoever holds it. @param {Page} page */
function sumOf(page) {
  const view = page.large.on() ? page.large.view() : null;
  const word = (/** @type {string} */ code) => TYPES.get(code)?.word ?? code;
  const gravest = (/** @type {[string, number][]} */ types) =>
    types.sort(([, a], [, b]) => b - a).slice(0, WALL_TYPES).map(([code, count]) => /** @type {[string, number]} */ ([word(code), count]));
  if (view) {
    const { shown, urgent, drills, extent } = view;
    return { features: view.list, shown, urgent, drills, extent, types: gravest(Object.entries(view.types)) };
  }
  const features = page.shown ?? [];
  /** @type {Map<string, number>} */
  const types = new Map();
  for (const { properties } of features) types.set(properties.type, (types.get(properties.type) ?? 0) + 1);
  const points = features.filter(({ geometry }) => geometry).map(({ geometry }) => geometry.coordinates);
  const lons = points.map(([lon]) => lon);
  const lats = points.map(([, lat]) => lat);
  return {
    features, shown: features.length, types: gravest([...types]),
    urgent: features.filter(({ properties }) => properties.urgent).length,
    drills: features.filter(({ properties }) => properties.drill).length,
    extent: points.length ? [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)] : null,
  };
}

