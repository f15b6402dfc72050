import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { byDanger, dangerRank, gravestOf } from "../../../web/static/js/danger.js";

// The same cases hold for service/overview/danger.py.
const cases = JSON.parse(readFileSync(new URL("danger_cases.json", import.meta.url), "utf8"));

test("the rank of danger", () => {
  for (const { properties, rank } of cases) assert.equal(dangerRank(properties), rank, JSON.stringify(properties));
});

const feature = (id, at, properties) => ({
  id, properties: { status: "present", verification: "unverified", urgent: false, last_reported_at: at, ...properties },
});

test("the face of a cluster is that of an urgent one, whatever else is in it", () => {
  const members = [
    feature("a", "2026-07-29T12:00:00+09:00", { type: "fire", trapped: 5, missing: 3 }),
    feature("b", "2026-07-29T10:00:00+09:00", { type: "power_outage", urgent: true }),
    feature("c", "2026-07-29T13:00:00+09:00", { type: "casualty", dead: 1 }),
    feature("d", "2026-07-29T14:00:00+09:00", { type: "tsunami", urgent: true, status: "resolved" }),
  ];
  assert.equal(gravestOf(members).properties.type, "power_outage");
  assert.deepEqual(byDanger(members).map(({ id }) => id), ["b", "a", "c", "d"]);
  const drill = feature("e", "2026-07-29T15:00:00+09:00", { type: "fire", urgent: true, drill: true });
  assert.deepEqual(byDanger([drill, ...members]).map(({ id }) => id), ["b", "a", "c", "e", "d"], "a drill waits for what is real");
});
