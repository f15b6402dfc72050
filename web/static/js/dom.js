/** Building elements without markup: text is always text. */

import { language, said } from "./i18n.js";

const SVG = "http://www.w3.org/2000/svg";

/**
 * @param {string} tag
 * @param {Record<string, any>} [properties] `class`, `on…` listeners, `data-…`/`aria-…`/`role`/`for` attributes,
 * anything else is set as a property; null and undefined are left out
 * @param {...(Node|string|null|false|undefined)} children
 * @returns {any}
 */
export function el(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined) continue;
    if (name === "class") element.className = value;
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (/^(data-|aria-|role$|for$)/.test(name)) element.setAttribute(name, value);
    else /** @type {any} */ (element)[name] = value;
  }
  for (const child of children) if (child) element.append(child);
  return element;
}

/**
 * What somebody wrote or what a place is called: Japanese in a page of any language, and set apart from the
 * direction of the words around it.
 * @param {string} words
 */
export const japanese = (words) => el("bdi", { lang: "ja" }, words);

/**
 * What the server wrote in Japanese, in the page's language where that is known.
 * @param {string} words
 */
export const spoken = (words) => {
  const known = said(words);
  return known === words ? japanese(words) : el("span", { lang: language() }, known);
};

/** @param {string} id @returns {any} the element, which the template must hold */
export function byId(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no #${id}`);
  return element;
}

/**
 * One symbol of our own sprite.
 * @param {string} href address of the sprite with the symbol's name
 * @returns {SVGSVGElement}
 */
export function symbol(href) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("viewBox", "0 0 24 24");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", href);
  svg.append(use);
  return svg;
}

/**
 * Brings the children into the wanted order, touching only what differs, so that focus and scroll stay.
 * @param {HTMLElement} parent @param {HTMLElement[]} wanted
 */
export function arrange(parent, wanted) {
  const keep = new Set(wanted);
  for (const child of [...parent.children]) if (!keep.has(/** @type {any} */ (child))) child.remove();
  let at = parent.firstElementChild;
  for (const node of wanted) {
    if (node === at) at = at.nextElementSibling;
    else parent.insertBefore(node, at);
  }
}
