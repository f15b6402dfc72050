/** One incident in full, with the reports behind it for those who may read words. */

import * as api from "./api.js";
import { askingPanel } from "./asking.js";
import { el, japanese } from "./dom.js";
import { segments } from "./evidence.js";
import { said, t } from "./i18n.js";
import { mark } from "./icons.js";
import { markedIn, nameIn } from "./saidname.js";
import { isStale, staleAge, staleNotice } from "./stale.js";
import { timeWords, whenWords } from "./time.js";
import {
  STATES, channelWord, levelWord, peopleWords, radiusWords, stateOf, typeWord, verificationWord,
} from "./words.js";

/**
 * @param {object} options
 * @param {HTMLElement} options.root
 * @param {() => number} options.now server's time
 * @param {() => void} options.onClose
 * @param {() => boolean} options.mayReadReports
 * @param {(subject: import("./teach.js").Subject) => void} options.onTeach
 * @param {() => string} options.csrf
 */
export function detailPanel({ root, now, onClose, mayReadReports, onTeach, csrf }) {
  const heading = el("h2", { id: "detail-title", tabIndex: -1 });
  const close = el("button", { type: "button", class: "button", onclick: onClose }, t("閉じる"));
  const facts = el("div", { class: "detail__facts" });
  const reports = el("div", { class: "detail__reports" });
  const age = el("p", { class: "notice notice--stale", hidden: true });
  const asking = askingPanel({ now, csrf, mayAsk: mayReadReports });
  root.append(el("header", { class: "detail__header" }, heading, close), age, facts, asking.root, reports);
  let openId = "";
  let openVersion = -1;
  let openStale = false;
  /** @type {{button: Element|null, version: number}} what led to teaching a place */
  let pressed = { button: null, version: -1 };
  const teach = (/** @type {any} */ subject) => {
    pressed = { button: document.activeElement, version: openVersion };
    onTeach(subject);
  };

  const loadReports = async (/** @type {any} */ feature) => {
    if (!mayReadReports()) {
      reports.replaceChildren(el("h3", {}, t("元の通報")), el("p", { class: "note" },
        t("通報の文面は、担当職員としてサインインした方だけが読めます。")));
      return;
    }
    const { id, properties: { version } } = feature;
    try {
      const answer = await api.reportsBehind(id);
      if (openId === id && openVersion === version) showReports(reports, answer.reports, now(), feature, teach);
    } catch (error) {
      if (!(error instanceof api.Refused)) throw error;
      if (openId !== id) return;
      reports.replaceChildren(el("h3", {}, t("元の通報")), el("p", { class: "note" }, refusalWords(error)));
    }
  };

  return {
    /** @param {any} feature @param {boolean} focus whether the keyboard follows */
    show(feature, focus) {
      const fresh = openId !== feature.id;
      const stale = isStale(feature.properties, now());
      if (fresh || stale !== openStale) heading.replaceChildren(headMark(feature, now()), typeWord(feature.properties));
      openStale = stale;
      showAge(age, feature.properties, now());
      if (!fresh && openVersion === feature.properties.version) return;
      openId = feature.id;
      openVersion = feature.properties.version;
      root.hidden = false;
      heading.replaceChildren(headMark(feature, now()), typeWord(feature.properties));
      facts.replaceChildren(...factNodes(feature, now()));
      if (fresh) {
        reports.replaceChildren(el("p", { class: "note" }, t("元の通報を読み込んでいます…")));
        root.scrollTop = 0;
      }
      if (focus) heading.focus();
      asking.show(feature, fresh);
      void loadReports(feature);
    },
    /** The incident is gone: it was merged, or its report was withdrawn. */
    showGone() {
      facts.replaceChildren(el("p", { class: "notice" }, t("この事案は取り下げられたか、ほかの事案にまとめられました。")));
      reports.replaceChildren();
      age.hidden = true;
      asking.hide();
      openVersion = -1;
    },
    /** The keyboard comes back from teaching a place. */
    focusBack() {
      const { button, version } = pressed;
      // A newer version brings its reports anew, and the button with them.
      if (button instanceof HTMLElement && button.isConnected && version === openVersion) button.focus();
      else heading.focus();
    },
    hide() {
      openId = "";
      asking.hide();
      root.hidden = true;
    },
  };
}

/** @param {any} feature @param {number} now */
const headMark = ({ properties }, now) => mark(properties, { age: staleAge(properties, now) });

/** @param {HTMLElement} node @param {any} properties @param {number} now */
function showAge(node, properties, now) {
  node.textContent = staleNotice(properties, now);
  node.hidden = node.textContent === "";
}

/** @param {import("./api.js").Refused} error */
function refusalWords(error) {
  if (error.status === 403) return t("通報の文面は、担当職員としてサインインした方だけが読めます。");
  if (error.status === 401) return t("サインインの期限が切れました。サインインし直してください。");
  return t("元の通報を取得できませんでした。通信を確かめて、もう一度選んでください。");
}

/** @param {any} feature @param {number} now @returns {Node[]} */
function factNodes(feature, now) {
  const { properties } = feature;
  const state = stateOf(properties);
  const tags = el("p", { class: "detail__tags" },
    properties.drill && el("span", { class: "tag tag--drill" }, t("訓練")),
    properties.urgent && el("span", { class: "tag tag--urgent" }, t("緊急")),
    el("span", { class: `row__state row__state--${state}` }, STATES.get(state)),
    el("span", { class: "tag" }, verificationWord(properties.verification)));
  /** @type {[string, string|Node][]} */
  const lines = [
    [t("場所（通報の言葉）"), properties.place_text ? japanese(properties.place_text) : t("記載なし")],
    [t("市町村"), properties.municipality_name ? japanese(properties.municipality_name) : t("不明")],
    [t("位置の確かさ"), feature.geometry === null ? unplacedWords(properties) : radiusWords(properties)],
  ];
  const people = peopleWords(properties);
  if (people) lines.push([t("人の被害"), people]);
  lines.push([t("最初の通報"), whenWords(properties.first_reported_at, now)], [t("最新の通報"), whenWords(properties.last_reported_at, now)],
    [t("通報の数"), t("{count}件", { count: properties.report_count })]);
  if (properties.confirmed_at) lines.push([t("本部の確認（続いている）"), whenWords(properties.confirmed_at, now)]);
  if (properties.stale_at) lines.push([t("古い情報になる時刻"), timeWords(properties.stale_at, now)]);
  if (feature.geometry) {
    const [lon, lat] = feature.geometry.coordinates;
    lines.push([t("緯度・経度"), `${lat.toFixed(5)}, ${lon.toFixed(5)}`]);
  }
  return [tags, el("dl", { class: "facts" },
    ...lines.flatMap(([term, words]) => [el("dt", {}, term), el("dd", {}, words)]))];
}

/** @param {any} properties */
const unplacedWords = (properties) => properties.ambiguous
  ? t("候補が複数あり、地点を決められません（地図には出しません）")
  : t("{level}までしか分かりません（地図には出しません）", { level: levelWord(properties.level) });

/** @param {HTMLElement} root @param {any[]} reports @param {number} now @param {any} feature @param {(subject: any) => void} onTeach */
function showReports(root, reports, now, feature, onTeach) {
  root.replaceChildren(el("p", {}, el("a", { class: "button button--small top__link", href: `/desk#sel=${encodeURIComponent(feature.id)}` }, t("事案を処理する"))),
    el("h3", {}, t("元の通報 {count}件", { count: reports.length })),
    ...reports.map((report) => reportNode(report, now, feature, onTeach)));
}

/** @param {any} report @param {number} now @param {any} feature @param {(subject: any) => void} onTeach */
function reportNode(report, now, feature, onTeach) {
  const evidence = report.observations.flatMap((/** @type {any} */ observation) => observation.evidence);
  const words = segments(report.text, evidence).map((piece) => piece.labels.length
    ? el("mark", { title: piece.labels.join(t("・")) }, piece.text)
    : document.createTextNode(piece.text));
  const from = report.sender_municipality_name ?? report.sender_municipality;
  const quote = el("blockquote", { class: "report__text", lang: "ja" }, ...words);
  return el("article", { class: "report" },
    el("p", { class: "report__head" },
      `${whenWords(report.posted_at, now)} ${channelWord(report.channel)}`,
      from ? ` ${t("送信者の市町村")} ` : "", from && japanese(from)),
    quote,
    report.photo && el("p", {}, el("a", { href: report.photo, target: "_blank", rel: "noopener", class: "report__photo" },
      el("img", { src: report.photo, alt: t("通報に添えられた写真（選ぶと大きく開きます）"), loading: "lazy" }))),
    ...report.observations.flatMap((/** @type {any} */ observation) =>
      [observationNode(observation), teachNode(observation, report, feature, quote, onTeach)]));
}

/**
 * @param {any} observation @param {any} report @param {any} feature @param {HTMLElement} quote
 * @param {(subject: any) => void} onTeach
 */
function teachNode(observation, report, feature, quote, onTeach) {
  const own = observation.municipality !== null;
  const municipality = own ? observation.municipality : report.sender_municipality;
  if (!municipality) return el("p", { class: "note" }, t("市町村が分からない通報のため、場所を教えられません。"));
  const municipalityName = (own ? observation.municipality_name : report.sender_municipality_name) ?? municipality;
  const marked = () => markedIn(document.getSelection(), quote);
  // The press itself would clear what was marked.
  const keep = (/** @type {any} */ event) => { event.preventDefault(); event.currentTarget.focus(); };
  return el("p", {}, el("button", { type: "button", class: "button button--small", onmousedown: keep, onclick: () => onTeach({
    name: marked() || nameIn(observation.place_text, municipalityName), text: report.text, municipality, municipalityName,
    incident: feature.id, candidates: observation.ambiguous ? observation.candidates : [],
    at: observation.lat === null ? null : { lat: observation.lat, lon: observation.lon },
  }) }, t("この名前の場所を教える")));
}

/** Bare names repeat all over Japan: the municipality goes before. @param {any} candidate */
function candidateName({ name, municipality_name: municipality }) {
  return !municipality || name.includes(municipality) ? name : `${municipality} ${name}`;
}

/** @param {any} observation */
function observationNode(observation) {
  const quantities = observation.quantities?.length ? t("（{words}）", { words: observation.quantities.join(t("、")) }) : "";
  const candidates = observation.candidates ?? [];
  return el("div", { class: "observation" },
    el("p", {}, el("strong", {}, `${said(observation.type_ja)} ${said(observation.status_ja)}`), quantities,
      observation.place_text ? t(" 「{place}」", { place: observation.place_text }) : ""),
    observation.why && el("p", { class: "observation__why" }, el("span", { class: "term" }, `${t("位置の根拠")} `), japanese(observation.why)),
    candidates.length > 1 && el("details", { class: "candidates", open: observation.ambiguous },
      el("summary", {}, t("場所の候補 {count}件", { count: candidates.length })),
      el("ol", {}, ...candidates.map((/** @type {any} */ candidate) => el("li", {},
        t("{name}（{level}、得点 {score}）", {
          name: candidateName(candidate), level: levelWord(candidate.level), score: Number(candidate.score).toFixed(2),
        }),
        candidate.why && el("span", { class: "note", lang: "ja" }, ` ${candidate.why}`))))));
}
