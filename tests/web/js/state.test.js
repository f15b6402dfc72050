import assert from "node:assert/strict";
import { test } from "node:test";

import { applyChange, applyPage, emptyState } from "../../../web/static/js/state.js";

const feature = (id, seq, version = seq) => ({
  type: "Feature", id, geometry: null, properties: { seq, version, place_text: `${id}@${seq}` },
});
const change = (id, seq, removed = false) => ({ seq, removed, feature: feature(id, seq) });
const held = (state) => [...state.items.values()].map(({ id, properties }) => `${id}${properties.seq}`).sort();

/** A small deterministic generator, so that a failure can be repeated. */
function randomizer(seed) {
  let value = seed;
  return (below) => {
    value = (value * 1664525 + 1013904223) % 4294967296;
    return Math.floor((value / 4294967296) * below);
  };
}

test("a page is taken in and its seq is the cursor", () => {
  const state = emptyState();
  applyPage(state, { features: [feature("a", 3), feature("b", 5)], seq: 7 });
  assert.deepEqual(held(state), ["a3", "b5"]);
  assert.equal(state.seq, 7);
});

test("of many pages the first, the oldest, gives the cursor", () => {
  const state = emptyState();
  applyPage(state, { features: [feature("a", 3)], seq: 7 });
  applyPage(state, { features: [feature("b", 9)], seq: 9 });
  assert.equal(state.seq, 7);
});

test("an older event does not undo a newer page", () => {
  const state = emptyState();
  applyPage(state, { features: [feature("a", 5)], seq: 5 });
  assert.equal(applyChange(state, change("a", 4)), false);
  assert.deepEqual(held(state), ["a5"]);
});

test("a late change does not bring back what was removed", () => {
  const state = emptyState();
  applyChange(state, change("a", 1));
  assert.equal(applyChange(state, change("a", 3, true)), true);
  assert.equal(applyChange(state, change("a", 2)), false);
  assert.deepEqual(held(state), []);
  assert.equal(applyChange(state, change("a", 4)), true);
  assert.deepEqual(held(state), ["a4"]);
});

test("fetch + events == fresh fetch, with events doubled, repeated and pages torn: 500 runs", () => {
  for (let seed = 1; seed <= 500; seed += 1) {
    const random = randomizer(seed);
    const history = [];
    const truth = new Map();
    for (let seq = 1; seq <= 40; seq += 1) {
      const id = "abcdef"[random(6)];
      const removed = truth.has(id) && random(4) === 0;
      if (removed) truth.delete(id);
      else truth.set(id, seq);
      history.push(change(id, seq, removed));
    }
    const fetchAt = 1 + random(39);
    const snapshot = new Map();
    for (const { seq, removed, feature: { id } } of history.slice(0, fetchAt)) {
      if (removed) snapshot.delete(id);
      else snapshot.set(id, seq);
    }
    const state = emptyState();
    applyPage(state, { features: [...snapshot].map(([id, seq]) => feature(id, seq)), seq: fetchAt });
    let cursor = state.seq;
    while (cursor < history.length) {
      const resumed = Math.max(fetchAt, cursor - random(5));
      const upto = Math.min(history.length, cursor + 1 + random(6));
      for (const event of history.slice(resumed, upto)) {
        applyChange(state, event);
        if (random(3) === 0) applyChange(state, event);
      }
      cursor = upto;
    }
    assert.deepEqual(held(state), [...truth].map(([id, seq]) => `${id}${seq}`).sort(), `seed ${seed}`);
    assert.equal(state.seq, history.length);
  }
});
