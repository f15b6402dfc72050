import assert from "node:assert/strict";
import { test } from "node:test";

import { givenLines, onTop, seenOf } from "../../../web/static/js/deskorder.js";

const words = (order) => givenLines(order).map((line) => line.join("："));

test("what was attempted is told in words, whatever it was", () => {
  assert.deepEqual(words({ kind: "verify" }), ["操作：確認済にする"]);
  assert.deepEqual(words({ kind: "type", type: "fire" }), ["操作：種別を直す", "種別：火災・煙"]);
  assert.deepEqual(words({ kind: "status", status: null }), ["操作：状態を決める", "状態：通報のとおり"]);
  assert.deepEqual(words({ kind: "place", place: { lat: 34.5, lon: 133.25 } }), ["操作：場所を決める", "場所：34.50000, 133.25000"]);
  assert.deepEqual(words({ kind: "assign", names: "分団 松永" }), ["操作：担当を決める", "担当：分団 松永"]);
  assert.deepEqual(words({ kind: "merge", names: "火災 松永駅" }), ["操作：統合する", "まとめる事案：火災 松永駅"]);
  assert.deepEqual(words({ kind: "split", readings: [{ report: "a", ordinal: 0 }, { report: "a", ordinal: 1 }, { report: "b", ordinal: 0 }] }),
    ["操作：通報を分ける", "分ける通報：2件"]);
  assert.deepEqual(words({ kind: "reject", reason: "作り話" }), ["操作：棄却する", "理由：作り話"]);
});

test("an order names the version that was seen, and the newest only when it is put on top", () => {
  const order = { kind: "merge", into: seenOf({ id: "a", properties: { ruling_version: 1 } }), incidents: [{ id: "b", version: 2 }, { id: "c", version: 3 }] };
  assert.deepEqual(order.into, { id: "a", version: 1 });
  const renewed = onTop(order, [{ id: "a", theirs: { ruling: { version: 5 } } }, { id: "c", theirs: { ruling: { version: 6 } } }]);
  assert.deepEqual([renewed.into, ...renewed.incidents], [{ id: "a", version: 5 }, { id: "b", version: 2 }, { id: "c", version: 6 }]);
});
