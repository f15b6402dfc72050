/** One report of the tray: its words with evidence, what was understood, why it has no place, and what to do. */

import * as api from "./api.js";
import { el, japanese } from "./dom.js";
import { segments } from "./evidence.js";
import { said, t } from "./i18n.js";
import { markedIn, nameIn } from "./saidname.js";
import { whenWords } from "./time.js";
import { placeForm } from "./trayplace.js";
import { STATES, TYPES, channelWord, peopleWords } from "./words.js";

/**
 * @param {object} options
 * @param {HTMLElement} options.root @param {any} options.map of map.js
 * @param {() => number} options.now @param {() => void} options.onClose
 * @param {(deed: "place"|"pull"|"settle", body: any) => Promise<void>} options.onDeed
 * @param {(subject: import("./teach.js").Subject) => void} options.onTeach
 */
export function trayItem({ root, map, now, onClose, onDeed, onTeach }) {
  /** @type {any} */
  let shown = null;
  let list = "";
  /** @type {ReturnType<typeof placeForm>|null} */
  let placing = null;
  /** @type {Map<string, () => void>} */
  let keys = new Map();
  const fault = el("p", { class: "field-error", role: "alert" });

  const attempt = async (/** @type {"place"|"pull"|"settle"} */ deed, /** @type {any} */ body) => {
    fault.textContent = "";
    try {
      await onDeed(deed, body);
    } catch (error) {
      if (!(error instanceof api.Refused)) throw error;
      if (error.problem.type === "/problems/outside-municipality" && placing) placing.askBack(said(error.problem.detail));
      else fault.textContent = refusal(error);
    }
  };
  const stop = () => {
    placing?.stop();
    placing = null;
    keys = new Map();
    map.number([], () => {});
  };

  return {
    /** @param {any} item @param {string} tab @param {boolean} focus */
    show(item, tab, focus) {
      stop();
      shown = item;
      list = tab;
      fault.textContent = "";
      const quote = quoteNode(item);
      const heading = el("h2", { id: "item-title", tabIndex: -1 }, headingOf(item, tab));
      const parts = [head(heading, onClose), tags(item, now()), quote, photo(item)];
      if (tab === "irrelevant") parts.push(pullNode(attempt));
      else if (tab === "elsewhere") parts.push(elsewhereNode(item.observations, map));
      else parts.push(...this.forms(item, quote));
      if (tab === "unplaced") parts.push(settleNode(attempt, keys));
      root.replaceChildren(...parts.filter(Boolean), fault);
      root.hidden = false;
      root.scrollTop = 0;
      if (focus) heading.focus();
    },
    /** @param {any} item @param {HTMLElement} quote */
    forms(item, quote) {
      const open = item.observations.filter((/** @type {any} */ one) => !one.on_map);
      const chosen = saidNode(item.observations);
      const form = placeForm({ item, open, map, place: (body) => attempt("place", { ...body, ordinals: chosen.ordinals() }) });
      placing = form;
      const first = open[0] ?? item.observations[0];
      const municipality = first?.municipality ?? item.sender_municipality;
      const name = first?.municipality ? first.municipality_name : item.sender_municipality_name;
      const teach = () => onTeach({
        name: markedIn(document.getSelection(), quote) || nameIn(first.place_text, name), text: item.text, municipality,
        municipalityName: name ?? municipality, incident: first.incident, candidates: first.candidates, at: form.at(),
      });
      keys.set("t", () => { if (municipality) teach(); });
      // The press itself would clear what was marked in the words.
      const keep = (/** @type {any} */ event) => { event.preventDefault(); event.currentTarget.focus(); };
      return [chosen.node, form.node, el("div", { class: "traydeeds" },
        el("button", { type: "button", class: "button button--main", onclick: () => form.send() }, t("この通報だけに場所を付ける"), " ", el("kbd", {}, "S")),
        municipality
          ? el("button", { type: "button", class: "button", onmousedown: keep, onclick: teach }, t("この名前をこれからも使う…"), " ", el("kbd", {}, "T"))
          : el("p", { class: "note" }, t("市町村が分からない通報のため、場所を教えられません。")),
        el("p", { class: "note" }, t("「これからも使う」は名前と場所を覚え、同じ名前の通報も地図に出します。")))];
    },
    /** The same report, perhaps changed meanwhile. @param {any} item */
    refresh(item) {
      const mark = (/** @type {any} */ one) => JSON.stringify([one.text, one.observations]);
      if (shown && mark(shown) !== mark(item)) this.show(item, list, false);
    },
    gone() {
      if (!shown) return;
      stop();
      shown = null;
      root.replaceChildren(head(el("h2", { id: "item-title", tabIndex: -1 }, t("この通報は一覧から外れました")), onClose),
        el("p", { class: "notice" }, t("ほかの職員が場所を決めたか、送信者が取り消しました。")));
    },
    pause: stop,
    hide() {
      stop();
      shown = null;
      root.hidden = true;
      root.replaceChildren();
    },
    /** @param {string} key @returns {boolean} whether it meant something */
    key(key) {
      if (keys.has(key)) {
        keys.get(key)?.();
        return true;
      }
      return placing?.key(key) ?? false;
    },
  };
}

/** @param {HTMLElement} heading @param {() => void} onClose */
const head = (heading, onClose) => el("header", { class: "detail__header" }, heading,
  el("button", { type: "button", class: "button", onclick: onClose }, t("閉じる")));

/** @param {any} item @param {number} now */
function tags(item, now) {
  const people = peopleWords(item.people);
  const from = item.sender_municipality_name ?? item.sender_municipality;
  return el("div", {},
    el("p", { class: "detail__tags" }, item.drill && el("span", { class: "tag tag--drill" }, t("訓練")),
      item.urgent && el("span", { class: "tag tag--urgent" }, t("緊急")), people && el("span", { class: "row__people" }, people)),
    el("p", { class: "report__head" }, `${whenWords(item.posted_at, now)} ${channelWord(item.channel)}`,
      from ? ` ${t("送信者の市町村")} ` : "", from && japanese(from)));
}

/** @param {any} item */
function quoteNode(item) {
  const evidence = item.observations.flatMap((/** @type {any} */ one) => one.evidence);
  return el("blockquote", { class: "report__text", lang: "ja" }, ...segments(item.text, evidence).map((piece) =>
    piece.labels.length ? el("mark", { title: piece.labels.join(t("・")) }, piece.text) : document.createTextNode(piece.text)));
}

/** @param {any} item */
const photo = (item) => item.photo && el("p", {}, el("a", { href: item.photo, target: "_blank", rel: "noopener", class: "report__photo" },
  el("img", { src: item.photo, alt: t("通報に添えられた写真（選ぶと大きく開きます）"), loading: "lazy" })));

/** @param {any} item @param {string} tab */
function headingOf(item, tab) {
  if (tab === "elsewhere") return t("管外についての通報");
  return item.observations.length ? t("この通報の場所を決める") : t("この文を確かめる");
}

/** What one's own people say of another municipality: to be looked at, and pointed at on the map. @param {any[]} observations @param {any} map */
function elsewhereNode(observations, map) {
  map.number(observations.filter((one) => one.lat !== null).map((one) => ({ lat: one.lat, lon: one.lon, name: said(one.type_ja) })), () => {});
  const lines = observations.map((one) => el("div", {},
    el("p", {}, ...understood(one), " ", el("span", { class: "term" }, t("読み取った市町村")), " ", japanese(one.municipality_name ?? t("不明"))),
    one.why && el("p", { class: "note" }, japanese(one.why))));
  return el("section", { class: "traysaid" }, el("h3", {}, t("読み取った内容")), ...lines,
    el("p", { class: "notice" }, t("この通報は、読み取った市町村と県の本部が扱います。場所が違うと思うときは、その本部に電話などで知らせてください。")));
}

/** @param {any} one an observation */
const understood = (one) => [el("strong", {}, `${said(one.type_ja)} ${said(one.status_ja)}`),
  one.place_text ? t(" 「{place}」", { place: one.place_text }) : t("（場所の記載なし）")];

/** What was understood; those without a place can be chosen. @param {any[]} observations */
function saidNode(observations) {
  /** @type {Map<number, HTMLInputElement>} */
  const boxes = new Map();
  const lines = observations.map((one) => {
    const words = understood(one);
    const why = one.why && el("span", { class: "note" }, el("span", { class: "term" }, `${t("決められない理由")} `), japanese(one.why));
    if (one.on_map) return el("p", { class: "note" }, ...words, ` ${t("（地図にあります）")}`);
    const box = el("input", { type: "checkbox", checked: true });
    boxes.set(one.ordinal, box);
    return el("div", {}, el("label", {}, box, el("span", {}, ...words)), why);
  });
  return {
    node: el("section", { class: "traysaid" }, el("h3", {}, t("読み取った内容")), ...lines),
    ordinals: () => [...boxes].filter(([, box]) => box.checked).map(([ordinal]) => ordinal),
  };
}

/** @param {(deed: "pull", body: any) => Promise<void>} attempt */
function pullNode(attempt) {
  const type = el("select", { class: "field", id: "pull-type" }, el("option", { value: "" }, t("選んでください")),
    ...[...TYPES.values()].map(({ code, word }) => el("option", { value: code }, word)));
  const status = el("select", { class: "field", id: "pull-status" },
    ...[...STATES].filter(([code]) => code !== "rejected").map(([code, word]) => el("option", { value: code }, word)));
  const urgent = el("input", { type: "checkbox", id: "pull-urgent" });
  return el("form", { class: "traydeeds", onsubmit: (/** @type {Event} */ event) => {
    event.preventDefault();
    if (type.value) void attempt("pull", { type: type.value, status: status.value, urgent: urgent.checked });
    else type.focus();
  } },
  el("h3", {}, t("これは通報です")),
  el("div", { class: "traydeeds__row" },
    el("p", { class: "teach__field" }, el("label", { for: type.id }, t("被害種別")), type),
    el("p", { class: "teach__field" }, el("label", { for: status.id }, t("状態")), status)),
  el("label", { class: "choice", for: urgent.id }, urgent, t("命の危険がある（緊急）")),
  el("button", { type: "submit", class: "button button--main" }, t("通報として取り込む")));
}

/** @param {(deed: "settle", body: any) => Promise<void>} attempt @param {Map<string, () => void>} keys */
function settleNode(attempt, keys) {
  const reason = el("input", { class: "field teach__wide", id: "settle-reason", maxLength: 500, autocomplete: "off" });
  const box = el("details", { class: "traysettle" },
    el("summary", {}, t("場所を決めずに済みにする"), " ", el("kbd", {}, "X")),
    el("form", { class: "traydeeds", onsubmit: (/** @type {Event} */ event) => {
      event.preventDefault();
      void attempt("settle", { reason: reason.value });
    } }, el("p", { class: "teach__field" }, el("label", { for: reason.id }, t("理由（氏名は書かない）")), reason),
    el("button", { type: "submit", class: "button" }, t("済みにする"))));
  keys.set("x", () => { box.open = true; reason.focus(); });
  return box;
}

/** @param {import("./api.js").Refused} error */
function refusal(error) {
  if (error.status === 0) return t("保存できませんでした。通信を確かめて、もう一度押してください。");
  if (error.status === 401) return t("サインインの期限が切れました。サインインし直してください。");
  const fields = (error.problem.errors ?? []).map((/** @type {any} */ one) => said(one.message)).join(" ");
  return t("保存できませんでした。{title}。{detail}", { title: said(error.problem.title ?? ""), detail: fields || said(error.problem.detail ?? "") });
}
