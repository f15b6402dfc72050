/** The desk put together: the queue, one incident, the map, and what an officer decides. */

import { bindSignOut } from "./account.js";
import * as api from "./api.js";
import * as desk from "./deskapi.js";
import { carryDrill, showLiveness, showWaiting } from "./banner.js";
import { pageConfig } from "./config.js";
import { confirmed } from "./dialog.js";
import { placeOfCandidate, placePanel } from "./deskplace.js";
import { askConflict, askReason, choose, showHelp, verifying } from "./deskdialogs.js";
import { deskCase } from "./deskcase.js";
import { deskFilters } from "./deskfilters.js";
import { actionOf, lettersOn } from "./deskkeys.js";
import { givenLines, onTop, seenOf } from "./deskorder.js";
import { AT_ONCE, deskQueue, nameOf } from "./deskqueue.js";
import { byWords } from "./desktrail.js";
import { byId, el } from "./dom.js";
import { said, t } from "./i18n.js";
import { afterPulse, noSigns, serverNow } from "./liveness.js";
import { situationMap } from "./map.js";
import { pause, restful } from "./pausing.js";
import { listen } from "./stream.js";
import { bindThemeButton } from "./theme.js";
import { STATES, TYPES } from "./words.js";

const TICK_MS = 1000;
const REDRAW_MS = 30_000;
const RETRY_MS = 5000;
const LISTED = 200;
const MOST_LISTED = 1000; // as many as the server weighs
const HOAXES = [t("同じ内容が多数届いた作り話"), t("現地で確かめたが、ない"), t("場所や日時がありえない")];

class Desk {
  constructor() {
    this.config = pageConfig();
    this.signs = noSigns(Date.now());
    /** @type {any[]} */
    this.entries = [];
    this.matched = 0;
    this.limit = LISTED;
    this.seq = 0;
    this.selected = new URLSearchParams(location.hash.slice(1)).get("sel") ?? "";
    /** @type {any} */
    this.entry = null;
    /** @type {any} */
    this.user = null;
    /** @type {number[]} what this officer did, last at the end */
    this.mine = [];
    /** @type {Map<number, {name: string, ids: string[]}|undefined>} by action its incidents and the first one's name */
    this.about = new Map();
    this.lastSeen = 0;
    /** @type {Promise<void>} */
    this.loading = Promise.resolve();
    this.busy = false;
    this.asking = restful(() => this.again());
    this.build();
  }

  build() {
    this.map = situationMap({ root: byId("map"), config: this.config, onOpen: (id) => void this.open(id, true), onMove: () => {}, onPlace: () => {}, now: () => this.now() });
    this.queue = deskQueue({ root: byId("queue"), onOpen: (id) => void this.open(id, true), onCheck: () => this.showChecked() });
    this.case = deskCase({ root: byId("case"), onAct: (action) => void this.act(action), onUndo: (id) => void this.undo(id),
      onCandidate: (candidate) => void this.order({ kind: "place", place: placeOfCandidate(candidate) }, [this.entry.feature]),
      onSplit: (readings) => void this.order({ kind: "split", readings }, [this.entry.feature]), onSame: (id) => this.filters.same(id),
      now: () => this.now(), csrf: () => this.user?.csrf ?? "" });
    this.placing = placePanel({ root: byId("placing"), map: this.map,
      onTurn: (open) => { byId("case").hidden = open; if (!open) this.case.focus(); },
      onSave: (place, feature) => void this.order({ kind: "place", place }, [feature]) });
    byId("attribution").textContent = this.config.tileAttribution;
    bindThemeButton(byId("theme"), () => this.map.recolour());
    bindSignOut(() => this.user?.csrf ?? "");
    byId("help").addEventListener("click", () => void showHelp());
    byId("check-all").addEventListener("change", (/** @type {any} */ event) => this.queue.checkAll(event.target.checked));
    for (const button of document.querySelectorAll("[data-bulk]")) {
      button.addEventListener("click", () => void this.act(button.getAttribute("data-bulk") ?? "", true));
    }
    this.filters = deskFilters(() => this.refilter());
    byId("more").addEventListener("click", () => void this.more());
    // Somebody opened another address while the page was open.
    addEventListener("hashchange", () => {
      const wanted = new URLSearchParams(location.hash.slice(1)).get("sel") ?? "";
      this.filters.read();
      if (wanted !== this.selected) void this.open(wanted, true);
    });
    document.addEventListener("keydown", (event) => this.pressed(event));
    new ResizeObserver(() => this.map.resized()).observe(byId("map"));
    setInterval(() => showLiveness(this.signs, Date.now(), this.config.workerSilenceMs), TICK_MS);
    // What grows old looks old without any event.
    setInterval(() => { if (this.user) this.show(); }, REDRAW_MS);
  }

  now() {
    return serverNow(this.signs, Date.now());
  }

  async start() {
    void api.municipalities().then((collection) => this.map.setBase(collection));
    for (;;) {
      try {
        this.user = await api.me();
        await this.fetchQueue();
        break;
      } catch (error) {
        this.failed(error);
        await pause(RETRY_MS);
      }
    }
    this.map.frame(this.entries.map(({ feature }) => feature), this.user.municipality);
    listen({ cursor: () => this.seq, onChange: (change) => this.changed(change), onReset: () => this.asking.later(),
      onPulse: (pulse) => { this.signs = afterPulse(this.signs, pulse, Date.now()); showWaiting(pulse); this.tick(); },
      onRefused: () => void api.me().catch((error) => this.failed(error)) });
    if (this.selected || this.entries.length) await this.open(this.selected || this.entries[0].feature.id, false);
    else this.case.say(t("処理を待つ事案はありません。"));
  }

  tick() {
    showLiveness(this.signs, Date.now(), this.config.workerSilenceMs);
  }

  /** @param {unknown} error */
  failed(error) {
    if (!(error instanceof api.Refused)) throw error;
    this.signs = { ...this.signs, fetchFailing: error.status !== 401, signedOut: error.status === 401 };
    this.tick();
  }

  async fetchQueue() {
    const asked = this.filters.asked();
    const answer = await desk.queue({ ...asked, limit: String(this.limit) });
    // Another choice has taken its place.
    if (asked !== this.filters.asked()) return;
    this.entries = answer.queue;
    this.matched = answer.matched;
    this.seq = Math.max(this.seq, answer.seq);
    this.signs = { ...this.signs, fetchFailing: false, signedOut: false };
    this.filters.show(answer);
    this.show();
  }

  show() {
    const features = this.entries.map(({ feature }) => feature);
    const { feature } = this.entry ?? {};
    if (feature && !features.some(({ id }) => id === feature.id)) features.push(feature);
    this.map.show(features.filter(({ geometry }) => geometry !== null));
    this.queue.show(this.entries, this.selected, this.now(), this.filters.emptyWords());
    byId("count").textContent = this.matched > this.entries.length ? t("{count}件のうち上位 {shown}件", { count: this.matched, shown: this.entries.length })
      : t("{count}件", { count: this.matched });
    byId("more").hidden = this.entries.length >= Math.min(this.matched, MOST_LISTED);
    const drills = this.entries.filter((entry) => entry.feature.properties.drill).length;
    byId("drill").hidden = drills === 0;
    byId("drill-words").textContent = t("表示中 {all}件のうち {drills}件は訓練です", { all: this.entries.length, drills });
    carryDrill(drills > 0 && drills === this.entries.length);
  }

  showChecked() {
    const count = this.queue?.checked().length ?? 0;
    byId("bulk").hidden = count === 0;
    byId("bulk-count").textContent = t("{count}件を選択中", { count });
    byId("check-all").checked = count > 0 && count === Math.min(this.entries.length, AT_ONCE);
  }

  refilter() {
    this.limit = LISTED;
    this.filters.write(this.selected);
    byId("check-all").checked = false;
    this.queue.checkAll(false);
    void this.fetchQueue().catch((error) => this.failed(error));
  }

  /** The list grows; who went on by keyboard goes on at its first new row. */
  async more() {
    const [before, { length }] = [this.limit, this.entries];
    this.limit = Math.min(MOST_LISTED, before + LISTED);
    try {
      await this.fetchQueue();
      this.queue.focus(this.entries[length]?.feature.id ?? "");
    } catch (error) {
      this.limit = before;
      this.failed(error);
    }
  }

  /** @param {any} change */
  changed(change) {
    this.seq = Math.max(this.seq, change.seq);
    this.asking.later();
  }

  async again() {
    try {
      await Promise.all([this.fetchQueue(), this.selected ? this.load(this.selected, true) : null]);
    } catch (error) {
      this.failed(error);
    }
  }

  /** @param {string} id @param {boolean} focus */
  async open(id, focus) {
    if (!id) return;
    this.placing.close();
    // What is pressed now is meant for this one, never for the one that is still to be seen.
    if (this.entry?.feature.id !== id) {
      this.entry = null;
      this.case.say(t("読み込んでいます…"));
    }
    this.selected = id;
    this.lastSeen = 0;
    this.filters.write(id);
    document.body.toggleAttribute("data-case", true);
    this.show();
    this.queue.reveal(id);
    this.loading = this.load(id, false);
    await this.loading;
    if (this.selected !== id) return;
    this.map.select(this.entry?.feature ?? null, true);
    if (focus) this.case.focus();
  }

  /** @param {string} id @param {boolean} live whether somebody else may have changed it */
  async load(id, live) {
    try {
      const entry = await desk.entry(id);
      if (this.selected !== id) return;
      this.entry = entry;
      this.tellOthers(entry.trail, live);
      this.case.show(entry);
      if (!this.placing.isOpen()) this.map.select(entry.feature, false);
    } catch (error) {
      if (!(error instanceof api.Refused) || ![403, 404].includes(error.status)) { this.failed(error); return; }
      this.entry = null;
      this.case.say(error.status === 403 ? t("ほかの市区町村から共有された事案です。操作は担当の市区町村だけができます。")
        : t("この事案は取り下げられたか、ほかの事案にまとめられました。"));
    }
  }

  /** @param {any[]} trail newest first @param {boolean} live */
  tellOthers(trail, live) {
    const [last] = trail;
    const news = last && last.id > this.lastSeen && !this.mine.includes(last.id);
    if (live && news) this.say(t("{who}：{what}", { who: byWords(last, this.now()), what: said(last.kind_ja) }), null);
    if (last) this.lastSeen = last.id;
  }

  /** @param {string} words @param {number|null} action what can be taken back */
  say(words, action) {
    byId("said").replaceChildren(el("span", {}, words), action === null ? "" : el("button", { type: "button", class: "button button--small",
      onclick: () => void this.undo(action) }, t("取り消す"), " ", el("kbd", {}, "z")));
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    if (event.key === "Escape") { this.placing.close(); return; }
    const { target } = event;
    const typing = target instanceof Element && (target.closest("dialog") !== null
      || target.closest("textarea, select, input:not([type=checkbox]):not([type=radio])") !== null);
    const action = actionOf(event, typing || !lettersOn());
    if (!action) return;
    event.preventDefault();
    void this.act(action);
  }

  /** @param {string} action @param {boolean} [several] on all that are selected */
  async act(action, several = false) {
    if (action === "next" || action === "previous") return this.open(this.queue.beside(this.selected, action === "next" ? 1 : -1), true);
    if (action === "check") return this.selected && this.queue.toggle(this.selected);
    if (action === "help") return showHelp();
    await this.loading;
    if (action === "undo") return this.undoLast();
    const entries = several ? this.entries.filter(({ feature }) => this.queue.checked().includes(feature.id)) : this.entry ? [this.entry] : [];
    if (!entries.length) return null;
    if (action === "place") return this.entry && this.placing.open(this.entry.feature);
    const order = await this.orderOf(action, entries);
    return order && this.order(order, entries.map(({ feature }) => feature));
  }

  /** @param {string} action @param {any[]} entries @returns {Promise<any>} what is sent, null when it was left */
  async orderOf(action, entries) {
    const { properties } = entries[0].feature;
    const asIs = /** @type {[string, string]} */ (["", t("通報のとおりに戻す")]);
    if (action === "verify") return verifying(entries);
    if (action === "resolve") return { kind: "status", status: "resolved" };
    if (action === "reject") {
      const reason = await askReason(t("棄却する"), t("{count}件を棄却します。地図では灰色になり、後で取り消せます。", { count: entries.length }), t("棄却する"), HOAXES);
      return reason && { kind: "reject", reason };
    }
    if (action === "type") {
      const types = /** @type {[string, string][]} */ ([...TYPES.values()].map(({ code, word }) => [code, word]));
      const [type] = await choose(t("種別を直す"), [...types, asIs], properties.type, t("この種別にする")) ?? [null];
      return type === null ? null : { kind: "type", type: type || null };
    }
    if (action === "status") {
      const states = [...STATES].filter(([code]) => code !== "rejected");
      const [status] = await choose(t("状態を決める"), [...states, asIs], properties.status, t("この状態にする")) ?? [null];
      return status === null ? null : { kind: "status", status: status || null };
    }
    return action === "assign" ? this.assigning(entries[0]) : action === "merge" ? this.merging(entries[0]) : null;
  }

  /** @param {any} entry */
  async assigning({ ruling }) {
    const { assignees } = await desk.assignees();
    const options = /** @type {[string, string][]} */ ([["", t("担当なし")], ...assignees.map(({ kind, id, name }) =>
      [`${kind}/${id}`, kind === "unit" ? t("分団 {name}", { name }) : name])]);
    const names = new Map(options);
    const held = ruling.assigned ? `${ruling.assigned.kind}/${ruling.assigned.id}` : "";
    const [chosen] = await choose(t("担当を決める"), options, held, t("この担当にする")) ?? [null];
    if (chosen === null) return null;
    const [kind, id] = chosen.split("/");
    return { kind: "assign", assignee: chosen ? { kind, id } : null, names: names.get(chosen) };
  }

  /** @param {any} entry as it was when this was asked for; meanwhile it may change or be gone */
  async merging(entry) {
    const others = new Map(entry.nearby.map((/** @type {any} */ feature) => [feature.id, feature]));
    for (const { feature } of this.entries) if (this.queue.checked().includes(feature.id)) others.set(feature.id, feature);
    others.delete(entry.feature.id);
    if (!others.size) { this.say(t("近くに、まとめられそうな事案がありません。左で選んでから、もう一度押してください。"), null); return null; }
    const options = /** @type {[string, string][]} */ ([...others].map(([id, { properties }]) => [id, nameOf(properties)]));
    const chosen = await choose(t("この事案にまとめる事案"), options, "", t("まとめる"), true);
    if (!chosen) return null;
    const taken = chosen.map((id) => others.get(id));
    return { kind: "merge", into: seenOf(entry.feature), incidents: taken.map(seenOf), names: taken.map(({ properties }) => nameOf(properties)).join(t("、")) };
  }

  /** @param {any} given an order without its incidents @param {any[]} features as the officer saw them */
  async order(given, features) {
    await this.send({ incidents: features.map(seenOf), about: { name: nameOf(features[0].properties), ids: [...features, ...(given.into ? [given.into] : [])].map(({ id }) => id) }, ...given });
  }

  /** What one did last, else what was done here last; on another incident than the one shown only when asked back. */
  async undoLast() {
    const id = this.mine.at(-1) ?? this.entry?.trail.find((/** @type {any} */ one) => one.standing && one.before)?.id ?? 0;
    const about = this.about.get(id);
    const sure = !about || about.ids.includes(this.selected)
      || await confirmed(t("取り消す"), t("表示中の事案ではなく、「{name}」への操作を取り消します。", { name: about.name }), t("取り消す"));
    return sure && this.undo(id);
  }

  /** @param {number} id */
  async undo(id) {
    if (!id) return;
    await this.send({ kind: "undo", action: id, about: this.about.get(id) });
  }

  /** @param {any} given an order; its `names` and what it is `about` are only for the one who gives it */
  async send(given) {
    if (this.busy) return;
    this.busy = true;
    const { names, about, ...order } = given;
    try {
      const { action } = await desk.act(order, this.user.csrf);
      if (order.kind === "undo") this.mine = this.mine.filter((id) => id !== order.action);
      else this.mine.push(action.id);
      this.about.set(action.id, about);
      this.lastSeen = action.id;
      const words = t("{what}（{count}件）", { what: said(action.kind_ja), count: action.incidents });
      this.say([words, about?.name].filter(Boolean).join(" "), action.id);
      this.asking.soon();
    } catch (error) {
      if (!(error instanceof api.Refused)) throw error;
      this.busy = false;
      await this.refused(error, given);
    } finally {
      this.busy = false;
    }
  }

  /** @param {api.Refused} error @param {any} order */
  async refused(error, order) {
    const { type, conflicts, later, detail, errors } = error.problem;
    if (type === "/problems/desk-conflict") {
      const mine = await askConflict(error.problem, givenLines(order), this.now());
      this.asking.soon();
      if (mine) await this.send(onTop(order, conflicts));
      return;
    }
    if (type === "/problems/overtaken") {
      if (order.kind === "undo") this.mine = this.mine.filter((id) => id !== order.action);
      this.say(t("取り消せません。その後に別の操作があります：{who} {what}", { who: byWords(later, this.now()), what: said(later.kind_ja) }), null);
      return;
    }
    this.say(said(errors?.[0]?.message ?? detail ?? error.message), null);
    if (error.status === 401) this.failed(error);
  }
}

void new Desk().start();
