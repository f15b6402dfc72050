/** Where a report is: a numbered candidate, a press on the map, the phone's own position, or degrees. */

import { el } from "./dom.js";
import { t } from "./i18n.js";
import { placeFinder } from "./placefinder.js";
import { degreesField, pointOf, radiusField, radiusOf } from "./spot.js";
import { levelWord, metresWords } from "./words.js";

const MOST_CHOICES = 9;
/** A phone's position is of who looks, not of what is seen: metres. */
const SEEN_FROM = 100;

/**
 * @param {object} options
 * @param {any} options.item @param {any[]} options.open observations without a place
 * @param {any} options.map of map.js
 * @param {(body: {lat: number, lon: number, radius_m: number, outside?: boolean}) => Promise<void>} options.place
 */
export function placeForm({ item, open, map, place }) {
  const choices = choicesOf(item, open);
  const lat = degreesField("place-lat");
  const lon = degreesField("place-lon");
  const radius = radiusField("place-radius", "field teach__wide");
  const asked = el("div", { role: "alert" });
  const fault = el("p", { class: "field-error", role: "alert" });
  const buttons = choices.map((choice, index) => el("button", { type: "button", "aria-pressed": "false", onclick: () => choose(index) },
    el("span", { class: "traynumber", "aria-hidden": "true" }, String(index + 1)),
    el("span", {}, el("strong", {}, choice.name), ` ${choice.words}`, choice.why && el("span", { class: "note", lang: "ja" }, ` ${choice.why}`))));
  const control = map.pick((/** @type {number} */ y, /** @type {number} */ x) => set(y, x, false));
  const first = open[0];
  const municipality = first?.municipality ?? item.sender_municipality;
  map.select(municipality ? { id: "", geometry: null, properties: { municipality } } : null, true);
  map.number(choices, (/** @type {number} */ index) => choose(index));

  const at = () => pointOf(lat, lon);
  const show = (/** @type {boolean} */ move) => {
    const here = at();
    if (here) control.set(here.lat, here.lon, Number(radius.value), move);
    fault.textContent = "";
    asked.replaceChildren();
  };
  function set(/** @type {number} */ y, /** @type {number} */ x, /** @type {boolean} */ move, /** @type {number} */ chosen = -1) {
    lat.value = y.toFixed(6);
    lon.value = x.toFixed(6);
    buttons.forEach((button, index) => button.setAttribute("aria-pressed", String(index === chosen)));
    show(move);
  }
  function choose(/** @type {number} */ index) {
    const choice = choices[index];
    radius.value = String(choice.radius);
    set(choice.lat, choice.lon, true, index);
  }
  const centre = () => { const here = control.centre(); set(here.lat, here.lon, false); };
  for (const input of [lat, lon, radius]) input.addEventListener("change", () => show(true));

  const send = (/** @type {boolean} */ outside = false) => {
    const here = at();
    if (!here) {
      fault.textContent = t("候補を選ぶか、地図を押すか、緯度と経度を入れて、場所を示してください。");
      lat.focus();
      return;
    }
    void place({ ...here, radius_m: Number(radius.value), ...(outside ? { outside } : {}) });
  };
  const node = el("form", { class: "teach__place", onsubmit: (/** @type {Event} */ event) => { event.preventDefault(); send(); } },
    el("h3", {}, t("場所")),
    choices.length ? el("p", { class: "note" }, t("考えた候補です。数字のキーでも選べます。")) : el("p", { class: "note" }, t("候補は見つかりませんでした。")),
    el("div", { class: "traychoices" }, ...buttons),
    placeFinder("place-find", map, (found) => {
      radius.value = String(radiusOf(found.level));
      set(found.lat, found.lon, true);
    }),
    el("p", { class: "note" }, t("地図を押すと印が付きます。印は動かせます。緯度と経度でも指定できます。")),
    el("p", {}, el("button", { type: "button", class: "button button--small", onclick: centre }, t("地図の中央に印を置く"), " ", el("kbd", {}, "C"))),
    el("div", { class: "teach__pair" }, field(t("緯度"), lat), field(t("経度"), lon)), field(t("位置の確かさ"), radius),
    // Enter in a field sends: without a button of its own a form with several fields would not.
    el("button", { type: "submit", class: "visually-hidden", tabIndex: -1 }, t("この通報だけに場所を付ける")), fault, asked);
  return {
    node,
    at,
    send: () => send(),
    stop: () => control.stop(),
    /** @param {string} key */
    key(key) {
      if (key === "c") centre();
      else if (key === "s") send();
      else if (/^[1-9]$/.test(key) && choices[Number(key) - 1]) choose(Number(key) - 1);
      else return false;
      return true;
    },
    /** The point lies beyond the border: once more, or another one. @param {string} words */
    askBack(words) {
      const box = el("div", { class: "notice", tabIndex: -1 }, el("p", {}, words), el("p", { class: "teach__answers" },
        el("button", { type: "button", class: "button button--small", onclick: () => send(true) }, t("確かめたのでここに置く")),
        el("button", { type: "button", class: "button button--small", onclick: () => { asked.replaceChildren(); lat.focus(); } }, t("場所を選び直す"))));
      asked.replaceChildren(box);
      box.scrollIntoView({ block: "nearest" });
      box.focus();
    },
  };
}

/** @param {string} words @param {any} input */
const field = (words, input) => el("p", { class: "teach__field" }, el("label", { for: input.id }, words), input);

/** The candidates of all open observations, each place once, and where the phone was. @param {any} item @param {any[]} open */
function choicesOf(item, open) {
  /** @type {Map<string, any>} */
  const found = new Map();
  for (const one of open.flatMap((each) => each.candidates)) {
    const key = `${one.lat}/${one.lon}`;
    const town = one.municipality_name ?? "";
    const name = !town || one.name.includes(town) ? one.name : `${town} ${one.name}`;
    const words = t("（{level}、得点 {score}）", { level: levelWord(one.level), score: Number(one.score).toFixed(2) });
    if (!found.has(key)) found.set(key, { name, words, why: one.why, lat: one.lat, lon: one.lon, radius: radiusOf(one.level) });
  }
  const choices = [...found.values()];
  if (item.position) {
    const accuracy = item.position.accuracy_m ? t("（±{metres}）", { metres: metresWords(item.position.accuracy_m) }) : "";
    choices.push({ name: t("送信した端末の位置"), words: accuracy, why: "", lat: item.position.lat, lon: item.position.lon, radius: SEEN_FROM });
  }
  return choices.slice(0, MOST_CHOICES);
}
