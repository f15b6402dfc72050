import assert from "node:assert/strict";
import { test } from "node:test";

import { pause, restMs, restful } from "../../../web/static/js/pausing.js";

const GATHER_MS = 20;

test("a slow server is asked less often", () => {
  assert.equal(restMs(20), 1000);
  assert.equal(restMs(500), 5000);
  assert.equal(restMs(60_000), 15_000);
});

test("the first change is asked about at once, those that follow when the server has rested", async () => {
  let asked = 0;
  const { later } = restful(async () => { asked += 1; }, GATHER_MS);
  later();
  later();
  await pause(GATHER_MS * 5);
  assert.equal(asked, 1);
  later();
  later();
  await pause(700);
  assert.equal(asked, 1);
  await pause(700);
  assert.equal(asked, 2);
});

test("who waits for what they did themselves does not wait for the rest", async () => {
  let asked = 0;
  const { later, soon } = restful(async () => { asked += 1; }, GATHER_MS);
  later();
  await pause(GATHER_MS * 5);
  later();
  soon();
  await pause(GATHER_MS * 5);
  assert.equal(asked, 2);
});

test("one question at a time, and none is lost", async () => {
  let asked = 0;
  let underWay = 0;
  const { later, soon } = restful(async () => {
    assert.equal(underWay, 0);
    asked += underWay += 1;
    await pause(GATHER_MS * 5);
    underWay -= 1;
  }, GATHER_MS);
  later();
  await pause(GATHER_MS * 3);
  later();
  soon();
  await pause(GATHER_MS * 12);
  assert.equal(asked, 2);
});
