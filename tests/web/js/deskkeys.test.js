import assert from "node:assert/strict";
import { test } from "node:test";

import { LETTERS, actionOf, keyOf } from "../../../web/static/js/deskkeys.js";

const press = (key, held = {}) => ({ key, altKey: false, ctrlKey: false, metaKey: false, ...held });

test("each letter has one action and each action one letter", () => {
  assert.equal(new Set(LETTERS.map(([key]) => key)).size, LETTERS.length);
  for (const [key, action] of LETTERS) {
    assert.equal(actionOf(press(key), false), action);
    assert.equal(keyOf(action), key);
  }
});

test("capitals count, what is typed or held with another key does not", () => {
  assert.equal(actionOf(press("V"), false), "verify");
  assert.equal(actionOf(press("v"), true), "");
  for (const held of ["altKey", "ctrlKey", "metaKey"]) assert.equal(actionOf(press("v", { [held]: true }), false), "");
  assert.equal(actionOf(press("Enter"), false), "");
  assert.equal(keyOf("nothing"), "");
});
