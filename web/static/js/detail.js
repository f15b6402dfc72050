/** One incident in full, with the reports behind it for those who may read words. */

import * as api from "./api.js";
import { el } from "./dom.js";
import { segments } from "./evidence.js";
import { mark } from "./icons.js";
import { agoWords, timeWords } from "./time.js";
import {
  STATES, channelWord, levelWord, peopleWords, radiusWords, stateOf, verificationWord,
} from "./words.js";

/**
 * @param {object} options
 * @param {HTMLElement} options.root
 * @param {() => number} options.now server's time
 * @param {() => void} options.onClose
 * @param {() => boolean} options.mayReadReports
 */
export function detailPanel({ root, now, onClose, mayReadReports }) {
  const heading = el("h2", { id: "detail-title", tabIndex: -1 });
  const close = el("button", { type: "button", class: "button", onclick: onClose }, "閉じる");
  const facts = el("div", { class: "detail__facts" });
  const reports = el("div", { class: "detail__reports" });
  root.append(el("header", { class: "detail__header" }, heading, close), facts, reports);
  let openId = "";
  let openVersion = -1;

  const loadReports = async (/** @type {any} */ feature) => {
    if (!mayReadReports()) {
      reports.replaceChildren(el("h3", {}, "元の通報"), el("p", { class: "note" },
        "通報の文面は、担当職員としてサインインした方だけが読めます。"));
      return;
    }
    const { id, properties: { version } } = feature;
    try {
      const answer = await api.reportsBehind(id);
      if (openId === id && openVersion === version) showReports(reports, answer.reports, now());
    } catch (error) {
      if (!(error instanceof api.Refused)) throw error;
      if (openId !== id) return;
      reports.replaceChildren(el("h3", {}, "元の通報"), el("p", { class: "note" }, refusalWords(error)));
    }
  };

  return {
    /** @param {any} feature @param {boolean} focus whether the keyboard follows */
    show(feature, focus) {
      const fresh = openId !== feature.id;
      if (!fresh && openVersion === feature.properties.version) return;
      openId = feature.id;
      openVersion = feature.properties.version;
      root.hidden = false;
      heading.replaceChildren(mark(feature.properties), feature.properties.type_ja);
      facts.replaceChildren(...factNodes(feature, now()));
      if (fresh) {
        reports.replaceChildren(el("p", { class: "note" }, "元の通報を読み込んでいます…"));
        root.scrollTop = 0;
      }
      if (focus) heading.focus();
      void loadReports(feature);
    },
    /** The incident is gone: it was merged, or its report was withdrawn. */
    showGone() {
      facts.replaceChildren(el("p", { class: "notice" }, "この事案は取り下げられたか、ほかの事案にまとめられました。"));
      reports.replaceChildren();
      openVersion = -1;
    },
    hide() {
      openId = "";
      root.hidden = true;
    },
  };
}

/** @param {import("./api.js").Refused} error */
function refusalWords(error) {
  if (error.status === 403) return "通報の文面は、担当職員としてサインインした方だけが読めます。";
  if (error.status === 401) return "サインインの期限が切れました。サインインし直してください。";
  return "元の通報を取得できませんでした。通信を確かめて、もう一度選んでください。";
}

/** @param {any} feature @param {number} now @returns {Node[]} */
function factNodes(feature, now) {
  const { properties } = feature;
  const state = stateOf(properties);
  const tags = el("p", { class: "detail__tags" },
    properties.drill && el("span", { class: "tag tag--drill" }, "訓練"),
    properties.urgent && el("span", { class: "tag tag--urgent" }, "緊急"),
    el("span", { class: `row__state row__state--${state}` }, STATES.get(state)),
    el("span", { class: "tag" }, verificationWord(properties.verification)));
  const at = (/** @type {string} */ time) => `${timeWords(time, now)}（${agoWords(time, now)}）`;
  /** @type {[string, string|Node][]} */
  const lines = [
    ["場所（通報の言葉）", properties.place_text || "記載なし"],
    ["市町村", properties.municipality_name || "不明"],
    ["位置の確かさ", feature.geometry === null ? unplacedWords(properties) : radiusWords(properties)],
  ];
  const people = peopleWords(properties);
  if (people) lines.push(["人の被害", people]);
  lines.push(["最初の通報", at(properties.first_reported_at)], ["最新の通報", at(properties.last_reported_at)],
    ["通報の数", `${properties.report_count}件`]);
  if (feature.geometry) {
    const [lon, lat] = feature.geometry.coordinates;
    lines.push(["緯度・経度", `${lat.toFixed(5)}, ${lon.toFixed(5)}`]);
  }
  return [tags, el("dl", { class: "facts" },
    ...lines.flatMap(([term, words]) => [el("dt", {}, term), el("dd", {}, words)]))];
}

/** @param {any} properties */
const unplacedWords = (properties) => properties.ambiguous
  ? "候補が複数あり、地点を決められません（地図には出しません）"
  : `${levelWord(properties.level)}までしか分かりません（地図には出しません）`;

/** @param {HTMLElement} root @param {any[]} reports @param {number} now */
function showReports(root, reports, now) {
  root.replaceChildren(el("h3", {}, `元の通報 ${reports.length}件`), ...reports.map((report) => reportNode(report, now)));
}

/** @param {any} report @param {number} now */
function reportNode(report, now) {
  const evidence = report.observations.flatMap((/** @type {any} */ observation) => observation.evidence);
  const words = segments(report.text, evidence).map((piece) => piece.labels.length
    ? el("mark", { title: piece.labels.join("・") }, piece.text)
    : document.createTextNode(piece.text));
  const from = report.sender_municipality_name ?? report.sender_municipality;
  return el("article", { class: "report" },
    el("p", { class: "report__head" },
      `${timeWords(report.posted_at, now)}（${agoWords(report.posted_at, now)}） ${channelWord(report.channel)}`,
      from ? ` 送信者の市町村 ${from}` : ""),
    el("blockquote", { class: "report__text" }, ...words),
    report.photo && el("p", {}, el("a", { href: report.photo, target: "_blank", rel: "noopener", class: "report__photo" },
      el("img", { src: report.photo, alt: "通報に添えられた写真（選ぶと大きく開きます）", loading: "lazy" }))),
    ...report.observations.map(observationNode));
}

/** Bare names repeat all over Japan: the municipality goes before. @param {any} candidate */
function candidateName({ name, municipality_name: municipality }) {
  return !municipality || name.includes(municipality) ? name : `${municipality} ${name}`;
}

/** @param {any} observation */
function observationNode(observation) {
  const quantities = observation.quantities?.length ? `（${observation.quantities.join("、")}）` : "";
  const candidates = observation.candidates ?? [];
  return el("div", { class: "observation" },
    el("p", {}, el("strong", {}, `${observation.type_ja} ${observation.status_ja}`), quantities,
      observation.place_text ? ` 「${observation.place_text}」` : ""),
    observation.why && el("p", { class: "observation__why" }, el("span", { class: "term" }, "位置の根拠 "), observation.why),
    candidates.length > 1 && el("details", { class: "candidates", open: observation.ambiguous },
      el("summary", {}, `場所の候補 ${candidates.length}件`),
      el("ol", {}, ...candidates.map((/** @type {any} */ candidate) => el("li", {},
        `${candidateName(candidate)}（${levelWord(candidate.level)}、得点 ${Number(candidate.score).toFixed(2)}）`,
        candidate.why && el("span", { class: "note" }, ` ${candidate.why}`))))));
}
