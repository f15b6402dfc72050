import assert from "node:assert/strict";
import { test } from "node:test";

import { segments } from "../../../web/static/js/evidence.js";

const marked = (pieces) => pieces.filter(({ labels }) => labels.length).map(({ text }) => text);

test("offsets count code points, so an emoji before the span does not shift it", () => {
  const text = "🚨🚨松永町で𠮷野川が冠水";
  const pieces = segments(text, [{ start: 2, end: 5, label: "place" }, { start: 6, end: 9, label: "river" }]);
  assert.deepEqual(marked(pieces), ["松永町", "𠮷野川"]);
  assert.equal(pieces.map((piece) => piece.text).join(""), text);
});

test("overlapping and doubled spans are cut, nothing is lost or repeated", () => {
  const text = "道路が冠水している";
  const pieces = segments(text, [
    { start: 0, end: 5, label: "damage" }, { start: 3, end: 9, label: "status" }, { start: 0, end: 5, label: "damage" },
  ]);
  assert.deepEqual(pieces.map((piece) => [piece.text, piece.labels.join("+")]),
    [["道路が", "damage"], ["冠水", "damage+status"], ["している", "status"]]);
});

test("offsets beyond the text, empty and erased texts do no harm", () => {
  assert.deepEqual(segments("", [{ start: 0, end: 4, label: "x" }]), []);
  assert.deepEqual(marked(segments("あ", [{ start: -2, end: 9, label: "x" }, { start: 5, end: 3, label: "y" }])), ["あ"]);
});
