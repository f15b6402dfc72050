/** What was decided, newest first; each opens the board as it was known then. */

import { el, japanese } from "../dom.js";
import { t } from "../i18n.js";
import { timeWords } from "../time.js";
import { KINDS, levelBadge, namesWords } from "./words.js";

/**
 * @param {any[]} decisions @param {{now: number, onOpen: (id: string) => void, onClose: () => void}} how
 * @returns {Node[]}
 */
export function historyNodes(decisions, { now, onOpen, onClose }) {
  return [
    el("header", { class: "detail__header" }, el("h2", { id: "detail-title", tabIndex: -1 }, t("発令・見送り・解除の記録")),
      el("button", { type: "button", class: "button", onclick: onClose }, t("閉じる"))),
    decisions.length === 0 ? el("p", { class: "note" }, t("まだありません。")) : el("ol", { class: "history" },
      ...decisions.map((one) => el("li", { class: "history__one" },
        el("p", {}, el("strong", {}, KINDS.get(one.kind) ?? ""), " ", levelBadge(one.level), " ",
          one.by_proxy ? el("span", { class: "flag" }, t("知事が代行（{prefecture}の指揮者が記録）", { prefecture: one.organization })) : null, " ",
          one.drill ? el("span", { class: "tag tag--drill" }, t("訓練")) : null),
        el("p", {}, japanese(namesWords(one.units.map((/** @type {any} */ unit) => unit.name)))),
        el("p", {}, t("理由："), japanese(one.reason)),
        el("p", { class: "note" }, t("判断 {decided}、記録 {recorded}", { decided: timeWords(one.decided_at, now), recorded: timeWords(one.recorded_at, now) }), " ",
          japanese([one.organization, one.by].filter(Boolean).join(" "))),
        el("p", { class: "no-print" }, el("button", { type: "button", class: "button button--small", onclick: () => onOpen(one.id) },
          t("{time} 時点のボードを開く", { time: timeWords(one.recorded_at, now) })))))),
  ];
}
