/** Whether what is shown may be trusted: the clock, the banners, the tab's title. */

import { byId } from "./dom.js";
import { t } from "./i18n.js";
import { judge } from "./liveness.js";
import { clockWords } from "./time.js";

const REASONS = new Map([
  ["pulse", t("サーバーから応答がありません。")],
  ["worker", t("通報の読み取り処理が止まっています。新しい通報は地図に出ません。")],
  ["fetch", t("一覧を取得できません。")],
  ["signed-out", t("サインインが切れたか、取り消されたため、内容を隠しました。壁面の画面は、管理者に新しいリンクを求めてください。")],
]);

/**
 * @param {import("./liveness.js").Signs} signs @param {number} now local epoch milliseconds
 * @param {number} workerSilenceMs
 * @returns {boolean} whether the page is stale
 */
export function showLiveness(signs, now, workerSilenceMs) {
  const { stale, reason, lastAt } = judge(signs, now, workerSilenceMs);
  const last = lastAt === null ? t("まだ一度も更新されていません") : t("最終更新 {time}", { time: clockWords(lastAt) });
  byId("clock").textContent = lastAt === null ? t("接続中…") : last;
  const banner = byId("stale");
  // The banner is role=alert: writing the same words again would be read aloud again.
  const words = t("情報の更新が止まっています（{last}）", { last });
  const why = REASONS.get(reason) ?? "";
  if (stale && byId("stale-words").textContent !== words) byId("stale-words").textContent = words;
  if (stale && byId("stale-why").textContent !== why) byId("stale-why").textContent = why;
  if (banner.hidden === stale) banner.hidden = !stale;
  const again = byId("stale-signin");
  again.hidden = reason !== "signed-out";
  // The page for signing in carries it back: what is open and how it is filtered.
  if (again.hash !== location.hash) again.hash = location.hash;
  document.body.toggleAttribute("data-stale", stale);
  document.body.toggleAttribute("data-signed-out", reason === "signed-out");
  // A server that is away, unlike a worker that is, may come back as another one.
  document.body.toggleAttribute("data-lost", stale && reason !== "worker");
  return stale;
}

/** @param {{waiting: number}} pulse */
export function showWaiting(pulse) {
  const waiting = byId("waiting");
  waiting.textContent = t("読み取り待ち {count}件", { count: pulse.waiting });
  waiting.classList.toggle("is-busy", pulse.waiting > 0);
}

/**
 * @param {number} drills shown now @param {number} all shown now
 */
export function showDrill(drills, all) {
  const band = byId("drill");
  band.hidden = drills === 0;
  const words = drills === all ? t("表示中の事案はすべて訓練です") : t("表示中 {all}件のうち {drills}件は訓練です", { all, drills });
  if (byId("drill-words").textContent !== words) byId("drill-words").textContent = words;
  carryDrill(drills > 0 && drills === all);
}

/** Drill and reality have boards of their own: the link goes to the one of what is looked at. @param {boolean} drill */
export function carryDrill(drill) {
  byId("to-evacuation").setAttribute("href", drill ? "/evacuation#drill=1" : "/evacuation");
}

/** @param {number} unread @param {boolean} stale */
export function showTitle(unread, stale) {
  const title = `${stale ? `⚠ ${t("更新停止")} ` : ""}${unread > 0 ? `(${unread}) ` : ""}${t("半鐘 災害状況")}`;
  if (document.title !== title) document.title = title;
}
