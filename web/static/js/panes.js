/** Which part of the page has the screen: on a phone one at a time, on a desk all side by side. */

import { byId } from "./dom.js";

const PANES = ["map", "list", "filters"];

/**
 * @param {() => void} onMapShown the map has to measure itself again
 */
export function bindPanes(onMapShown) {
  const tabs = [...document.querySelectorAll("[data-pane]")];
  const narrow = matchMedia("(max-width: 60rem)");
  const show = (/** @type {string} */ pane) => {
    document.body.dataset.shown = pane;
    document.body.removeAttribute("data-detail");
    for (const tab of tabs) {
      tab.setAttribute("aria-pressed", String(tab.getAttribute("data-pane") === pane));
    }
    onMapShown();
  };
  for (const tab of tabs) tab.addEventListener("click", () => show(tab.getAttribute("data-pane") ?? PANES[0]));
  document.body.dataset.shown = "map";
  new ResizeObserver(onMapShown).observe(byId("map"));
  return {
    showDetail: () => document.body.toggleAttribute("data-detail", true),
    hideDetail: () => document.body.toggleAttribute("data-detail", false),
    /** Where only one has the screen, a place is pointed out with the map above and the form below. */
    teach: (/** @type {boolean} */ on) => document.body.toggleAttribute("data-teaching", on),
    isNarrow: () => narrow.matches,
    showMap: () => { if (narrow.matches) show("map"); },
    showList: () => { if (narrow.matches) show("list"); },
    /** The choices come to light, wherever they are. */
    showFilters() {
      const panel = byId("filter-panel");
      panel.open = true;
      if (narrow.matches) show("list");
      panel.querySelector("summary")?.focus();
    },
  };
}
