/** A link of what is seen: filter, part of the map, layers and moment stand behind the #, which no server logs. */

import { el } from "./dom.js";
import { t } from "./i18n.js";

/** @param {HTMLElement} root @returns {{open: () => void, close: () => void}} */
export function sharePanel(root) {
  const field = el("input", { type: "text", class: "field share__field", readOnly: true, "aria-label": t("この表示へのリンク") });
  const note = el("span", { class: "note", role: "status" });
  const copy = el("button", { type: "button", class: "button button--small", onclick: async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
      note.textContent = t("写しました。");
    } catch {
      // Without TLS a browser refuses: the words are selected, the keyboard copies them.
      note.textContent = t("選んであります。Ctrl+C（⌘C）で写してください。");
    }
  } }, t("リンクを写す"));
  const close = el("button", { type: "button", class: "button button--small", onclick: () => { root.hidden = true; } }, t("閉じる"));
  root.append(el("p", {}, t("同じ範囲・絞り込み・重ねるもの・時点を開くリンクです。見られるのは、サインインした人が見てよい事案だけです。")),
    el("div", { class: "share__line" }, field, copy, close, note));
  return {
    open() {
      field.value = location.href;
      note.textContent = "";
      root.hidden = false;
      field.focus();
      field.select();
    },
    close: () => { root.hidden = true; },
  };
}
