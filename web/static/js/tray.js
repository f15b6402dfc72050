/** The tray of the unplaced: look at a report, place it, teach its name, pull it in, leave it; all by keyboard. */

import * as api from "./api.js";
import { showDrill } from "./banner.js";
import { arrange, byId, el, japanese } from "./dom.js";
import { followedPage } from "./followed.js";
import { said, t } from "./i18n.js";
import { trayDeed, trayPage, undoDeed } from "./logapi.js";
import { situationMap } from "./map.js";
import { restful } from "./pausing.js";
import { listenForRows } from "./rowpress.js";
import { teachPanel } from "./teach.js";
import { agoWords } from "./time.js";
import { trayItem } from "./trayitem.js";

const NOTES = new Map([
  ["unplaced", t("地図に示せない記述のある通報です。緊急、新しい順に並びます。")],
  ["irrelevant", t("災害の通報ではないと読み取ったものです。見落としがあれば、通報として取り込めます。")],
  ["settled", t("場所を決めずに済みとした通報です。")],
  ["elsewhere", t("管内の団員の通報のうち、管外のことと読み取ったものです。管外の市町村と県の本部が扱います。")],
]);
const EMPTY = new Map([
  ["unplaced", t("場所未特定の通報はありません。")],
  ["irrelevant", t("通報以外と判断したものはありません。")],
  ["settled", t("済みにした通報はありません。")],
  ["elsewhere", t("管外についての通報はありません。")],
]);

class TrayPage {
  constructor() {
    this.tab = "unplaced";
    /** @type {any[]} */
    this.items = [];
    /** @type {string|null} */
    this.next = null;
    this.selected = "";
    this.asking = restful(() => this.load());
    /** @type {number[][]} what can be taken back, the last last */
    this.deeds = [];
    this.follow = followedPage({ onNews: () => this.asking.later(), onUser: () => void this.load(), onTheme: () => this.map.recolour() });
    this.map = situationMap({ root: byId("map"), config: this.follow.config, onOpen: () => {}, onMove: () => {}, onPlace: () => {}, now: () => this.follow.now() });
    byId("attribution").textContent = this.follow.config.tileAttribution;
    this.item = trayItem({
      root: byId("item"), map: this.map, now: () => this.follow.now(), onClose: () => this.close(),
      onDeed: (deed, body) => this.act(deed, body), onTeach: (subject) => this.teach(subject),
    });
    this.teaching = teachPanel({
      root: byId("teach"), map: this.map, csrf: () => this.follow.csrf(), now: () => this.follow.now(),
      onClose: () => { byId("item").hidden = !this.selected; this.show(this.selected, false); },
      onTaught: () => void this.load(),
    });
    for (const tab of this.tabs()) tab.addEventListener("click", () => this.choose(tab.dataset.tab ?? "unplaced"));
    listenForRows(byId("rows"), (button) => button.dataset.report ?? "", (id) => this.show(id, true));
    byId("more").addEventListener("click", () => void this.more());
    document.addEventListener("keydown", (event) => this.key(event));
    new ResizeObserver(() => this.map.resized()).observe(byId("map"));
    this.titleTab();
  }

  tabs() {
    return /** @type {HTMLElement[]} */ ([...document.querySelectorAll("[data-tab]")]);
  }

  async start() {
    void api.municipalities().then((collection) => { this.map.setBase(collection); this.frame(); }, this.follow.failed);
    await this.follow.start();
  }

  frame() {
    const code = this.follow.user()?.municipality ?? null;
    if (!this.selected) this.map.frame([], code);
  }

  /** Fetches again as many pages as are shown. */
  async load() {
    const tab = this.tab;
    const wanted = Math.max(1, this.items.length);
    try {
      const items = [];
      let after = null;
      do {
        const page = await trayPage(tab, after);
        items.push(...page.items);
        after = page.next;
        this.follow.badge.show(page);
      } while (after && items.length < wanted);
      if (tab !== this.tab) return;
      this.items = items;
      this.next = after;
      this.follow.fine();
      this.draw();
    } catch (error) {
      this.follow.failed(error);
      this.asking.later();
    }
  }

  async more() {
    try {
      const page = await trayPage(this.tab, this.next);
      this.items.push(...page.items);
      this.next = page.next;
      this.draw();
    } catch (error) {
      this.follow.failed(error);
    }
  }

  draw() {
    const rows = byId("rows");
    const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset.report ?? "" : "";
    arrange(rows, this.items.map((item) => this.row(item)));
    byId("empty").hidden = this.items.length > 0;
    byId("empty").textContent = EMPTY.get(this.tab) ?? "";
    byId("more").hidden = this.next === null;
    showDrill(this.items.filter((item) => item.drill).length, this.items.length);
    if (focused) this.focusRow(focused);
    if (this.teaching.isOpen()) return;
    const held = this.items.find((item) => item.id === this.selected);
    if (held) this.item.refresh(held);
    else if (this.selected) this.item.gone();
  }

  /** @param {any} item */
  row(item) {
    const types = [...new Set(item.observations.map((/** @type {any} */ one) => t("{type}（{status}）", { type: said(one.type_ja), status: said(one.status_ja) })))];
    const from = item.sender_municipality_name ?? "";
    const chosen = item.id === this.selected;
    return el("li", { class: `row${item.urgent ? " row--urgent" : ""}${chosen ? " is-selected" : ""}` },
      el("button", { type: "button", class: "row__button", "data-report": item.id, "aria-current": chosen ? "true" : null },
        el("span", { class: "row__body" },
          el("span", { class: "row__head" },
            item.drill && el("span", { class: "tag tag--drill" }, t("訓練")), item.urgent && el("span", { class: "tag tag--urgent" }, t("緊急")),
            el("span", { class: "row__type" }, types.join(t("、")) || t("被害は読み取れず"))),
          el("span", { class: "traytext", lang: "ja" }, item.text),
          el("span", { class: "row__foot" }, agoWords(item.posted_at, this.follow.now()), from && japanese(from)))));
  }

  /** @param {string} id @param {boolean} focus */
  show(id, focus) {
    const item = this.items.find((one) => one.id === id);
    if (!item) return;
    if (this.teaching.isOpen()) this.teaching.close();
    this.selected = id;
    document.body.toggleAttribute("data-open", true);
    this.map.resized();
    this.item.show(item, this.tab, focus);
    for (const button of byId("rows").querySelectorAll("[data-report]")) {
      const chosen = button.dataset.report === id;
      button.closest(".row").classList.toggle("is-selected", chosen);
      if (chosen) button.setAttribute("aria-current", "true");
      else button.removeAttribute("aria-current");
    }
  }

  close() {
    const id = this.selected;
    if (!id) return;
    this.selected = "";
    this.item.hide();
    document.body.toggleAttribute("data-open", false);
    this.map.resized();
    this.draw();
    this.focusRow(id);
    this.frame();
  }

  /** @param {string} id the row, or the first one when that is gone */
  focusRow(id) {
    const buttons = /** @type {HTMLElement[]} */ ([...byId("rows").querySelectorAll("[data-report]")]);
    (buttons.find((button) => button.dataset.report === id) ?? buttons[0] ?? byId("items")).focus();
  }

  /** @param {"place"|"pull"|"settle"} deed @param {any} body */
  async act(deed, body) {
    const id = this.selected;
    const index = this.items.findIndex((one) => one.id === id);
    const done = await trayDeed(id, deed, body, this.follow.csrf());
    this.deeds.push(done.actions);
    const words = { place: t("この通報に場所を付けました。"), pull: t("通報として取り込みました。「場所未特定」にあります。"), settle: t("済みにしました。") }[deed];
    this.tell(words, true);
    // The next report of the list comes up: the hands stay on the keys.
    this.selected = "";
    this.item.hide();
    document.body.toggleAttribute("data-open", false);
    await this.load();
    const next = this.items[Math.min(Math.max(index, 0), this.items.length - 1)];
    this.map.resized();
    if (next) this.show(next.id, true);
    else byId("items").focus();
  }

  async undo() {
    const actions = this.deeds.pop();
    if (!actions) return;
    try {
      for (const action of [...actions].reverse()) await undoDeed(action, this.follow.csrf());
      this.tell(t("取り消しました。元に戻っています。"), false);
    } catch (error) {
      if (!(error instanceof api.Refused)) throw error;
      if (error.status === 0) this.deeds.push(actions);
      this.tell(error.status === 0 ? t("取り消せませんでした。通信を確かめて、もう一度押してください。")
        : t("取り消せませんでした。{title}。", { title: said(error.problem.title ?? "") }), false, true);
    }
    await this.load();
  }

  /** @param {string} words @param {boolean} undoable @param {boolean} [fault] */
  tell(words, undoable, fault = false) {
    byId("done").replaceChildren(el("div", { class: `traydone__box${fault ? " is-fault" : ""}` }, el("span", {}, words),
      undoable && el("button", { type: "button", class: "button button--small", onclick: () => void this.undo() }, t("取り消す"), " ", el("kbd", {}, "U")),
      el("button", { type: "button", class: "button button--link", onclick: () => byId("done").replaceChildren() }, t("閉じる"))));
  }

  /** @param {any} subject */
  teach(subject) {
    this.item.pause();
    byId("item").hidden = true;
    this.teaching.open(subject);
  }

  /** @param {string} tab */
  choose(tab) {
    if (this.teaching.isOpen()) this.teaching.close();
    this.close();
    this.tab = tab;
    this.items = [];
    this.titleTab();
    void this.load();
  }

  titleTab() {
    for (const tab of this.tabs()) {
      const chosen = tab.dataset.tab === this.tab;
      tab.setAttribute("aria-selected", String(chosen));
      tab.tabIndex = chosen ? 0 : -1;
      if (chosen) byId("items").setAttribute("aria-labelledby", tab.id);
    }
    byId("tab-note").textContent = NOTES.get(this.tab) ?? "";
  }

  /** @param {number} step */
  turnTab(step) {
    const tabs = this.tabs();
    const at = tabs.findIndex((tab) => tab.dataset.tab === this.tab);
    const next = tabs[(at + step + tabs.length) % tabs.length];
    this.choose(next.dataset.tab ?? "unplaced");
    next.focus();
  }

  /** @param {number} step */
  walk(step) {
    const at = this.items.findIndex((one) => one.id === this.selected);
    const next = this.items[Math.min(Math.max(at + step, 0), this.items.length - 1)];
    if (next) this.show(next.id, true);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const target = event.target instanceof HTMLElement ? event.target : document.body;
    if (event.key === "Escape") {
      if (this.teaching.isOpen()) this.teaching.close();
      else this.close();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (target.getAttribute("role") === "tab" && (event.key === "ArrowRight" || event.key === "ArrowLeft")) {
      this.turnTab(event.key === "ArrowRight" ? 1 : -1);
      return;
    }
    if (target.matches("input:not([type=checkbox]), select, textarea") || target.closest(".map") || this.teaching.isOpen()) return;
    const key = event.key.toLowerCase();
    if (key === "j") this.walk(1);
    else if (key === "k") this.walk(-1);
    else if (key === "u") void this.undo();
    else if (!this.item.key(key)) return;
    event.preventDefault();
  }
}

void new TrayPage().start();
