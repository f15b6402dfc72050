/** The tray and the chronology over the public API. */

import { ask } from "./api.js";

/** @param {string} path */
const askJson = async (path) => (await ask(path, { headers: { accept: "application/json" } })).json();

/** @param {string} path @param {any} body @param {string} csrf */
const post = async (path, body, csrf) => (await ask(path, {
  method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json", "x-csrf-token": csrf },
})).json();

/** @returns {Promise<number>} the change at which everything is now: where to follow the stream from */
export const currentSeq = async () => (await askJson("/collections/incidents/items?limit=1")).seq;

/** @param {string} tab @param {string|null} after @returns {Promise<{items: any[], next: string|null, waiting: number, urgent: number}>} */
export const trayPage = (tab, after) =>
  askJson(`/tray?tab=${encodeURIComponent(tab)}${after ? `&after=${encodeURIComponent(after)}` : ""}`);

/** @returns {Promise<{waiting: number, urgent: number}>} */
export const trayCount = () => askJson("/tray/count");

/** @param {string} id of the report @param {"place"|"pull"|"settle"} deed @param {any} body @param {string} csrf */
export const trayDeed = (id, deed, body, csrf) => post(`/tray/${encodeURIComponent(id)}/${deed}`, body, csrf);

/** @param {number} action @param {string} csrf */
export const undoDeed = (action, csrf) => post(`/tray/deeds/${action}/undo`, {}, csrf);

/** @param {URLSearchParams} query @returns {Promise<{lines: any[], next: string|null}>} */
export const logPage = (query) => askJson(`/chronology?${query}`);

/** @param {any} entry @param {string} csrf @returns {Promise<any>} the line */
export const writeEntry = (entry, csrf) => post("/chronology", entry, csrf);
