/** What the evacuation page asks of the API. Every write carries the session's token. */

import { ask } from "../api.js";

/** @param {string} path */
const json = async (path) => (await ask(path, { headers: { accept: "application/json" } })).json();

/** @param {Record<string, string|number|boolean>} given */
const query = (given) => new URLSearchParams(Object.entries(given).map(([name, value]) => [name, String(value)])).toString();

/** @param {string} method @param {string} path @param {any} body @param {string} csrf */
const send = async (method, path, body, csrf) => (await ask(path, {
  method, body: JSON.stringify(body), headers: { "content-type": "application/json", "x-csrf-token": csrf },
})).json();

/** @param {string} municipality @param {boolean} drill @returns {Promise<any>} */
export const board = (municipality, drill) => json(`/evacuation/board?${query({ municipality, drill })}`);

/** @param {string} municipality @param {number} edition @returns {Promise<any>} */
export const units = (municipality, edition) => json(`/evacuation/units.geojson?${query({ municipality, edition })}`);

/** @param {boolean} drill @returns {Promise<any>} */
export const municipalities = (drill) => json(`/evacuation/municipalities?${query({ drill })}`);

/** @param {string} municipality @param {boolean} drill @returns {Promise<any>} */
export const decisions = (municipality, drill) => json(`/evacuation/decisions?${query({ municipality, drill })}`);

/** @param {string} id @returns {Promise<any>} */
export const decision = (id) => json(`/evacuation/decisions/${encodeURIComponent(id)}`);

/** @param {string} id @returns {Promise<any>} the board of that moment */
export const frozen = (id) => json(`/evacuation/decisions/${encodeURIComponent(id)}/frozen`);

/** @param {string} municipality @returns {Promise<any>} */
export const criteria = (municipality) => json(`/evacuation/criteria?${query({ municipality })}`);

/** @param {any} given @param {string} csrf @returns {Promise<any>} */
export const decide = (given, csrf) => send("POST", "/evacuation/decisions", given, csrf);

/** @param {any} given @param {string} csrf @returns {Promise<any>} */
export const saveCriteria = (given, csrf) => send("PUT", "/evacuation/criteria", given, csrf);

/** @param {any} given @param {string} csrf @returns {Promise<any>} */
export const tick = (given, csrf) => send("POST", "/evacuation/ticks", given, csrf);

/** @param {any} given @param {string} csrf @returns {Promise<any>} */
export const heard = (given, csrf) => send("POST", "/evacuation/calls", given, csrf);

/** @param {string} id @param {any} given @param {string} csrf @returns {Promise<any>} */
export const shelter = (id, given, csrf) => send("PUT", `/evacuation/shelters/${encodeURIComponent(id)}`, given, csrf);

/**
 * @param {any} collection @param {{municipality: string, replaces: number, preview: boolean}} how @param {string} csrf
 * @returns {Promise<any>}
 */
export const importUnits = (collection, how, csrf) => send("PUT", `/evacuation/units.geojson?${query(how)}`, collection, csrf);

/** @returns {Promise<number>} the change from which to listen */
export const cursor = async () => (await json("/collections/incidents/items?limit=1")).seq;
