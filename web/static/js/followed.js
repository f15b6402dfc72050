/** What every page of headquarters does besides its own: who is signed in, whether what it shows is current. */

import { bindSignOut } from "./account.js";
import * as api from "./api.js";
import { showLiveness, showWaiting } from "./banner.js";
import { pageConfig } from "./config.js";
import { byId } from "./dom.js";
import { afterPulse, noSigns, serverNow } from "./liveness.js";
import { currentSeq } from "./logapi.js";
import { pause } from "./pausing.js";
import { listen } from "./stream.js";
import { bindThemeButton } from "./theme.js";
import { trayBadge } from "./traycount.js";

const RETRY_MS = 4000;

/**
 * @param {object} options
 * @param {() => void} options.onNews something changed: fetch again
 * @param {(user: any) => void} options.onUser
 * @param {() => void} [options.onTheme]
 */
export function followedPage({ onNews, onUser, onTheme = () => {} }) {
  const config = pageConfig();
  let signs = noSigns(Date.now());
  let seq = 0;
  let log = -1;
  /** @type {any} */
  let user = null;
  const badge = trayBadge();
  const tick = () => showLiveness(signs, Date.now(), config.workerSilenceMs);
  const failed = (/** @type {any} */ error) => {
    if (!(error instanceof api.Refused)) throw error;
    signs = { ...signs, fetchFailing: error.status !== 401, signedOut: error.status === 401 };
    tick();
  };
  const fine = () => {
    signs = { ...signs, fetchFailing: false, signedOut: false };
    tick();
  };
  const news = () => { badge.later(); onNews(); };
  const logged = (/** @type {number|null} */ number) => {
    if (number === null || number === undefined || number === log) return;
    const first = log < 0;
    log = number;
    if (!first) onNews();
  };
  const start = async () => {
    for (;;) {
      try {
        user = await api.me();
        seq = await currentSeq();
        break;
      } catch (error) {
        failed(error);
        await pause(RETRY_MS);
      }
    }
    badge.allow(user);
    onUser(user);
    listen({
      cursor: () => seq,
      onChange: (change) => { seq = Math.max(seq, change.seq); news(); },
      onPulse: (pulse) => { signs = afterPulse(signs, pulse, Date.now()); showWaiting(pulse); logged(pulse.log); tick(); },
      onLog: (number) => { log = number; onNews(); },
      onReset: () => { void currentSeq().then((now) => { seq = now; news(); }, failed); },
      onRefused: () => { void api.me().then(fine, failed); },
    });
  };
  bindThemeButton(byId("theme"), onTheme);
  bindSignOut(() => user?.csrf ?? "");
  setInterval(tick, 1000);
  return { start, failed, fine, badge, config, csrf: () => user?.csrf ?? "", user: () => user, now: () => serverNow(signs, Date.now()) };
}
