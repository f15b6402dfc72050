/** One sheet of paper, A3 in landscape: the map with its legend, scale, time and the gravest incidents. */

import { byId, el } from "./dom.js";
import { t } from "./i18n.js";
import { isDefault } from "./filter.js";
import { legend, mark } from "./icons.js";
import { LEVELS } from "./map/overlays.js";
import { staleAge, staleWords } from "./stale.js";
import { momentWords, timeWords } from "./time.js";
import { STATES, TYPES, peopleWords, stateOf, typeWord, verificationWord } from "./words.js";

const LISTED = 14;

/**
 * @param {object} options
 * @param {any} options.map
 * @param {() => {features: any[], shown: number, urgent: number, drills: number, now: number, at: number|null, filter: any, stale: boolean, nameOf: (code: string) => string}} options.situation
 */
export function printSheet({ map, situation }) {
  const aside = byId("sheet");
  const isOpen = () => document.body.hasAttribute("data-sheet");
  const buttons = el("div", { class: "sheet__buttons" },
    el("button", { type: "button", class: "button button--main", onclick: () => print() }, t("印刷する")),
    el("button", { type: "button", class: "button", onclick: () => close() }, t("画面に戻る")),
    el("span", { class: "note" }, t("地図は動かして、縮尺も変えられます。用紙はA3横です。")));

  function fill() {
    const { features, shown, urgent, drills, now, at, filter, stale, nameOf } = situation();
    aside.replaceChildren(
      buttons,
      el("header", { class: "sheet__head" },
        drills > 0 && el("p", { class: "sheet__drill" }, drills === shown ? t("訓練") : t("訓練を含む（{count}件）", { count: drills })),
        el("h2", {}, t("災害状況図")),
        el("p", { class: "sheet__time" }, t("{time} 時点", { time: momentWords(at ?? now) })),
        stale && el("p", { class: "sheet__stale" }, t("情報の更新が止まっています。この図は最新ではないおそれがあります。")),
        el("p", {}, t("表示 {count}件（緊急 {urgent}件）", { count: shown.toLocaleString("ja-JP"), urgent: urgent.toLocaleString("ja-JP") })),
        el("p", {}, t("絞り込み：{words}", { words: filterWords(filter, nameOf) }))),
      el("section", {}, el("h3", {}, t("凡例")), legend(), map.overlays.hasUnits() && levelsLegend()),
      el("section", {}, el("h3", {}, t("危険の大きい事案（先頭{count}件）", { count: Math.min(LISTED, features.length) })),
        el("ol", { class: "sheet__list" }, ...features.slice(0, LISTED).map((feature) => line(feature, at ?? now)))),
      el("footer", { class: "sheet__foot" },
        t("通報から読み取った事案の図です。気象庁の警報や市町村の避難情報ではありません。未確認の情報を含みます。半鐘")));
  }
  function open() {
    if (isOpen()) return;
    document.body.toggleAttribute("data-sheet", true);
    fill();
    map.resized();
    map.recolour();
  }
  function close() {
    document.body.toggleAttribute("data-sheet", false);
    aside.replaceChildren();
    map.resized();
    map.recolour();
  }
  // The browser's own command prints the same sheet.
  let byCommand = false;
  addEventListener("beforeprint", () => { byCommand = !isOpen(); open(); });
  addEventListener("afterprint", () => { if (byCommand) close(); });
  return { open, close, isOpen, refresh: () => { if (isOpen()) fill(); } };
}

/** The colours in which evacuation units are drawn. */
const levelsLegend = () => el("div", { class: "sheet__levels" }, el("p", {}, t("避難情報の発令単位")), el("ul", { class: "legend" },
  ...[...LEVELS].map(([level, word]) => el("li", {}, el("span", { class: `sheet__level sheet__level--${level}`, "aria-hidden": "true" }), t("警戒レベル{level} {word}", { level, word }))),
  el("li", {}, el("span", { class: "sheet__level", "aria-hidden": "true" }), t("発令なし"))));

/** @param {any} feature @param {number} now */
function line({ properties }, now) {
  return el("li", {}, mark(properties, { age: staleAge(properties, now) }), el("span", {},
    el("b", {}, typeWord(properties)), ` ${STATES.get(stateOf(properties))} `,
    el("bdi", {}, properties.place_text), ` ${properties.municipality_name ?? ""} `,
    el("span", {}, [peopleWords(properties), staleWords(properties, now), timeWords(properties.last_reported_at, Date.parse(properties.last_reported_at))].filter(Boolean).join(t("・")))));
}

/** @param {import("./filter.js").Filter} filter @param {(code: string) => string} nameOf @returns {string} */
export function filterWords(filter, nameOf) {
  if (isDefault({ ...filter, inView: false })) return t("なし（解消・なし・棄却を除く）");
  const list = (/** @type {Iterable<string>} */ codes, /** @type {(code: string) => string} */ word) => [...codes].map(word).join(t("・"));
  const parts = [t("状態 {words}", { words: list(filter.states, (state) => STATES.get(state) ?? state) })];
  if (filter.types) parts.push(t("種別 {words}", { words: list(filter.types, (type) => TYPES.get(type)?.word ?? type) }));
  if (filter.municipalities) parts.push(t("市町村 {words}", { words: list(filter.municipalities, (code) => (code ? nameOf(code) : t("不明"))) }));
  if (filter.hours !== null) parts.push(t("{count}時間以内", { count: filter.hours }));
  if (filter.from !== null) parts.push(t("{time} から", { time: timeWords(filter.from, 0) }));
  if (filter.to !== null) parts.push(t("{time} まで", { time: timeWords(filter.to, 0) }));
  if (filter.verification) parts.push(t("{words}のみ", { words: verificationWord(filter.verification) }));
  if (filter.stale) parts.push(filter.stale === "only" ? t("古い情報のみ") : t("古い情報を除く"));
  if (!filter.drill) parts.push(t("訓練を除く"));
  return parts.join(t("、"));
}
