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

const NAME = "hansho";
const STORE = "outbox";

/** @param {IDBRequest} request @returns {Promise<any>} */
const settled = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

/** @returns {Promise<{put: (entry: Entry) => Promise<void>, all: () => Promise<Entry[]>, remove: (key: string) => Promise<void>}>} */
export async function openOutbox() {
  const opening = indexedDB.open(NAME, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE, { keyPath: "key" });
  /** @type {IDBDatabase} */
  const database = await settled(opening);
  const store = (/** @type {IDBTransactionMode} */ mode) => database.transaction(STORE, mode).objectStore(STORE);
  return {
    put: (entry) => settled(store("readwrite").put(entry)),
    remove: (key) => settled(store("readwrite").delete(key)),
    async all() {
      const entries = await settled(store("readonly").getAll());
      return entries.sort((/** @type {Entry} */ a, /** @type {Entry} */ b) => (a.posted_at < b.posted_at ? 1 : -1));
    },
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
  if (entry.state === "read") return entry.words ? `読み取り済：${entry.words}` : "読み取り済（場所や被害は読み取れませんでした。本部の職員が確かめます）";
  if (entry.state === "sent") return "送信済（読み取り中）";
  if (entry.state === "refused") return `送れませんでした：${entry.words}`;
  return entry.attempts > 0 ? "送信待ち（つながり次第、自動で送ります）" : "送信待ち";
}
