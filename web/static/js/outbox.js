/**
 * Reports that this phone has written, kept in IndexedDB until the server has them: closing the tab,
 * a dead battery or no signal loses nothing.
 *
 * @typedef {object} Entry
 * @property {string} key UUID made by the phone, so that a retry is not a second report
 * @property {string} text
 * @property {string} posted_at ISO 8601
 * @property {string} municipality 5-digit code or ""
 * @property {{lat: number, lon: number, accuracy: number}|null} position
 * @property {Blob|null} photo
 * @property {"waiting"|"sent"|"read"|"refused"} state
 * @property {string} words what the server understood, or why it refused
 * @property {string} receipt address that tells how far the report has come
 * @property {number} attempts
 */

import { said, t } from "./i18n.js";

const NAME = "hansho";
const STORE = "outbox";

/** @param {IDBRequest} request @returns {Promise<any>} */
const settled = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

/** @typedef {{keeps: boolean, put: (entry: Entry) => Promise<void>, all: () => Promise<Entry[]>, remove: (key: string) => Promise<void>}} Outbox */

/** @returns {Promise<Outbox>} where the phone keeps nothing (private mode, no space), one that lasts as long as the page */
export async function openOutbox() {
  try {
    return await openKept();
  } catch (error) {
    if (error instanceof DOMException || error instanceof TypeError) return openPassing();
    throw error;
  }
}

/** @param {Entry[]} entries @returns {Entry[]} the newest first */
const newestFirst = (entries) => entries.sort((a, b) => (a.posted_at < b.posted_at ? 1 : -1));

/** @returns {Outbox} */
function openPassing() {
  /** @type {Map<string, Entry>} */
  const held = new Map();
  return {
    keeps: false,
    put: async (entry) => { held.set(entry.key, entry); },
    remove: async (key) => { held.delete(key); },
    all: async () => newestFirst([...held.values()]),
  };
}

/** @returns {Promise<Outbox>} */
async function openKept() {
  const opening = indexedDB.open(NAME, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE, { keyPath: "key" });
  /** @type {IDBDatabase} */
  const database = await settled(opening);
  const store = (/** @type {IDBTransactionMode} */ mode) => database.transaction(STORE, mode).objectStore(STORE);
  return {
    keeps: true,
    put: (entry) => settled(store("readwrite").put(entry)),
    remove: (key) => settled(store("readwrite").delete(key)),
    all: async () => newestFirst(await settled(store("readonly").getAll())),
  };
}

/** @param {number} attempts @returns {number} milliseconds until the next try, at most a minute */
export const backoff = (attempts) => Math.min(60_000, 2000 * 2 ** attempts);

/**
 * Whether a refusal will stay one: a retry of the same words would be refused again.
 * @param {number} status HTTP status, 0 without an answer
 */
export const isFinal = (status) => status >= 400 && status < 500 && status !== 408 && status !== 429;

/** @param {Entry} entry @returns {string} its state in words */
export function entryWords(entry) {
  if (entry.state === "read") return entry.words ? t("読み取り済：{words}", { words: entry.words }) : t("読み取り済（場所や被害は読み取れませんでした。本部の職員が確かめます）");
  if (entry.state === "sent") return t("送信済（読み取り中）");
  if (entry.state === "refused") return t("送れませんでした：{words}", { words: said(entry.words) });
  return entry.attempts > 0 ? t("送信待ち（つながり次第、自動で送ります）") : t("送信待ち");
}
