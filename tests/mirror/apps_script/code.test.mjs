// The spreadsheet's script: what a signed request does to a tab, and what it answers to any other.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';

import { World } from './fakes.mjs';

const COLUMNS = ['date', 'site', 'visitors', 'top_page'];
const LINE = ['2026-07-01', 'blog', 7, '/'];

function made() {
  const world = new World();
  world.setup();
  return world;
}

function body(world, payload, { secret = world.properties.get('FIRN_SECRET'), timestamp = world.now() } = {}) {
  const signature = createHmac('sha256', secret).update(`${timestamp}.${payload}`).digest('hex');
  return JSON.stringify({ timestamp, payload, signature });
}

function posted(world, rows, { columns = COLUMNS, tab = 'daily', key = ['site', 'date'] } = {}) {
  return JSON.parse(world.post(body(world, JSON.stringify({ tab, key, columns, rows }))));
}

function shown(world, tab = 'daily') {
  return world.tab(tab).shown();
}

test('setup makes a secret and the tab, tells the secret, and run again keeps both', () => {
  const world = made();
  const secret = world.properties.get('FIRN_SECRET');
  assert.match(secret, /^[0-9a-f]{64}$/);
  assert.deepEqual(shown(world), [['date', 'site']]);
  assert.ok(world.said[0].includes(secret));
  world.setup();
  assert.equal(world.properties.get('FIRN_SECRET'), secret);
  assert.deepEqual(shown(world), [['date', 'site']]);
});

test('health is ok once setup was run', () => {
  assert.deepEqual(JSON.parse(new World().get()), {
    ok: false, error: 'The spreadsheet has no secret yet: run setup() in its script.',
  });
  assert.deepEqual(JSON.parse(made().get()), { ok: true });
});

test('rows are added, and replaced by their key', () => {
  const world = made();
  assert.deepEqual(posted(world, [LINE, ['2026-07-02', 'blog', 1, null]]), { ok: true, upserted: 2 });
  posted(world, [['2026-07-02', 'blog', 9, '/b'], ['2026-07-02', 'shop', 3, '/']]);
  assert.deepEqual(shown(world), [
    COLUMNS,
    ['2026-07-01', 'blog', '7', '/'],
    ['2026-07-02', 'blog', '9', '/b'],
    ['2026-07-02', 'shop', '3', '/'],
  ]);
});

test('the same rows again change nothing', () => {
  const world = made();
  const rows = [LINE, ['2026-07-02', "it's", 1, "'=1"], ['2026-07-02', '=1+1', 1, '2026-07-03'], ['2026-07-02', null, 1, '7']];
  posted(world, rows);
  const [before, count] = [shown(world), world.tab('daily').cells.size];
  posted(world, rows);
  assert.deepEqual([shown(world), world.tab('daily').cells.size], [before, count]);
  assert.equal(before.length, 5);
});

test('a date, a number as text and a formula stay the text that they are', () => {
  const world = made();
  const texts = ['=HYPERLINK("http://192.0.2.1")', '+1', '-1', '@a', ' =1', '2026-07-01', '7', '/'];
  posted(world, texts.map((text, day) => [`2026-07-0${day + 1}`, 'blog', 1, text]));
  const cells = world.tab('daily').getRange(2, 4, texts.length, 1).getValues().flat();
  assert.deepEqual(cells, texts);
  assert.equal([...world.tab('daily').cells.values()].filter((it) => it.formula).length, 0);
});

test('a number stays a number', () => {
  const world = made();
  posted(world, [LINE, ['2026-07-02', 'blog', 1.67, '/']]);
  assert.deepEqual(world.tab('daily').getRange(2, 3, 2, 1).getValues(), [[7], [1.67]]);
});

test("the owner's columns, rows and tabs stay, wherever they put them", () => {
  const world = made();
  world.tab('Notes').getRange(1, 1, 1, 1).setValues([['mine']]);
  world.tab('daily').getRange(1, 1, 3, 5).setValues([
    ['note', 'site', 'visitors', 'sum', 'date'],
    ['launch!', 'blog', 1, '\'=C2', '\'2026-07-01'],
    ['my own', 'offline', 5, '', '\'2020-01-01'],
  ]);
  posted(world, [LINE, ['2026-07-02', 'blog', 8, '/']]);
  assert.deepEqual(shown(world), [
    ['note', 'site', 'visitors', 'sum', 'date', 'top_page'],
    ['launch!', 'blog', '7', '=C2', '2026-07-01', '/'],
    ['my own', 'offline', '5', '', '2020-01-01', ''],
    ['', 'blog', '8', '', '2026-07-02', '/'],
  ]);
  assert.deepEqual(shown(world, 'Notes'), [['mine']]);
});

test('a tab that holds something else is refused and left alone', () => {
  const world = made();
  world.tab('daily').getRange(1, 1, 1, 2).setValues([['my', 'notes']]);
  assert.deepEqual(posted(world, [LINE]), {
    ok: false,
    error: 'The tab daily has no column site in its first row: ' +
      'give it back its name, or rename the tab so that a new one is made.',
  });
  assert.deepEqual(shown(world), [['my', 'notes']]);
});

test('a tab that is not there is made', () => {
  const world = made();
  posted(world, [LINE], { tab: 'later' });
  assert.deepEqual(shown(world, 'later'), [COLUMNS, ['2026-07-01', 'blog', '7', '/']]);
});

test('a full sheet grows in both directions', () => {
  const world = made();
  Object.assign(world.tab('daily'), { maxRows: 2, maxColumns: 2 });
  posted(world, [LINE, ['2026-07-02', 'blog', 8, '/']]);
  assert.equal(shown(world).length, 3);
});

test('a day is written in a few blocks, not cell by cell', () => {
  const world = made();
  const rows = Array.from({ length: 500 }, (_, day) => [`day ${day}`, 'blog', day, '/']);
  posted(world, rows);
  assert.ok(world.writes < 10, `${world.writes} writes`);
  assert.equal(shown(world).length, 501);
});

test('days in another order than the tab has them are still one block', () => {
  const world = made();
  const days = Array.from({ length: 20 }, (_, day) => [`day ${day}`, 'blog', day, '/']);
  posted(world, days);
  const before = world.writes;
  posted(world, days.reverse());
  assert.ok(world.writes - before < 10, `${world.writes - before} writes`);
});

test('of two lines with one key the upper one is brought up to date', () => {
  const world = made();
  posted(world, [LINE]);
  world.tab('daily').getRange(3, 1, 1, 4).setValues([["'2026-07-01", 'blog', 1, 'a copy of mine']]);
  posted(world, [['2026-07-01', 'blog', 9, '/']]);
  assert.deepEqual(shown(world).map((row) => row[2]), ['visitors', '9', '1']);
});

test('a text that is longer than a cell is cut', () => {
  const world = made();
  assert.equal(posted(world, [['2026-07-01', 'blog', 1, `=${'x'.repeat(60_000)}`]]).ok, true);
  assert.equal(world.tab('daily').getRange(2, 4).getValues()[0][0].length, 49_999);
});

test('a payload in any script is signed as it is', () => {
  const world = made();
  assert.equal(posted(world, [['2026-07-01', 'blög', 1, '/日本']]).ok, true);
  assert.equal(shown(world)[1][3], '/日本');
});

test('another run at work is told as something to try again', () => {
  const world = made();
  world.busy = true;
  assert.deepEqual(posted(world, [LINE]), {
    ok: false,
    error: 'Another run is writing to the spreadsheet: wait for its end and run the mirror again.',
    retry: true,
  });
});

test('a failure in the middle releases the lock', () => {
  const world = made();
  world.tab('daily').getRange(1, 1, 1, 2).setValues([['my', 'notes']]);
  posted(world, [LINE]);
  assert.equal(posted(world, [LINE], { tab: 'other' }).ok, true);
});

for (const [name, options, error] of [
  ['signed with another secret', { secret: 'another' }, /^The signature is wrong: set firn:sheetSecret/],
  ['older than five minutes', { timestamp: Date.now() - 301_000 }, /^The time stamp is more than five minutes off/],
  ['from the future', { timestamp: Date.now() + 301_000 }, /^The time stamp is more than five minutes off/],
  ['without a time', { timestamp: 'now' }, /^The time stamp is more than five minutes off/],
]) {
  test(`a request ${name} is refused before anything is touched`, () => {
    const world = made();
    const payload = JSON.stringify({ tab: 'daily', key: ['site', 'date'], columns: COLUMNS, rows: [LINE] });
    const answer = JSON.parse(world.post(body(world, payload, options)));
    assert.equal(answer.ok, false);
    assert.match(answer.error, error);
    assert.deepEqual(shown(world), [['date', 'site']]);
  });
}

test('a request within five minutes of the clock is taken', () => {
  const world = made();
  const payload = JSON.stringify({ tab: 'daily', key: ['site', 'date'], columns: COLUMNS, rows: [LINE] });
  assert.equal(JSON.parse(world.post(body(world, payload, { timestamp: Date.now() - 290_000 }))).ok, true);
});

for (const contents of ['', 'no JSON', '[]', 'null', '{}', '{"timestamp":1,"payload":"{}"}', '{"payload":{},"signature":""}']) {
  test(`what is no request of the mirror is refused: ${contents}`, () => {
    assert.match(JSON.parse(made().post(contents)).error, /^The request is not one of the mirror/);
  });
}

for (const payload of [
  'no JSON', 'null', '{}', '{"tab":"daily","key":[],"columns":["a"],"rows":[]}',
  '{"tab":"daily","key":["b"],"columns":["a"],"rows":[]}', '{"tab":"daily","key":["a"],"columns":["a","a"],"rows":[]}',
  '{"tab":"daily","key":["a"],"columns":["a"],"rows":[[1,2]]}', '{"tab":"","key":["a"],"columns":["a"],"rows":[[1]]}',
]) {
  test(`a payload that is no tab is refused: ${payload}`, () => {
    const world = made();
    assert.match(JSON.parse(world.post(body(world, payload))).error, /^The payload is not a tab/);
  });
}

test('a signature that is a part of the right one, or none, is wrong', () => {
  const world = made();
  const request = JSON.parse(body(world, '{}'));
  for (const signature of ['', request.signature.slice(0, 32), request.signature.repeat(2), request.signature.toUpperCase()]) {
    assert.match(JSON.parse(world.post(JSON.stringify({ ...request, signature }))).error, /^The signature is wrong/);
  }
});

test('a script without a spreadsheet says so', () => {
  const world = made();
  world.deleted = true;
  assert.match(posted(world, [LINE]).error, /^The script belongs to no spreadsheet/);
});
