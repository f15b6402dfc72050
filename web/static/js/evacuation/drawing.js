/** 発令単位: imported from a file or drawn corner by corner, looked over, then put in the place of the old. */

import { Refused } from "../api.js";
import { cornersOf } from "../cornerlist.js";
import { el, japanese, spoken } from "../dom.js";
import { said, t } from "../i18n.js";
import { nameOf, sketchpad } from "../sketchpad.js";
import { namesWords } from "./words.js";

const LARGEST_FILE = 20_000_000;

/**
 * @param {object} options
 * @param {any} options.collection the units of now
 * @param {any} options.map of map.js
 * @param {(collection: any, preview: boolean) => Promise<any>} options.send
 * @param {() => void} options.onDone
 * @param {() => void} options.onClose
 * @returns {HTMLElement}
 */
export function unitsPanel({ collection, map, send, onDone, onClose }) {
  let features = collection.features.some((/** @type {any} */ one) => one.properties.automatic) ? [] : collection.features;
  const result = el("div", { role: "alert" });
  const list = el("ul", { class: "drawn" });
  const file = el("input", { id: "units-file", type: "file", accept: ".geojson,.json,application/geo+json", class: "field" });
  const check = el("button", { type: "button", class: "button button--main" }, t("確かめる"));

  const pad = sketchpad(map, { named: true, onDrawn: (feature, corrected) => {
    const added = !features.includes(corrected);
    features = added ? [...features, feature] : features.map((/** @type {any} */ one) => one === corrected ? feature : one);
    result.replaceChildren();
    refresh();
  } });
  const rowOf = (/** @type {any} */ one, /** @type {number} */ at) => {
    const name = nameOf(one);
    const remove = () => { features = features.filter((/** @type {any} */ each) => each !== one); result.replaceChildren(); refresh(); };
    return el("li", {}, japanese(name || t("{number}番目", { number: at + 1 })), " ", el("span", { class: "drawn__acts" },
      cornersOf(one.geometry) && el("button", { type: "button", class: "button button--small", "aria-label": t("{name}の形を直す", { name: name || String(at + 1) }),
        onclick: () => pad.correct(one) }, t("形を直す")),
      el("button", { type: "button", class: "button button--small", "aria-label": t("{name}を外す", { name: name || String(at + 1) }), onclick: remove }, t("外す"))));
  };
  const refresh = () => {
    list.replaceChildren(...features.map(rowOf));
    check.disabled = features.length === 0;
  };
  file.addEventListener("change", async () => {
    const chosen = file.files?.[0];
    if (!chosen) return;
    result.replaceChildren();
    try {
      if (chosen.size > LARGEST_FILE) throw new Error("too large");
      const read = JSON.parse(await chosen.text());
      if (read?.type !== "FeatureCollection" || !Array.isArray(read.features)) throw new Error("no collection");
      features = read.features;
      refresh();
      await attempt(true);
    } catch {
      result.replaceChildren(el("p", { class: "field-error" }, t("GeoJSON（FeatureCollection、20 MBまで）として読めません。")));
    }
  });
  const attempt = async (/** @type {boolean} */ preview) => {
    result.replaceChildren(el("p", { class: "note" }, t("確かめています…")));
    try {
      const report = await send({ type: "FeatureCollection", features: features.map(plain) }, preview);
      if (!preview) { onDone(); return; }
      result.replaceChildren(previewNode(report, () => void attempt(false)));
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      result.replaceChildren(faults(error));
    }
  };
  check.addEventListener("click", () => void attempt(true));
  refresh();
  return el("div", { class: "decide" },
    el("header", { class: "detail__header" }, el("h2", { id: "detail-title", tabIndex: -1 }, t("発令単位")),
      el("button", { type: "button", class: "button", onclick: () => { map.stopDrawing(); onClose(); } }, t("閉じる"))),
    el("p", { class: "teach__field" }, el("label", { for: "units-file" }, t("GeoJSONファイルから取り込む")), file),
    el("p", { class: "note" }, t("属性に名称（name）とコード（code）を付けてください。分団などの報告者（reporters）、世帯数、人口も読みます。")),
    pad.node,
    el("h3", {}, t("入れ替えたあとの発令単位")), list, el("p", {}, check), result);
}

/** @param {any} report @param {() => void} onReplace */
function previewNode(report, onReplace) {
  const share = report.coverage === null ? "" : t("市区町村の{percent}%を覆います。", { percent: Math.round(report.coverage * 100) });
  return el("div", { class: "notice" }, el("p", {}, t("{count}単位を取り込めます。", { count: report.units }), " ", share),
    report.added.length ? el("p", {}, t("増える単位："), japanese(namesWords(report.added))) : null,
    report.removed.length ? el("p", {}, t("なくなる単位："), japanese(namesWords(report.removed))) : null,
    el("ul", {}, ...report.warnings.map((/** @type {any} */ one) => el("li", {}, japanese(one.message)))),
    el("button", { type: "button", class: "button button--main", onclick: onReplace }, t("発令単位を入れ替える")));
}

/** @param {any} error */
function faults(error) {
  const errors = error.problem.errors ?? [];
  return el("div", { class: "notice" }, el("p", {}, el("strong", {}, said(error.problem.title ?? t("確かめられませんでした。通信を確かめて、もう一度押してください。")))),
    el("ul", {}, ...errors.map((/** @type {any} */ one) => el("li", {}, spoken(one.message)))),
    errors.length ? null : el("p", {}, spoken(error.problem.detail ?? "")));
}

/** @param {any} feature what the server keeps of itself is not sent back */
const plain = ({ properties, geometry }) => ({ type: "Feature", properties, geometry });
