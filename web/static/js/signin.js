/** After signing in a link opens what it shows: what stands behind its # no server is told, the browser keeps it. */

import { byId } from "./dom.js";

const wanted = location.hash;
if (wanted) {
  const field = byId("next");
  field.value = `${(field.value || "/").split("#")[0]}${wanted}`;
  document.getElementById("oidc")?.setAttribute("href", `/oidc/start?next=${encodeURIComponent(field.value)}`);
}
