/** One letter, one action. Pure, but for the switch that this browser remembers. */

import { t } from "./i18n.js";

const KEY = "hansho.desk.letters";

/** @type {ReadonlyArray<[string, string, string]>} key, action, what it does */
export const LETTERS = [
  ["j", "next", t("次の事案")], ["k", "previous", t("前の事案")], ["c", "check", t("選択に加える・外す")],
  ["v", "verify", t("確認済にする")], ["r", "resolve", t("解消にする")], ["x", "reject", t("棄却する")],
  ["t", "type", t("種別を直す")], ["s", "status", t("状態を決める")], ["m", "place", t("場所を決める")],
  ["g", "merge", t("統合する")], ["a", "assign", t("担当を決める")], ["z", "undo", t("取り消す")],
  ["?", "help", t("キーの一覧")],
];

const ACTIONS = new Map(LETTERS.map(([key, action]) => [key, action]));

/** @param {string} action @returns {string} the key that does it, to be shown on its button */
export const keyOf = (action) => LETTERS.find(([, each]) => each === action)?.[0] ?? "";

/**
 * @param {{key: string, altKey: boolean, ctrlKey: boolean, metaKey: boolean}} event
 * @param {boolean} typing whether the key belongs to a field
 * @returns {string} the action asked for, "" for none
 */
export function actionOf({ key, altKey, ctrlKey, metaKey }, typing) {
  if (typing || altKey || ctrlKey || metaKey) return "";
  return ACTIONS.get(key.length === 1 ? key.toLowerCase() : key) ?? "";
}

/** Letters alone disturb who speaks to the machine (WCAG 2.1.4): they can be switched off. */
export const lettersOn = () => localStorage.getItem(KEY) !== "off";

/** @param {boolean} on */
export const setLetters = (on) => localStorage.setItem(KEY, on ? "on" : "off");
