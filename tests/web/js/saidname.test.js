import assert from "node:assert/strict";
import { test } from "node:test";

import { markedIn, nameIn } from "../../../web/static/js/saidname.js";

test("what is near a name and before it is no part of it", () => {
  for (const [said, municipality, name] of [
    ["てんぐ岩付近", "福山市", "てんぐ岩"],
    ["福山市てんぐ岩", "福山市", "てんぐ岩"],
    ["福山市のてんぐ岩の北側", "福山市", "てんぐ岩"],
    ["坂町小屋浦の上流", "安芸郡坂町", "小屋浦"],
    ["天神橋", null, "天神橋"],
    ["農協前", "福山市", "農協"],
    ["福山市", "福山市", "福山市"],
    ["岩前", "福山市", "岩前"],
    ["", "福山市", ""],
  ]) assert.equal(nameIn(said, municipality), name, said);
});

test("a name is never longer than what can be taught", () => {
  assert.equal(nameIn("て".repeat(200), null).length, 60);
});

test("only what is marked inside the words counts", () => {
  const inside = { contains: (node) => node === "in" };
  const mark = (anchorNode, focusNode, words) => ({ anchorNode, focusNode, toString: () => words });
  assert.equal(markedIn(mark("in", "in", " てんぐ岩 "), inside), "てんぐ岩");
  assert.equal(markedIn(mark("in", "out", "てんぐ岩"), inside), "");
  assert.equal(markedIn(mark("in", "in", "二\n行"), inside), "");
  assert.equal(markedIn(mark("in", "in", "て".repeat(61)), inside), "");
  assert.equal(markedIn(null, inside), "");
});
