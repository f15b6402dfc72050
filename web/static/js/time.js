/** Times as headquarters read them: Japan Standard Time, and how long ago. Pure. */

import { language, t } from "./i18n.js";

const JST = "Asia/Tokyo";
const ENGLISH = language() === "en";
const LOCALE = ENGLISH ? "en-GB" : "ja-JP";
/** Who reads English may keep another clock. */
const ZONE = ENGLISH ? " JST" : "";
const clock = new Intl.DateTimeFormat(LOCALE, {
  timeZone: JST, hour: "numeric", minute: "2-digit", second: "2-digit", hour12: false,
});
const minute = new Intl.DateTimeFormat(LOCALE, {
  timeZone: JST, hour: "numeric", minute: "2-digit", hour12: false,
});
const day = new Intl.DateTimeFormat(LOCALE, {
  timeZone: JST, month: ENGLISH ? "short" : "long", day: "numeric", weekday: "short",
});
const date = new Intl.DateTimeFormat("en-CA", { timeZone: JST, dateStyle: "short" });
const longDate = new Intl.DateTimeFormat(LOCALE, { timeZone: JST, dateStyle: "long" });

/** @param {number|Date} at @returns {string} 3:12:05 */
export const clockWords = (at) => clock.format(at).replace(/^24/, "0").replace(/^0(\d)/, "$1") + ZONE;

/**
 * 3:12 today, 7月28日(火) 3:12 on another day.
 * @param {string|number} at ISO 8601 or epoch milliseconds @param {number} now epoch milliseconds
 */
export function timeWords(at, now) {
  const instant = new Date(at);
  const words = minute.format(instant).replace(/^24/, "0").replace(/^0(\d)/, "$1") + ZONE;
  return date.format(instant) === date.format(now) ? words : `${day.format(instant)} ${words}`;
}

/** For paper. @param {string|number} at @returns {string} 2026年7月29日 3:12 */
export const momentWords = (at) => `${longDate.format(new Date(at))} ${timeWords(at, new Date(at).getTime())}`;

/** @param {string|number} at @returns {string} 2026-07-29, the day in Japan */
export const dayOf = (at) => date.format(new Date(at));

/** @param {string|number} at @returns {string} 7月29日(水) */
export const dayWords = (at) => day.format(new Date(at));

/** @param {string|number} at @param {number} now @returns {string} たった今, 12分前, 3時間前, 2日前 */
export function agoWords(at, now) {
  const minutes = Math.floor((now - new Date(at).getTime()) / 60_000);
  if (minutes < 1) return t("たった今");
  if (minutes < 60) return t("{count}分前", { count: minutes });
  if (minutes < 48 * 60) return t("{count}時間前", { count: Math.floor(minutes / 60) });
  return t("{count}日前", { count: Math.floor(minutes / 1440) });
}

/** @param {string|number} at @param {number} now @returns {string} 3:12（12分前） */
export const whenWords = (at, now) => t("{time}（{ago}）", { time: timeWords(at, now), ago: agoWords(at, now) });

/**
 * The instant of a `datetime-local` field, which an officer fills in Japan time wherever the machine is set.
 * @param {string} field 2026-07-29T03:10 @returns {number|null} epoch milliseconds
 */
export function instantOfField(field) {
  const at = Date.parse(`${field}:00+09:00`);
  return Number.isNaN(at) ? null : at;
}

/** @param {number} at epoch milliseconds @returns {string} 2026-07-29T03:10 in Japan time */
export const fieldOfInstant = (at) => new Date(at + 9 * 3_600_000).toISOString().slice(0, 16);
