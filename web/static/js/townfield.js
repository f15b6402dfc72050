/** A field for a municipality: chosen from a list as it is typed, or written as its code. */

import { ask } from "./api.js";
import { el } from "./dom.js";
import { t } from "./i18n.js";

const NAMES = new URL("../data/municipalities.json", import.meta.url).pathname;

/** @param {string} id of the input */
export function townField(id) {
  const input = el("input", { class: "field", id, autocomplete: "off" });
  const list = el("datalist", { id: `${id}-names` });
  input.setAttribute("list", list.id);
  /** @type {Map<string, string>} name to code */
  let codes = new Map();

  // Asked for only when somebody is about to choose one.
  input.addEventListener("focus", async () => {
    if (codes.size) return;
    try {
      const names = await (await ask(NAMES)).json();
      codes = new Map(Object.values(names).flat().map((/** @type {any} */ [code, name]) => [t("{name}（{code}）", { name, code }), code]));
      list.replaceChildren(...[...codes.keys()].map((name) => el("option", { value: name })));
    } catch {
      input.placeholder = t("5桁のコード");
    }
  });
  return {
    input,
    list,
    /** @returns {string} 5 digits, 2 for a prefecture; empty while none is known by what is written */
    code: () => codes.get(input.value) ?? (/^\d{2}(\d{3})?$/.test(input.value.trim()) ? input.value.trim() : ""),
  };
}
