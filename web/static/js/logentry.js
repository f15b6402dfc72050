/** Writing into the chronology: a line in seconds, Enter saves; what cannot be sent waits in this browser. */

import * as api from "./api.js";
import { el } from "./dom.js";
import { said, t } from "./i18n.js";
import { writeEntry } from "./logapi.js";
import { CATEGORIES } from "./logline.js";
import { fieldOfInstant, instantOfField } from "./time.js";
import { townField } from "./townfield.js";

const AGAIN_MS = 4000;
const QUEUE = "hansho.log.waiting";
const DRAFT = "hansho.log.draft";
const TOWN_DIGITS = 5;

/**
 * @param {object} options
 * @param {HTMLFormElement} options.root @param {() => string} options.csrf @param {() => number} options.now
 * @param {() => string} options.incident the one whose log is shown; an entry is then about it
 * @param {() => void} options.onWritten @param {() => void} options.onWaiting what waits has changed
 */
export function entryForm({ root, csrf, now, incident, onWritten, onWaiting }) {
  const category = el("select", { class: "field", id: "entry-category" }, ...[...CATEGORIES].map(([code, word]) => el("option", { value: code }, word)));
  const at = el("input", { class: "field", id: "entry-at", type: "datetime-local" });
  const origin = el("input", { class: "field", id: "entry-origin", maxLength: 100, autocomplete: "off" });
  const recipient = el("input", { class: "field", id: "entry-recipient", maxLength: 100, autocomplete: "off" });
  const town = townField("entry-town");
  const response = el("input", { class: "field", id: "entry-response", maxLength: 1000, autocomplete: "off" });
  const text = el("textarea", { class: "field", id: "entry-text", rows: 1, maxLength: 2000, required: true, autocomplete: "off" });
  const drill = el("input", { type: "checkbox", id: "entry-drill" });
  const note = el("p", { class: "logform__note", role: "status" });
  const fields = [category, at, origin, recipient, town.input, response, text, drill];
  let name = "";
  let timed = false;
  /** @type {number|null} */
  let strikes = null;
  /** @type {any[]} */
  let queue = [];
  let sending = false;

  const key = (/** @type {string} */ kind) => `${kind}.${name}`;
  const keepQueue = () => { localStorage.setItem(key(QUEUE), JSON.stringify(queue)); onWaiting(); };
  const keepDraft = () => localStorage.setItem(key(DRAFT), JSON.stringify({
    category: category.value, origin: origin.value, recipient: recipient.value, town: town.input.value, response: response.value, text: text.value,
    drill: drill.checked, at: timed ? at.value : "", strikes,
  }));
  const clock = () => { if (!timed && document.activeElement !== at) at.value = fieldOfInstant(now()); };
  const dress = () => root.classList.toggle("is-drill", drill.checked);
  const about = () => (incident() === "" ? [] : [el("span", {}, t("ここで書く記録は、表示中の事案の記録になります。"))]);
  const say = () => note.replaceChildren(...about(), ...(strikes === null ? [] : [
    el("strong", {}, t("記録{number}の訂正を書いています。元の記録は取り消し線を引いて残ります。", { number: strikes })),
    el("button", { type: "button", class: "button button--small", onclick: () => cancel() }, t("訂正をやめる")),
  ]));
  const clear = () => {
    for (const input of [recipient, town.input, response, text, origin]) input.value = "";
    timed = false;
    strikes = null;
    clock();
    say();
    keepDraft();
  };
  const cancel = () => { clear(); text.focus(); };
  const flush = async () => {
    if (sending) return;
    sending = true;
    try {
      for (const entry of queue.filter((one) => !one.refused)) {
        const { refused, ...given } = entry;
        await writeEntry(given, csrf());
        queue = queue.filter((one) => one.key !== entry.key);
        keepQueue();
        onWritten();
      }
    } catch (error) {
      if (!(error instanceof api.Refused)) throw error;
      refuse(error);
    } finally {
      sending = false;
    }
  };
  /** What will be refused again goes back into the form; the rest is tried again. @param {api.Refused} error */
  const refuse = (error) => {
    const final = error.status >= 400 && error.status < 500 && ![401, 408, 429].includes(error.status);
    if (error.status === 401) note.replaceChildren(el("span", { class: "field-error" }, t("サインインの期限が切れました。サインインし直してください。")));
    if (!final) return;
    const [entry, ...rest] = queue.filter((one) => !one.refused);
    queue = rest;
    keepQueue();
    const words = (error.problem.errors ?? []).map((/** @type {any} */ one) => said(one.message)).join(" ") || said(error.problem.detail ?? "");
    // Whoever has begun the next line is not disturbed: the refused one stays in sight above the table.
    if (text.value.trim()) {
      queue = [...queue, { ...entry, refused: t("{title}。{detail}", { title: said(error.problem.title ?? ""), detail: words }) }];
      keepQueue();
    } else {
      fill({ ...entry, at: fieldOfInstant(Date.parse(entry.at)) });
    }
    note.append(el("span", { class: "field-error" }, t("保存できませんでした。{title}。{detail}", { title: said(error.problem.title ?? ""), detail: words })));
  };
  const fill = (/** @type {any} */ held) => {
    category.value = held.category ?? "received";
    for (const [input, value] of [[origin, held.origin], [recipient, held.recipient], [town.input, held.town ?? held.municipality], [response, held.response], [text, held.text]]) input.value = value ?? "";
    drill.checked = held.drill ?? false;
    strikes = held.strikes ?? null;
    timed = Boolean(held.at);
    if (timed) at.value = held.at;
    dress();
    say();
  };
  const submit = () => {
    const instant = instantOfField(at.value);
    if (!text.value.trim() || instant === null) {
      (text.value.trim() ? at : text).focus();
      return;
    }
    if (town.input.value.trim() && town.code().length !== TOWN_DIGITS) {
      note.replaceChildren(el("span", { class: "field-error" }, t("関わる市区町村を一覧から選ぶか、5桁のコードを書いてください。")));
      town.input.focus();
      return;
    }
    const entry = {
      key: crypto.randomUUID?.() ?? uuid(), at: new Date(timed ? instant : nowExactly(now())).toISOString(), category: category.value,
      origin: origin.value, recipient: recipient.value, response: response.value, text: text.value, drill: drill.checked,
      ...(strikes === null ? {} : { strikes }), ...(town.code() && { municipality: town.code() }), ...(incident() && { incident: incident() }),
    };
    queue = [...queue.filter((one) => !one.refused), entry];
    clear();
    keepQueue();
    text.focus();
    void flush();
  };

  build(root, { category, at, origin, recipient, town, response, text, drill, note });
  root.addEventListener("submit", (event) => { event.preventDefault(); submit(); });
  root.addEventListener("input", (event) => { if (event.target === at) timed = true; keepDraft(); dress(); });
  root.addEventListener("keydown", (event) => {
    // An Enter that ends a conversion of kana is not one that saves.
    if (event.key !== "Enter" || event.isComposing || event.keyCode === 229 || event.shiftKey) return;
    if (fields.includes(event.target)) { event.preventDefault(); submit(); }
  });
  setInterval(clock, 1000);
  setInterval(() => { if (queue.some((one) => !one.refused)) void flush(); }, AGAIN_MS);
  addEventListener("online", () => void flush());

  return {
    cancel,
    focus: () => text.focus(),
    waiting: () => queue,
    /** @param {{name: string, municipality: string|null}} user whose drafts are this person's alone */
    open(user) {
      name = user.name;
      // A municipality writes about itself; a prefecture may write for one of its own to read, too.
      root.querySelector(".logform__town").hidden = (user.municipality ?? "").length === TOWN_DIGITS;
      queue = parse(localStorage.getItem(key(QUEUE))) ?? [];
      const held = parse(localStorage.getItem(key(DRAFT)));
      if (held) fill(held);
      root.hidden = false;
      clock();
      void flush();
    },
    /** Another incident's log is shown. */
    refresh: say,
    /** @param {boolean} on while all that is shown is a drill, an entry is one, too */
    suggestDrill(on) {
      if (text.value) return;
      drill.checked = on;
      dress();
    },
    /** @param {any} line the entry that is wrong */
    strike(line) {
      fill({ ...line, strikes: Number(line.id.slice(2)), at: fieldOfInstant(Date.parse(line.at)) });
      keepDraft();
      text.focus();
      text.select();
    },
  };
}

/** @param {HTMLFormElement} root @param {Record<string, any>} fields */
function build(root, { category, at, origin, recipient, town, response, text, drill, note }) {
  const field = (/** @type {string} */ words, /** @type {any} */ input, cls = "") => el("p", { class: cls }, el("label", { for: input.id }, words), input);
  root.append(field(t("区分"), category), field(t("時刻（日本時間）"), at), field(t("発信元"), origin), field(t("受信先"), recipient),
    field(t("対応"), response), field(t("関わる市区町村（そこでも読めます）"), town.input, "logform__town"), town.list,
    field(t("内容（Enterで保存、Shift＋Enterで改行。氏名は書かない）"), text, "logform__text"),
    el("div", { class: "logform__send" }, el("label", { class: "logform__drill" }, drill, t("訓練")),
      el("button", { type: "submit", class: "button button--main" }, t("記録する"))), note);
}

/** @param {string|null} words @returns {any} */
function parse(words) {
  try {
    return JSON.parse(words ?? "null");
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/**
 * The server's time as the page knows it may be some seconds old: this machine's own, unless that is wrong.
 * @param {number} serverNow
 */
const nowExactly = (serverNow) => (Math.abs(Date.now() - serverNow) < 60_000 ? Date.now() : serverNow);

/** On a page without https the browser gives no randomUUID. */
function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
