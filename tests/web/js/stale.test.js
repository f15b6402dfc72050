import assert from "node:assert/strict";
import { test } from "node:test";

import { defaultFilter, fromFragment, sift } from "../../../web/static/js/filter.js";
import { isStale, lastKnown, staleAge } from "../../../web/static/js/stale.js";

const NOW = Date.parse("2026-07-29T15:00:00+09:00");
const properties = (given = {}) => ({
  type: "landslide", status: "present", verification: "unverified", municipality: "34207", drill: false,
  last_reported_at: "2026-07-29T12:00:00+09:00", confirmed_at: null, stale_at: "2026-07-29T14:00:00+09:00", ...given,
});
const feature = (id, given) => ({ id, geometry: null, properties: properties(given) });

test("information grows old as time passes, without any event", () => {
  const one = properties();
  assert.equal(isStale(one, NOW - 3_600_001), false);
  assert.equal(isStale(one, NOW - 3_600_000), true);
  assert.equal(staleAge(one, NOW), "3時間前");
  assert.equal(staleAge(one, NOW - 7_200_000), "");
  assert.equal(isStale(properties({ stale_at: null }), NOW), false, "what is over does not grow old");
  assert.equal(isStale({ ...properties(), stale_at: undefined }, NOW), false, "an older server says nothing of it");
});

test("its age counts from the last report or headquarters' confirmation", () => {
  const confirmed = properties({ confirmed_at: "2026-07-29T13:00:00+09:00" });
  assert.equal(lastKnown(confirmed), "2026-07-29T13:00:00+09:00");
  assert.equal(staleAge(confirmed, NOW), "2時間前");
  assert.equal(lastKnown({ ...confirmed, last_reported_at: "2026-07-29T13:30:00+09:00" }), "2026-07-29T13:30:00+09:00");
});

test("nothing old is hidden unless somebody says so, and then it is counted", () => {
  const all = [feature("old"), feature("new", { stale_at: "2026-07-29T16:00:00+09:00" }), feature("over", { status: "resolved", stale_at: null })];
  const ids = (fragment) => sift(fromFragment(fragment), all, NOW).shown.map(({ id }) => id);
  assert.deepEqual(ids(""), ["old", "new"]);
  assert.deepEqual(ids("#old=hide"), ["new"]);
  assert.deepEqual(ids("#old=only"), ["old"]);
  assert.deepEqual(ids("#old=perhaps"), ["old", "new"]);
  const { counts } = sift({ ...defaultFilter(), stale: "hide" }, all, NOW);
  assert.deepEqual([counts.hidden, counts.hiddenStale], [2, 1]);
  assert.deepEqual([...counts.stale].sort(), [["all", 2], ["hide", 1], ["only", 1]]);
});
