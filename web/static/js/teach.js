/** 「この名前はここ」: an officer says where a name is, by the map, by a candidate or by numbers. */

import * as api from "./api.js";
import { el } from "./dom.js";
import { said, t } from "./i18n.js";
import { placeFinder } from "./placefinder.js";
import { markedIn } from "./saidname.js";
import { degreesField, pointOf, radiusField, radiusOf } from "./spot.js";
import { whenWords } from "./time.js";
import { metresWords } from "./words.js";

const LOOK_AGAIN_MS = 700;
const LOOKS = 60;

/**
 * @typedef {object} Subject what is taught: the report's words and where its place may be
 * @property {string} name @property {string} text @property {string} municipality code
 * @property {string} municipalityName @property {string} incident id
 * @property {any[]} candidates @property {{lat: number, lon: number}|null} at
 */

/**
 * @param {object} options
 * @param {HTMLElement} options.root
 * @param {any} options.map of map.js
 * @param {() => string} options.csrf
 * @param {() => number} options.now
 * @param {() => void} options.onClose
 * @param {() => void} options.onTaught something was taught or taken back
 */
export function teachPanel({ root, map, csrf, now, onClose, onTaught }) {
  /** @type {{stop: () => void, set: (lat: number, lon: number, radius: number, move: boolean) => void, centre: () => {lat: number, lon: number}}|null} */
  let picking = null;

  const close = () => {
    picking?.stop();
    picking = null;
    if (root.hidden) return;
    root.hidden = true;
    root.replaceChildren();
    onClose();
  };
  return {
    isOpen: () => !root.hidden,
    close,
    /** @param {Subject} subject */
    open(subject) {
      picking?.stop();
      const form = lessonForm(subject, map, close);
      root.replaceChildren(form.node);
      root.hidden = false;
      const control = map.pick((/** @type {number} */ lat, /** @type {number} */ lon) => form.place(lat, lon, false));
      picking = control;
      form.bind({
        moved: (lat, lon, radius, move) => control.set(lat, lon, radius, move),
        centre: control.centre,
        send: (given) => api.teach(given, csrf()),
        done: (made) => {
          control.stop();
          root.replaceChildren(doneNode(made, { csrf, close, onTaught }));
          focusHeading(root);
          onTaught();
        },
        now,
      });
      focusHeading(root);
    },
  };
}

/** @param {HTMLElement} root */
function focusHeading(root) {
  const heading = root.querySelector("h2");
  if (heading instanceof HTMLElement) heading.focus();
  root.scrollTop = 0;
}

/** @param {Subject} subject @param {any} map of map.js @param {() => void} close */
function lessonForm(subject, map, close) {
  const name = el("input", { id: "teach-name", class: "field teach__wide", maxLength: 100, value: subject.name, autocomplete: "off" });
  const lat = degreesField("teach-lat");
  const lon = degreesField("teach-lon");
  const radius = radiusField("teach-radius", "field teach__wide");
  const centre = el("button", { type: "button", class: "button button--small" }, t("地図の中央に印を置く"));
  const asked = el("div", { role: "alert" });
  const submit = el("button", { type: "submit", class: "button button--main" }, t("この場所で登録する"));
  const fields = { name: fieldNode(t("場所の名前"), name), lat: fieldNode(t("緯度"), lat), lon: fieldNode(t("経度"), lon), radius_m: fieldNode(t("位置の確かさ"), radius) };
  const chosen = choices(subject.candidates, (candidate) => place(candidate.lat, candidate.lon, true));
  const quote = el("blockquote", { class: "report__text", lang: "ja", onmouseup: () => {
    const marked = markedIn(document.getSelection(), quote);
    if (marked) name.value = marked;
  } }, subject.text);
  const node = el("form", { class: "teach", noValidate: true, "aria-labelledby": "teach-title" },
    el("header", { class: "detail__header" },
      el("h2", { id: "teach-title", tabIndex: -1 }, t("この名前の場所を教える")),
      el("button", { type: "button", class: "button", onclick: close }, t("やめる"))),
    quote, fields.name.node,
    el("p", { class: "note" }, t("場所の名前だけを入れてください。上の文をなぞると、その部分が入ります。")),
    el("fieldset", { class: "teach__place" }, el("legend", {}, t("場所")), chosen,
      placeFinder("teach-find", map, (found) => {
        radius.value = String(radiusOf(found.level));
        place(found.lat, found.lon, true);
      }),
      el("p", { class: "note" }, t("地図を押すと印が付きます。印は動かせます。緯度と経度でも指定できます。")),
      el("p", {}, centre), el("div", { class: "teach__pair" }, fields.lat.node, fields.lon.node)),
    fields.radius_m.node,
    el("p", { class: "note" },
      t("{name}からの通報と、「{name}」と書かれた通報にだけ使います。この3日間に届いた、場所の分からない通報も読み直します。送信者への連絡はしません。",
        { name: subject.municipalityName })),
    asked, el("p", { class: "teach__send" }, submit));

  /** @type {(lat: number, lon: number, radius: number, move: boolean) => void} */
  let moved = () => {};
  const show = (/** @type {boolean} */ move) => {
    const point = pointOf(lat, lon);
    if (point) moved(point.lat, point.lon, Number(radius.value), move);
  };
  function place(/** @type {number} */ y, /** @type {number} */ x, /** @type {boolean} */ move) {
    lat.value = y.toFixed(6);
    lon.value = x.toFixed(6);
    asked.replaceChildren();
    show(move);
  }
  return {
    node,
    place,
    /**
     * @param {object} how
     * @param {typeof moved} how.moved
     * @param {() => {lat: number, lon: number}} how.centre
     * @param {(given: any) => Promise<any>} how.send
     * @param {(made: any) => void} how.done
     * @param {() => number} how.now
     */
    bind(how) {
      moved = how.moved;
      if (subject.at) place(subject.at.lat, subject.at.lon, false);
      for (const input of [lat, lon, radius]) input.addEventListener("change", () => show(true));
      for (const input of [name, lat, lon]) input.addEventListener("input", () => asked.replaceChildren());
      centre.addEventListener("click", () => { const at = how.centre(); place(at.lat, at.lon, false); });
      const send = async (/** @type {any} */ more) => {
        for (const field of Object.values(fields)) field.fault("");
        const point = pointOf(lat, lon);
        const given = { name: name.value, municipality: subject.municipality, ...point, radius_m: Number(radius.value),
          incident: subject.incident, ...more };
        if (!point) {
          showFaults(fields, [{ field: "lat", message: t("地図を押すか、緯度と経度を入れて、場所を示してください。") }]);
          return;
        }
        submit.disabled = true;
        try {
          how.done(await how.send(given));
        } catch (error) {
          if (!(error instanceof api.Refused)) throw error;
          refused(error, { fields, asked, given, more, send, close, now: how.now, show: how.moved });
        } finally {
          submit.disabled = false;
        }
      };
      node.addEventListener("submit", (/** @type {Event} */ event) => {
        event.preventDefault();
        asked.replaceChildren();
        void send({});
      });
    },
  };
}

/** @param {string} words @param {any} input */
function fieldNode(words, input) {
  const fault = el("span", { class: "field-error", id: `${input.id}-fault`, hidden: true });
  input.setAttribute("aria-describedby", fault.id);
  return {
    node: el("p", { class: "teach__field" }, el("label", { for: input.id }, words), input, fault),
    input,
    /** @param {string} message empty: nothing is wrong */
    fault(message) {
      fault.textContent = message;
      fault.hidden = message === "";
      input.setAttribute("aria-invalid", String(message !== ""));
    },
  };
}

/** @param {Record<string, any>} fields @param {{field: string, message: string}[]} errors */
function showFaults(fields, errors) {
  const known = errors.filter(({ field }) => field in fields);
  for (const { field, message } of known) fields[field].fault(message);
  if (known.length) fields[known[0].field].input.focus();
  return known.length > 0;
}

/** @param {any[]} candidates @param {(candidate: any) => void} onChoose */
function choices(candidates, onChoose) {
  if (candidates.length === 0) return null;
  return el("div", {}, el("p", { class: "note" }, t("候補から選ぶこともできます。")),
    el("ul", { class: "teach__choices" }, ...candidates.map((candidate) => el("li", {},
      el("button", { type: "button", class: "button button--small", onclick: () => onChoose(candidate) },
        `${candidate.municipality_name ?? ""} ${candidate.name}`.trim())))));
}

/** @param {any} error @param {any} how */
function refused(error, { fields, asked, given, more, send, close, now, show }) {
  const { problem, status } = error;
  const button = (/** @type {string} */ words, /** @type {() => void} */ onclick) =>
    el("button", { type: "button", class: "button button--small", onclick }, words);
  const again = (/** @type {any} */ added) => () => { asked.replaceChildren(); void send({ ...more, ...added }); };
  const box = (/** @type {Node[]} */ ...children) => {
    const shown = el("div", { class: "notice", tabIndex: -1 }, ...children);
    asked.replaceChildren(shown);
    shown.scrollIntoView({ block: "nearest" });
    shown.focus();
  };
  if (problem.type === "/problems/outside-municipality") {
    box(el("p", {}, el("strong", {}, said(problem.title))), el("p", {}, said(problem.detail)),
      el("p", { class: "teach__answers" }, button(t("確かめたので登録する"), again({ outside: true })),
        button(t("場所を選び直す"), () => { asked.replaceChildren(); fields.lat.input.focus(); })));
  } else if (problem.type === "/problems/already-taught") {
    const there = problem.taught;
    box(el("p", {}, el("strong", {}, said(problem.title))), el("p", {}, said(problem.detail)),
      el("dl", { class: "facts" },
        el("dt", {}, t("登録済み")), el("dd", {}, `${there.name} ${where(there)}`, el("br"),
          t("{time}に {person} が登録", { time: whenWords(there.taught_at, now()), person: there.taught_by })),
        el("dt", {}, t("今回")), el("dd", {}, `${given.name} ${where(given)}`)),
      el("p", { class: "teach__answers" },
        button(t("登録済みを地図で見る"), () => show(there.lat, there.lon, there.radius_m, true)),
        button(t("登録済みのままにする"), close),
        button(t("今回の場所に置き換える"), again({ replaces: there.id }))));
  } else if (!showFaults(fields, problem.errors ?? [])) {
    box(el("p", { class: "field-error" }, failureWords(status, problem)));
  }
}

/** @param {number} status @param {any} problem */
function failureWords(status, problem) {
  if (status === 0) return t("登録できませんでした。通信を確かめて、もう一度押してください。");
  if (status === 401) return t("サインインの期限が切れました。サインインし直してください。");
  return t("登録できませんでした。{title}。{detail}", { title: said(problem.title ?? ""), detail: said(problem.detail ?? "") });
}

/** @param {{lat: number, lon: number, radius_m: number}} place */
const where = ({ lat, lon, radius_m: radius }) => t("{words}（±{metres}）", {
  words: `${lat.toFixed(5)}, ${lon.toFixed(5)}`, metres: metresWords(radius),
});

/** What was taught, and how its reports come along. @param {any} made @param {any} how */
function doneNode(made, { csrf, close, onTaught }) {
  const words = el("p", { role: "status" });
  const undo = el("button", { type: "button", class: "button" }, t("取り消す"));
  let looks = 0;
  const say = (/** @type {any} */ { waiting, located }) => {
    words.textContent = waiting ? t("同じ名前の通報 {count}件を読み直しています…", { count: waiting + located })
      : located ? t("通報 {count}件の位置が決まり、地図に出ました。", { count: located })
        : t("位置を見直す通報はありませんでした。次の通報から使います。");
  };
  const look = async () => {
    if (!words.isConnected || looks >= LOOKS) return;
    looks += 1;
    const { reports } = await api.taughtPlace(made.id).catch(() => ({ reports: { waiting: 1, located: 0 } }));
    say(reports);
    if (reports.waiting) setTimeout(() => void look(), LOOK_AGAIN_MS);
  };
  undo.addEventListener("click", async () => {
    undo.disabled = true;
    try {
      await api.takeBack(made.id, csrf());
      looks = LOOKS;
      words.textContent = t("取り消しました。この場所で地図に出た通報は、元に戻ります。");
      onTaught();
    } catch (error) {
      if (!(error instanceof api.Refused)) throw error;
      undo.disabled = false;
      words.textContent = t("取り消せませんでした。通信を確かめて、もう一度押してください。");
    }
  });
  say(made.reports);
  setTimeout(() => void look(), LOOK_AGAIN_MS);
  return el("div", { class: "teach" },
    el("header", { class: "detail__header" }, el("h2", { id: "teach-title", tabIndex: -1 }, t("登録しました")),
      el("button", { type: "button", class: "button", onclick: close }, t("閉じる"))),
    el("p", {}, el("strong", {}, made.name), ` ${made.municipality_name ?? ""} ${where(made)}`), words,
    el("p", { class: "note" }, t("間違えたときは、ここか「教えた場所」の一覧で取り消せます。")), el("p", {}, undo));
}
