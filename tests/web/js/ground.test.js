import assert from "node:assert/strict";
import { test } from "node:test";

import { areaOf, covers, areaWords, lengthOf, lengthWords, metresBetween } from "../../../web/static/js/ground.js";

const near = (value, wanted, share) => assert.ok(Math.abs(value - wanted) <= wanted * share, `${value} is not about ${wanted}`);

test("a degree of latitude is 111 km, of longitude less the further north", () => {
  near(metresBetween({ lat: 34, lon: 133 }, { lat: 35, lon: 133 }), 111_195, 0.001);
  near(metresBetween({ lat: 60, lon: 133 }, { lat: 60, lon: 134 }), 55_597, 0.001);
});

test("a line is the sum of its parts", () => {
  const line = [{ lat: 34, lon: 133 }, { lat: 34.01, lon: 133 }, { lat: 34.01, lon: 133.01 }];
  near(lengthOf(line), metresBetween(line[0], line[1]) + metresBetween(line[1], line[2]), 1e-9);
  assert.equal(lengthOf([]), 0);
});

test("an area, whichever way round", () => {
  const square = [{ lat: 34, lon: 133 }, { lat: 34, lon: 133.01 }, { lat: 34.01, lon: 133.01 }, { lat: 34.01, lon: 133 }];
  near(areaOf(square), 1112 * 922, 0.005);
  near(areaOf([...square].reverse()), areaOf(square), 1e-9);
  assert.equal(areaOf(square.slice(0, 2)), 0);
});

test("in words", () => {
  assert.equal(lengthWords(849.6), "850 m");
  assert.equal(lengthWords(12_345), "12.35 km");
  assert.equal(areaWords(1234), "1,234 m²");
  assert.equal(areaWords(34_000), "3.40 ha");
  assert.equal(areaWords(12_300_000), "12.30 km²");
});

test("a point in a polygon, not in its hole", () => {
  const ring = (west, south, east, north) => [[west, south], [east, south], [east, north], [west, north], [west, south]];
  const shape = { type: "MultiPolygon", coordinates: [[ring(0, 0, 10, 10), ring(4, 4, 6, 6)], [ring(20, 0, 30, 10)]] };
  assert.ok(covers(shape, { lat: 2, lon: 2 }));
  assert.ok(!covers(shape, { lat: 5, lon: 5 }));
  assert.ok(covers(shape, { lat: 5, lon: 25 }));
  assert.ok(!covers({ type: "Polygon", coordinates: [ring(0, 0, 1, 1)] }, { lat: 2, lon: 0.5 }));
});
