/**
 * What is held down stays as it is: a browser tells of no click on what was drawn anew between press and release.
 */

/** The click of a touch follows its release within this. */
const CLICK_MS = 300;
/** Who holds longer than this does not press a button; nothing stays old behind a release that was never told. */
const LONGEST_MS = 3000;

/** @type {Node|null} */
let held = null;
let timer = 0;
/** @type {Map<Element, () => void>} what is to be drawn, by part of the page */
const waiting = new Map();

function release() {
  clearTimeout(timer);
  held = null;
  const draws = [...waiting.values()];
  waiting.clear();
  for (const draw of draws) draw();
}

/** @param {number} ms */
const releaseIn = (ms) => { clearTimeout(timer); timer = setTimeout(release, ms); };

addEventListener("pointerdown", ({ target }) => {
  held = target instanceof Node ? target : null;
  releaseIn(LONGEST_MS);
}, true);
for (const name of ["pointerup", "pointercancel"]) addEventListener(name, () => releaseIn(CLICK_MS), true);
addEventListener("click", () => { if (held) releaseIn(0); });

/**
 * Draws now, or once `root` is let go of; of several times the last.
 * @param {Element} root @param {() => void} draw looks itself whether there is still something to draw
 */
export function unlessHeld(root, draw) {
  if (held && root.contains(held)) waiting.set(root, draw);
  else {
    waiting.delete(root);
    draw();
  }
}
