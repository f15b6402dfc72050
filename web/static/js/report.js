/** The volunteer's form: write, attach, send; what cannot be sent waits on the phone. */

import { Refused, ask } from "./api.js";
import { byId, el } from "./dom.js";
import { t } from "./i18n.js";
import { bindChooser, remembered } from "./municipality.js";
import { backoff, entryWords, isFinal, openOutbox } from "./outbox.js";
import { shrink } from "./photo.js";
import { timeWords } from "./time.js";

const DRAFT = "hansho.draft";
const POLL_MS = 4000;
const KEPT = 20;

/** The report being written; its key is made at the first keystroke. */
const draft = {
  key: "", position: /** @type {any} */ (null), photo: /** @type {Blob|null} */ (null), municipality: remembered(),
};
const text = byId("text");
const outbox = await openOutbox();
let sending = false;
let timer = 0;

function keepDraft() {
  if (!draft.key) draft.key = crypto.randomUUID?.() ?? randomUuid();
  localStorage.setItem(DRAFT, JSON.stringify({ key: draft.key, text: text.value }));
}

/** `crypto.randomUUID` is missing where the page is not served over TLS. */
function randomUuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

function takeUpDraft() {
  const held = JSON.parse(localStorage.getItem(DRAFT) ?? "null");
  // Over a weak signal somebody writes before this script has come.
  const early = text.value;
  if (held?.text) {
    draft.key = held.key;
    text.value = joinedText(held.text, early);
  }
  if (text.value !== (held?.text ?? "")) keepDraft();
}

/** @param {string} held @param {string} early @returns {string} both, each once: a browser that reloads may fill in what was held */
const joinedText = (held, early) => (held.includes(early) ? held : early.includes(held) ? early : `${held}\n${early}`);

function showPosition() {
  const { position } = draft;
  byId("position").textContent = position
    ? t("現在地を付けました（誤差 およそ {metres} m）。", { metres: Math.round(position.accuracy) })
    : t("現在地は付いていません。");
  byId("unlocate").hidden = !position;
}

function locate() {
  byId("position").textContent = t("現在地を調べています…");
  if (!navigator.geolocation) {
    byId("position").textContent = t("この端末では現在地を使えません。場所を言葉で書いてください。");
    return;
  }
  navigator.geolocation.getCurrentPosition(({ coords }) => {
    draft.position = { lat: coords.latitude, lon: coords.longitude, accuracy: coords.accuracy };
    showPosition();
  }, () => {
    byId("position").textContent = t("現在地を使えませんでした。場所を言葉で書いてください。");
  }, { enableHighAccuracy: true, timeout: 20_000, maximumAge: 30_000 });
}

async function takePhoto() {
  const [file] = byId("photo").files;
  if (!file) return;
  byId("photo-words").textContent = t("写真を小さくしています…");
  try {
    draft.photo = await shrink(file);
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    byId("photo-words").textContent = t("この写真は付けられません。別の写真を選んでください。");
    return;
  }
  showPhoto();
}

function showPhoto() {
  const shown = byId("photo-shown");
  if (shown.src) URL.revokeObjectURL(shown.src);
  shown.hidden = !draft.photo;
  byId("unphoto").hidden = !draft.photo;
  byId("photo-words").textContent = draft.photo
    ? t("写真を付けました（{size} KB）。", { size: Math.ceil(draft.photo.size / 1024) }) : t("写真は付いていません。");
  if (draft.photo) shown.src = URL.createObjectURL(draft.photo);
  else shown.removeAttribute("src");
}

/** @param {SubmitEvent} event */
async function submit(event) {
  event.preventDefault();
  const words = text.value.trim();
  byId("text-error").textContent = words ? "" : t("見たことを書いてください。");
  if (!words) {
    text.focus();
    return;
  }
  keepDraft();
  try {
    await outbox.put({
      key: draft.key, text: words, posted_at: new Date().toISOString(), municipality: draft.municipality.code,
      position: draft.position, photo: draft.photo, state: "waiting", words: "", receipt: "", attempts: 0,
    });
  } catch {
    byId("text-error").textContent = t("この端末に通報を保存できないため、送れませんでした。書いた文は残っています。プライベートモードをやめるか空き容量を増やして、もう一度押してください。急ぐときは電話で知らせてください。");
    return;
  }
  // Only now is the draft safe elsewhere.
  localStorage.removeItem(DRAFT);
  Object.assign(draft, { key: "", position: null, photo: null });
  text.value = "";
  byId("photo").value = "";
  showPosition();
  showPhoto();
  await showSent();
  void work();
}

/** @param {import("./outbox.js").Entry} entry */
function formOf(entry) {
  const form = new FormData();
  form.set("text", entry.text);
  form.set("key", entry.key);
  form.set("posted_at", entry.posted_at);
  if (entry.municipality) form.set("municipality", entry.municipality);
  if (entry.position) {
    form.set("lat", String(entry.position.lat));
    form.set("lon", String(entry.position.lon));
    form.set("accuracy", String(entry.position.accuracy));
  }
  if (entry.photo) form.set("photo", entry.photo, "photo.jpg");
  return form;
}

/** @param {import("./outbox.js").Entry} entry */
async function send(entry) {
  try {
    const signal = AbortSignal.timeout(entry.photo ? 120_000 : 30_000);
    const answer = await ask("/form/reports", { method: "POST", body: formOf(entry), signal });
    const { receipt } = await answer.json();
    await outbox.put({ ...entry, state: "sent", receipt, photo: null });
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    if (isFinal(error.status)) await outbox.put({ ...entry, state: "refused", words: error.message });
    else await outbox.put({ ...entry, attempts: entry.attempts + 1 });
  }
}

/** @param {import("./outbox.js").Entry} entry */
async function poll(entry) {
  try {
    const { state, understood } = await (await ask(entry.receipt)).json();
    if (state !== "waiting") await outbox.put({ ...entry, state: "read", words: understood ?? "" });
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    if (isFinal(error.status)) await outbox.put({ ...entry, state: "read", words: "" });
  }
}

/** Sends what waits and asks after what was sent; comes back by itself until all is done. */
async function work() {
  if (sending) return;
  sending = true;
  clearTimeout(timer);
  const entries = await outbox.all();
  for (const entry of entries.filter(({ state }) => state === "waiting").reverse()) await send(entry);
  for (const entry of entries.filter(({ state }) => state === "sent")) await poll(entry);
  sending = false;
  const after = await showSent();
  const waiting = after.filter(({ state }) => state === "waiting");
  if (waiting.length) timer = window.setTimeout(work, backoff(Math.max(...waiting.map(({ attempts }) => attempts)) - 1));
  else if (after.some(({ state }) => state === "sent")) timer = window.setTimeout(work, POLL_MS);
}

async function showSent() {
  const entries = await outbox.all();
  for (const old of entries.filter(({ state }) => state === "read").slice(KEPT)) await outbox.remove(old.key);
  byId("network").textContent = navigator.onLine ? "" : t("いまは圏外です。");
  byId("sent").replaceChildren(...entries.map((entry) => el("li", {},
    el("p", { class: "sent__state" }, entryWords(entry)),
    el("p", { class: "sent__text" }, `${timeWords(entry.posted_at, Date.now())} ${entry.text.slice(0, 80)}`))));
  return entries;
}

function showMunicipality() {
  byId("municipality-words").textContent = draft.municipality.name || t("未選択（選ぶと、担当の本部に早く届きます）");
}

takeUpDraft();
showMunicipality();
bindChooser((chosen) => { draft.municipality = chosen; showMunicipality(); });
text.addEventListener("input", keepDraft);
byId("locate").addEventListener("click", locate);
byId("unlocate").addEventListener("click", () => { draft.position = null; showPosition(); });
byId("photo").addEventListener("change", takePhoto);
byId("unphoto").addEventListener("click", () => { draft.photo = null; byId("photo").value = ""; showPhoto(); });
byId("form").addEventListener("submit", submit);
// Before, the browser would have sent the form itself: a page anew, and the words in its address.
byId("send").disabled = false;
byId("preparing").hidden = outbox.keeps;
if (!outbox.keeps) byId("preparing").textContent = t("この端末には通報を残せません。「送信済」と出るまで、この画面を閉じないでください。");
addEventListener("online", () => { void work(); });
addEventListener("offline", () => { void showSent(); });
await showSent();
void work();
