/** How many reports lie in the tray, in the header of every page of those who may read words. */

import { Refused } from "./api.js";
import { byId } from "./dom.js";
import { t } from "./i18n.js";
import { trayCount } from "./logapi.js";

const WAIT_MS = 1500;

/** Roles that read the words of reports. */
const READERS = ["officer", "commander", "administrator"];

/** @param {{role: string}|null} user */
export const readsWords = (user) => user !== null && READERS.includes(user.role);

/** @returns {{allow: (user: {role: string}|null) => void, later: () => void, show: (count: {waiting: number, urgent: number}) => void}} */
export function trayBadge() {
  const link = byId("tray-link");
  const badges = document.querySelectorAll("[data-tray]");
  let allowed = false;
  let timer = 0;
  const show = (/** @type {{waiting: number, urgent: number}} */ { waiting, urgent }) => {
    for (const badge of badges) {
      badge.textContent = waiting ? String(waiting) : "";
      badge.classList.toggle("is-urgent", urgent > 0);
    }
    const words = urgent ? t("場所未特定 {count}件（緊急 {urgent}件）", { count: waiting, urgent }) : t("場所未特定 {count}件", { count: waiting });
    link.setAttribute("aria-label", words);
    link.title = words;
  };
  const ask = async () => {
    timer = 0;
    try {
      show(await trayCount());
    } catch (error) {
      // The page itself says when the server is away.
      if (!(error instanceof Refused)) throw error;
    }
  };
  return {
    allow(user) {
      allowed = readsWords(user);
      link.hidden = !allowed;
      if (allowed) void ask();
    },
    later() { if (allowed && !timer) timer = window.setTimeout(() => void ask(), WAIT_MS); },
    show,
  };
}
