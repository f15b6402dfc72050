/** The volunteer's own municipality: chosen once, remembered on this phone. */

import { ask } from "./api.js";
import { byId, el } from "./dom.js";
import { t } from "./i18n.js";

const KEY = "hansho.municipality";
const NAMES = new URL("../data/municipalities.json", import.meta.url).pathname;

/** @param {string} name */
const meta = (name) => document.querySelector(`meta[name="${name}"]`)?.getAttribute("content") ?? "";

/** @returns {{code: string, name: string}} as given by the link, else as chosen before */
export function remembered() {
  const given = { code: meta("hansho-municipality"), name: meta("hansho-municipality-name") };
  const held = given.code ? given : JSON.parse(localStorage.getItem(KEY) ?? "null");
  return held ?? { code: "", name: "" };
}

/** @param {(chosen: {code: string, name: string}) => void} onChoose */
export function bindChooser(onChoose) {
  const prefecture = byId("prefecture");
  const municipality = byId("municipality");
  const chooser = byId("chooser");
  /** @type {Record<string, [string, string][]>} */
  let names = {};
  const option = (/** @type {string} */ value, /** @type {string} */ words) => el("option", { value }, words);
  prefecture.addEventListener("change", () => municipality.replaceChildren(
    option("", t("選んでください")), ...(names[prefecture.value] ?? []).map(([code, name]) => option(code, name))));
  municipality.addEventListener("change", () => {
    const chosen = { code: municipality.value, name: municipality.selectedOptions[0]?.textContent ?? "" };
    if (!chosen.code) return;
    localStorage.setItem(KEY, JSON.stringify(chosen));
    chooser.hidden = true;
    onChoose(chosen);
  });
  byId("choose").addEventListener("click", async () => {
    try {
      // Fetched only when asked for: it is heavier than the whole form.
      names = await (await ask(NAMES)).json();
    } catch {
      byId("municipality-words").textContent = t("一覧を取得できません。選ばなくても送れます。");
      return;
    }
    chooser.hidden = false;
    prefecture.replaceChildren(option("", t("選んでください")), ...Object.keys(names).map((name) => option(name, name)));
    prefecture.focus();
  });
}
