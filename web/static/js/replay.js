/** Looking back: a slider over one day, which can be played; the server tells what was there at each moment. */

import { Refused, timeline } from "./api.js";
import { el } from "./dom.js";
import { t } from "./i18n.js";
import { pause } from "./pausing.js";
import { fieldOfInstant, timeWords } from "./time.js";

const DAY_MS = 86_400_000;
const STEP_MS = 5 * 60_000;
/** At least so long each picture stays, also where the server is quick. */
const FRAME_MS = 400;

/**
 * @param {object} options
 * @param {HTMLElement} options.root
 * @param {HTMLElement} options.band says that the past is shown
 * @param {() => number} options.now
 * @param {(moment: number|null) => Promise<unknown>} options.travel shows the situation of a moment; null: now
 */
export function replayBar({ root, band, now, travel }) {
  let from = 0;
  let playing = false;
  /** @type {number|null} */
  let at = null;
  const slider = el("input", { type: "range", min: "0", max: String(DAY_MS / STEP_MS), class: "replay__slider",
    "aria-label": t("時刻"), oninput: () => { playing = false; void show(moment()); } });
  const bars = el("div", { class: "replay__bars", "aria-hidden": "true" });
  const clock = el("output", { class: "replay__clock" });
  const play = el("button", { type: "button", class: "button button--small", onclick: () => (playing ? stop() : void run()) }, t("再生"));
  const day = el("input", { type: "date", class: "field", "aria-label": t("日"), onchange: () => chooseDay() });
  const step = (/** @type {number} */ steps, /** @type {string} */ word) => el("button", { type: "button",
    class: "button button--small", onclick: () => { stop(); slider.value = String(Number(slider.value) + steps); void show(moment()); } }, word);
  const note = el("span", { class: "note", role: "status" });
  const words = el("span", {});
  root.append(
    el("div", { class: "replay__line" }, play, step(-1, t("5分前")), step(1, t("5分後")), clock,
      el("label", { class: "replay__day" }, t("日"), " ", day), note,
      el("button", { type: "button", class: "button button--small replay__end", onclick: () => void end() }, t("現在に戻る"))),
    el("div", { class: "replay__track" }, bars, slider));
  band.append(el("strong", {}, t("過去の状況")), " ", words, " ",
    el("button", { type: "button", class: "button button--small", onclick: () => void end() }, t("現在に戻る")));

  const moment = () => Math.min(now(), from + Number(slider.value) * STEP_MS);
  function paint() {
    play.textContent = playing ? t("止める") : t("再生");
    if (at !== null) slider.value = String(Math.round((at - from) / STEP_MS));
    clock.textContent = at === null ? "" : timeWords(at, now());
    slider.setAttribute("aria-valuetext", clock.textContent ?? "");
    words.textContent = at === null ? "" : t("{time} 時点を表示しています。今の状況ではありません。地図に重ねた避難場所と分団の区域は、今のものです。", { time: timeWords(at, now()) });
    band.hidden = at === null;
    document.body.toggleAttribute("data-past", at !== null);
  }
  async function show(/** @type {number|null} */ wanted) {
    at = wanted;
    paint();
    await travel(wanted);
  }
  async function run() {
    playing = true;
    if (at === null || at >= Math.min(now(), from + DAY_MS)) at = from;
    while (playing && at !== null && at < Math.min(now(), from + DAY_MS)) {
      const began = performance.now();
      await show(at + STEP_MS);
      await pause(Math.max(0, FRAME_MS - (performance.now() - began)));
    }
    stop();
  }
  function stop() {
    playing = false;
    paint();
  }
  async function load() {
    note.textContent = t("再生の準備をしています…");
    try {
      const found = await timeline(from, from + DAY_MS);
      drawBars(bars, found);
      note.textContent = found.first === null ? t("まだ記録がありません。") : "";
      if (found.first) day.min = fieldOfInstant(Date.parse(found.first)).slice(0, 10);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      note.textContent = t("記録を取得できません。");
    }
  }
  function chooseDay() {
    const start = Date.parse(`${day.value}T00:00:00+09:00`);
    if (Number.isNaN(start)) return;
    stop();
    from = start;
    void load();
    void show(Math.min(now(), from + DAY_MS / 2));
  }
  async function end() {
    stop();
    root.hidden = true;
    await show(null);
  }
  return {
    isOpen: () => !root.hidden,
    at: () => at,
    /** @param {number|null} wanted the moment to begin with; null: the last day */
    async open(wanted) {
      root.hidden = false;
      from = wanted === null || now() - wanted < DAY_MS
        ? now() - DAY_MS : Date.parse(`${fieldOfInstant(wanted).slice(0, 10)}T00:00:00+09:00`);
      day.value = fieldOfInstant(wanted ?? now()).slice(0, 10);
      day.max = fieldOfInstant(now()).slice(0, 10);
      slider.value = slider.max;
      await Promise.all([load(), show(wanted ?? moment())]);
    },
    end,
  };
}

/** @param {HTMLElement} box @param {{new: number[], urgent: number[]}} counts */
function drawBars(box, counts) {
  const most = Math.max(1, ...counts.new);
  box.replaceChildren(...counts.new.map((count, index) => {
    const bar = el("span", { class: "replay__bar" }, counts.urgent[index] > 0 && el("i", { class: "replay__urgent" }));
    bar.style.height = `${Math.ceil((count / most) * 100)}%`;
    return bar;
  }));
}
