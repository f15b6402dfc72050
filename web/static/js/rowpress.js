/** Pressing a row of a list that changes by itself: what was pressed opens, wherever the list has moved it. */

/** A hand that moves further than this between press and release meant something else. */
const STILL_PX = 12;
/** A browser's own click follows the release this soon, or not at all. */
const CLICK_MS = 500;

/**
 * A browser tells of no click, or of one on another row or on the list, when between press and release a row
 * comes in above or the pressed one is drawn anew.
 * @param {HTMLElement} root holds rows with a `.row__button` each
 * @param {(button: HTMLElement) => string} idOf
 * @param {(id: string) => void} onPress
 */
export function listenForRows(root, idOf, onPress) {
  /** @type {{button: HTMLElement|null, id: string, x: number, y: number}} */
  let pressed = { button: null, id: "", x: 0, y: 0 };
  let answered = -CLICK_MS;
  const buttonAt = (/** @type {EventTarget|null} */ target) => {
    const button = target instanceof Element ? target.closest(".row__button") : null;
    return button instanceof HTMLElement ? button : null;
  };
  const idAt = (/** @type {EventTarget|null} */ target) => {
    const button = buttonAt(target);
    return button ? idOf(button) : "";
  };
  const isStill = (/** @type {MouseEvent} */ { clientX, clientY }) =>
    Math.hypot(clientX - pressed.x, clientY - pressed.y) <= STILL_PX;

  root.addEventListener("pointerdown", ({ target, clientX, clientY }) => {
    pressed = { button: buttonAt(target), id: idAt(target), x: clientX, y: clientY };
  });
  root.addEventListener("pointerup", (event) => {
    const { button, id } = pressed;
    if (!button || !isStill(event) || (button.isConnected && idAt(event.target) === id)) return;
    answered = event.timeStamp;
    onPress(id);
  });
  root.addEventListener("click", (event) => {
    if (event.timeStamp - answered < CLICK_MS) return;
    const byHand = event.detail > 0 && isStill(event) ? pressed.id : "";
    const id = byHand || idAt(event.target);
    pressed = { ...pressed, button: null, id: "" };
    if (id) onPress(id);
  });
}
