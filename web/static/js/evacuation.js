/** The evacuation page put together: fetch, follow, show; people decide, the board only advises. */

import { bindSignOut } from "./account.js";
import * as api from "./api.js";
import { carryDrill, showLiveness } from "./banner.js";
import { pageConfig } from "./config.js";
import { byId, el, japanese } from "./dom.js";
import * as asks from "./evacuation/asks.js";
import { criteriaEditor } from "./evacuation/criteria.js";
import { decisionForm } from "./evacuation/decide.js";
import { unitsPanel } from "./evacuation/drawing.js";
import { historyNodes } from "./evacuation/history.js";
import { showUnits } from "./evacuation/list.js";
import { unitsMap } from "./evacuation/map.js";
import { bindPaper } from "./evacuation/paper.js";
import { showOverview } from "./evacuation/overview.js";
import { tickForm } from "./evacuation/tick.js";
import { unitNodes } from "./evacuation/unit.js";
import { said, t } from "./i18n.js";
import { afterPulse, noSigns, serverNow } from "./liveness.js";
import { bindPanes } from "./panes.js";
import { pause } from "./pausing.js";
import { unlessHeld } from "./pressing.js";
import { isTyped, redraw } from "./redrawing.js";
import { listen } from "./stream.js";
import { bindThemeButton } from "./theme.js";
import { timeWords } from "./time.js";

const RETRY_MS = 5000;
const TICK_MS = 1000;
const AGAIN_MS = 60_000;
const REST_MS = 800;
const MUNICIPALITY_DIGITS = 5;
const PREFECTURE_DIGITS = 2;

class Page {
  constructor() {
    this.config = pageConfig();
    this.signs = noSigns(Date.now());
    Object.assign(this, written());
    this.own = "";
    /** @type {any} */ this.user = null;
    /** @type {any} */ this.board = null;
    /** @type {any} */ this.shapes = null;
    this.seq = 0;
    this.boards = -1;
    this.loadedAt = 0;
    this.panel = "";
    this.framed = "";
    this.timer = 0;
    /** @type {Promise<void>|null} */ this.loading = null;
    /** @type {Promise<void>|null} */ this.following = null;
    this.map = unitsMap({ root: byId("map"), config: this.config, onOpen: (code) => this.open(code) });
    this.panes = bindPanes(() => this.map.resized());
    byId("attribution").textContent = this.config.tileAttribution;
    bindThemeButton(byId("theme"), () => this.map.recolour());
    bindSignOut(() => this.user?.csrf ?? "");
    bindPaper(this.map, () => this.board?.at ?? this.now());
    byId("to-history").addEventListener("click", () => void this.history());
    byId("to-criteria").addEventListener("click", () => void this.criteria());
    byId("to-units").addEventListener("click", () => this.drawing());
    byId("to-decide").addEventListener("click", () => this.decide(this.unit));
    byId("to-all").addEventListener("click", () => this.go({ code: "", unit: "", at: "" }));
    byId("mode").addEventListener("click", () => this.go({ drill: !this.drill, at: "" }));
    byId("to-now").addEventListener("click", () => this.go({ at: "" }));
    document.addEventListener("keydown", (event) => { if (event.key === "Escape") this.close(); });
    addEventListener("hashchange", () => this.arrive());
    setInterval(() => this.tick(), TICK_MS);
  }

  now() {
    return serverNow(this.signs, Date.now());
  }

  async start() {
    this.user = await this.persist(api.me);
    const own = this.user.municipality;
    this.own = own?.length === MUNICIPALITY_DIGITS ? own : "";
    this.code ||= this.own;
    carryDrill(this.drill);
    void this.persist(api.municipalities).then((collection) => this.map.setBase(collection));
    this.seq = await this.persist(asks.cursor);
    await this.load();
    listen({
      cursor: () => this.seq,
      onChange: (change) => { this.seq = change.seq; this.later(); },
      onPulse: (pulse) => this.pulsed(pulse),
      onReset: () => this.later(),
      onRefused: () => this.later(),
    });
  }

  /** @template T @param {() => Promise<T>} question @returns {Promise<T>} asked until there is an answer */
  async persist(question) {
    for (;;) {
      try {
        return await question();
      } catch (error) {
        this.failed(error);
        await pause(RETRY_MS);
      }
    }
  }

  /** @param {unknown} error */
  failed(error) {
    if (!(error instanceof api.Refused)) throw error;
    if (error.status === 401 && !this.user) location.assign(`/signin?next=/evacuation${location.hash}`);
    this.signs = { ...this.signs, fetchFailing: error.status !== 401, signedOut: error.status === 401 };
    if (error.status === 403) byId("list").replaceChildren(el("p", { class: "empty" }, japanese(error.problem.detail ?? "")));
    this.tick();
  }

  /** @param {any} pulse */
  pulsed(pulse) {
    this.signs = afterPulse(this.signs, pulse, Date.now());
    if (pulse.seq > this.seq) this.seq = pulse.seq;
    if (pulse.evacuation !== this.boards) this.later();
    this.boards = pulse.evacuation;
    this.tick();
  }

  tick() {
    showLiveness(this.signs, Date.now(), this.config.workerSilenceMs);
    if (this.loadedAt && Date.now() - this.loadedAt > AGAIN_MS) this.later();
  }

  /** Many changes at once are fetched once. */
  later() {
    if (!this.timer) this.timer = window.setTimeout(() => { this.timer = 0; void this.load(); }, REST_MS);
  }

  /** @returns {Promise<void>} the page shows what was known when this was called, or later */
  load() {
    if (!this.loading) {
      this.loading = this.loadNow().finally(() => { this.loading = null; });
      return this.loading;
    }
    // The answer under way may be older than what was just recorded.
    this.following ??= this.loading.then(() => { this.following = null; return this.load(); });
    return this.following;
  }

  async loadNow() {
    try {
      await (this.code ? this.loadBoard() : this.loadOverview());
      this.loadedAt = Date.now();
      this.signs = { ...this.signs, fetchFailing: false, signedOut: false };
    } catch (error) {
      this.failed(error);
      this.timer = this.timer || window.setTimeout(() => { this.timer = 0; void this.load(); }, RETRY_MS);
    }
    this.tick();
  }

  async loadOverview() {
    const { drill } = this;
    const overview = await asks.municipalities(drill);
    if (this.code || drill !== this.drill) return;
    document.body.dataset.view = "overview";
    this.showBars(null, overview.municipalities.reduce((/** @type {number} */ sum, /** @type {any} */ one) => sum + one.other_mode, 0));
    showOverview(byId("overview"), { overview, now: this.now(), onOpen: (code) => this.go({ code, unit: "" }) });
  }

  async loadBoard() {
    const { code, drill, at } = this;
    const past = at ? await asks.decision(at) : null;
    const board = past ? await asks.frozen(at) : await asks.board(code, drill);
    if (this.shapes?.municipality !== board.municipality || this.shapes.edition !== board.edition) {
      this.shapes = await asks.units(board.municipality, board.edition);
      this.map.setUnits(this.shapes);
    }
    if (code !== this.code || drill !== this.drill || at !== this.at) return;
    this.board = board;
    this.past = past;
    document.body.dataset.view = "board";
    this.refresh();
    if (this.framed !== this.code) {
      this.framed = this.code;
      this.map.resized();
      this.map.frame();
    }
  }

  /** @param {any} past the decision whose board is shown @param {number} others incidents of the other kind, drill or real */
  showBars(past, others) {
    const { board } = this;
    byId("place").textContent = this.code ? board?.name ?? "" : t("一覧");
    byId("to-all").hidden = !this.code || this.user.municipality?.length === MUNICIPALITY_DIGITS;
    byId("frozen").hidden = !past;
    document.body.toggleAttribute("data-frozen", Boolean(past));
    if (past) byId("frozen-words").textContent = t("{time} 時点のボードです。今の状況ではありません。", { time: timeWords(past.recorded_at, this.now()) });
    byId("drill").hidden = !(past ? past.drill : this.drill);
    byId("mode").textContent = this.drill ? t("実際のボードへ") : t("訓練のボードへ");
    byId("other").hidden = Boolean(past) || others === 0;
    byId("other").textContent = this.drill ? t("実際の事案が {count}件あります", { count: others }) : t("訓練の事案が {count}件あります", { count: others });
    for (const id of ["to-history", "to-criteria"]) byId(id).hidden = !this.code;
    byId("to-units").hidden = !this.mayWrite() || Boolean(past);
    byId("to-decide").hidden = !(this.mayDecide() || this.mayProxy()) || Boolean(past);
    byId("to-decide").textContent = this.mayProxy() ? t("知事の代行を記録する") : t("発令・見送り・解除を記録する");
    byId("made").textContent = this.code && board ? t("{time} 現在", { time: timeWords(board.at, this.now()) }) : "";
  }

  mayWrite() {
    const own = this.user.municipality;
    return Boolean(this.code) && ["officer", "commander", "administrator"].includes(this.user.role) && (own === null || own === this.board?.municipality);
  }

  mayDecide() {
    return this.user.role === "commander" && this.mayWrite();
  }

  /** The governor acts in the mayor's place through a commander of the same prefecture. */
  mayProxy() {
    const own = this.user.municipality;
    return this.user.role === "commander" && own?.length === PREFECTURE_DIGITS && Boolean(this.board?.municipality.startsWith(own)) && Boolean(this.code);
  }

  refresh() {
    const { board, past } = this;
    if (!board) return;
    this.showBars(past, board.other_mode ?? 0);
    const { summary } = board;
    byId("summary").textContent = t("{units}単位　判断待ち {due}　報告のない単位 {unheard}", { units: summary.units, due: summary.undecided, unheard: summary.unheard });
    unlessHeld(byId("list"), () => showUnits(byId("list"), { board: this.board, now: this.now(), selected: this.unit, onOpen: (code) => this.open(code) }));
    this.map.show(board, this.unit);
    unlessHeld(byId("detail"), () => { if (this.board && this.panel === "" && this.unit) this.showUnit(false); });
  }

  /** @param {boolean} anew whether somebody has just chosen it */
  showUnit(anew) {
    const root = byId("detail");
    const { activeElement: held } = document;
    // Whoever is typing goes on typing; the list and the map beside it are new.
    if (!anew && held instanceof HTMLInputElement && root.contains(held) && isTyped(held)) return;
    const unit = this.board?.units.find((/** @type {any} */ one) => one.code === this.unit);
    if (!unit) { this.close(); return; }
    const nodes = unitNodes(unit, this.board, { now: this.now(), doing: this.past || !this.mayWrite() ? null : this.doing(), onClose: () => this.close() });
    if (anew) root.replaceChildren(...nodes);
    else redraw(root, nodes);
    root.hidden = false;
    this.panes.showDetail();
    if (anew) { byId("detail-title").focus(); root.scrollTop = 0; }
  }

  doing() {
    const { municipality, drill } = this.board;
    const write = (/** @type {() => Promise<any>} */ call) => void this.attempt(call).then((fault) => { byId("announcer").textContent = fault || t("記録しました。"); });
    return {
      mayDecide: this.mayDecide(),
      decide: (/** @type {string} */ code) => this.decide(code),
      tick: (/** @type {any} */ line, /** @type {any} */ unit) => this.show("tick", tickForm({
        line, unit, board: this.board, now: () => this.now(), onClose: () => this.back(),
        send: async (given) => { const fault = await this.attempt(() => asks.tick(given, this.user.csrf)); if (!fault) this.back(); return fault; },
      })),
      shelter: (/** @type {any} */ one, /** @type {string} */ state) => write(() => asks.shelter(one.id, { municipality, state, note: one.note, drill }, this.user.csrf)),
      heard: (/** @type {any} */ unit, /** @type {string} */ reporter, /** @type {string} */ note) => write(async () => {
        await asks.heard({ municipality, unit: unit.code, reporter, note, drill }, this.user.csrf);
        if (this.unit === unit.code) /** @type {HTMLFormElement|null} */ (byId("detail").querySelector(".heard"))?.reset();
      }),
    };
  }

  /** @param {() => Promise<any>} call @returns {Promise<string>} what went wrong, empty: nothing */
  async attempt(call) {
    try {
      await call();
    } catch (error) {
      if (!(error instanceof api.Refused)) throw error;
      const messages = (error.problem.errors ?? []).map((/** @type {any} */ each) => said(each.message)).join(" ");
      return messages || said(error.problem.detail ?? t("記録できませんでした。通信を確かめて、もう一度押してください。"));
    }
    await this.load();
    return "";
  }

  /** @param {string} panel @param {...Node} nodes */
  show(panel, ...nodes) {
    this.panel = panel;
    const root = byId("detail");
    root.replaceChildren(...nodes);
    root.hidden = false;
    root.scrollTop = 0;
    this.panes.showDetail();
    byId("detail-title").focus();
    this.map.resized();
  }

  /** @param {string} code */
  decide(code) {
    this.show("decide", decisionForm({
      board: this.board, code, proxy: this.mayProxy(), now: () => this.now(), send: (given) => asks.decide(given, this.user.csrf), onClose: () => this.back(),
      onDone: () => { byId("announcer").textContent = t("記録しました。"); void this.load().then(() => this.history()); },
    }));
  }

  async history() {
    const { decisions } = await this.persist(() => asks.decisions(this.code, this.drill));
    this.show("history", ...historyNodes(decisions, { now: this.now(), onOpen: (id) => this.go({ at: id }), onClose: () => this.back() }));
  }

  async criteria() {
    const table = await this.persist(() => asks.criteria(this.code));
    this.show("criteria", criteriaEditor({
      table, editable: this.mayWrite() && !this.past, onClose: () => this.back(),
      save: async (given) => {
        await asks.saveCriteria({ ...given, municipality: this.board.municipality }, this.user.csrf);
        await this.load();
        this.back();
      },
    }));
  }

  drawing() {
    const { municipality, edition } = this.shapes;
    this.show("units", unitsPanel({
      collection: this.shapes, map: this.map, onClose: () => this.back(),
      send: (collection, preview) => asks.importUnits(collection, { municipality, replaces: edition, preview }, this.user.csrf),
      onDone: () => { this.framed = ""; this.back(); void this.load(); },
    }));
  }

  /** @param {string} code */
  open(code) {
    if (this.panel === "decide") return;
    this.panel = "";
    this.unit = code;
    this.map.stopDrawing();
    this.showUnit(true);
    this.map.resized();
    this.map.goTo(code);
    this.refresh();
    this.write();
  }

  /** From a form to the unit beside it. */
  back() {
    this.panel = "";
    this.map.stopDrawing();
    if (this.unit) this.showUnit(true);
    else this.close();
  }

  close() {
    const from = this.unit;
    this.panel = "";
    this.unit = "";
    this.map.stopDrawing();
    byId("detail").hidden = true;
    this.panes.hideDetail();
    this.map.resized();
    this.refresh();
    this.write();
    for (const button of byId("list").querySelectorAll("button")) if (button.dataset.code === from) button.focus();
  }

  /** @param {{code?: string, unit?: string, drill?: boolean, at?: string}} where the browser's way back leads here again */
  go(where) {
    history.pushState(null, "", location.href);
    this.turn(where);
    this.write();
  }

  /** By a link or the browser's way back or forth. */
  arrive() {
    const where = written();
    this.turn({ ...where, code: where.code || this.own });
  }

  /** @param {{code?: string, unit?: string, drill?: boolean, at?: string}} where */
  turn(where) {
    if (where.code !== undefined && where.code !== this.code) this.framed = "";
    Object.assign(this, where);
    this.panel = "";
    this.map.stopDrawing();
    // What was typed about one unit must not stand in another's form.
    byId("detail").replaceChildren();
    byId("detail").hidden = true;
    this.panes.hideDetail();
    carryDrill(this.drill);
    void this.load();
  }

  write() {
    const parts = { m: this.code, unit: this.unit, drill: this.drill ? "1" : "", at: this.at };
    history.replaceState(null, "", `#${new URLSearchParams(Object.entries(parts).filter(([, value]) => value))}`);
    carryDrill(this.drill);
  }
}

/** What the address says is shown. */
function written() {
  const address = new URLSearchParams(location.hash.slice(1));
  return {
    code: address.get("m") ?? "", unit: address.get("unit") ?? "", drill: address.get("drill") === "1", at: address.get("at") ?? "",
  };
}

void new Page().start();
