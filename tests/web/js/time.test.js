import assert from "node:assert/strict";
import { test } from "node:test";

import { afterPulse, judge, noSigns, serverNow } from "../../../web/static/js/liveness.js";
import { backoff, entryWords, isFinal } from "../../../web/static/js/outbox.js";
import { fitted } from "../../../web/static/js/photo.js";
import { agoWords, clockWords, fieldOfInstant, instantOfField, timeWords } from "../../../web/static/js/time.js";
import { loadSeen, markAllRead, markRead, newsOf, saveSeen } from "../../../web/static/js/unread.js";
import { radiusWords } from "../../../web/static/js/words.js";

const NOW = Date.parse("2026-07-29T03:12:05+09:00");

test("times are Japan's, wherever the machine stands", () => {
  assert.equal(clockWords(NOW), "3:12:05");
  assert.equal(clockWords(Date.parse("2026-07-29T00:03:05+09:00")), "0:03:05");
  assert.equal(timeWords("2026-07-28T23:50:00+09:00", NOW), "7月28日(火) 23:50");
  assert.equal(timeWords("2026-07-29T03:00:00+09:00", NOW), "3:00");
  assert.equal(agoWords("2026-07-29T03:00:00+09:00", NOW), "12分前");
  assert.equal(agoWords(NOW + 5000, NOW), "たった今");
  assert.equal(fieldOfInstant(NOW), "2026-07-29T03:12");
  assert.equal(instantOfField("2026-07-29T03:12"), Date.parse("2026-07-29T03:12:00+09:00"));
  assert.equal(instantOfField(""), null);
});

const pulse = (at, worker) => ({ at: new Date(at).toISOString(), worker_seen_at: worker === null ? null : new Date(worker).toISOString() });

test("without a pulse for 25 s the page is stale", () => {
  const signs = afterPulse(noSigns(0), pulse(NOW, NOW - 1000), 1000);
  assert.equal(judge(signs, 25_999, 60_000).stale, false);
  assert.deepEqual(judge(signs, 26_001, 60_000), { stale: true, reason: "pulse", lastAt: NOW });
  assert.equal(judge(noSigns(0), 26_000, 60_000).reason, "pulse");
  assert.equal(judge(noSigns(0), 5000, 60_000).stale, false);
});

test("a silent or absent worker makes the page stale although pulses come", () => {
  const silent = afterPulse(noSigns(0), pulse(NOW, NOW - 61_000), 1000);
  assert.deepEqual(judge(silent, 1000, 60_000), { stale: true, reason: "worker", lastAt: NOW - 61_000 });
  assert.equal(judge(afterPulse(noSigns(0), pulse(NOW, null), 1000), 1000, 60_000).reason, "worker");
  const nearly = afterPulse(noSigns(0), pulse(NOW, NOW - 50_000), 1000);
  assert.equal(judge(nearly, 10_000, 60_000).stale, false);
  assert.equal(judge(nearly, 12_000, 60_000).reason, "worker");
});

test("a wrong clock at headquarters changes no verdict", () => {
  const signs = afterPulse(noSigns(0), pulse(NOW, NOW - 1000), 9_999_999_999_999);
  assert.equal(judge(signs, 9_999_999_999_999 + 1000, 60_000).stale, false);
  assert.equal(serverNow(signs, 9_999_999_999_999 + 1000), NOW + 1000);
});

test("failing fetches and an ended session are said", () => {
  const signs = afterPulse(noSigns(0), pulse(NOW, NOW), 1000);
  assert.equal(judge({ ...signs, fetchFailing: true }, 1000, 60_000).reason, "fetch");
  assert.equal(judge({ ...signs, signedOut: true, fetchFailing: true }, 1000, 60_000).reason, "signed-out");
});

test("news: new, changed, read", () => {
  const store = new Map();
  const storage = { getItem: (key) => store.get(key) ?? null, setItem: (key, value) => store.set(key, value) };
  const feature = (seq, version) => ({ id: "a", properties: { seq, version } });
  const seen = loadSeen(storage);
  assert.equal(newsOf(seen, feature(4, 1)), "new");
  markRead(seen, feature(4, 1));
  saveSeen(storage, seen);
  const later = loadSeen(storage);
  assert.equal(newsOf(later, feature(4, 1)), "");
  assert.equal(newsOf(later, feature(9, 2)), "changed");
  markAllRead(later, 9);
  assert.equal(newsOf(later, feature(9, 2)), "");
  assert.equal(newsOf(later, feature(10, 3)), "changed");
  store.set("hansho.seen", "{broken");
  assert.equal(loadSeen(storage).upto, 0);
});

test("the phone's outbox: patience and words", () => {
  assert.deepEqual([0, 1, 4, 9].map(backoff), [2000, 4000, 32_000, 60_000]);
  assert.deepEqual([0, 503, 429, 408, 413, 422].map(isFinal), [false, false, false, false, true, true]);
  assert.equal(entryWords({ state: "read", words: "道路冠水（発生中）福山市松永町付近" }), "読み取り済：道路冠水（発生中）福山市松永町付近");
  assert.match(entryWords({ state: "waiting", attempts: 2 }), /^送信待ち/);
  assert.deepEqual(fitted(4000, 3000), { width: 1600, height: 1200 });
  assert.deepEqual(fitted(300, 200), { width: 300, height: 200 });
});

test("how sure a place is, in words", () => {
  assert.equal(radiusWords({ level: "town", radius_m: 900 }), "おおよそ ±900 m（大字・町）");
  assert.equal(radiusWords({ level: "town", radius_m: 2463 }), "おおよそ ±2.5 km（大字・町）");
  assert.equal(radiusWords({ level: "municipality", radius_m: null }), "地点は不明（市町村まで判明）");
});
