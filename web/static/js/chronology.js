/** The chronology page: the headquarters' running log, followed live, and written into by hand. */

import { carryDrill } from "./banner.js";
import { byId, el } from "./dom.js";
import { followedPage } from "./followed.js";
import { t } from "./i18n.js";
import { logPage } from "./logapi.js";
import { entryForm } from "./logentry.js";
import { logFilters } from "./logfilters.js";
import { dayRow, lineRow, waitingRow } from "./logline.js";
import { dayOf, timeWords } from "./time.js";
import { readsWords } from "./traycount.js";

const WAIT_MS = 500;
const PAGE = 200;
const MOST = 1000;
const MOST_PRINTED = 5000; // lines; some 200 sheets of A4

class Chronology {
  constructor() {
    /** @type {any[]} newest first */
    this.lines = [];
    /** @type {string|null} */
    this.next = null;
    this.timer = 0;
    this.loaded = false;
    /** @type {Set<string>} */
    this.known = new Set();
    this.incident = new URLSearchParams(location.hash.slice(1)).get("incident") ?? "";
    this.follow = followedPage({ onNews: () => this.later(), onUser: (user) => this.signedIn(user) });
    this.filters = logFilters({ root: byId("filters"), onChange: () => this.refilter(), incident: this.incident });
    this.form = entryForm({
      root: byId("entry"), csrf: () => this.follow.csrf(), now: () => this.follow.now(), incident: () => this.incident,
      onWritten: () => void this.load(), onWaiting: () => this.draw(),
    });
    // On a phone the choices would fill the screen.
    if (matchMedia("(max-width: 60rem)").matches) byId("bar").open = false;
    byId("more").addEventListener("click", () => void this.more());
    // At the press: what was typed a moment ago counts, too.
    for (const kind of ["csv", "xlsx"]) byId(kind).addEventListener("click", () => { byId(kind).href = `/chronology.${kind}?${this.filters.query()}`; });
    byId("print").addEventListener("click", () => void this.print());
    addEventListener("beforeprint", () => this.titlePrint());
    document.addEventListener("keydown", (event) => this.key(event));
    addEventListener("hashchange", () => {
      this.incident = new URLSearchParams(location.hash.slice(1)).get("incident") ?? "";
      this.filters.about(this.incident);
      this.form.refresh();
      this.refilter();
    });
  }

  start() {
    return this.follow.start();
  }

  /** @param {any} user */
  signedIn(user) {
    if (readsWords(user)) this.form.open(user);
    void this.load();
  }

  later() {
    if (!this.timer) this.timer = window.setTimeout(() => { this.timer = 0; void this.load(); }, WAIT_MS);
  }

  refilter() {
    this.lines = [];
    this.known = new Set();
    this.loaded = false;
    void this.load();
  }

  /** Fetches again as many lines as are shown: an entry may be of a time long past. */
  async load() {
    const query = this.filters.query();
    const asked = String(query);
    query.set("limit", String(Math.min(MOST, Math.max(PAGE, this.lines.length))));
    try {
      const { lines, next } = await logPage(query);
      if (asked !== String(this.filters.query())) return;
      const fresh = this.loaded ? lines.filter((line) => !this.known.has(line.id)) : [];
      this.lines = lines;
      this.next = next;
      this.fresh = new Set(fresh.map((line) => line.id));
      this.known = new Set(lines.map((line) => line.id));
      if (!this.loaded) this.form.suggestDrill(lines.length > 0 && lines.every((line) => line.drill));
      this.loaded = true;
      this.follow.fine();
      if (fresh.length) byId("announcer").textContent = t("記録が {count}件増えました", { count: fresh.length });
      this.draw();
    } catch (error) {
      this.follow.failed(error);
      this.later();
    }
  }

  /** @param {number} [count] lines */
  async more(count = PAGE) {
    try {
      const query = this.filters.query();
      query.set("limit", String(count));
      if (this.next) query.set("after", this.next);
      const { lines, next } = await logPage(query);
      this.lines.push(...lines);
      for (const line of lines) this.known.add(line.id);
      this.next = next;
      this.draw();
    } catch (error) {
      this.follow.failed(error);
    }
  }

  draw() {
    const oldFirst = this.filters.oldestFirst();
    const ordered = oldFirst ? [...this.lines].reverse() : this.lines;
    const rows = [];
    let day = "";
    for (const line of ordered) {
      if (dayOf(line.at) !== day) {
        day = dayOf(line.at);
        rows.push(dayRow(line.at));
      }
      rows.push(lineRow(line, { fresh: this.fresh?.has(line.id) ?? false, onStrike: (wrong) => this.form.strike(wrong) }));
    }
    const waiting = this.form.waiting().map(waitingRow);
    const body = byId("lines");
    const open = [...body.querySelectorAll("details[open]")].map((one) => one.closest("tr")?.dataset.line);
    body.replaceChildren(...(oldFirst ? [...rows, ...waiting] : [...waiting, ...rows]));
    for (const id of open) {
      const details = body.querySelector(`tr[data-line="${CSS.escape(id ?? "")}"] details`);
      if (details) details.open = true;
    }
    byId("more").hidden = this.next === null;
    byId("empty").hidden = this.lines.length > 0 || waiting.length > 0;
    byId("empty").textContent = this.loaded ? t("この条件に合う記録はありません。") : t("読み込んでいます…");
    this.showDrills();
    this.titlePrint();
  }

  showDrills() {
    const drills = this.lines.filter((line) => line.drill).length;
    byId("drill").hidden = drills === 0;
    byId("drill-words").textContent = drills === this.lines.length ? t("表示中の記録はすべて訓練です")
      : t("表示中 {all}件のうち {drills}件は訓練です", { all: this.lines.length, drills });
    carryDrill(drills > 0 && drills === this.lines.length);
  }

  /** The paper holds what fits the filter, not only what was scrolled to. */
  async print() {
    const button = byId("print");
    const words = button.textContent;
    button.disabled = true;
    for (let before = -1; this.next !== null && before < this.lines.length && this.lines.length < MOST_PRINTED;) {
      before = this.lines.length;
      button.textContent = t("読み込んでいます…（{count}件）", { count: before });
      await this.more(MOST);
    }
    button.textContent = words;
    button.disabled = false;
    print();
  }

  titlePrint() {
    const drills = this.lines.filter((line) => line.drill).length;
    byId("printed").replaceChildren(
      el("span", {}, `${drills ? t("【訓練】") : ""}${t("クロノロジー")} ${t("{time} 時点", { time: `${dayOf(this.follow.now())} ${timeWords(this.follow.now(), this.follow.now())}` })} `
        + `${t("{count}件", { count: this.lines.length })} ${this.next === null ? "" : t("（これより古い記録は含みません）")} ${this.filters.words()}`));
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const target = event.target instanceof HTMLElement ? event.target : document.body;
    if (event.key === "Escape" && target.closest("#entry")) {
      this.form.cancel();
      return;
    }
    if (target.matches("input, select, textarea")) return;
    if (event.key === "n") this.form.focus();
    else if (event.key === "/") this.filters.focus();
    else return;
    event.preventDefault();
  }
}

void new Chronology().start();
