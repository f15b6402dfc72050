import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { patternsOf, translator } from "../../../web/static/js/sentences.js";

const TABLE = JSON.parse(readFileSync(new URL("../../../web/static/data/sentences.json", import.meta.url), "utf8"));
const fill = (pattern, values) => pattern.replace(/\{_*(\w+?)_?\}/g, (_, name) => values[name] ?? "");
const translate = () => translator(patternsOf(TABLE), {}, fill);

test("what somebody wrote to hold the page up is left as it is, at once", () => {
  const english = translate();
  for (const words of [`${"。".repeat(200)}漢字`, `${"。".repeat(12)}漢字`, "、".repeat(5000), `${"事案、".repeat(150)}漢`, "（あ）".repeat(190)]) {
    const began = performance.now();
    english(words);
    assert.ok(performance.now() - began < 1000, words.slice(0, 20));
  }
});

test("a sentence is told once and remembered", () => {
  const english = translate();
  const known = "発令単位を入れ替えた";
  assert.equal(english(`の${known}`), "Replaced the evacuation units");
  assert.equal(english(`の${known}`), "Replaced the evacuation units");
  assert.equal(english("天狗岩で何かがあった"), null);
});
