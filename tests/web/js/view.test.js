import assert from "node:assert/strict";
import { test } from "node:test";

import { defaultFilter } from "../../../web/static/js/filter.js";
import { clusterKey, isOnePlace, padded, readView, viewPath } from "../../../web/static/js/view.js";

const asked = (given = {}) => ({
  filter: defaultFilter(), bounds: { west: 133, south: 34, east: 134, north: 35 }, zoom: 9.5, listed: null,
  limit: 60, read: 0, tray: false, at: null, ...given,
});

test("a question names the view, a little more than is seen, and the filter", () => {
  const path = viewPath(asked({ filter: { ...defaultFilter(), types: new Set(["fire"]), municipalities: new Set(["", "34207"]), drill: false } }));
  assert.equal(path, "/situation?bbox=132.75000,33.75000,134.25000,35.25000&zoom=9.5&limit=60&type=fire"
    + "&state=feared,hearsay,present&municipality=-,34207&drill=false");
});

test("a moment, a list's part and what has been read", () => {
  const path = viewPath(asked({ bounds: null, listed: { west: -190, south: -89, east: 190, north: 89 }, read: 7, tray: true,
    at: Date.parse("2026-07-29T14:32:00+09:00") }));
  assert.equal(path, "/situation?zoom=9.5&list=-180.00000,-85.00000,180.00000,85.00000&limit=60&tray=true&read=7"
    + "&state=feared,hearsay,present&at=2026-07-29T05:32:00.000Z");
});

test("an answer's ids become its features, unknown ones are left out", () => {
  const one = { id: "a", properties: {} };
  const view = readView({
    features: [one], pins: ["a", "gone"], list: ["a"], unplaced: { count: 0, urgent: 0, list: [] },
    counts: { types: { fire: 2 }, states: {}, municipalities: {}, time: { all: 2 }, drill: 0, verification: { all: 2 }, stale: { all: 2 }, hidden: 1, hidden_stale: 1 },
  });
  assert.deepEqual(view.pins, [one]);
  assert.equal(view.counts.types.get("fire"), 2);
  assert.equal(view.features.get("a"), one);
});

test("a mark that did not change keeps its key; one more urgent one makes another", () => {
  const cluster = { lat: 34, lon: 133, count: 5, urgent: 1, stale: 0, type: "fire", state: "present", drill: false, bounds: [133, 34, 133, 34] };
  assert.equal(clusterKey(cluster), clusterKey({ ...cluster, bounds: [0, 0, 0, 0] }));
  assert.notEqual(clusterKey(cluster), clusterKey({ ...cluster, urgent: 2 }));
  assert.notEqual(clusterKey(cluster), clusterKey({ ...cluster, stale: 5 }));
  assert.ok(isOnePlace(cluster));
  assert.ok(!isOnePlace({ bounds: [133, 34, 133.1, 34] }));
});

test("a margin on each side", () => {
  assert.deepEqual(padded({ west: 0, south: 0, east: 4, north: 2 }, 0.25), { west: -1, south: -0.5, east: 5, north: 2.5 });
});
