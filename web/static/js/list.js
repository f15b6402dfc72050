/** The list beside the map: the same incidents in the order of danger, rendered piece by piece. */

import { el } from "./dom.js";
import { mark } from "./icons.js";
import { agoWords, timeWords } from "./time.js";
import { STATES, peopleWords, stateOf, verificationWord } from "./words.js";

const CHUNK = 60;

/**
 * @typedef {object} Listed
 * @property {any[]} placed Features in order
 * @property {any[]} unplaced Features in order
 * @property {(feature: any) => string} newsOf
 * @property {number} now
 * @property {string|null} selected
 */

/**
 * @param {object} options
 * @param {HTMLElement} options.root holds both the tray and the list
 * @param {(id: string) => void} options.onOpen
 * @param {(id: string|null) => void} options.onHover
 */
export function incidentList({ root, onOpen, onHover }) {
  const tray = el("details", { class: "tray", id: "tray" });
  const rows = el("ol", { class: "rows", id: "rows", "aria-label": "事案（命の危険の大きい順）" });
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
    const key = `${feature.properties.version}/${feature.properties.seq}/${news}`;
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
    place(rows, wanted);
    more.hidden = shown.placed.length <= extent;
  };
  const grow = () => {
    if (more.hidden) return;
    extent += CHUNK;
    fill();
  };
  new IntersectionObserver((entries) => { if (entries.some((entry) => entry.isIntersecting)) grow(); },
    { root, rootMargin: "600px" }).observe(more);

  tray.addEventListener("toggle", () => fillTray(tray, shown.unplaced, row));
  root.addEventListener("click", (event) => {
    const id = rowId(event.target);
    if (id) onOpen(id);
  });
  root.addEventListener("mouseover", (event) => onHover(rowId(event.target)));
  root.addEventListener("mouseleave", () => onHover(null));
  root.addEventListener("keydown", (event) => moveFocus(event, root, grow));

  return {
    /** @param {Listed} listed @param {string} emptyWords */
    show(listed, emptyWords) {
      shown = listed;
      const kept = new Set([...listed.placed, ...listed.unplaced].map((feature) => feature.id));
      for (const id of built.keys()) if (!kept.has(id)) built.delete(id);
      fill();
      fillTray(tray, listed.unplaced, row);
      empty.hidden = listed.placed.length + listed.unplaced.length > 0;
      empty.textContent = emptyWords;
    },
    /** @param {string} id brings the row into view, growing the list as far as needed */
    reveal(id) {
      const index = shown.placed.findIndex((feature) => feature.id === id);
      if (index >= extent) {
        extent = index + CHUNK;
        fill();
      }
      built.get(id)?.node.scrollIntoView({ block: "nearest" });
    },
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
 * Brings the children into the wanted order, touching only what differs, so that focus and scroll stay.
 * @param {HTMLElement} parent @param {HTMLElement[]} wanted
 */
function place(parent, wanted) {
  const keep = new Set(wanted);
  for (const child of [...parent.children]) if (!keep.has(/** @type {any} */ (child))) child.remove();
  let at = parent.firstElementChild;
  for (const node of wanted) {
    if (node === at) at = at.nextElementSibling;
    else parent.insertBefore(node, at);
  }
}

/** @param {EventTarget|null} target @returns {string|null} */
const rowId = (target) =>
  target instanceof Element ? target.closest("[data-id]")?.getAttribute("data-id") ?? null : null;

/** @param {KeyboardEvent} event @param {HTMLElement} root @param {() => void} grow */
function moveFocus(event, root, grow) {
  const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
  if (!step || !(event.target instanceof HTMLButtonElement)) return;
  const reach = () => [...root.querySelectorAll("summary, [data-id] > button")]
    .filter((node) => node instanceof HTMLElement && node.offsetParent !== null);
  let all = reach();
  const index = all.indexOf(event.target);
  if (index + step >= all.length) {
    grow();
    all = reach();
  }
  const next = all[index + step];
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
    ? properties.place_text || "場所の記載なし"
    : properties.place_text;
  const node = el(
    "li",
    { class: `row row--${state}${properties.urgent ? " row--urgent" : ""}${news ? " row--news" : ""}`,
      "data-id": feature.id },
    el("button", { type: "button", class: "row__button" },
      mark(properties),
      el("span", { class: "row__body" },
        el("span", { class: "row__head" },
          el("span", { class: "row__type" }, properties.type_ja),
          el("span", { class: `row__state row__state--${state}` }, STATES.get(state)),
          properties.urgent && el("span", { class: "tag tag--urgent" }, "緊急"),
        ),
        el("span", { class: "row__place" }, el("bdi", {}, place), " ",
          el("span", { class: "row__municipality" }, properties.municipality_name || "市町村不明")),
        people && el("span", { class: "row__people" }, people),
        el("span", { class: "row__foot" },
          news && el("span", { class: "tag tag--news" }, news === "new" ? "新着" : "更新"),
          properties.drill && el("span", { class: "tag tag--drill" }, "訓練"),
          el("span", {}, timeWords(properties.last_reported_at, now)), " ", ago, " ",
          el("span", {}, `通報 ${properties.report_count}件`), " ",
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
 * @param {HTMLDetailsElement} tray @param {any[]} unplaced @param {(feature: any) => HTMLElement} row
 */
function fillTray(tray, unplaced, row) {
  tray.hidden = unplaced.length === 0;
  const urgent = unplaced.filter((feature) => feature.properties.urgent).length;
  const summary = tray.querySelector("summary") ?? tray.appendChild(el("summary", { class: "tray__title" }));
  summary.replaceChildren(
    `場所未特定 ${unplaced.length}件`,
    urgent ? el("span", { class: "tag tag--urgent" }, `緊急 ${urgent}件`) : "",
  );
  /** @type {Map<string, any[]>} */
  const groups = new Map();
  for (const feature of unplaced.slice(0, tray.open ? CHUNK * 4 : 0)) {
    const name = feature.properties.municipality_name || "市町村不明";
    groups.set(name, [...(groups.get(name) ?? []), feature]);
  }
  const body = tray.querySelector(".tray__body") ?? tray.appendChild(el("div", { class: "tray__body" }));
  body.replaceChildren(
    el("p", { class: "note" }, "通報の言葉だけでは地点を決められない事案です。地図には出ません。"),
    ...[...groups].map(([name, members]) => el("section", {},
      el("h3", { class: "tray__municipality" }, `${name} ${members.length}件`),
      el("ol", { class: "rows" }, ...members.map(row)))),
    unplaced.length > CHUNK * 4
      ? el("p", { class: "note" }, `先頭の ${CHUNK * 4}件を表示しています。市町村で絞り込むと残りも見られます。`)
      : "",
  );
}
