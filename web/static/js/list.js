/** The list beside the map: the same incidents in the order of danger, rendered piece by piece. */

import { arrange, el } from "./dom.js";
import { t } from "./i18n.js";
import { mark } from "./icons.js";
import { listenForRows } from "./rowpress.js";
import { staleAge, staleWords } from "./stale.js";
import { agoWords, timeWords } from "./time.js";
import { STATES, peopleWords, stateOf, typeWord, verificationWord } from "./words.js";

const CHUNK = 60;

/**
 * @typedef {object} Listed
 * @property {any[]} placed Features in order
 * @property {any[]} unplaced Features in order
 * @property {(feature: any) => string} newsOf
 * @property {number} now
 * @property {string|null} selected
 * @property {{placed: number, unplaced: number, urgent: number}} [totals] when more exist than are given
 */

/**
 * @param {object} options
 * @param {HTMLElement} options.root holds both the tray and the list
 * @param {(id: string) => void} options.onOpen
 * @param {(id: string|null) => void} options.onHover
 * @param {() => void} [options.onEnd] the end of what is given was reached and more exist
 * @param {() => void} [options.onTray] the tray was opened, whose content is not given while it is closed
 */
export function incidentList({ root, onOpen, onHover, onEnd = () => {}, onTray = () => {} }) {
  const tray = el("details", { class: "tray", id: "tray" });
  const rows = el("ol", { class: "rows", id: "rows", "aria-label": t("事案（命の危険の大きい順）") });
  const empty = el("p", { class: "empty", hidden: true });
  const more = el("div", { class: "rows__more", "aria-hidden": "true" });
  root.append(tray, rows, empty, more);
  /** @type {Map<string, {key: string, node: HTMLElement, ago: HTMLElement}>} rows built, by incident */
  const built = new Map();
  /** @type {Listed} */
  let shown = { placed: [], unplaced: [], newsOf: () => "", now: 0, selected: null };
  let extent = CHUNK;

  const row = (/** @type {any} */ feature) => {
    const news = shown.newsOf(feature);
    const key = `${feature.properties.version}/${feature.properties.seq}/${news}/${staleAge(feature.properties, shown.now)}`;
    const held = built.get(feature.id);
    const entry = held?.key === key ? held : { key, ...buildRow(feature, news, shown.now) };
    built.set(feature.id, entry);
    entry.ago.textContent = agoWords(feature.properties.last_reported_at, shown.now);
    entry.node.classList.toggle("is-selected", feature.id === shown.selected);
    setCurrent(entry.node, feature.id === shown.selected);
    return entry.node;
  };
  const fill = () => {
    const wanted = shown.placed.slice(0, extent).map(row);
    arrange(rows, wanted);
    rove(rows);
    more.hidden = Math.max(shown.placed.length, shown.totals?.placed ?? 0) <= Math.min(extent, shown.placed.length);
  };
  const grow = () => {
    if (more.hidden) return;
    const allShown = extent >= shown.placed.length;
    extent = Math.min(extent, shown.placed.length) + CHUNK;
    fill();
    if (allShown) onEnd(); else lookAgain();
  };
  const sight = new IntersectionObserver((entries) => { if (entries.some((entry) => entry.isIntersecting)) grow(); },
    { root, rootMargin: "600px" });
  // An end that stays in sight while the list grows (the thumb holds it there) is told of only once.
  const lookAgain = () => { sight.unobserve(more); sight.observe(more); };
  sight.observe(more);

  tray.addEventListener("toggle", () => {
    fillTray(tray, shown, row);
    if (tray.open && (shown.totals?.unplaced ?? 0) > 0) onTray();
  });
  listenForRows(root, (button) => rowId(button) ?? "", onOpen);
  root.addEventListener("mouseover", (event) => onHover(rowId(event.target)));
  root.addEventListener("mouseleave", () => onHover(null));
  root.addEventListener("keydown", (event) => moveFocus(event, root, grow));
  root.addEventListener("focusin", ({ target }) => {
    const list = target instanceof HTMLElement ? target.closest("ol.rows") : null;
    if (list) rove(list);
  });

  return {
    /** @param {Listed} listed @param {string} emptyWords */
    show(listed, emptyWords) {
      const grown = listed.placed.length > shown.placed.length;
      shown = listed;
      const kept = new Set([...listed.placed, ...listed.unplaced].map((feature) => feature.id));
      for (const id of built.keys()) if (!kept.has(id)) built.delete(id);
      fill();
      fillTray(tray, listed, row);
      empty.hidden = listed.placed.length + listed.unplaced.length > 0;
      empty.textContent = emptyWords;
      if (grown) lookAgain();
    },
    /** @param {string} id brings the row into view, growing the list as far as needed */
    reveal(id) {
      const index = shown.placed.findIndex((feature) => feature.id === id);
      if (index < 0 && shown.unplaced.some((feature) => feature.id === id) && !tray.open) {
        tray.open = true;
        fillTray(tray, shown, row);
      }
      if (index >= extent) {
        extent = index + CHUNK;
        fill();
      }
      built.get(id)?.node.scrollIntoView({ block: "nearest" });
    },
    trayIsOpen: () => tray.open,
    /** @param {string} id @returns {boolean} whether it is listed, placed or not */
    holds: (id) => [...shown.placed, ...shown.unplaced].some((feature) => feature.id === id),
    /** @param {string} id */
    focus(id) {
      built.get(id)?.node.querySelector("button")?.focus();
    },
    /** Back to the top: another filter was chosen. */
    rewind() {
      extent = CHUNK;
      root.scrollTop = 0;
    },
  };
}

/** @param {HTMLElement} node @param {boolean} current */
function setCurrent(node, current) {
  const button = node.firstElementChild;
  if (current) button?.setAttribute("aria-current", "true");
  else button?.removeAttribute("aria-current");
}

/**
 * One stop for Tab however long the list is: the row that has the focus, else the one that had it, else
 * the first. Arrows, Home and End go from row to row.
 * @param {Element} list
 */
function rove(list) {
  const buttons = [...list.querySelectorAll(".row__button")];
  const stop = buttons.find((button) => button === document.activeElement)
    ?? buttons.find((button) => button.getAttribute("tabindex") === "0") ?? buttons[0];
  for (const button of buttons) button.setAttribute("tabindex", button === stop ? "0" : "-1");
}

/** @param {EventTarget|null} target @returns {string|null} */
const rowId = (target) =>
  target instanceof Element ? target.closest("[data-id]")?.getAttribute("data-id") ?? null : null;

/** @type {ReadonlyMap<string, (at: number, count: number) => number>} where a key goes from row `at` */
const STEPS = new Map([
  ["ArrowDown", (at) => at + 1], ["ArrowUp", (at) => at - 1], ["Home", () => 0], ["End", (_, count) => count - 1],
]);

/** @param {KeyboardEvent} event @param {HTMLElement} root @param {() => void} grow */
function moveFocus(event, root, grow) {
  const step = event.altKey || event.ctrlKey || event.metaKey ? undefined : STEPS.get(event.key);
  const from = event.target instanceof Element ? event.target.closest("summary, [data-id] > button") : null;
  if (!step || !from) return;
  const whole = event.key.startsWith("Arrow") ? root : from.closest("ol.rows") ?? root;
  const reach = () => [...whole.querySelectorAll("summary, [data-id] > button")]
    .filter((node) => node instanceof HTMLElement && node.offsetParent !== null);
  let all = reach();
  if (step(all.indexOf(from), all.length) >= all.length) {
    grow();
    all = reach();
  }
  const next = all[step(all.indexOf(from), all.length)];
  if (next instanceof HTMLElement) {
    event.preventDefault();
    next.focus();
  }
}

/** @param {any} feature @param {string} news @param {number} now */
function buildRow(feature, news, now) {
  const { properties } = feature;
  const state = stateOf(properties);
  const ago = el("span", { class: "row__ago" });
  const people = peopleWords(properties);
  const place = feature.geometry === null
    ? properties.place_text || t("場所の記載なし")
    : properties.place_text;
  const node = el(
    "li",
    { class: `row row--${state}${properties.urgent ? " row--urgent" : ""}${news ? " row--news" : ""}`,
      "data-id": feature.id },
    el("button", { type: "button", class: "row__button" },
      mark(properties, { age: staleAge(properties, now) }),
      el("span", { class: "row__body" },
        el("span", { class: "row__head" },
          el("span", { class: "row__type" }, typeWord(properties)),
          el("span", { class: `row__state row__state--${state}` }, STATES.get(state)),
          properties.urgent && el("span", { class: "tag tag--urgent" }, t("緊急")),
          staleWords(properties, now) && el("span", { class: "tag tag--stale" }, staleWords(properties, now)),
        ),
        el("span", { class: "row__place" }, el("bdi", { lang: properties.place_text ? "ja" : null }, place), " ",
          el("span", { class: "row__municipality", lang: properties.municipality_name ? "ja" : null }, properties.municipality_name || t("市町村不明"))),
        people && el("span", { class: "row__people" }, people),
        el("span", { class: "row__foot" },
          news && el("span", { class: "tag tag--news" }, news === "new" ? t("新着") : t("更新")),
          properties.drill && el("span", { class: "tag tag--drill" }, t("訓練")),
          el("span", {}, timeWords(properties.last_reported_at, now)), " ", ago, " ",
          el("span", {}, t("通報 {count}件", { count: properties.report_count })), " ",
          el("span", { class: properties.verification === "verified" ? "row__verified" : "" },
            verificationWord(properties.verification)),
        ),
      ),
    ),
  );
  return { node, ago };
}

/**
 * Closed it costs nothing and keeps the list in sight; its title tells how many are urgent.
 * @param {HTMLDetailsElement} tray @param {Listed} listed @param {(feature: any) => HTMLElement} row
 */
function fillTray(tray, { unplaced, totals }, row) {
  const all = totals?.unplaced ?? unplaced.length;
  tray.hidden = all === 0;
  const urgent = totals?.urgent ?? unplaced.filter((feature) => feature.properties.urgent).length;
  const summary = tray.querySelector("summary") ?? tray.appendChild(el("summary", { class: "tray__title" }));
  summary.replaceChildren(
    t("場所未特定 {count}件", { count: all }),
    urgent ? el("span", { class: "tag tag--urgent" }, t("緊急 {count}件", { count: urgent })) : "",
  );
  /** @type {Map<string, any[]>} */
  const groups = new Map();
  for (const feature of unplaced.slice(0, tray.open ? CHUNK * 4 : 0)) {
    const name = feature.properties.municipality_name || t("市町村不明");
    groups.set(name, [...(groups.get(name) ?? []), feature]);
  }
  const body = tray.querySelector(".tray__body") ?? tray.appendChild(el("div", { class: "tray__body" }));
  body.replaceChildren(
    el("p", { class: "note" }, t("通報の言葉だけでは地点を決められない事案です。地図には出ません。")),
    ...[...groups].map(([name, members]) => el("section", {},
      el("h3", { class: "tray__municipality" }, t("{name} {count}件", { name, count: members.length })),
      el("ol", { class: "rows" }, ...members.map(row)))),
    all > CHUNK * 4
      ? el("p", { class: "note" }, t("先頭の {count}件を表示しています。市町村で絞り込むと残りも見られます。", { count: CHUNK * 4 }))
      : "",
  );
  for (const list of body.querySelectorAll("ol.rows")) rove(list);
}
