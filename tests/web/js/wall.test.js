import assert from "node:assert/strict";
import { test } from "node:test";

import { isWall, turns } from "../../../web/static/js/wall.js";

const feature = (id, minute, urgent, placed = true) => ({
  id, geometry: placed ? { coordinates: [133, 34] } : null,
  properties: { urgent, last_reported_at: `2026-07-29T10:${String(minute).padStart(2, "0")}:00+09:00` },
});

test("the wall shows the newest urgent ones that have a place, six at most", () => {
  const features = [feature("calm", 59, false), feature("nowhere", 58, true, false),
    ...Array.from({ length: 9 }, (_, minute) => feature(`u${minute}`, minute, true))];
  assert.deepEqual(turns(features).map(({ id }) => id), ["u8", "u7", "u6", "u5", "u4", "u3"]);
  features.at(-1).properties.drill = true;
  assert.deepEqual(turns(features).map(({ id }) => id), ["u7", "u6", "u5", "u4", "u3", "u2"], "a drill waits");
});

test("an address says whether it is a wall", () => {
  assert.ok(isWall("#wall"));
  assert.ok(isWall("#type=fire&wall&layers=shelters"));
  assert.ok(!isWall("#type=wall"));
  assert.ok(!isWall(""));
});
