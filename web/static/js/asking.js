/** 「まだ続いているか」 in the panel of an incident: ask its reporters, see their answers, or say so oneself. */

import * as api from "./api.js";
import { el } from "./dom.js";
import { t } from "./i18n.js";
import { timeWords } from "./time.js";
import { OPEN_STATES, channelWord, stateOf } from "./words.js";

const LOOK_AGAIN_MS = 3000;
const LOOKS = 20;

const ANSWERS = new Map([
  ["present", t("まだ続いている")], ["resolved", t("おさまった")], ["unknown", t("わからない")],
]);
const STATES = new Map([
  ["waiting", t("送信待ち")], ["sent", t("送信済み（読まれたかは分かりません）")], ["withdrawn", t("取りやめ")],
]);
const TROUBLES = new Map([
  ["limit", t("LINEの今月の送信数の上限に達したため、送れませんでした")],
  ["retry", t("LINEが応答しないため、送れませんでした")],
]);

/**
 * @param {object} options
 * @param {() => number} options.now server's time
 * @param {() => boolean} options.mayAsk whether this person works at the desk
 * @param {() => string} options.csrf
 */
export function askingPanel({ now, mayAsk, csrf }) {
  const summary = el("p", {});
  const people = el("ul", { class: "asking__people" });
  const others = el("p", { class: "note" });
  const told = el("p", { class: "asking__told", role: "status" });
  const ask = el("button", { type: "button", class: "button button--main", "data-act": "ask" });
  const still = el("button", { type: "button", class: "button", "data-act": "still" }, t("続いていることを本部で確かめた"));
  const buttons = el("div", { class: "asking__buttons" }, ask, still);
  const root = el("section", { class: "asking", hidden: true, "aria-labelledby": "asking-title" },
    el("h3", { id: "asking-title" }, t("まだ続いているか")), summary, people, others, buttons, told);
  /** @type {any} */
  let feature = null;
  let turn = 0;

  const paint = (/** @type {any} */ found) => {
    const open = OPEN_STATES.includes(stateOf(feature.properties));
    root.hidden = !open && found.asked === 0;
    buttons.hidden = !open;
    summary.textContent = found.asked === 0 ? t("通報した人には、まだ尋ねていません。")
      : t("尋ねた人 {asked}人、回答 {answered}人", { asked: found.asked, answered: found.answered });
    people.replaceChildren(...found.questions.map((/** @type {any} */ one) => questionNode(one, now())));
    others.textContent = othersWords(found);
    ask.textContent = t("まだ続いているか通報者に聞く（{count}人）", { count: found.can_ask });
    ask.disabled = found.can_ask === 0;
  };

  /** Loads, and looks again while something is on its way. */
  const load = async (/** @type {number} */ looks) => {
    const mine = ++turn;
    const { id } = feature;
    try {
      const found = await api.questions(id);
      if (mine !== turn || feature?.id !== id) return;
      paint(found);
      const moving = found.questions.some((/** @type {any} */ one) => one.state === "waiting");
      if (moving && looks > 0) setTimeout(() => { if (mine === turn) void load(looks - 1); }, LOOK_AGAIN_MS);
    } catch (error) {
      if (!(error instanceof api.Refused)) throw error;
      // Shared by another municipality: theirs to ask.
      if (mine === turn) root.hidden = true;
    }
  };

  const act = async (/** @type {(id: string, csrf: string) => Promise<any>} */ call, /** @type {(body: any) => string} */ words) => {
    const { id } = feature;
    ask.disabled = still.disabled = true;
    try {
      const body = await call(id, csrf());
      if (feature?.id === id) told.textContent = words(body);
    } catch (error) {
      if (!(error instanceof api.Refused)) throw error;
      if (feature?.id === id) told.textContent = refusalWords(error);
    }
    still.disabled = false;
    if (feature?.id === id) await load(LOOKS);
  };
  ask.addEventListener("click", () => void act(api.askReporters, (body) =>
    body.asked_now ? t("{count}人に尋ねました。", { count: body.asked_now }) : t("今尋ねられる人はいません。")));
  still.addEventListener("click", () => void act(api.confirmStill, () => t("続いていることを記録しました。")));

  return {
    root,
    /** @param {any} shown a Feature @param {boolean} fresh whether another incident was open before */
    show(shown, fresh) {
      feature = shown;
      if (fresh) {
        root.hidden = true;
        told.textContent = "";
      }
      if (mayAsk()) void load(LOOKS);
    },
    hide() {
      feature = null;
      turn += 1;
      root.hidden = true;
    },
  };
}

/** @param {any} question @param {number} now */
function questionNode(question, now) {
  const state = question.state === "failed"
    ? TROUBLES.get(question.trouble) ?? t("送れませんでした")
    : STATES.get(question.state) ?? question.state;
  const answer = ANSWERS.get(question.answer);
  return el("li", {}, `${timeWords(question.asked_at, now)} ${channelWord(question.channel)} `,
    answer ? el("strong", {}, t("回答：{answer}", { answer })) : state,
    answer && ` ${timeWords(question.answered_at, now)}`);
}

/** @param {any} found @returns {string} */
function othersWords(found) {
  const words = [];
  if (found.recent) {
    words.push(t("{count}人には{minutes}分以内に尋ねたため、まだ尋ねられません。", { count: found.recent, minutes: found.again_minutes }));
  }
  const count = found.unreachable.reduce((/** @type {number} */ sum, /** @type {any} */ one) => sum + one.count, 0);
  if (count) {
    const channels = found.unreachable.map((/** @type {any} */ one) => `${channelWord(one.channel)} ${one.count}`).join(t("、"));
    words.push(t("ほかの通報者 {count}人（{channels}）には、ここから尋ねられません。尋ねられるのは、LINEで通報し、宛先が残っている人だけです。", { count, channels }));
  }
  return words.join(" ");
}

/** @param {import("./api.js").Refused} error */
function refusalWords(error) {
  if (error.status === 403) return t("この操作は、担当の市区町村の職員だけができます。画面を読み込み直しても同じときは、権限を確かめてください。");
  if (error.status === 429) return t("回数が多すぎます。1分ほど待ってください。");
  return t("できませんでした。通信を確かめて、もう一度押してください。");
}
