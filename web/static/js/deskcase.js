/** One incident at the desk: what is decided, why it is grave, what was said, what may be done and was done. */

import { askingPanel } from "./asking.js";
import { el, japanese } from "./dom.js";
import { keyOf } from "./deskkeys.js";
import { nameOf, reasonsNode } from "./deskqueue.js";
import { rulingLines, trailNode } from "./desktrail.js";
import { segments } from "./evidence.js";
import { said, t } from "./i18n.js";
import { mark } from "./icons.js";
import { unlessHeld } from "./pressing.js";
import { redraw } from "./redrawing.js";
import { staleAge, staleNotice } from "./stale.js";
import { whenWords } from "./time.js";
import { STATES, channelWord, levelWord, peopleWords, radiusWords, stateOf, typeWord, verificationWord } from "./words.js";

/** @type {ReadonlyArray<[string, string]>} actions of one incident, and the words of their buttons */
const BUTTONS = [
  ["verify", t("確認済にする")], ["resolve", t("解消にする")], ["reject", t("棄却する")], ["type", t("種別を直す")],
  ["status", t("状態を決める")], ["place", t("場所を決める")], ["merge", t("統合する")], ["assign", t("担当を決める")],
  ["undo", t("取り消す")],
];

const MINUTE_MS = 60_000;

/**
 * @typedef {object} Doing what may be done from here
 * @property {(action: string) => void} onAct @property {(id: number) => void} onUndo
 * @property {(candidate: any) => void} onCandidate @property {(readings: any[]) => void} onSplit
 * @property {(id: string) => void} onSame
 */

/** @param {Doing & {root: HTMLElement, now: () => number, csrf: () => string}} options `now`: server's time */
export function deskCase({ root, now: clock, csrf, ...doing }) {
  const asking = askingPanel({ now: clock, csrf, mayAsk: () => true });
  /** @type {Set<string>} reports marked to be taken out; they outlive what arrives meanwhile */
  const marked = new Set();
  let openId = "";
  let shown = "";
  const draw = (/** @type {any} */ entry) => {
    const { feature } = entry;
    const now = clock();
    const fresh = feature.id !== openId;
    // Drawing only what differs leaves a hand at its work; words of time change by the minute.
    const wanted = JSON.stringify([{ ...entry, nearby: null }, Math.floor(now / MINUTE_MS)]);
    if (!fresh && wanted === shown) return;
    if (fresh) marked.clear();
    openId = feature.id;
    shown = wanted;
    redraw(root, caseNodes(entry, { now, asking: asking.root, marked, doing }));
    asking.show(feature, fresh);
  };
  return {
    /** @param {any} entry as /desk/incidents gives it */
    show(entry) { unlessHeld(root, () => draw(entry)); },
    focus() {
      root.scrollTop = 0;
      root.querySelector("h2")?.focus();
    },
    /** @param {string} words */
    say(words) {
      unlessHeld(root, () => {
        asking.hide();
        openId = "";
        root.replaceChildren(el("p", { class: "empty" }, words));
      });
    },
  };
}

/** @param {any} entry @param {{now: number, asking: HTMLElement, marked: Set<string>, doing: Doing}} how @returns {Node[]} */
function caseNodes(entry, { now, asking, marked, doing }) {
  const { properties } = entry.feature;
  const stale = staleNotice(properties, now);
  return [
    el("header", { class: "detail__header" }, el("h2", { id: "case-title", tabIndex: -1 }, mark(properties, { age: staleAge(properties, now) }), typeWord(properties))),
    actionBar(properties, doing.onAct),
    el("p", { class: "detail__tags" },
      properties.drill && el("span", { class: "tag tag--drill" }, t("訓練")),
      properties.urgent && el("span", { class: "tag tag--urgent" }, t("緊急")),
      el("span", { class: `row__state row__state--${stateOf(properties)}` }, STATES.get(stateOf(properties))),
      el("span", { class: "tag" }, verificationWord(properties.verification)),
      properties.contradicted && el("span", { class: "tag tag--urgent" }, t("要再判断"))),
    properties.contradicted && el("p", { class: "notice" },
      t("本部が状態を決めた後に、違う内容の通報が届いています。通報を読んで、状態を決め直してください。")),
    stale && el("p", { class: "notice notice--stale" }, stale),
    // What is fresh need not be asked about: first what is known and was said.
    stale && asking,
    el("h3", {}, t("この順番の理由")), reasonsNode(entry),
    el("h3", {}, t("今わかっていること")), factsNode(entry, now),
    candidatesNode(entry, doing.onCandidate),
    reportsNode(entry, { now, marked, doing }),
    !stale && asking,
    el("h3", {}, t("操作の記録")), trailNode(entry.trail, now, doing.onUndo)].filter(Boolean);
}

/** @param {any} properties @param {(action: string) => void} onAct */
const actionBar = (properties, onAct) => el("div", { class: "acts", role: "group", "aria-label": t("この事案の操作") },
  ...BUTTONS.map(([action, words]) => el("button", { type: "button", class: "button button--small", "data-act": action,
    "aria-keyshortcuts": keyOf(action), onclick: () => onAct(action) },
  action === "verify" && properties.verification !== "unverified" ? t("未確認に戻す") : words, " ", el("kbd", {}, keyOf(action)))));

/** @param {any} entry @param {number} now */
function factsNode({ feature, ruling }, now) {
  const { properties } = feature;
  const decided = rulingLines(ruling).filter(([, words]) => words !== t("通報のとおり"));
  /** @type {[string, string|Node][]} */
  const lines = [
    [t("場所"), japanese(properties.place_text || t("場所の記載なし"))],
    [t("市町村"), properties.municipality_name ?? t("不明")],
    [t("位置の確かさ"), properties.ruled.includes("place") ? t("本部が決めた場所") : radiusWords(properties)],
    [t("人の被害"), peopleWords(properties) || t("通報に書かれていない")],
    [t("最初の通報"), whenWords(properties.first_reported_at, now)], [t("最新の通報"), whenWords(properties.last_reported_at, now)],
  ];
  return el("div", {}, el("dl", { class: "facts" }, ...lines.flatMap(([name, words]) => [el("dt", {}, name), el("dd", {}, words)])),
    el("h3", {}, t("本部が決めたこと")),
    el("dl", { class: "facts" }, ...decided.flatMap(([name, words]) => [el("dt", {}, name), el("dd", {}, words)])),
    ruling.reason && el("p", {}, t("棄却の理由："), japanese(ruling.reason)));
}

/** @param {any} entry @returns {any[]} places that its reports may mean, each once, best first */
export function candidatesOf(entry) {
  const found = new Map();
  for (const { observations } of entry.reports) {
    for (const { candidates } of observations) {
      for (const one of candidates) {
        const key = `${one.name}/${one.lat.toFixed(4)}/${one.lon.toFixed(4)}`;
        if ((found.get(key)?.score ?? -Infinity) < one.score) found.set(key, one);
      }
    }
  }
  return [...found.values()].sort((a, b) => b.score - a.score).slice(0, 8);
}

/** @param {any} entry @param {(candidate: any) => void} onCandidate */
function candidatesNode(entry, onCandidate) {
  const { properties } = entry.feature;
  const candidates = candidatesOf(entry);
  if (!properties.ambiguous || !candidates.length) return false;
  return el("section", {}, el("h3", {}, t("場所の候補")),
    el("p", { class: "note" }, t("候補が複数あります。正しい場所を選んでください。")),
    el("ol", { class: "choose" }, ...candidates.map((candidate) => el("li", {},
      el("button", { type: "button", class: "button button--small", onclick: () => onCandidate(candidate) },
        `${candidate.municipality_name ?? ""} ${candidate.name}`.trim()),
      el("span", { class: "note" }, ` ${levelWord(candidate.level)}`)))));
}

/** @param {any} entry @param {{now: number, marked: Set<string>, doing: Doing}} how */
function reportsNode({ reports, feature }, { now, marked, doing }) {
  const taken = () => reports.filter((/** @type {any} */ { id }) => marked.has(id));
  const several = reports.length > 1;
  const split = el("button", { type: "button", class: "button button--small",
    onclick: () => doing.onSplit(taken().flatMap((/** @type {any} */ { id, observations }) =>
      observations.map((/** @type {any} */ { ordinal }) => ({ report: id, ordinal })))) }, t("選んだ通報を別の事案に分ける"));
  const weigh = () => { split.disabled = [0, reports.length].includes(taken().length); };
  const box = (/** @type {string} */ id) => el("input", { type: "checkbox", checked: marked.has(id), "data-key": `split/${id}`,
    "aria-label": t("{name}から分ける", { name: nameOf(feature.properties) }),
    onchange: (/** @type {any} */ event) => { marked[event.target.checked ? "add" : "delete"](id); weigh(); } });
  weigh();
  return el("section", {}, el("h3", {}, t("元の通報 {count}件", { count: reports.length })),
    el("p", { class: "acts" }, several && split,
      el("button", { type: "button", class: "button button--small", onclick: () => doing.onSame(feature.id) }, t("同じ送信者の事案"))),
    ...reports.map((/** @type {any} */ report) => reportNode(report, now, several && box(report.id))));
}

/** @param {any} report @param {number} now @param {HTMLElement|false} box marks it to be taken out */
function reportNode(report, now, box) {
  const evidence = report.observations.flatMap((/** @type {any} */ one) => one.evidence);
  const words = segments(report.text, evidence).map((piece) => piece.labels.length
    ? el("mark", { title: piece.labels.join(t("・")) }, piece.text) : document.createTextNode(piece.text));
  return el("article", { class: "report" },
    el("p", { class: "report__head" },
      box && el("label", { class: "report__mark" }, box, t("分ける"), " "),
      `${whenWords(report.posted_at, now)} ${channelWord(report.channel)} `,
      report.sender_municipality_name && japanese(report.sender_municipality_name)),
    el("blockquote", { class: "report__text", lang: "ja" }, ...words),
    report.photo && el("p", {}, el("a", { href: report.photo, target: "_blank", rel: "noopener", class: "report__photo" },
      el("img", { src: report.photo, alt: t("通報に添えられた写真（選ぶと大きく開きます）"), loading: "lazy" }))),
    ...report.observations.map((/** @type {any} */ one) => el("p", { class: "observation" },
      el("strong", {}, `${said(one.type_ja)} ${said(one.status_ja)}`), one.place_text ? t(" 「{place}」", { place: one.place_text }) : "",
      one.why && el("span", { class: "note", lang: "ja" }, ` ${one.why}`))));
}
