/** The public API, as this page uses it. */

const PAGE_SIZE = 2000;
const PATIENCE_MS = 20_000;

/** A refusal by the server; `status` is the HTTP status, 0 when no answer came. */
export class Refused extends Error {
  /** @param {number} status @param {string} title @param {any} [problem] RFC 9457 document */
  constructor(status, title, problem = {}) {
    super(title);
    this.name = "Refused";
    this.status = status;
    this.problem = problem;
  }
}

/**
 * @param {string} path @param {RequestInit} [init]
 * @returns {Promise<Response>} an answer of 200 to 299
 * @throws {Refused}
 */
export async function ask(path, init = {}) {
  const signal = init.signal ?? AbortSignal.timeout(PATIENCE_MS);
  let answer;
  try {
    answer = await fetch(path, { credentials: "same-origin", ...init, signal });
  } catch (error) {
    throw new Refused(0, error instanceof Error ? error.message : String(error));
  }
  if (answer.ok) return answer;
  const problem = await answer.json().catch(() => ({}));
  throw new Refused(answer.status, problem.title ?? `HTTP ${answer.status}`, problem);
}

/** @param {string} path */
const askJson = async (path) => (await ask(path, { headers: { accept: "application/json" } })).json();

/** @returns {Promise<{name: string, role: string, municipality: string|null, csrf: string}>} */
export const me = () => askJson("/me");

/** @returns {Promise<any>} GeoJSON FeatureCollection of municipality polygons */
export const municipalities = () => askJson("/municipalities.geojson");

/** @param {string} id @returns {Promise<any>} the reports behind an incident (officers only) */
export const reportsBehind = (id) => askJson(`/incidents/${encodeURIComponent(id)}/reports`);

/** @param {string} id @returns {Promise<any>} one Feature */
export const incident = (id) => askJson(`/collections/incidents/items/${encodeURIComponent(id)}`);

/** @returns {Promise<number>} the status with which the server answers, 0 when it does not */
export const probe = () => ask("/me").then(({ status }) => status, (error) => error.status ?? 0);

/** @param {string} path as `viewPath` makes it @param {AbortSignal} signal @returns {Promise<any>} one view */
export const view = async (path, signal) =>
  (await ask(path, { headers: { accept: "application/json" }, signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]) })).json();

/** @param {{west: number, south: number, east: number, north: number}} bounds @returns {Promise<any>} FeatureCollection */
export const shelters = ({ west, south, east, north }) =>
  askJson(`/shelters.geojson?bbox=${[west, south, east, north].map((degrees) => degrees.toFixed(5)).join(",")}`);

/**
 * @param {string} words @param {{lat: string, lon: string}} near @param {AbortSignal} signal
 * @returns {Promise<any>} the places that may be called so, the likeliest first
 */
export const placesCalled = async (words, near, signal) => (await ask(`/places?${new URLSearchParams({ q: words, ...near })}`,
  { headers: { accept: "application/json" }, signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]) })).json();

/** @returns {Promise<any>} FeatureCollection of the areas of the brigades that the reader may see */
export const brigadeAreas = () => askJson("/brigades.geojson");

/**
 * @param {string} municipality 5-digit code @param {number|null} at epoch milliseconds; null: now
 * @returns {Promise<any>} FeatureCollection of the units for which evacuation is ordered
 */
export const evacuationUnits = (municipality, at) => askJson(`/evacuation/units.geojson?${new URLSearchParams(
  { municipality, ...(at === null ? {} : { at: new Date(at).toISOString() }) })}`);

/** @param {number} from @param {number} to epoch milliseconds @returns {Promise<any>} how much came when */
export const timeline = (from, to) =>
  askJson(`/situation/timeline?from=${new Date(from).toISOString()}&to=${new Date(to).toISOString()}`);

/** @param {string} id */
const questionsPath = (id) => `/incidents/${encodeURIComponent(id)}/questions`;

/** @param {string} id @returns {Promise<any>} who was asked whether it still is so (officers only) */
export const questions = (id) => askJson(questionsPath(id));

/** @param {string} id @param {string} csrf @returns {Promise<any>} */
export const askReporters = async (id, csrf) =>
  (await ask(questionsPath(id), { method: "POST", headers: { "x-csrf-token": csrf } })).json();

/** @param {string} id @param {string} csrf @returns {Promise<any>} */
export const confirmStill = async (id, csrf) =>
  (await ask(`/incidents/${encodeURIComponent(id)}/confirmation`, { method: "POST", headers: { "x-csrf-token": csrf } })).json();

/**
 * The whole collection, page by page.
 * @returns {AsyncGenerator<any>} FeatureCollections
 */
export async function* pages() {
  let path = `/collections/incidents/items?limit=${PAGE_SIZE}`;
  while (path) {
    const page = await askJson(path);
    yield page;
    const next = (page.links ?? []).find((/** @type {any} */ link) => link.rel === "next");
    path = next ? sameOrigin(next.href) : "";
  }
}

/**
 * A link names the public address; behind a proxy the page may be open under another one.
 * @param {string} href
 */
function sameOrigin(href) {
  const { pathname, search } = new URL(href, location.href);
  return pathname + search;
}

/** @param {string} csrf */
export const signOut = (csrf) => ask("/signout", { method: "POST", headers: { "x-csrf-token": csrf } });

/** @param {string} csrf */
export const signOutEverywhere = (csrf) => ask("/me/sessions", { method: "DELETE", headers: { "x-csrf-token": csrf } });

/**
 * @param {any} lesson as POST /taught-places takes it @param {string} csrf
 * @returns {Promise<any>} the taught place
 */
export const teach = async (lesson, csrf) => (await ask("/taught-places", {
  method: "POST", body: JSON.stringify(lesson), headers: { "content-type": "application/json", "x-csrf-token": csrf },
})).json();

/** @param {string|null} municipality @returns {Promise<{taught: any[]}>} */
export const taughtPlaces = (municipality) =>
  askJson(`/taught-places${municipality ? `?municipality=${encodeURIComponent(municipality)}` : ""}`);

/** @param {string} id @returns {Promise<any>} */
export const taughtPlace = (id) => askJson(`/taught-places/${encodeURIComponent(id)}`);

/** @param {string} id @param {string} csrf */
export const takeBack = (id, csrf) =>
  ask(`/taught-places/${encodeURIComponent(id)}`, { method: "DELETE", headers: { "x-csrf-token": csrf } });
