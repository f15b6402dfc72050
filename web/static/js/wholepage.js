/** What the page paints while it holds every incident itself; largepage.js does it for very many. */

import { showDrill, showTitle } from "./banner.js";
import { byDanger } from "./danger.js";
import { sift } from "./filter.js";
import { t } from "./i18n.js";
import { showSum, showTypes } from "./summary.js";
import { newsOf } from "./unread.js";

/** @param {any} page the map page @param {number} now milliseconds */
export function paintWhole(page, now) {
  const { shown: unordered, counts } = sift(page.filter, page.state.items.values(), now);
  const shown = byDanger(unordered);
  page.shown = shown;
  page.map.show(shown.filter((feature) => feature.geometry !== null));
  page.unread = shown.filter((feature) => newsOf(page.seen, feature) !== "").length;
  listWhole(page, now);
  page.filters.count(counts, (/** @type {string} */ code) => page.municipalityNames.get(code) ?? code);
  const urgent = shown.filter((feature) => feature.properties.urgent).length;
  showSum({ shown: shown.length, urgent, unread: page.unread, hidden: counts.hidden, hiddenStale: counts.hiddenStale }, page.filter);
  showTypes(null, "");
  showDrill(shown.filter((feature) => feature.properties.drill).length, shown.length);
  showTitle(page.unread, page.stale);
  page.followSelected();
}

/** @param {any} page the map page @param {number} now milliseconds */
export function listWhole(page, now) {
  const { shown = [], filter, map } = page;
  const placed = shown.filter((/** @type {any} */ feature) =>
    feature.geometry !== null && (!filter.inView || map.holds(feature)));
  const unplaced = shown.filter((/** @type {any} */ feature) => feature.geometry === null);
  const words = !page.loaded ? t("読み込んでいます…") : page.state.items.size === 0
    ? t("まだ事案はありません。通報が届くと、ここと地図に出ます。")
    : t("この条件に合う事案はありません。絞り込みを見直してください。");
  page.list.show({
    placed, unplaced, now, selected: page.selected,
    newsOf: (/** @type {any} */ feature) => newsOf(page.seen, feature),
  }, words);
}
