import assert from "node:assert/strict";
import { test } from "node:test";

import { cornerList, cornersOf, shapeOf } from "../../../web/static/js/cornerlist.js";

const at = (lat, lon) => ({ lat, lon });
const square = [at(0, 0), at(0, 1), at(1, 1), at(1, 0)];
const ring = (...points) => points.map(({ lat, lon }) => [lon, lat]);

test("corners are added, moved, inserted and removed, and each step is taken back", () => {
  const list = cornerList();
  assert.equal(list.canUndo(), false);
  for (const corner of square.slice(0, 3)) list.add(corner);
  list.move(1, at(0, 2));
  list.insert(3, at(1, 0));
  assert.deepEqual(list.all(), [at(0, 0), at(0, 2), at(1, 1), at(1, 0)]);
  assert.equal(list.remove(0), true);
  assert.deepEqual(list.all(), [at(0, 2), at(1, 1), at(1, 0)]);
  for (let steps = 0; steps < 3; steps += 1) list.undo();
  assert.deepEqual(list.all(), square.slice(0, 3));
  for (let steps = 0; steps < 9; steps += 1) list.undo();
  assert.deepEqual(list.all(), []);
});

test("three corners stay", () => {
  const list = cornerList(square);
  assert.equal(list.remove(3), true);
  assert.equal(list.remove(0), false);
  assert.deepEqual(list.all(), square.slice(0, 3));
});

test("small steps of one corner are taken back together, those of another not", () => {
  const list = cornerList(square);
  list.move(0, at(0, 0.1), true);
  list.move(0, at(0, 0.2), true);
  list.move(1, at(0, 1.1), true);
  list.undo();
  assert.deepEqual(list.all(), [at(0, 0.2), ...square.slice(1)]);
  list.undo();
  assert.deepEqual(list.all(), square);
  assert.equal(list.canUndo(), false);
});

test("an edge has a middle, also the one that closes the area; a line has no such", () => {
  const list = cornerList(square);
  assert.deepEqual(list.middle(0), at(0, 0.5));
  assert.deepEqual(list.middle(3), at(0.5, 0));
  assert.equal(list.middle(4), null);
  assert.equal(cornerList(square.slice(0, 2)).middle(1), null);
  assert.deepEqual(cornerList(square.slice(0, 2)).middle(0), at(0, 0.5));
});

test("a shape that one can move by hand becomes corners and back", () => {
  const polygon = { type: "Polygon", coordinates: [ring(...square, square[0])] };
  assert.deepEqual(cornersOf(polygon), square);
  assert.deepEqual(cornersOf({ type: "MultiPolygon", coordinates: [polygon.coordinates] }), square);
  assert.deepEqual(shapeOf(square), polygon);
  const line = { type: "LineString", coordinates: ring(square[0], square[1]) };
  assert.deepEqual(shapeOf(cornersOf(line)), line);
  const hole = { type: "Polygon", coordinates: [polygon.coordinates[0], polygon.coordinates[0]] };
  const two = { type: "MultiPolygon", coordinates: [polygon.coordinates, polygon.coordinates] };
  const border = { type: "LineString", coordinates: Array.from({ length: 61 }, (_, n) => [n, n]) };
  for (const other of [null, undefined, { type: "Point", coordinates: [0, 0] }, hole, two, border]) assert.equal(cornersOf(other), null);
});
