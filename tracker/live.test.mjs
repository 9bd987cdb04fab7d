// The words of the live page: what a stranger sent, however odd, has some, and each column is shown once.
import assert from 'node:assert/strict';
import test from 'node:test';
import { groups, valueText, visible, words } from './live/words.js';

const line = (event) => ({ line: 1, status: 'event', reason: null, event, failures: [] });
const selfDescribing = (name, data) => ({
  event_name: name,
  page_title: 'The page',
  unstruct_event: { schema: 'iglu:x', data: { schema: 'iglu:y', data } },
});

const SUMMARIES = [
  ['a page view has its title', { event_name: 'page_view', page_title: 'Snow' }, 'Snow'],
  ['a page that is left tells how it was read', selfDescribing('page_leave', { engaged_seconds: 4, scroll_percent: 50 }),
    '4 s in sight, 50 % of the page seen'],
  ['a web vital has its value', selfDescribing('web_vital', { name: 'LCP', value: 812, rating: 'good' }), 'LCP 812, good'],
  ['a structured event has its parts', { event_name: 'event', se_category: 'video', se_action: 'play' }, 'video · play'],
  ['an event of others has the page', selfDescribing('bought', { sum: 3 }), 'The page'],
  ['data may be missing', selfDescribing('download', null), 'The page'],
  ['data may be in part', selfDescribing('page_leave', { engaged_seconds: 4 }), 'The page'],
  ['data may be no object', selfDescribing('outbound_click', 7), 'The page'],
  ['a name may be one that JavaScript knows', selfDescribing('constructor', {}), 'The page'],
];

for (const [that, event, expected] of SUMMARIES) {
  test(that, () => assert.equal(words(line(event)).summary, expected));
}

test('an empty event has words too', () => {
  const { name, page, from, device, at } = words(line({}));
  assert.deepEqual({ name, page, from, device, at }, { name: 'unknown event', page: '', from: '', device: '', at: null });
});

test('a bad row has its reason and its text', () => {
  const bad = { line: 3, status: 'bad_row', reason: 'no_time', event: {}, failures: [], text: 'x\ty' };
  assert.deepEqual([words(bad).name, words(bad).summary], ['bad row', 'no_time: x\ty']);
});

test('a time is UTC', () => {
  const { at } = words(line({ collector_tstamp: '2026-11-24 23:59:59.500' }));
  assert.equal(at.toISOString(), '2026-11-24T23:59:59.500Z');
});

test('a page has its port where it is not the usual one', () => {
  const page = (port) => words(line({ page_urlhost: 'example.com', page_urlport: port, page_urlpath: '/a' })).page;
  assert.deepEqual([443, 80, 8011].map(page), ['example.com/a', 'example.com/a', 'example.com:8011/a']);
});

test('each column is in one group, and what no group knows in the last', () => {
  const event = { app_id: 'a', refr_dvce_tstamp: 't', refr_medium: 'm', dvce_sent_tstamp: 't', br_name: 'b', of_tomorrow: 1 };
  const shown = groups(event).map(([title, columns]) => [title, columns.map(([name]) => name)]);
  assert.deepEqual(shown, [
    ['Event', ['app_id']],
    ['Where from', ['refr_medium']],
    ['Device', ['br_name']],
    ['Time', ['refr_dvce_tstamp', 'dvce_sent_tstamp']],
    ['Ids, log and lake', ['of_tomorrow']],
  ]);
});

test('what acts without being seen is spelt out, and a line may end', () => {
  assert.equal(visible('a\u202eb\u0000c\nd'), 'a\\u202eb\\u0000c\nd');
});

test('JSON is shown over several lines', () => {
  assert.equal(valueText({ a: [1] }), '{\n  "a": [\n    1\n  ]\n}');
  assert.equal(valueText(null), 'null');
});
