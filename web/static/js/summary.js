/** How many incidents there are, beside the map: shown, urgent, unread, hidden, and of which types. */

import { byId, el } from "./dom.js";
import { t } from "./i18n.js";
import { isDefault } from "./filter.js";
import { typeIcon } from "./icons.js";
import { TYPES, groupOf } from "./words.js";

const TYPES_NAMED = 6;

/**
 * @param {{shown: number, urgent: number, unread: number, hidden: number, hiddenStale: number}} sum
 * @param {import("./filter.js").Filter} filter
 */
export function showSum({ shown, urgent, unread, hidden, hiddenStale }, filter) {
  byId("count").textContent = t("{count}件（緊急 {urgent}件）", { count: words(shown), urgent: words(urgent) });
  byId("unread").textContent = t("未読 {count}件", { count: words(unread) });
  byId("read-all").disabled = unread === 0;
  byId("hidden").hidden = hidden === 0;
  byId("hidden-words").textContent = isDefault({ ...filter, inView: false })
    ? t("解消・なし・棄却の {count}件は隠しています", { count: words(hidden) })
    : filter.stale === "hide" && hiddenStale > 0
      ? t("絞り込みにより {count}件を隠しています（うち古い情報 {stale}件）", { count: words(hidden), stale: words(hiddenStale) })
      : t("絞り込みにより {count}件を隠しています", { count: words(hidden) });
}

/**
 * Of very many incidents only the gravest are listed: what the rest is, is said in numbers.
 * @param {{listed: number, list: any[], types: Record<string, number>}|null} view
 * @param {string} where 「地図の範囲」 and the like
 */
export function showTypes(view, where) {
  const box = byId("types");
  box.hidden = view === null || view.listed === 0;
  if (view === null || box.hidden) return;
  const most = Object.entries(view.types).sort(([, a], [, b]) => b - a);
  const rest = most.slice(TYPES_NAMED).reduce((sum, [, count]) => sum + count, 0);
  box.replaceChildren(
    el("p", { class: "types__title" }, view.listed > view.list.length
      ? t("{where} {count}件。危険の大きい順に {listed}件を表示", { where, count: words(view.listed), listed: words(view.list.length) })
      : t("{where} {count}件", { where, count: words(view.listed) })),
    el("ul", { class: "types__list" }, ...most.slice(0, TYPES_NAMED).map(([code, count]) =>
      el("li", { class: `group--${groupOf(code)}` },
        el("span", { class: "types__icon", "aria-hidden": "true" }, typeIcon(code)),
        `${TYPES.get(code)?.word ?? code} `, el("b", {}, words(count)))),
      rest > 0 && el("li", {}, t("ほか"), " ", el("b", {}, words(rest)))),
  );
}

/** @param {number} count @returns {string} 12,345 */
const words = (count) => count.toLocaleString("ja-JP");
