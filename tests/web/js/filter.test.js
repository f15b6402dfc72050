import assert from "node:assert/strict";
import { test } from "node:test";

import { byDanger, dangerRank, gravestOf } from "../../../web/static/js/danger.js";
import { defaultFilter, fromFragment, isDefault, sift, toFragment } from "../../../web/static/js/filter.js";

const NOW = Date.parse("2026-07-29T12:00:00+09:00");
const feature = (id, given = {}) => ({
  id, geometry: null,
  properties: {
    type: "landslide", status: "present", verification: "unverified", municipality: "34207", urgent: false,
    drill: false, injured: 0, missing: 0, trapped: 0, dead: 0, last_reported_at: "2026-07-29T11:30:00+09:00", ...given,
  },
});
const ids = (features) => features.map(({ id }) => id);

test("what is over is hidden at first, what headquarters rejected too", () => {
  const all = [
    feature("present"), feature("feared", { status: "feared" }), feature("hearsay", { status: "hearsay" }),
    feature("denied", { status: "denied" }), feature("resolved", { status: "resolved" }),
    feature("rejected", { verification: "rejected" }),
  ];
  const { shown, counts } = sift(defaultFilter(), all, NOW);
  assert.deepEqual(ids(shown), ["present", "feared", "hearsay"]);
  assert.equal(counts.hidden, 3);
  assert.equal(counts.states.get("rejected"), 1);
});

test("a choice's count is what choosing it would show", () => {
  const all = [
    feature("1"), feature("2", { type: "fire" }), feature("3", { type: "fire", municipality: "34202" }),
    feature("4", { municipality: null, last_reported_at: "2026-07-28T11:30:00+09:00" }),
  ];
  const filter = { ...defaultFilter(), types: new Set(["fire"]), hours: 6 };
  const { shown, counts } = sift(filter, all, NOW);
  assert.deepEqual(ids(shown), ["2", "3"]);
  assert.equal(counts.types.get("landslide"), 1);
  assert.deepEqual([...counts.municipalities], [["34207", 1], ["34202", 1]]);
  assert.equal(counts.time.get("all"), 2);
  for (const type of ["fire", "landslide"]) {
    const chosen = sift({ ...filter, types: new Set([type]) }, all, NOW).shown.length;
    assert.equal(chosen, counts.types.get(type));
  }
});

test("what headquarters has confirmed is told apart from what it has not, and what it rejected is neither", () => {
  const all = [feature("1", { verification: "verified" }), feature("2"), feature("3"), feature("4", { verification: "rejected" })];
  const filter = { ...defaultFilter(), states: new Set(["present", "rejected"]) };
  const { shown, counts } = sift({ ...filter, verification: "verified" }, all, NOW);
  assert.deepEqual(ids(shown), ["1"]);
  assert.deepEqual([...counts.verification].sort(), [["all", 4], ["rejected", 1], ["unverified", 2], ["verified", 1]]);
  assert.deepEqual(ids(sift({ ...filter, verification: "unverified" }, all, NOW).shown), ["2", "3"]);
});

test("an unknown municipality can be chosen", () => {
  const filter = { ...defaultFilter(), municipalities: new Set([""]) };
  assert.deepEqual(ids(sift(filter, [feature("1"), feature("2", { municipality: null })], NOW).shown), ["2"]);
});

test("a filter survives the address", () => {
  const filter = {
    types: new Set(["fire", "landslide"]), states: new Set(["denied"]), municipalities: new Set(["", "34207"]),
    hours: 6, from: NOW - 1000, to: NOW, drill: false, verification: "verified", stale: "only", inView: true,
  };
  assert.deepEqual(fromFragment(`#${toFragment(filter)}`), filter);
  assert.equal(toFragment(defaultFilter()), "");
  assert.ok(isDefault(fromFragment("#map=9/34/133&sel=x")));
});

test("a broken address shows too much rather than nothing false", () => {
  const filter = fromFragment("#h=-3&from=yesterday&drill=maybe&v=rejected&m=<script>&type=dragon");
  assert.equal(filter.hours, null);
  assert.equal(filter.from, null);
  assert.equal(filter.drill, true);
  assert.equal(filter.verification, "");
});

test("danger to life comes first, then the newest, what is over last", () => {
  const order = [
    feature("urgent", { urgent: true, type: "power_outage" }),
    feature("rescue", { type: "rescue_request" }),
    feature("trapped", { trapped: 1, last_reported_at: "2026-07-29T09:00:00+09:00" }),
    feature("slide-new", { last_reported_at: "2026-07-29T11:50:00+09:00" }), feature("slide-old"),
    feature("slide-feared", { status: "feared" }),
    feature("outage", { type: "power_outage" }),
    feature("denied", { type: "casualty", status: "denied", urgent: true }),
  ];
  assert.deepEqual(ids(byDanger([...order].reverse())), ids(order));
  assert.equal(gravestOf([...order].reverse()).id, "urgent");
  assert.equal(dangerRank(feature("x", { urgent: true, verification: "rejected" }).properties), 9);
});
