/** The page while the server holds the incidents: very many of them, or those of a past moment. */

import { showDrill, showTitle } from "./banner.js";
import { t } from "./i18n.js";
import { emptyState } from "./state.js";
import { showSum, showTypes } from "./summary.js";
import { newsOf, unreadOf } from "./unread.js";

/** @typedef {import("./main.js").Page} Page */

/**
 * The first view tells how many there are: a few are then fetched whole, many stay with the server.
 * @param {Page} page @returns {Promise<boolean|null>} whether they stay; null: no answer
 */
export async function startLarge(page) {
  const seen = page.map.setView(page.address.view());
  const first = await page.large.ask({ whole: !seen });
  if (!first) return null;
  if (!page.large.on()) return false;
  page.state.seq = first.seq;
  // Beside a map one looks at what lies there: of so many the rest would only bury it.
  if (!seen) page.filter = { ...page.filter, inView: true };
  page.filters.set(page.filter);
  if (!seen && first.extent) page.map.frameBox(first.extent);
  page.loaded = true;
  await page.large.ask();
  return true;
}

/** What the server is asked for. @param {Page} page */
export function asked(page) {
  const bounds = page.map.bounds();
  const listed = page.place ?? (page.filter.inView ? bounds : null);
  return { filter: page.filter, bounds, zoom: page.map.zoom(), listed, read: page.seen.upto, tray: page.list.trayIsOpen() };
}

/** A cluster that no zoom takes apart: its incidents are listed. @param {Page} page @param {any} cluster */
export function listPlace(page, { bounds: [west, south, east, north] }) {
  const edge = 1e-5;
  page.place = { west: west - edge, south: south - edge, east: east + edge, north: north + edge, from: page.map.view() };
  page.panes.showList();
  page.list.rewind();
  void page.large.ask();
}

/** @param {Page} page @param {any} change of the stream */
export function changedLarge(page, { seq, removed, feature }) {
  page.state.seq = Math.max(page.state.seq, seq);
  // Who looks back is not disturbed by what comes now.
  if (page.large.at() !== null) return;
  if (page.opened?.id === feature.id && page.opened.properties.seq < seq) {
    page.opened = removed ? null : feature;
    page.refresh();
  }
  page.large.later();
}

/** The page has been open while a few became very many. @param {Page} page */
export function growLarge(page) {
  page.large.begin();
  page.opened = page.state.items.get(page.selected) ?? null;
  page.state = { ...emptyState(), seq: page.state.seq };
  void page.large.ask();
}

/** @param {Page} page @param {any} view the server's answer */
export function paintLarge(page, view) {
  if (!view) return;
  const at = page.large.at();
  page.signs = { ...page.signs, fetchFailing: false, signedOut: false };
  page.map.showView(view);
  page.shown = [...view.list, ...view.tray];
  page.unread = at === null ? unreadOf(page.seen, view.unread) : 0;
  page.list.show({
    placed: view.list, unplaced: view.tray, now: at ?? page.now(), selected: page.selected,
    newsOf: (feature) => (at === null ? newsOf(page.seen, feature) : ""),
    totals: { placed: view.listed, unplaced: view.unplaced.count, urgent: view.unplaced.urgent },
  }, at === null ? t("この範囲に、条件に合う事案はありません。") : t("この時点では、条件に合う事案はありません。"));
  page.filters.count(view.counts, (code) => page.municipalityNames.get(code) ?? code);
  showSum({ ...view, unread: page.unread, hidden: view.counts.hidden, hiddenStale: view.counts.hiddenStale }, page.filter);
  showTypes(view, page.place ? t("選んだ場所") : page.filter.inView ? t("地図の範囲") : t("全体"));
  showDrill(view.drills, view.shown);
  showTitle(page.unread, page.stale);
  page.followSelected();
  const marks = view.clusters.length + view.pins.length;
  // Measured by tests/measure/scale.py: after the frame that shows it.
  requestAnimationFrame(() => setTimeout(() => performance.mark("hansho-shown", { detail: { marks, at: view.at } })));
}
