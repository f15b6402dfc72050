/** Keys that work anywhere on the map page, and the links that skip to its parts. */

/** Held with Alt: a letter alone would act while somebody speaks to the machine or types (WCAG 2.1.4). */
export const KEYS = new Map([["KeyU", "urgent"], ["KeyN", "nearest"]]);

/**
 * @param {KeyboardEvent} event
 * @returns {string} what the key asks for, "" for nothing
 */
export function askedBy({ altKey, ctrlKey, metaKey, code }) {
  return altKey && !ctrlKey && !metaKey ? KEYS.get(code) ?? "" : "";
}

/** @param {Record<string, () => void>} actions by name: those of KEYS, and those of the links' data-skip */
export function bindKeys(actions) {
  document.addEventListener("keydown", (event) => {
    const action = actions[askedBy(event)];
    if (!action) return;
    event.preventDefault();
    action();
  });
  for (const link of document.querySelectorAll("[data-skip]")) {
    // The address holds the filter: following the link would lose it.
    link.addEventListener("click", (event) => {
      event.preventDefault();
      actions[link.getAttribute("data-skip") ?? ""]?.();
    });
  }
}
