/** What the server tells the page about itself, in meta elements. */

/** @param {string} name */
const meta = (name) => document.querySelector(`meta[name="${name}"]`)?.getAttribute("content") ?? "";

/**
 * @returns {{staticUrl: string, tileUrl: string, tileAttribution: string, workerSilenceMs: number,
 *   rasters: {id: string, name: string, url: string, attribution: string, hazard: boolean, deepest: number}[]}}
 */
export function pageConfig() {
  return {
    staticUrl: meta("hansho-static"),
    tileUrl: meta("hansho-tile-url"),
    tileAttribution: meta("hansho-tile-attribution"),
    rasters: JSON.parse(meta("hansho-rasters") || "[]"),
    workerSilenceMs: (Number(meta("hansho-worker-silence")) || 60) * 1000,
  };
}
