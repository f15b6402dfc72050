/** A polite summary for screen readers: at most one sentence in fifteen seconds. */

import { t } from "./i18n.js";

const QUIET_MS = 15_000;

/**
 * @param {HTMLElement} region with aria-live=polite
 * @returns {(news: {urgent: boolean}) => void} call for each new or changed incident
 */
export function announcer(region) {
  let count = 0;
  let urgent = 0;
  let timer = 0;
  const speak = () => {
    timer = 0;
    region.textContent = urgent ? t("事案 {count}件が新着・更新されました。うち緊急 {urgent}件", { count, urgent })
      : t("事案 {count}件が新着・更新されました", { count });
    count = 0;
    urgent = 0;
  };
  return (news) => {
    count += 1;
    if (news.urgent) urgent += 1;
    if (!timer) timer = window.setTimeout(speak, region.textContent ? QUIET_MS : 1000);
  };
}
