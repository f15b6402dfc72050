/** The two ways out of the account menu: on this device, or on every device of this person. */

import * as api from "./api.js";
import { confirmed } from "./dialog.js";
import { byId } from "./dom.js";
import { t } from "./i18n.js";

/** @param {() => string} csrf of the session, "" until it is known */
export function bindSignOut(csrf) {
  byId("signout").addEventListener("click", async () => {
    if (!csrf()) return;
    await api.signOut(csrf());
    location.assign("/signin");
  });
  // A wall screen is nobody's: it has no other devices.
  document.getElementById("signout-everywhere")?.addEventListener("click", () => void everywhere(csrf));
}

/** @param {() => string} csrf */
async function everywhere(csrf) {
  byId("account").hidePopover();
  let note = t("この端末を含め、あなたの名前でサインインしている端末はすべて、もう一度サインインするまで使えなくなります。");
  while (csrf() && await confirmed(t("すべての端末からサインアウトしますか。"), note, t("サインアウトする"))) {
    try {
      await api.signOutEverywhere(csrf());
    } catch (error) {
      // Who is signed out already finds that out at the next page.
      if (!(error instanceof api.Refused)) throw error;
      if (error.status !== 401) {
        note = t("サインアウトできませんでした。もう一度押してください。");
        continue;
      }
    }
    location.assign("/signin");
    return;
  }
}
