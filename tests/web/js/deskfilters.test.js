import assert from "node:assert/strict";
import { test } from "node:test";

import { askedOf, fragmentOf } from "../../../web/static/js/deskfilters.js";

test("the queue's filter survives the address beside the open incident", () => {
  const asked = { state: "working", assigned: "me", type: "fire", municipality: "34207", drill: "false" };
  const fragment = fragmentOf(asked, "abc");
  assert.equal(new URLSearchParams(fragment.slice(1)).get("sel"), "abc");
  assert.deepEqual(askedOf(fragment), asked);
  assert.deepEqual(askedOf(fragmentOf({ ...asked, municipality: "none" }, "")).municipality, "none");
});

test("choices left as they are take no room", () => {
  assert.equal(fragmentOf({ state: "waiting" }, ""), "");
  assert.equal(fragmentOf({ state: "waiting" }, "abc"), "#sel=abc");
});

test("a broken address shows too much rather than nothing false", () => {
  assert.deepEqual(askedOf("#state=gone&type=dragon&m=<script>&drill=maybe&assigned=you"), { state: "waiting" });
});
