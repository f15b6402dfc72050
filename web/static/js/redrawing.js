/** Drawing a part of the page anew while somebody works in it. */

const STOPS = "h2, a, button:enabled, input, summary";
const FIELDS = "input:not([type=checkbox])";

/** @param {Element} control @returns {string} what stays the same of it when it is drawn anew */
const keyOf = (control) => ["data-key", "data-act", "id", "href", "aria-label"].map((name) => control.getAttribute(name)).find(Boolean)
  ?? control.textContent ?? "";

/** @param {Element} root @param {string} key */
const withKey = (root, key) => [...root.querySelectorAll(STOPS)].filter((each) => keyOf(each) === key);

/**
 * The keyboard stays on the same control, what was typed or opened stays so, and nothing scrolls.
 * @param {HTMLElement} root @param {Node[]} nodes
 */
export function redraw(root, nodes) {
  const { activeElement: held } = document;
  const key = held && root.contains(held) && held.matches(STOPS) ? keyOf(held) : "";
  const place = key && held ? withKey(root, key).indexOf(held) : 0;
  const top = root.scrollTop;
  const opened = [...root.querySelectorAll("details")].map((each) => each.open);
  const typed = typedIn(root);
  root.replaceChildren(...nodes);
  root.querySelectorAll("details").forEach((each, at) => { each.open = opened[at] ?? false; });
  for (const field of fieldsOf(root)) field.value = typed.get(keyOf(field)) ?? field.value;
  root.scrollTop = top;
  const again = key && (withKey(root, key)[place] ?? root.querySelector("h2"));
  if (again instanceof HTMLElement) again.focus({ preventScroll: true });
}

/** @param {Element} root @returns {HTMLInputElement[]} */
const fieldsOf = (root) => [...root.querySelectorAll(FIELDS)];

/** @param {HTMLInputElement} field */
export const isTyped = (field) => field.value !== field.defaultValue;

/**
 * Once somebody has typed into one field, those beside it are meant as they stand.
 * @param {Element} root @returns {Map<string, string>} values by key
 */
function typedIn(root) {
  const fields = fieldsOf(root);
  return new Map(fields.some(isTyped) ? fields.map((field) => [keyOf(field), field.value]) : []);
}
