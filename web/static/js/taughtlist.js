/** What headquarters taught: who, when, how many reports; each can be seen on the map and taken back. */

import * as api from "./api.js";
import { el } from "./dom.js";
import { agoWords, timeWords } from "./time.js";
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
      said.textContent = taught.length ? `${taught.length}件` : "まだありません。事案を開き、通報の「この名前の場所を教える」から登録できます。";
      list.replaceChildren(...taught.map(row));
    } catch (error) {
      if (!(error instanceof api.Refused)) throw error;
      said.textContent = "一覧を取得できませんでした。通信を確かめて、開き直してください。";
    }
  };
  const row = (/** @type {any} */ place) => {
    const ask = el("p", { class: "teach__answers" });
    const takeBack = el("button", { type: "button", class: "button button--small", "aria-label": `${place.name}を取り消す` }, "取り消す");
    const sure = el("button", { type: "button", class: "button button--small" }, "取り消して元に戻す");
    const keep = el("button", { type: "button", class: "button button--small" }, "残す");
    const show = el("button", { type: "button", class: "button button--small", "aria-label": `${place.name}を地図で見る` }, "地図で見る");
    show.addEventListener("click", () => onShow(place));
    takeBack.addEventListener("click", () => {
      ask.replaceChildren(el("span", {}, `この場所で地図に出た通報（${place.reports.located}件）は元に戻ります。`), sure, keep);
      keep.focus();
    });
    keep.addEventListener("click", () => { ask.replaceChildren(show, takeBack); takeBack.focus(); });
    sure.addEventListener("click", async () => {
      try {
        await api.takeBack(place.id, user()?.csrf ?? "");
      } catch (error) {
        if (!(error instanceof api.Refused)) throw error;
        if (error.status !== 404) { said.textContent = "取り消せませんでした。もう一度押してください。"; return; }
      }
      await load();
      panel.querySelector("summary")?.focus();
    });
    ask.append(show, takeBack);
    const { waiting, located, failed } = place.reports;
    return el("li", { class: "taught__place" },
      el("p", {}, el("strong", {}, el("bdi", {}, place.name)), ` ${place.municipality_name ?? place.municipality}（±${metresWords(place.radius_m)}）`),
      el("p", { class: "note" }, `${timeWords(place.taught_at, now())}（${agoWords(place.taught_at, now())}） `, el("bdi", {}, place.taught_by)),
      el("p", { class: "note" }, `位置が決まった通報 ${located}件`, waiting ? `、読み直し中 ${waiting}件` : "", failed ? `、読み直せなかった通報 ${failed}件` : ""),
      ask);
  };
  panel.addEventListener("toggle", () => { if (panel.open) void load(); });
  return {
    /** @param {boolean} may whether this person may teach */
    allow(may) { panel.hidden = !may; },
    refresh() { if (panel.open) void load(); },
  };
}
