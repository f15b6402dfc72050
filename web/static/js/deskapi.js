/** The desk's part of the API. */

import { ask } from "./api.js";

/** @param {string} path */
const askJson = async (path) => (await ask(path, { headers: { accept: "application/json" } })).json();

/** @param {Record<string, string>} asked @returns {Promise<{queue: any[], matched: number, hidden: number, choices: any, seq: number}>} */
export const queue = (asked) => askJson(`/desk/queue?${new URLSearchParams(asked)}`);

/** @param {string} id @returns {Promise<any>} one entry with reports, nearby and trail */
export const entry = (id) => askJson(`/desk/incidents/${encodeURIComponent(id)}`);

/** @returns {Promise<{assignees: {kind: string, id: string, name: string}[]}>} */
export const assignees = () => askJson("/desk/assignees");

/**
 * @param {any} order as POST /desk/actions takes it @param {string} csrf
 * @returns {Promise<{action: any, incidents: any[]}>}
 */
export const act = async (order, csrf) => (await ask("/desk/actions", {
  method: "POST", body: JSON.stringify(order), headers: { "content-type": "application/json", "x-csrf-token": csrf },
})).json();
