/** The rows of the chronology: text is always text. */

import { el, spoken } from "./dom.js";
import { said, t } from "./i18n.js";
import { dayWords, timeWords } from "./time.js";

export const CATEGORIES = new Map([
  ["received", t("受信")], ["sent", t("発信")], ["decided", t("決定")], ["done", t("対応")],
]);

/** @param {string} at */
export const dayRow = (at) => el("tr", { class: "log__day" }, el("th", { colSpan: 7, scope: "colgroup" }, dayWords(at)));

/** @param {string} category */
const kind = (category) => el("span", { class: `log__kind log__kind--${category}` }, CATEGORIES.get(category) ?? category);

/** @param {string} term @param {...any} children */
const cell = (term, ...children) => el("td", { "data-term": term, lang: "ja" }, ...children);

/**
 * @param {any} line of the API
 * @param {{fresh: boolean, onStrike: (line: any) => void}} how
 */
export function lineRow(line, { fresh, onStrike }) {
  const classes = ["log__line", `log__line--${line.source}`];
  if (line.urgent) classes.push("log__line--urgent");
  if (line.struck_by !== null) classes.push("log__line--struck");
  if (fresh) classes.push("log__line--new");
  const strike = line.may_strike && el("button", { type: "button", class: "button button--link", onclick: () => onStrike(line) }, t("訂正する"));
  const foot = [
    line.strikes !== null && el("span", { class: "note" }, t("記録{number}の訂正", { number: line.strikes })),
    line.struck_by !== null && el("span", { class: "note" }, t("記録{number}で訂正済み", { number: line.struck_by })),
    line.source === "entry" && el("span", { class: "note" }, t("記録{number}", { number: line.id.slice(2) })),
    line.source === "entry" && late(line) && el("span", { class: "note" }, t("{time} に記入", { time: timeWords(line.written_at, Date.parse(line.at)) })),
    ...line.incidents.slice(0, 3).map((/** @type {string} */ id) => el("a", { href: `/#sel=${id}` }, t("事案を地図で見る"))),
    line.words && el("details", { class: "log__words" }, el("summary", {}, t("通報の文面")), el("blockquote", { lang: "ja" }, line.words)),
    strike,
  ].filter(Boolean);
  // What a person wrote stays as it was written.
  const say = line.source === "entry" ? (/** @type {string} */ words) => words : spoken;
  const response = line.source === "report" ? "" : line.response;
  return el("tr", { class: classes.join(" "), "data-line": line.id },
    cell("", el("time", { dateTime: line.at }, timeWords(line.at, Date.parse(line.at)))),
    cell("", kind(line.category)),
    cell(t("発信元"), say(line.origin)), cell(t("受信先"), say(line.recipient)),
    cell("", line.drill && el("span", { class: "tag tag--drill" }, t("訓練")), line.urgent && el("span", { class: "tag tag--urgent" }, t("緊急")),
      (line.drill || line.urgent) && " ", el("span", { class: "log__said" }, say(line.text)), foot.length > 0 && el("div", { class: "log__foot" }, ...foot)),
    cell(t("対応"), line.source === "report" && line.response ? t("本部の確認：{words}", { words: said(line.response) }) : response),
    cell(t("記入者"), say(line.author)));
}

/** Written down clearly later than it happened. @param {any} line */
const late = (line) => Date.parse(line.written_at) - Date.parse(line.at) > 5 * 60_000;

/** An entry that has not reached the server yet. @param {any} entry */
export const waitingRow = (entry) => el("tr", { class: "log__line log__line--waiting" },
  cell("", el("time", { dateTime: entry.at }, timeWords(entry.at, Date.parse(entry.at)))), cell("", kind(entry.category)),
  cell(t("発信元"), entry.origin), cell(t("受信先"), entry.recipient),
  cell("", el("span", { class: "log__said" }, entry.text), el("div", { class: "log__foot" },
    entry.refused ? t("保存できません：{words}", { words: entry.refused }) : t("送信待ち（つながり次第、自動で保存します）"))),
  cell(t("対応"), entry.response), cell(t("記入者"), ""));
