/** The link of a wall screen: what stands behind # is exchanged for a session, then the wall opens. */

import { ask, Refused } from "./api.js";
import { byId } from "./dom.js";
import { said, t } from "./i18n.js";

const RETRY_MS = 3000;

async function open() {
  const token = decodeURIComponent(location.hash.slice(1));
  // It must not stay in the address bar, where the whole room reads it.
  history.replaceState(null, "", location.pathname);
  if (!token) {
    byId("state").textContent = t("リンクが途中で切れています。管理者から受け取ったリンクをもう一度開いてください。");
    return;
  }
  await exchange(token);
}

/** @param {string} token */
async function exchange(token) {
  try {
    await ask("/device", {
      method: "POST", body: JSON.stringify({ token }), headers: { "content-type": "application/json" },
    });
    location.replace("/#wall");
  } catch (error) {
    if (error instanceof Refused && error.status >= 400 && error.status < 500 && error.status !== 429) {
      byId("state").textContent = [error.problem.title, error.problem.detail].filter(Boolean).map(said).join(" ");
      return;
    }
    byId("state").textContent = t("つながりません。自動でもう一度試します。");
    setTimeout(() => void exchange(token), RETRY_MS);
  }
}

void open();
