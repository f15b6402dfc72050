/** Server-sent events with resume: the browser's own, and a new connection when that gives up. */

import { PULSE_SILENCE_MS } from "./liveness.js";

const LONGEST_WAIT_MS = 30_000;

/**
 * @param {object} options
 * @param {() => number} options.cursor the seq after which events are wanted
 * @param {(change: any) => void} options.onChange
 * @param {(pulse: any) => void} options.onPulse
 * @param {() => void} options.onReset the history no longer reaches back to the cursor
 * @param {(log: number) => void} [options.onLog] the chronology has a new line
 * @param {() => void} options.onRefused the server closed the door: perhaps signed out
 * @returns {{close: () => void}}
 */
export function listen({ cursor, onChange, onPulse, onReset, onRefused, onLog = () => {} }) {
  /** @type {EventSource|null} */
  let source = null;
  let attempts = 0;
  let timer = 0;
  let heardAt = Date.now();

  const reopen = () => {
    source?.close();
    const wait = Math.min(LONGEST_WAIT_MS, 1000 * 2 ** attempts) * (0.75 + Math.random() / 2);
    attempts += 1;
    clearTimeout(timer);
    timer = window.setTimeout(open, wait);
  };
  const heard = () => {
    heardAt = Date.now();
    attempts = 0;
  };
  function open() {
    heardAt = Date.now();
    source = new EventSource(`/stream?since=${cursor()}`);
    source.addEventListener("change", (event) => { heard(); onChange(JSON.parse(event.data)); });
    source.addEventListener("pulse", (event) => { heard(); onPulse(JSON.parse(event.data)); });
    source.addEventListener("log", (event) => { heard(); onLog(JSON.parse(event.data).log); });
    source.addEventListener("reset", () => { heard(); onReset(); });
    source.addEventListener("error", () => {
      if (source?.readyState !== EventSource.CLOSED) return;
      onRefused();
      reopen();
    });
  }
  // A half-open connection (sleeping laptop, changed network) raises no error: only silence tells.
  const watchdog = window.setInterval(() => {
    if (Date.now() - heardAt > PULSE_SILENCE_MS) reopen();
  }, 5000);
  open();
  return {
    close() {
      clearTimeout(timer);
      clearInterval(watchdog);
      source?.close();
    },
  };
}
