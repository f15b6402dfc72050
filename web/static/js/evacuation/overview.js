/** All municipalities of a prefecture side by side: the highest level in force, what waits, who is silent. */

import { el, japanese } from "../dom.js";
import { t } from "../i18n.js";
import { timeWords } from "../time.js";
import { levelBadge, levelWords } from "./words.js";

const COLUMNS = [t("発令中"), t("判断待ち"), t("確認できれば達する"), t("報告のない単位"), t("事案"), t("最後の判断")];

/** @param {any} one */
const need = (one) => [-(one.undecided_level ?? 0), -(one.level ?? 0), -one.unconfirmed, -one.active];

/** @param {any} a @param {any} b */
function byNeed(a, b) {
  const [left, right] = [need(a), need(b)];
  const at = left.findIndex((value, place) => value !== right[place]);
  return at < 0 ? a.code.localeCompare(b.code) : left[at] - right[at];
}

/**
 * @param {HTMLElement} root
 * @param {{overview: any, now: number, onOpen: (code: string) => void}} shown
 */
export function showOverview(root, { overview, now, onOpen }) {
  const rows = [...overview.municipalities].sort(byNeed);
  const held = document.activeElement instanceof HTMLElement ? document.activeElement.dataset.municipality : undefined;
  root.replaceChildren(
    el("h2", { class: "overview__title" }, t("市区町村の避難判断")),
    el("p", { class: "note" }, t("判断と発令は市区町村が行います。ここでは見るだけです。市区町村が行えなくなったときの知事の代行は、その市区町村のボードで記録します。")),
    ...(rows.length ? [] : [el("p", { class: "empty" },
      t("事案も発令単位もまだありません。実際と訓練は別のボードです。上のボタンで切り替えられます。"))]),
    el("div", { class: "overview__scroll" }, el("table", { class: "overview" },
      el("thead", {}, el("tr", {}, ...[t("市区町村"), ...COLUMNS].map((words) => el("th", { scope: "col" }, words)))),
      el("tbody", {}, ...rows.map((one) => row(one, now, onOpen))))));
  if (held) for (const button of root.querySelectorAll("button")) if (button.dataset.municipality === held) button.focus();
}

/** @param {any} one @param {number} now @param {(code: string) => void} onOpen */
function row(one, now, onOpen) {
  const forced = Object.entries(one.in_force).filter(([, count]) => count).map(([level, count]) => t("レベル{level}：{count}単位", { level, count }));
  // Without units nothing was looked at: 「なし」 would say that it was.
  const told = (/** @type {Node|string} */ content) => (one.units === 0 ? "―" : content);
  return el("tr", { "data-code": one.code },
    el("th", { scope: "row" }, el("button", { type: "button", class: "button button--link", "data-municipality": one.code, onclick: () => onOpen(one.code) }, japanese(one.name))),
    el("td", { "data-label": COLUMNS[0] }, one.units === 0 ? t("発令単位なし") : levelBadge(one.level), el("span", { class: "note" }, ` ${forced.join(" ")}`), " ",
      one.by_proxy ? el("span", { class: "flag" }, t("うち知事が代行 {count}単位", { count: one.by_proxy })) : null),
    el("td", { "data-label": COLUMNS[1] }, told(one.undecided ? el("span", { class: "flag flag--due" }, t("{count}単位（{level}）", { count: one.undecided, level: levelWords(one.undecided_level) })) : t("なし"))),
    el("td", { "data-label": COLUMNS[2] }, told(one.unconfirmed ? t("{count}単位", { count: one.unconfirmed }) : t("なし"))),
    el("td", { "data-label": COLUMNS[3] }, told(`${one.unheard} / ${one.units}`)),
    el("td", { "data-label": COLUMNS[4] }, String(one.active), one.unplaced ? el("span", { class: "note" }, ` ${t("場所不明 {count}", { count: one.unplaced })}`) : null),
    el("td", { "data-label": COLUMNS[5] }, one.last_decided_at ? timeWords(one.last_decided_at, now) : "―"));
}
