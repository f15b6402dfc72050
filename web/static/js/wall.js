/** The wall screen: large type, the overview and the newest urgent incidents in turn, and no hand needed. */

import { byId, el } from "./dom.js";
import { t } from "./i18n.js";
import { mark } from "./icons.js";
import { staleAge, staleWords } from "./stale.js";
import { clockWords, whenWords } from "./time.js";
import { STATES, peopleWords, stateOf, typeWord, verificationWord } from "./words.js";

const OVERVIEW_MS = 20_000;
const INCIDENT_MS = 10_000;
const INCIDENTS = 6;
const CHECK_MS = 10_000;
/** A page that stands for days is made anew where nobody is harmed by it. */
const RENEW_MS = 6 * 3_600_000;

/** @param {string} fragment @returns {boolean} */
export const isWall = (fragment) => new URLSearchParams(fragment.replace(/^#/, "")).has("wall");

/**
 * Whom the wall shows after the overview: the urgent ones, what is real before a drill, latest first.
 * @param {any[]} features @returns {any[]}
 */
export function turns(features) {
  const drill = (/** @type {any} */ { properties }) => (properties.drill ? 1 : 0);
  const latest = (/** @type {any} */ feature) => Date.parse(feature.properties.last_reported_at);
  return features.filter((feature) => feature.properties.urgent && feature.geometry)
    .sort((a, b) => drill(a) - drill(b) || latest(b) - latest(a) || (a.id < b.id ? -1 : 1)).slice(0, INCIDENTS);
}

/**
 * @param {object} options
 * @param {any} options.map
 * @param {() => number} options.now
 * @param {() => {features: any[], shown: number, urgent: number, types: [string, number][], extent: number[]|null}} options.situation
 * @param {() => Promise<number>} options.probe the status with which the server answers, 0 without an answer
 */
export function wallScreen({ map, now, situation, probe }) {
  const panel = byId("wall");
  const startedAt = Date.now();
  let turn = 0;
  let timer = 0;
  let stopped = false;

  function overview() {
    const { shown, urgent, extent, types } = situation();
    if (extent) map.frameBox(extent);
    panel.replaceChildren(
      el("p", { class: "wall__clock" }, clockWords(now())),
      el("p", { class: "wall__sum" }, t("事案"), " ", el("b", {}, t("{count}件", { count: shown.toLocaleString("ja-JP") }))),
      el("p", { class: `wall__sum${urgent ? " wall__sum--urgent" : ""}` }, t("緊急"), " ", el("b", {}, t("{count}件", { count: urgent.toLocaleString("ja-JP") }))),
      el("ul", { class: "wall__types" }, ...types.map(([word, count]) => el("li", {}, `${word} `, el("b", {}, count.toLocaleString("ja-JP"))))));
    return OVERVIEW_MS;
  }
  function incident(/** @type {any} */ feature, /** @type {string} */ place) {
    const { properties } = feature;
    const [lon, lat] = feature.geometry.coordinates;
    map.goTo({ lat, lon, radius_m: properties.radius_m ?? 500 });
    panel.replaceChildren(
      el("p", { class: "wall__clock" }, clockWords(now())),
      el("p", { class: "wall__turn" }, t("緊急 {place}", { place })),
      el("h2", { class: "wall__type" }, mark(properties, { age: staleAge(properties, now()) }), typeWord(properties)),
      el("p", { class: "wall__place" }, el("bdi", {}, properties.place_text), " ", properties.municipality_name ?? ""),
      el("p", { class: "wall__people" }, peopleWords(properties)),
      el("p", {}, [STATES.get(stateOf(properties)), verificationWord(properties.verification), staleWords(properties, now())].filter(Boolean).join(t("・"))),
      el("p", {}, `${whenWords(properties.last_reported_at, now())} ${t("通報 {count}件", { count: properties.report_count })}`),
      properties.drill ? el("p", { class: "wall__drill" }, t("訓練")) : "");
    return INCIDENT_MS;
  }
  function next() {
    const urgent = turns(situation().features);
    const index = turn % (urgent.length + 1);
    const stay = index === 0 ? overview() : incident(urgent[index - 1], `${index}/${urgent.length}`);
    turn += 1;
    timer = window.setTimeout(next, stay);
  }
  const clock = setInterval(() => {
    const shown = panel.querySelector(".wall__clock");
    if (shown) shown.textContent = clockWords(now());
  }, 1000);
  // After the server was away the page begins anew, with whatever version it has now.
  let wasLost = false;
  const watch = setInterval(async () => {
    wasLost ||= document.body.hasAttribute("data-lost");
    if (!wasLost && Date.now() - startedAt < RENEW_MS) return;
    if (await probe() === 200 && !stopped) location.reload();
  }, CHECK_MS);
  /** @type {any} */ (navigator).wakeLock?.request("screen").catch(() => {});
  document.body.toggleAttribute("data-wall", true);
  panel.hidden = false;
  map.resized();
  next();
  return {
    stop() {
      stopped = true;
      clearTimeout(timer);
      clearInterval(clock);
      clearInterval(watch);
      panel.hidden = true;
      document.body.toggleAttribute("data-wall", false);
      map.resized();
    },
  };
}
