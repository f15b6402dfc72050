/** One question at a time, in a dialog that Escape leaves. */

import { el } from "./dom.js";
import { t } from "./i18n.js";

let number = 0;

/**
 * @template T
 * @param {string} title @param {(done: (answer: T|null) => void) => Node[]} content
 * @returns {Promise<T|null>} the answer, null when it was left
 */
export function dialog(title, content) {
  return new Promise((resolve) => {
    const before = document.activeElement;
    const id = `dialog-${number += 1}`;
    const box = el("dialog", { class: "ask", "aria-labelledby": id });
    const done = (/** @type {T|null} */ answer) => {
      box.close();
      box.remove();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
      resolve(answer);
    };
    box.append(el("h2", { id }, title), ...content(done));
    box.addEventListener("cancel", (/** @type {Event} */ event) => { event.preventDefault(); done(null); });
    document.body.append(box);
    box.showModal();
  });
}

/** @param {() => void} onLeave @param {string} words @param {string} [kind] */
export const buttons = (onLeave, words, kind = "button--main") => el("p", { class: "ask__buttons" },
  el("button", { type: "submit", class: `button ${kind}` }, words),
  el("button", { type: "button", class: "button", onclick: onLeave }, t("やめる")));

/**
 * @param {string} title a question @param {string} note what follows from a yes @param {string} action words of the button
 * @returns {Promise<true|null>}
 */
export const confirmed = (title, note, action) => dialog(title, (done) => {
  const take = (/** @type {Event} */ event) => { event.preventDefault(); done(true); };
  return [el("form", { class: "ask__form", onsubmit: take }, el("p", {}, note), buttons(() => done(null), action))];
});
