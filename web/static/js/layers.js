/** Which layers are on, and where their content comes from. */

import { Refused, brigadeAreas, evacuationUnits, shelters } from "./api.js";
import { el } from "./dom.js";
import { said, t } from "./i18n.js";

/** Below this zoom shelters would hide each other. */
const SHELTER_ZOOM = 11;
/** Below this zoom one municipality's units are no picture. */
const UNITS_ZOOM = 9;
const REFRESH_MS = 60_000;

/**
 * @param {object} options
 * @param {HTMLElement} options.root
 * @param {any} options.map
 * @param {{id: string, name: string, url: string, attribution: string, hazard: boolean, deepest: number}[]} options.rasters by setting
 * @param {(attributions: string[]) => void} options.onAttribution
 * @param {() => void} options.onChange
 * @param {() => number|null} options.at the past moment that is shown, epoch milliseconds; null: now
 */
export function layerPanel({ root, map, rasters, onAttribution, onChange, at }) {
  /** @type {Set<string>} */
  let on = new Set(["borders"]);
  /** The municipality whose units are shown. */
  let unitsOf = "";
  /** @type {Map<string, HTMLInputElement>} */
  const inputs = new Map();
  const note = el("p", { class: "note", role: "status" });
  const choice = (/** @type {string} */ id, /** @type {string} */ word) => {
    const input = el("input", { type: "checkbox", value: id, name: "layer", onchange: () => turn(id, input.checked) });
    inputs.set(id, input);
    return el("label", { class: "choice" }, input, el("span", { class: "choice__word" }, word));
  };
  const choices = (/** @type {string} */ title, /** @type {any[]} */ some) => (some.length === 0 ? []
    : [el("fieldset", { class: "choices" }, el("legend", {}, title), ...some.map(({ id, name }) => choice(id, said(name))))]);
  root.append(
    el("fieldset", { class: "choices" }, el("legend", {}, t("重ねるもの")),
      choice("borders", t("市区町村の境界")), choice("shelters", t("避難所・避難場所")), choice("units", t("避難情報の発令単位")),
      choice("brigades", t("分団の受け持ち区域"))),
    ...choices(t("地図・写真"), rasters.filter(({ hazard }) => !hazard)),
    ...choices(t("ハザードマップ"), rasters.filter(({ hazard }) => hazard)),
    note);

  function turn(/** @type {string} */ id, /** @type {boolean} */ wanted) {
    if (wanted) on.add(id);
    else on.delete(id);
    apply(id);
    onChange();
  }
  function apply(/** @type {string} */ id) {
    const input = inputs.get(id);
    if (input) input.checked = on.has(id);
    if (id === "borders") map.showBorders(on.has(id));
    else if (id === "shelters") void loadShelters();
    else if (id === "units") void loadUnits();
    else if (id === "brigades") void loadBrigades();
    else {
      const raster = rasters.find((one) => one.id === id);
      if (raster) map.overlays.raster(raster, on.has(id));
    }
    onAttribution([...new Set(rasters.filter((one) => on.has(one.id)).map(({ attribution }) => attribution))]);
  }

  async function loadShelters() {
    if (!on.has("shelters")) {
      map.overlays.shelters(null);
      note.textContent = "";
      return;
    }
    if (map.zoom() < SHELTER_ZOOM) {
      map.overlays.shelters(null);
      note.textContent = t("避難所は、地図を拡大すると表示します。");
      return;
    }
    try {
      const { features, more } = await shelters(map.bounds());
      if (!on.has("shelters")) return;
      map.overlays.shelters(features);
      note.textContent = features.length === 0 ? t("この範囲に、読み込まれた避難所はありません。")
        : more ? t("避難所が多いため、一部だけを表示しています。") : "";
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      note.textContent = t("避難所を取得できません。");
    }
  }

  async function loadUnits() {
    const code = on.has("units") && map.zoom() >= UNITS_ZOOM ? map.municipality() : "";
    unitsOf = code;
    if (!code) {
      map.overlays.units(null);
      if (on.has("units")) note.textContent = t("発令単位は、地図を拡大すると、中央の市町村のものを表示します。");
      return;
    }
    try {
      const asked = at();
      const units = await evacuationUnits(code, asked);
      if (unitsOf === code && at() === asked) map.overlays.units(units);
      note.textContent = "";
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      // A municipality without units, or an older server, has none to show: that is no fault.
      map.overlays.units(null);
      note.textContent = error.status === 404 || error.status === 403 ? t("この市町村の発令単位は表示できません。") : t("発令単位を取得できません。");
    }
  }
  async function loadBrigades() {
    map.overlays.brigades(null);
    note.textContent = "";
    if (!on.has("brigades")) return;
    try {
      const { features } = await brigadeAreas();
      if (!on.has("brigades")) return;
      map.overlays.brigades(features);
      if (!features.length) note.textContent = t("区域を登録した分団はありません。管理者が「人と組織」の画面で登録します。");
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      note.textContent = t("分団の受け持ち区域を取得できません。");
    }
  }
  setInterval(() => { if (on.has("units")) void loadUnits(); }, REFRESH_MS);
  for (const id of inputs.keys()) apply(id);

  return {
    /** The map shows another part. */
    moved() {
      if (on.has("shelters")) void loadShelters();
      if (on.has("units") && map.municipality() !== unitsOf) void loadUnits();
    },
    /** The map shows another moment. */
    travelled() {
      if (on.has("units")) void loadUnits();
    },
    /** @returns {string} for the address; empty when nothing was chosen */
    words: () => (on.size === 1 && on.has("borders") ? "" : [...on].sort().join(",") || "none"),
    /** @param {string|null} words as `words` wrote them */
    set(words) {
      const wanted = new Set(words === null || words === "" ? ["borders"] : words.split(",").filter((id) => inputs.has(id)));
      const changed = [...inputs.keys()].filter((id) => wanted.has(id) !== on.has(id));
      on = wanted;
      changed.forEach(apply);
    },
  };
}
