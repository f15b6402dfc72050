/** Waiting: for a time, for the screen, for the server to have rested. */

/** @param {number} ms @returns {Promise<void>} */
export const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

const LONGEST_FRAME_MS = 200;
/** Changes that come together are asked about together; somebody who looks on does not notice. */
const GATHER_MS = 250;
/** People at two desks see each other's decisions within seconds, however slow the server is. */
const LONGEST_REST_MS = 3000;

/** What was changed is on the screen. A page in the background draws nothing and is not waited for. */
export const drawn = () => Promise.race([
  new Promise((resolve) => { requestAnimationFrame(() => setTimeout(resolve)); }), pause(LONGEST_FRAME_MS),
]);

/**
 * How long to wait before the next question that a change brings up: a slow server is asked less.
 * @param {number} tookMs how long the last answer took @returns {number} milliseconds
 */
export const restMs = (tookMs) => Math.max(1000, Math.min(15_000, tookMs * 10));

/**
 * Asks once about many changes, one question at a time.
 * @param {() => Promise<void>} ask @param {number} [gatherMs] how long changes are gathered
 * @returns {{later: () => void, soon: () => void}} later: something changed, ask when the server has rested;
 * soon: somebody waits for what they did themselves
 */
export function restful(ask, gatherMs = GATHER_MS) {
  /** @type {ReturnType<typeof setTimeout>|null} */
  let timer = null;
  let restUntil = 0;
  let running = false;
  /** @type {(() => void)|null} what was asked for while an answer was under way */
  let again = null;

  const run = async () => {
    timer = again = null;
    running = true;
    const began = performance.now();
    try {
      await ask();
    } finally {
      running = false;
      restUntil = performance.now() + Math.min(LONGEST_REST_MS, restMs(performance.now() - began));
      again?.();
    }
  };
  const later = () => {
    if (running) again ??= later;
    else timer ??= setTimeout(run, Math.max(gatherMs, restUntil - performance.now()));
  };
  const soon = () => {
    if (running) { again = soon; return; }
    if (timer !== null) clearTimeout(timer);
    timer = setTimeout(run, gatherMs);
  };
  return { later, soon };
}
