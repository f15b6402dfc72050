/** Where a name is: places are looked up while a name is typed, and one of them is chosen. */

import { Refused, placesCalled } from "./api.js";
import { el, japanese } from "./dom.js";
import { t } from "./i18n.js";
import { levelWord } from "./words.js";

const TYPED_MS = 300;
const LONGEST = 60; // characters, as the server takes them

/** @typedef {{name: string, municipality_name: string|null, level: string, lat: number, lon: number, radius_m: number}} Found */

/**
 * @param {string} id of the field
 * @param {{view: () => string}} map of map.js: what lies where somebody looks comes first
 * @param {(place: Found) => void} onChoose
 * @returns {HTMLElement} a field with what was found below it
 */
export function placeFinder(id, map, onChoose) {
  const input = el("input", { id, type: "search", class: "field finder__field", maxLength: LONGEST, autocomplete: "off" });
  const told = el("p", { class: "note", role: "status" });
  const list = el("ul", { class: "finder__found" });
  /** @type {ReturnType<typeof setTimeout>|undefined} */
  let timer;
  let asking = new AbortController();

  const choose = (/** @type {Found} */ place) => {
    list.replaceChildren();
    told.textContent = t("「{name}」を地図に示しました。場所が合っているか確かめてください。", { name: place.name });
    onChoose(place);
  };
  const button = (/** @type {Found} */ place) => el("li", {}, el("button", { type: "button", class: "button button--small", onclick: () => choose(place) },
    japanese(place.name), el("span", { class: "note" }, " ", japanese(place.municipality_name ?? ""), ` ${levelWord(place.level)}`)));
  const look = async () => {
    clearTimeout(timer);
    asking.abort();
    asking = new AbortController();
    const { signal } = asking;
    const words = input.value.trim();
    list.replaceChildren();
    told.textContent = words ? t("探しています…") : "";
    if (!words) return;
    try {
      const [, lat, lon] = map.view().split("/");
      const { places } = await placesCalled(words, { lat, lon }, signal);
      if (signal.aborted) return;
      told.textContent = places.length ? t("{count}件見つかりました。", { count: places.length })
        : t("見つかりません。名前の一部か、ひらがなで入れてみてください。");
      list.replaceChildren(...places.map(button));
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof Refused)) throw error;
      told.textContent = t("探せませんでした。通信を確かめて、もう一度入れてください。");
    }
  };
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => void look(), TYPED_MS);
  });
  input.addEventListener("keydown", async (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    // In a form Enter would send what is not placed yet.
    event.preventDefault();
    if (!list.firstChild) await look();
    list.querySelector("button")?.focus();
  });
  return el("div", { class: "finder" }, el("label", { for: id }, t("地名や施設の名前で探す")), input, told, list);
}
