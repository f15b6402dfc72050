/** Waiting: for a time, for the screen. */

/** @param {number} ms @returns {Promise<void>} */
export const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

const LONGEST_FRAME_MS = 200;

/** What was changed is on the screen. A page in the background draws nothing and is not waited for. */
export const drawn = () => Promise.race([
  new Promise((resolve) => { requestAnimationFrame(() => setTimeout(resolve)); }), pause(LONGEST_FRAME_MS),
]);
