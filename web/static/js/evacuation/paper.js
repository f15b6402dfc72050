/** The board on paper: its map drawn anew in the colours of day and at the width of the sheet, with its legend. */

import { byId } from "../dom.js";
import { t } from "../i18n.js";
import { momentWords } from "../time.js";

/**
 * @param {{resized: () => void, recolour: () => void, frame: () => void, place: () => () => void}} map of `unitsMap`
 * @param {() => string|number} at the moment that the board shows
 */
export function bindPaper({ resized, recolour, frame, place }, at) {
  const legend = /** @type {HTMLDetailsElement} */ (byId("legend"));
  /** @type {{theme: string|undefined, open: boolean, back: () => void}|null} */
  let screen = null;
  const { dataset } = document.documentElement;
  byId("print").addEventListener("click", () => print());

  addEventListener("beforeprint", () => {
    if (screen) return;
    screen = { theme: dataset.theme, open: legend.open, back: place() };
    dataset.theme = "day";
    document.body.toggleAttribute("data-paper", true);
    legend.open = true;
    byId("moment").textContent = t("{time} 現在", { time: momentWords(at()) });
    resized();
    recolour();
    frame();
  });
  addEventListener("afterprint", () => {
    if (!screen) return;
    if (screen.theme === undefined) delete dataset.theme;
    else dataset.theme = screen.theme;
    document.body.toggleAttribute("data-paper", false);
    legend.open = screen.open;
    resized();
    recolour();
    screen.back();
    screen = null;
  });
}
