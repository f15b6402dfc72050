/** What headquarters taught: who, when, how many reports; each can be seen on the map and taken back. */

import * as api from "./api.js";
import { el } from "./dom.js";
import { t } from "./i18n.js";
import { whenWords } from "./time.js";
import { metresWords } from "./words.js";

/**
 * @param {object} options
 * @param {HTMLDetailsElement} options.panel
 * @param {HTMLElement} options.root
 * @param {() => {municipality: string|null, csrf: string}|null} options.user
 * @param {() => number} options.now
 * @param {(place: any) => void} options.onShow the map goes there
 */
export function taughtList({ panel, root, user, now, onShow }) {
  const said = el("p", { class: "note", role: "status" });
  const list = el("ol", { class: "taught" });
  root.append(said, list);

  const load = async () => {
    try {
      const { taught } = await api.taughtPlaces(user()?.municipality ?? null);
      said.textContent = taught.length ? t("{count}件", { count: taught.length }) : t("まだありません。事案を開き、通報の「この名前の場所を教える」から登録できます。");
      list.replaceChildren(...taught.map(row));
    } catch (error) {
      if (!(error instanceof api.Refused)) throw error;
      said.textContent = t("一覧を取得できませんでした。通信を確かめて、開き直してください。");
    }
  };
  const row = (/** @type {any} */ place) => {
    const ask = el("p", { class: "teach__answers" });
    const takeBack = el("button", { type: "button", class: "button button--small", "aria-label": t("{name}を取り消す", { name: place.name }) }, t("取り消す"));
    const sure = el("button", { type: "button", class: "button button--small" }, t("取り消して元に戻す"));
    const keep = el("button", { type: "button", class: "button button--small" }, t("残す"));
    const show = el("button", { type: "button", class: "button button--small", "aria-label": t("{name}を地図で見る", { name: place.name }) }, t("地図で見る"));
    show.addEventListener("click", () => onShow(place));
    takeBack.addEventListener("click", () => {
      ask.replaceChildren(el("span", {}, t("この場所で地図に出た通報（{count}件）は元に戻ります。", { count: place.reports.located })), sure, keep);
      keep.focus();
    });
    keep.addEventListener("click", () => { ask.replaceChildren(show, takeBack); takeBack.focus(); });
    sure.addEventListener("click", async () => {
      try {
        await api.takeBack(place.id, user()?.csrf ?? "");
      } catch (error) {
        if (!(error instanceof api.Refused)) throw error;
        if (error.status !== 404) { said.textContent = t("取り消せませんでした。もう一度押してください。"); return; }
      }
      await load();
      panel.querySelector("summary")?.focus();
    });
    ask.append(show, takeBack);
    const { waiting, located, failed } = place.reports;
    return el("li", { class: "taught__place" },
      el("p", {}, el("strong", {}, el("bdi", {}, place.name)), ` ${place.municipality_name ?? place.municipality}`,
        t("（{words}）", { words: `±${metresWords(place.radius_m)}` })),
      el("p", { class: "note" }, `${whenWords(place.taught_at, now())} `, el("bdi", {}, place.taught_by)),
      el("p", { class: "note" }, [
        t("位置が決まった通報 {count}件", { count: located }), waiting ? t("読み直し中 {count}件", { count: waiting }) : "",
        failed ? t("読み直せなかった通報 {count}件", { count: failed }) : "",
      ].filter(Boolean).join(t("、"))),
      ask);
  };
  panel.addEventListener("toggle", () => { if (panel.open) void load(); });
  return {
    refresh() { if (panel.open) void load(); },
  };
}
