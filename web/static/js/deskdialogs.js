/** What the desk asks back: one question at a time, in a dialog that Escape leaves. */

import { buttons, confirmed, dialog } from "./dialog.js";
import { el, japanese } from "./dom.js";
import { LETTERS, lettersOn, setLetters } from "./deskkeys.js";
import { nameOf } from "./deskqueue.js";
import { byWords, rulingLines } from "./desktrail.js";
import { said, t } from "./i18n.js";

/**
 * @param {string} title @param {string} note @param {string} action words of the button @param {string[]} offered usual reasons
 * @returns {Promise<string|null>} a reason, never empty
 */
export const askReason = (title, note, action, offered) => dialog(title, (done) => {
  const field = el("input", { id: "ask-reason", class: "field ask__wide", maxLength: 300, required: true, autocomplete: "off" });
  const take = (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const reason = field.value.trim();
    if (reason) done(reason);
    else field.focus();
  };
  return [el("form", { class: "ask__form", onsubmit: take },
    el("p", {}, note), el("label", { for: "ask-reason" }, t("理由（記録に残り、消せません）")), field,
    el("p", { class: "ask__offered" }, ...offered.map((words) => el("button", { type: "button", class: "button button--small",
      onclick: () => { field.value = words; field.focus(); } }, words))),
    buttons(() => done(null), action))];
});

/**
 * @param {string} title @param {[string, string][]} options value and words @param {string} chosen
 * @param {string} action words of the button @param {boolean} [several] whether many may be chosen
 * @returns {Promise<string[]|null>} the values chosen
 */
export const choose = (title, options, chosen, action, several = false) => dialog(title, (done) => {
  const list = el("select", { class: "field ask__list", size: Math.max(4, Math.min(14, options.length)), multiple: several, "aria-label": title },
    ...options.map(([value, words]) => el("option", { value, selected: value === chosen }, words)));
  const take = (/** @type {Event} */ event) => {
    event.preventDefault();
    const values = [...list.selectedOptions].map((option) => option.value);
    if (values.length) done(values);
  };
  list.addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => { if (event.key === "Enter") take(event); });
  list.addEventListener("dblclick", take);
  if (!list.selectedOptions.length && list.options.length) list.options[0].selected = true;
  return [el("form", { class: "ask__form", onsubmit: take }, list,
    several && el("p", { class: "note" }, t("Ctrlを押しながら選ぶと、いくつも選べます。")), buttons(() => done(null), action))];
});

/** @param {[string, string][]} lines */
const facts = (lines) => el("dl", { class: "facts" }, ...lines.flatMap(([name, words]) => [el("dt", {}, name), el("dd", {}, words)]));

/** What somebody else made of one incident. @param {any} conflict @param {number} now @returns {any[]} */
const asItIs = ({ by, living, theirs }, now) => [
  by && el("p", { class: "note" }, byWords(by, now)), by && el("p", {}, el("strong", {}, said(by.kind_ja))),
  !living && el("p", { class: "notice" }, t("この事案は、ほかの事案にまとめられたか、取り下げられました。")),
  facts(rulingLines(theirs.ruling)), by?.reason && el("p", {}, t("理由："), japanese(by.reason))];

/**
 * Both versions side by side, of each incident that is not as it was seen.
 * @param {any} problem desk-conflict @param {[string, string][]} mine what was attempted @param {number} now
 * @returns {Promise<boolean|null>} true: mine on top of theirs
 */
export const askConflict = (problem, mine, now) => dialog(t("ほかの人が先に変更しました"), (done) => {
  const { conflicts } = problem;
  const several = conflicts.length > 1;
  const living = conflicts.every((/** @type {any} */ one) => one.living);
  const take = (/** @type {Event} */ event) => { event.preventDefault(); done(false); };
  return [el("form", { class: "ask__form", onsubmit: take },
    el("p", {}, t("まだ何も変わっていません。今の内容と比べて、どちらにするか選んでください。")),
    several && el("p", {}, t("選んだうちの {count}件が変わっています。", { count: conflicts.length })),
    el("div", { class: "versions" },
      el("section", { class: "versions__theirs" }, el("h3", {}, t("今の内容")), ...conflicts.flatMap((/** @type {any} */ one) =>
        [several && el("h4", {}, nameOf(one.theirs.feature.properties)), ...asItIs(one, now)])),
      el("section", { class: "versions__mine" }, el("h3", {}, t("あなたの操作")), facts(mine))),
    el("p", { class: "ask__buttons" },
      el("button", { type: "submit", class: "button button--main" }, t("今の内容を使う")),
      living && el("button", { type: "button", class: "button", onclick: () => done(true) }, t("自分の操作を重ねる"))))];
});

/** The keys, and the switch for them. */
export const showHelp = () => dialog(t("キーの一覧"), (done) => {
  const box = el("input", { type: "checkbox", checked: lettersOn(), onchange: () => setLetters(box.checked) });
  return [el("dl", { class: "help" }, ...LETTERS.flatMap(([key, , words]) => [el("dt", {}, el("kbd", {}, key)), el("dd", {}, words)])),
    el("label", { class: "choice" }, box, t("1文字のキーを使う")),
    el("p", { class: "note" }, t("音声で操作するときは外してください。ボタンはいつでも使えます。")),
    el("p", { class: "ask__buttons" }, el("button", { type: "button", class: "button button--main", autofocus: true, onclick: () => done(true) }, t("閉じる")))];
});

/**
 * Two officers who press the same key must not undo each other, and many are not confirmed by a slip.
 * @param {any[]} entries @returns {Promise<any>} null when it was left
 */
export async function verifying(entries) {
  const count = entries.length;
  if (entries.every(({ ruling }) => ruling.verification !== "unverified")) {
    const sure = await confirmed(t("未確認に戻す"), t("{count}件について、本部の確認や棄却をやめ、未確認に戻します。", { count }), t("未確認に戻す"));
    return sure && { kind: "reopen" };
  }
  const drills = entries.filter(({ feature }) => feature.properties.drill).length;
  const unplaced = entries.filter(({ feature }) => feature.geometry === null).length;
  const sure = count === 1 || await confirmed(t("確認済にする"), t("{count}件（うち訓練 {drills}件、場所未特定 {unplaced}件）を確認済にします。", { count, drills, unplaced }), t("確認済にする"));
  return sure && { kind: "verify" };
}
