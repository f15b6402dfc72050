/** Day and night colours: the system's choice unless this browser was told otherwise. */

import { t } from "./i18n.js";

const KEY = "hansho.theme";
const NEXT = new Map([["auto", "day"], ["day", "night"], ["night", "auto"]]);
const WORDS = new Map([["auto", t("自動")], ["day", t("昼")], ["night", t("夜")]]);

/** @returns {string} auto, day or night */
const held = () => (NEXT.has(localStorage.getItem(KEY) ?? "") ? String(localStorage.getItem(KEY)) : "auto");

/** @param {string} theme */
function apply(theme) {
  if (theme === "auto") document.documentElement.removeAttribute("data-theme");
  else document.documentElement.setAttribute("data-theme", theme);
}

/**
 * @param {HTMLButtonElement} button steps through 自動, 昼, 夜
 * @param {() => void} onChange for what is not coloured by CSS
 */
export function bindThemeButton(button, onChange) {
  const name = () => { button.textContent = t("画面：{theme}", { theme: WORDS.get(held()) ?? "" }); };
  button.addEventListener("click", () => {
    const theme = NEXT.get(held()) ?? "auto";
    localStorage.setItem(KEY, theme);
    apply(theme);
    name();
    onChange();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", onChange);
  name();
}

apply(held());
