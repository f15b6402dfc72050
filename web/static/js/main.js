/** The map page put together: fetch, follow, filter, show. */

import * as api from "./api.js";
import { announcer } from "./announce.js";
import { showDrill, showLiveness, showTitle, showWaiting } from "./banner.js";
import { pageConfig } from "./config.js";
import { byDanger } from "./danger.js";
import { detailPanel } from "./detail.js";
import { byId } from "./dom.js";
import { fromFragment, isDefault, sift, toFragment } from "./filter.js";
import { filterPanel } from "./filterpanel.js";
import { legend } from "./icons.js";
import { incidentList } from "./list.js";
import { afterPulse, noSigns, serverNow } from "./liveness.js";
import { situationMap } from "./map.js";
import { bindPanes } from "./panes.js";
import { applyChange, applyPage, emptyState } from "./state.js";
import { listen } from "./stream.js";
import { taughtList } from "./taughtlist.js";
import { teachPanel } from "./teach.js";
import { bindThemeButton } from "./theme.js";
import { loadSeen, markAllRead, markRead, newsOf, saveSeen } from "./unread.js";

const RETRY_MS = 5000;
const TICK_MS = 1000;
const REFRESH_TICKS = 30;

/** @param {number} ms */
const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

class Page {
  constructor() {
    this.config = pageConfig();
    this.state = emptyState();
    this.signs = noSigns(Date.now());
    this.filter = fromFragment(location.hash);
    this.seen = loadSeen(localStorage);
    /** @type {{role: string, municipality: string|null, csrf: string}|null} */
    this.user = null;
    this.selected = new URLSearchParams(location.hash.slice(1)).get("sel") ?? "";
    this.viewWords = new URLSearchParams(location.hash.slice(1)).get("map") ?? "";
    /** @type {Map<string, string>} */
    this.municipalityNames = new Map();
    this.unread = 0;
    this.stale = false;
    this.loaded = false;
    this.ticks = 0;
    this.frame = 0;
    this.announce = announcer(byId("announcer"));
    this.panes = bindPanes(() => this.map.resized());
    this.build();
  }

  build() {
    const open = (/** @type {string} */ id) => this.open(id, true);
    this.map = situationMap({
      root: byId("map"), config: this.config, onOpen: (id) => this.open(id, false), onMove: () => this.moved(),
    });
    this.list = incidentList({ root: byId("list"), onOpen: open,
      onHover: (id) => this.map.hover(id ? this.state.items.get(id) ?? null : null) });
    this.detail = detailPanel({
      root: byId("detail"), now: () => this.now(), onClose: () => this.close(),
      mayReadReports: () => this.mayReadReports(), onTeach: (subject) => this.startTeaching(subject),
    });
    this.teaching = teachPanel({ root: byId("teach"), map: this.map, csrf: () => this.user?.csrf ?? "", now: () => this.now(),
      onClose: () => this.endTeaching(), onTaught: () => this.taught.refresh() });
    this.taught = taughtList({ panel: byId("taught-panel"), root: byId("taught"), user: () => this.user, now: () => this.now(),
      onShow: (place) => { this.panes.showMap(); this.map.goTo(place); } });
    this.filters = filterPanel({ root: byId("filters"), onChange: (filter) => this.choose(filter) });
    this.filters.set(this.filter);
    byId("legend").append(legend());
    byId("attribution").textContent = this.config.tileAttribution;
    bindThemeButton(byId("theme"), () => this.map.recolour());
    byId("read-all").addEventListener("click", () => this.readAll());
    byId("signout").addEventListener("click", () => this.signOut());
    byId("show-hidden").addEventListener("click", () => this.panes.showFilters());
    document.addEventListener("keydown", (event) => { if (event.key === "Escape") this.stepBack(); });
    addEventListener("hashchange", () => this.readAddress());
    addEventListener("visibilitychange", () => this.tick());
    setInterval(() => this.tick(), TICK_MS);
  }

  now() {
    return serverNow(this.signs, Date.now());
  }

  async start() {
    const outlines = this.persist(api.municipalities).then((collection) => {
      for (const { properties } of collection.features) this.municipalityNames.set(properties.code, properties.name);
      this.map.setBase(collection);
    });
    const user = this.persist(api.me).then((answer) => {
      this.user = answer;
      byId("user").textContent = answer.name;
      this.taught.allow(this.mayReadReports());
    });
    await this.fetchAll();
    this.stream = listen({
      cursor: () => this.state.seq,
      onChange: (change) => this.changed(change),
      onPulse: (pulse) => this.pulsed(pulse),
      onReset: () => void this.fetchAll(),
      onRefused: () => void this.checkUser(),
    });
    // A base map that is slow to come must not keep the incidents from being framed.
    await Promise.race([Promise.all([outlines, user]), pause(RETRY_MS)]);
    if (!this.viewWords || !this.map.setView(this.viewWords)) {
      this.map.frame(this.shown ?? [], this.user?.municipality ?? null);
    }
    this.refresh();
    if (this.selected) this.open(this.selected, !this.viewWords);
  }

  /**
   * Asks again and again until there is an answer.
   * @template T
   * @param {() => Promise<T>} question
   * @returns {Promise<T>}
   */
  async persist(question) {
    for (;;) {
      try {
        return await question();
      } catch (error) {
        if (!(error instanceof api.Refused)) throw error;
        if (error.status === 401) this.failed(error);
        await pause(RETRY_MS);
      }
    }
  }

  /** Fetches the collection anew, again and again until it is whole. */
  async fetchAll() {
    if (this.fetching) return;
    this.fetching = true;
    for (;;) {
      try {
        await this.fetchOnce();
        break;
      } catch (error) {
        this.failed(error);
        await pause(RETRY_MS);
      }
    }
    this.fetching = false;
  }

  async fetchOnce() {
    const fresh = emptyState();
    if (!this.loaded) this.state = fresh;
    for await (const page of api.pages()) {
      applyPage(fresh, page);
      if (!this.loaded) this.refresh();
    }
    this.state = fresh;
    this.loaded = true;
    this.signs = { ...this.signs, fetchFailing: false, signedOut: false };
    this.refresh();
  }

  /** @param {unknown} error */
  failed(error) {
    if (!(error instanceof api.Refused)) throw error;
    this.signs = { ...this.signs, fetchFailing: error.status !== 401, signedOut: error.status === 401 };
    this.tick();
  }

  async checkUser() {
    try {
      this.user = await api.me();
      this.signs = { ...this.signs, signedOut: false };
    } catch (error) {
      if (error instanceof api.Refused && error.status === 401) this.failed(error);
    }
  }

  /** @param {any} change */
  changed(change) {
    if (!applyChange(this.state, change)) return;
    if (!change.removed) this.announce({ urgent: change.feature.properties.urgent });
    this.later();
  }

  /** @param {any} pulse */
  pulsed(pulse) {
    this.signs = afterPulse(this.signs, pulse, Date.now());
    showWaiting(pulse);
    this.tick();
  }

  tick() {
    this.stale = showLiveness(this.signs, Date.now(), this.config.workerSilenceMs);
    showTitle(this.unread, this.stale);
    this.ticks += 1;
    if (this.ticks % REFRESH_TICKS === 0) this.later();
  }

  /** Many changes at once are drawn once. */
  later() {
    if (this.frame) return;
    this.frame = window.setTimeout(() => { this.frame = 0; this.refresh(); }, 200);
  }

  refresh() {
    const now = this.now();
    const { shown: unordered, counts } = sift(this.filter, this.state.items.values(), now);
    const shown = byDanger(unordered);
    this.shown = shown;
    const placed = shown.filter((feature) => feature.geometry !== null);
    this.map.show(placed);
    this.unread = shown.filter((feature) => newsOf(this.seen, feature) !== "").length;
    this.showList(now);
    this.filters.count(counts, (code) => this.municipalityNames.get(code) ?? code);
    this.showCounts(counts.hidden);
    showDrill(shown.filter((feature) => feature.properties.drill).length, shown.length);
    showTitle(this.unread, this.stale);
    this.followSelected();
  }

  /** @param {number} now */
  showList(now) {
    const { shown = [], filter, map } = this;
    const placed = shown.filter((feature) =>
      feature.geometry !== null && (!filter.inView || map.holds(feature)));
    const unplaced = shown.filter((feature) => feature.geometry === null);
    const words = !this.loaded ? "読み込んでいます…" : this.state.items.size === 0
      ? "まだ事案はありません。通報が届くと、ここと地図に出ます。"
      : "この条件に合う事案はありません。絞り込みを見直してください。";
    this.list.show({
      placed, unplaced, now, selected: this.selected, newsOf: (feature) => newsOf(this.seen, feature),
    }, words);
  }

  /** @param {number} hidden */
  showCounts(hidden) {
    const shown = this.shown ?? [];
    const urgent = shown.filter((feature) => feature.properties.urgent).length;
    byId("count").textContent = `${shown.length}件（緊急 ${urgent}件）`;
    byId("unread").textContent = `未読 ${this.unread}件`;
    byId("read-all").disabled = this.unread === 0;
    byId("hidden").hidden = hidden === 0;
    byId("hidden-words").textContent = isDefault(this.filter)
      ? `解消・なし・棄却の ${hidden}件は隠しています`
      : `絞り込みにより ${hidden}件を隠しています`;
  }

  followSelected() {
    // Beside the form of a place nothing else opens; what changed meanwhile shows when it is closed.
    if (!this.selected || this.teaching.isOpen()) return;
    const feature = this.state.items.get(this.selected);
    if (!feature) this.detail.showGone();
    else {
      this.detail.show(feature, false);
      this.map.select(feature, false);
    }
  }

  mayReadReports() {
    return this.user !== null && ["officer", "administrator", "admin"].includes(this.user.role);
  }

  /** @param {import("./teach.js").Subject} subject */
  startTeaching(subject) {
    byId("detail").hidden = true;
    this.panes.teach(true);
    this.teaching.open(subject);
    this.map.resized();
    // Above the form the map is small: what is taught about has to be in it.
    if (this.panes.isNarrow()) this.map.select(this.state.items.get(this.selected) ?? null, true);
  }

  endTeaching() {
    this.panes.teach(false);
    byId("detail").hidden = !this.selected;
    this.refresh();
    if (this.selected) this.detail.focusBack();
    this.map.resized();
  }

  stepBack() {
    if (this.teaching.isOpen()) this.teaching.close();
    else this.close();
  }

  /** @param {string} id @param {boolean} move whether the map goes there */
  open(id, move) {
    const feature = this.state.items.get(id);
    if (!feature) return;
    if (this.teaching.isOpen()) this.teaching.close();
    this.selected = id;
    markRead(this.seen, feature);
    saveSeen(localStorage, this.seen);
    this.panes.showDetail();
    this.detail.show(feature, true);
    this.map.resized();
    this.map.select(feature, move);
    this.refresh();
    this.list.reveal(id);
    this.writeAddress();
  }

  close() {
    if (!this.selected) return;
    const id = this.selected;
    this.selected = "";
    this.detail.hide();
    this.panes.hideDetail();
    this.map.resized();
    this.map.select(null, false);
    this.refresh();
    this.list.focus(id);
    this.writeAddress();
  }

  readAll() {
    markAllRead(this.seen, this.state.seq);
    saveSeen(localStorage, this.seen);
    this.refresh();
  }

  /** @param {import("./filter.js").Filter} filter */
  choose(filter) {
    this.filter = filter;
    this.list.rewind();
    this.writeAddress();
    // The tick in the box is painted first; thousands of pins take longer than a finger waits.
    requestAnimationFrame(() => setTimeout(() => this.refresh()));
  }

  moved() {
    if (this.filter.inView) this.showList(this.now());
    if (this.loaded) this.writeAddress();
  }

  writeAddress() {
    const parts = [toFragment(this.filter), `map=${this.map.view()}`, this.selected ? `sel=${this.selected}` : ""];
    history.replaceState(null, "", `#${parts.filter(Boolean).join("&")}`);
  }

  readAddress() {
    this.filter = fromFragment(location.hash);
    this.filters.set(this.filter);
    this.map.setView(new URLSearchParams(location.hash.slice(1)).get("map") ?? "");
    this.refresh();
  }

  async signOut() {
    if (!this.user) return;
    await api.signOut(this.user.csrf);
    location.assign("/signin");
  }
}

void new Page().start();
