/** Whether the page may be trusted to be current. Pure: every time is handed in. */

export const PULSE_SILENCE_MS = 25_000;

/**
 * @typedef {object} Signs
 * @property {number|null} pulseAt local time at which the last pulse came
 * @property {number|null} workerAgeMs how long the worker had been silent when that pulse was sent
 * @property {number|null} serverAt the server's own time in that pulse
 * @property {boolean} fetchFailing whether the collection could not be fetched
 * @property {boolean} signedOut
 * @property {number} startedAt local time at which the page began to listen
 */

/** @param {number} startedAt @returns {Signs} */
export const noSigns = (startedAt) => ({
  pulseAt: null, workerAgeMs: null, serverAt: null, fetchFailing: false, signedOut: false, startedAt,
});

/**
 * @param {Signs} signs @param {{at: string, worker_seen_at: string|null}} pulse @param {number} now local
 * @returns {Signs}
 */
export function afterPulse(signs, pulse, now) {
  const serverAt = Date.parse(pulse.at);
  // Both times are the server's: a headquarters clock that is wrong must not look like a dead worker.
  const workerAgeMs = pulse.worker_seen_at === null ? null : serverAt - Date.parse(pulse.worker_seen_at);
  return { ...signs, pulseAt: now, serverAt, workerAgeMs };
}

/**
 * @param {Signs} signs @param {number} now local @param {number} workerSilenceMs
 * @returns {{stale: boolean, reason: ""|"signed-out"|"fetch"|"pulse"|"worker"|"starting", lastAt: number|null}}
 * `lastAt`: until when (server's time) what is shown is known to be current
 */
export function judge(signs, now, workerSilenceMs) {
  const { pulseAt, workerAgeMs, serverAt } = signs;
  const workerAt = serverAt === null || workerAgeMs === null ? null : serverAt - workerAgeMs;
  const verdict = (/** @type {any} */ reason, /** @type {number|null} */ lastAt) => ({
    stale: reason !== "" && reason !== "starting", reason, lastAt,
  });
  if (signs.signedOut) return verdict("signed-out", serverAt);
  if (signs.fetchFailing) return verdict("fetch", serverAt);
  if (now - (pulseAt ?? signs.startedAt) > PULSE_SILENCE_MS) return verdict("pulse", serverAt);
  if (pulseAt === null) return verdict("starting", null);
  if (workerAgeMs === null || workerAgeMs + (now - pulseAt) > workerSilenceMs) {
    return verdict("worker", workerAt);
  }
  return verdict("", serverAt);
}

/**
 * The server's time now, so that 「12分前」 is right on a machine whose clock is not.
 * @param {Signs} signs @param {number} now local @returns {number}
 */
export const serverNow = (signs, now) =>
  signs.serverAt === null || signs.pulseAt === null ? now : signs.serverAt + (now - signs.pulseAt);
