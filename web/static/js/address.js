/** The address of the map page: filter, view, open incident and tools, so that a link shows the same again. */

import { fromFragment, toFragment } from "./filter.js";

/** @typedef {import("./main.js").Page} Page */

/** @param {Page} page */
export function pageAddress(page) {
  let known = location.hash;
  let reading = false;
  const word = (/** @type {string} */ name) => new URLSearchParams(known.slice(1)).get(name) ?? "";
  return {
    filter: () => fromFragment(known),
    /** @returns {string} the incident to open, "" for none */
    selected: () => word("sel"),
    /** @returns {string} zoom/lat/lon, "" when the address leaves it open */
    view: () => word("map"),
    words: () => known,
    /** Somebody opened another address while the page was open. @param {() => void} follow takes over what it says */
    read(follow) {
      known = location.hash;
      // A part of it that is followed must not write over those that are not yet.
      reading = true;
      try {
        follow();
      } finally {
        reading = false;
      }
    },
    /** Until the address has been read it says what is wanted, not what happens to be seen. */
    write() {
      if (!page.ready || reading || location.hash !== known) return;
      // A wall screen moves by itself: where it happens to look is not what its address means.
      const where = page.tools.isWall() ? "" : `map=${page.map.view()}`;
      const parts = [toFragment(page.filter), where, page.selected ? `sel=${page.selected}` : "", ...page.tools.words()];
      history.replaceState(null, "", `#${parts.filter(Boolean).join("&")}`);
      known = location.hash;
    },
  };
}
