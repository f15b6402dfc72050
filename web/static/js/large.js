/** The situation when it is too large for the page to hold, or lies in the past: asked for view by view. */

import { Refused, view as askView } from "./api.js";
import { restMs } from "./pausing.js";
import { MANY, readView, viewPath } from "./view.js";

/** The list grows with what is asked for: three screens of rows, since each costs time in every answer. */
const STEP = 30;
const LONGEST = 600;
const AGAIN_MS = 5000;

/**
 * @param {object} options
 * @param {() => {filter: any, bounds: any, zoom: number, listed: any, read: number, tray: boolean}} options.asked what is looked at
 * @param {(view: any) => void} options.onView
 * @param {(error: unknown) => void} options.onFailed
 */
export function largeView({ asked, onView, onFailed }) {
  /** @type {any} the newest answer */
  let view = null;
  /** @type {AbortController|null} */
  let running = null;
  let many = false;
  /** @type {number|null} the moment that is looked at; null: now */
  let at = null;
  let limit = STEP;
  let timer = 0;
  let restUntil = 0;

  /**
   * @param {{whole?: boolean}} [options] whole: only how much there is and where, nothing is shown of it
   * @returns {Promise<any>} the answer; null when there is none or another question has taken its place
   */
  async function ask({ whole = false } = {}) {
    running?.abort();
    clearTimeout(timer);
    timer = 0;
    const mine = running = new AbortController();
    const began = performance.now();
    try {
      const question = asked();
      const path = viewPath({ ...question, bounds: whole ? null : question.bounds, limit, at });
      const answer = readView(await askView(path, mine.signal));
      if (mine !== running) return null;
      view = answer;
      many ||= at === null && answer.total > MANY;
      restUntil = performance.now() + restMs(performance.now() - began);
      if (on() && !whole) onView(answer);
      return answer;
    } catch (error) {
      // Another question has taken its place.
      if (mine !== running || mine.signal.aborted) return null;
      if (!(error instanceof Refused)) throw error;
      onFailed(error);
      restUntil = performance.now() + AGAIN_MS;
      if (on()) later();
      return null;
    }
  }
  const on = () => many || at !== null;
  /** Something changed: ask again, but never faster than the server answers. */
  function later() {
    if (timer) return;
    timer = window.setTimeout(() => { timer = 0; void ask(); }, Math.max(200, restUntil - performance.now()));
  }

  return {
    ask,
    later,
    on,
    view: () => view,
    many: () => many,
    at: () => at,
    /** The page has grown beyond what it can hold. */
    begin() {
      many = true;
    },
    /** @param {number|null} moment epoch milliseconds; null: back to now */
    travel(moment) {
      at = moment;
      limit = STEP;
    },
    /** @returns {boolean} whether there is more to be had */
    grow() {
      if (!view || view.list.length < limit || limit >= LONGEST) return false;
      limit = Math.min(LONGEST, limit + STEP);
      void ask();
      return true;
    },
    rewind() {
      limit = STEP;
    },
  };
}
