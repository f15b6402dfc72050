/** The map page put together: fetch, follow, filter, show. */

import { bindSignOut } from "./account.js";
import { pageAddress } from "./address.js";
import * as api from "./api.js";
import { announcer } from "./announce.js";
import { showLiveness, showTitle, showWaiting } from "./banner.js";
import { pageConfig } from "./config.js";
import { detailPanel } from "./detail.js";
import { byId } from "./dom.js";
import { filterPanel } from "./filterpanel.js";
import { t } from "./i18n.js";
import { legend } from "./icons.js";
import { bindKeys } from "./keys.js";
import { largeView } from "./large.js";
import { asked, changedLarge, growLarge, listPlace, paintLarge, startLarge } from "./largepage.js";
import { incidentList } from "./list.js";
import { afterPulse, noSigns, serverNow } from "./liveness.js";
import { situationMap } from "./map.js";
import { bindPanes } from "./panes.js";
import { drawn, pause } from "./pausing.js";
import { applyChange, applyPage, emptyState } from "./state.js";
import { listen } from "./stream.js";
import { taughtList } from "./taughtlist.js";
import { teachPanel } from "./teach.js";
import { bindThemeButton } from "./theme.js";
import { mapTools } from "./tools.js";
import { trayBadge } from "./traycount.js";
import { loadSeen, markAllRead, markRead, saveSeen } from "./unread.js";
import { MANY } from "./view.js";
import { listWhole, paintWhole } from "./wholepage.js";

const RETRY_MS = 5000;
const TICK_MS = 1000;
const REFRESH_TICKS = 30;

export class Page {
  constructor() {
    this.config = pageConfig();
    this.state = emptyState();
    this.signs = noSigns(Date.now());
    this.address = pageAddress(this);
    this.filter = this.address.filter();
    this.seen = loadSeen(localStorage);
    /** @type {{role: string, municipality: string|null, csrf: string}|null} */
    this.user = null;
    this.selected = this.address.selected();
    /** @type {Map<string, string>} */
    this.municipalityNames = new Map();
    /** @type {any} the open incident while the server holds the others */
    this.opened = null;
    /** @type {(import("./view.js").Bounds & {from: string})|null} the cluster whose incidents are listed */
    this.place = null;
    this.unread = 0;
    this.stale = false;
    this.loaded = false;
    this.ready = false;
    this.ticks = 0;
    this.frame = 0;
    this.announce = announcer(byId("announcer"));
    this.tray = trayBadge();
    this.panes = bindPanes(() => this.map.resized());
    this.build();
  }

  build() {
    const open = (/** @type {string} */ id) => this.open(id, true);
    this.map = situationMap({
      root: byId("map"), config: this.config, onOpen: (id) => this.open(id, false), onMove: (resized) => this.moved(resized),
      onPlace: (cluster) => listPlace(this, cluster),
      now: () => this.large.at() ?? this.now(),
    });
    this.large = largeView({
      asked: () => asked(this), onView: () => this.refresh(), onFailed: (error) => this.failed(error),
    });
    this.list = incidentList({ root: byId("list"), onOpen: open, onEnd: () => this.large.on() && this.large.grow(),
      onTray: () => { if (this.large.on()) void this.large.ask(); },
      onHover: (id) => this.map.hover(id ? this.featureOf(id) ?? null : null) });
    this.detail = detailPanel({
      root: byId("detail"), now: () => this.now(), onClose: () => this.close(),
      mayReadReports: () => this.mayReadReports(), onTeach: (subject) => this.startTeaching(subject),
      csrf: () => this.user?.csrf ?? "",
    });
    this.teaching = teachPanel({ root: byId("teach"), map: this.map, csrf: () => this.user?.csrf ?? "", now: () => this.now(),
      onClose: () => this.endTeaching(), onTaught: () => this.taught.refresh() });
    this.taught = taughtList({ panel: byId("taught-panel"), root: byId("taught"), user: () => this.user, now: () => this.now(),
      onShow: (place) => { this.panes.showMap(); this.map.goTo(place); } });
    this.filters = filterPanel({ root: byId("filters"), onChange: (filter) => this.choose(filter) });
    this.filters.set(this.filter);
    byId("legend").append(legend());
    bindThemeButton(byId("theme"), () => this.map.recolour());
    byId("read-all").addEventListener("click", () => this.readAll());
    bindSignOut(() => this.user?.csrf ?? "");
    byId("show-hidden").addEventListener("click", () => this.panes.showFilters());
    document.addEventListener("keydown", (event) => { if (event.key === "Escape") this.stepBack(); });
    bindKeys({
      urgent: () => this.goToRow(this.shown ?? []),
      nearest: () => this.goToRow(this.map.byDistance(this.shown ?? [])),
      filters: () => this.panes.showFilters(),
      map: () => { this.panes.showMap(); byId("map").focus(); },
    });
    this.tools = mapTools(this);
    this.tools.readLayers(this.address.words());
    addEventListener("hashchange", () => this.address.read(() => this.readAddress()));
    addEventListener("visibilitychange", () => this.tick());
    setInterval(() => this.tick(), TICK_MS);
  }

  now() {
    return serverNow(this.signs, Date.now());
  }

  async start() {
    const user = this.persist(api.me).then((answer) => {
      this.user = answer;
      this.tray.allow(answer);
    });
    let stays = await startLarge(this);
    for (; stays === null; stays = await startLarge(this)) await pause(RETRY_MS);
    if (!stays) await this.fetchAll();
    // The incidents are drawn first: the shapes below them are large.
    await drawn();
    const outlines = this.persist(api.municipalities).then((collection) => {
      for (const { properties } of collection.features) this.municipalityNames.set(properties.code, properties.name);
      this.map.setBase(collection);
    });
    this.stream = listen({
      cursor: () => this.state.seq,
      onChange: (change) => this.changed(change),
      onPulse: (pulse) => this.pulsed(pulse),
      onReset: () => void this.fetchAll(),
      onRefused: () => void this.checkUser(),
    });
    // A base map that is slow to come must not keep the incidents from being framed.
    await Promise.race([Promise.all([outlines, user]), pause(RETRY_MS)]);
    if (!this.large.on() && !this.map.isTouched() && !this.map.setView(this.address.view())) {
      this.map.frame(this.shown ?? [], this.user?.municipality ?? null);
    }
    this.ready = true;
    this.tools.readTools(this.address.words());
    // What was chosen while the page was loading.
    this.address.write();
    this.refresh();
    if (this.selected) await this.open(this.selected, !this.address.view());
  }

  /** @param {string} id @returns {any} the incident as the page knows it, undefined when it does not */
  featureOf(id) {
    if (this.opened?.id === id) return this.opened;
    return this.large.on() ? this.large.view()?.features.get(id) : this.state.items.get(id);
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
    if (this.large.on() && await this.large.ask()) this.state.seq = this.large.view().seq;
    if (this.fetching || this.large.on()) return;
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
    this.tray.later();
    if (this.large.on()) changedLarge(this, change);
    else if (!applyChange(this.state, change)) return;
    else if (this.state.items.size > MANY) growLarge(this);
    else this.later();
    if (!change.removed) this.announce({ urgent: change.feature.properties.urgent });
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
    if (this.ticks % REFRESH_TICKS === 0) (this.large.on() ? this.large : this).later();
  }

  /** Many changes at once are drawn once. */
  later() {
    if (this.frame) return;
    this.frame = window.setTimeout(() => { this.frame = 0; this.refresh(); }, 200);
  }

  refresh() {
    if (this.large.on()) {
      paintLarge(this, this.large.view());
      return;
    }
    paintWhole(this, this.now());
  }

  followSelected() {
    this.tools.refresh();
    // Beside the form of a place nothing else opens; what changed meanwhile shows when it is closed.
    if (!this.selected || this.teaching.isOpen()) return;
    const feature = this.featureOf(this.selected);
    if (!feature) this.detail.showGone();
    else {
      this.detail.show(feature, false);
      this.map.select(feature, false);
    }
  }

  mayReadReports() {
    return this.user !== null && ["officer", "commander", "administrator"].includes(this.user.role);
  }

  /** @param {import("./teach.js").Subject} subject */
  startTeaching(subject) {
    this.tools.stopMeasuring();
    byId("detail").hidden = true;
    this.panes.teach(true);
    this.teaching.open(subject);
    this.map.resized();
    // Above the form the map is small: what is taught about has to be in it.
    if (this.panes.isNarrow()) this.map.select(this.featureOf(this.selected) ?? null, true);
  }

  endTeaching() {
    this.panes.teach(false);
    byId("detail").hidden = !this.selected;
    this.refresh();
    if (this.selected) this.detail.focusBack();
    this.map.resized();
  }

  stepBack() {
    if (this.tools.stepBack()) return;
    if (this.teaching.isOpen()) this.teaching.close();
    else this.close();
  }

  /** @param {string} id @param {boolean} move whether the map goes there */
  async open(id, move) {
    const feature = this.featureOf(id) ?? (this.large.on() ? await api.incident(id).catch(() => null) : null);
    if (!feature) return;
    // Of very many the page keeps the one that is open, wherever the map goes.
    this.opened = this.large.on() ? feature : null;
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
    this.address.write();
  }

  /** The keyboard goes to the row of the first of them; Enter opens it. @param {any[]} features in order */
  goToRow(features) {
    const first = features.find((feature) => this.list.holds(feature.id));
    if (!first) return;
    if (this.teaching.isOpen()) this.teaching.close();
    this.panes.showList();
    this.list.reveal(first.id);
    this.list.focus(first.id);
  }

  close() {
    if (!this.selected) return;
    const id = this.selected;
    this.selected = "";
    this.opened = null;
    this.detail.hide();
    this.panes.hideDetail();
    this.map.resized();
    this.map.select(null, false);
    this.refresh();
    this.list.focus(id);
    this.address.write();
  }

  readAll() {
    markAllRead(this.seen, this.state.seq);
    saveSeen(localStorage, this.seen);
    this.refresh();
    if (this.large.on()) void this.large.ask();
  }

  /** @param {import("./filter.js").Filter} filter */
  choose(filter) {
    this.filter = filter;
    this.list.rewind();
    this.large.rewind();
    this.place = null;
    this.address.write();
    if (this.large.on()) {
      void this.large.ask();
      return;
    }
    // The tick in the box is painted first; thousands of pins take longer than a finger waits.
    requestAnimationFrame(() => setTimeout(() => this.refresh()));
  }

  /** @param {boolean} resized what was chosen stays chosen */
  moved(resized) {
    if (!this.loaded) return;
    if (this.large.on()) {
      if (resized && this.place) this.place.from = this.map.view();
      if (this.place?.from !== this.map.view()) this.place = null;
      void this.large.ask();
    } else if (this.filter.inView) listWhole(this, this.now());
    this.tools.moved();
    this.address.write();
  }

  readAddress() {
    this.filter = this.address.filter();
    this.filters.set(this.filter);
    this.tools.readLayers(this.address.words());
    if (this.ready) this.tools.readTools(this.address.words());
    this.map.setView(this.address.view());
    if (this.large.on()) void this.large.ask();
    else this.refresh();
    const wanted = this.address.selected();
    if (!this.ready) this.selected = wanted;
    else if (!wanted) this.close();
    else if (wanted !== this.selected) void this.open(wanted, !this.address.view());
  }
}

void new Page().start();
