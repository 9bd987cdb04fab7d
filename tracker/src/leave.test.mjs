import assert from 'node:assert/strict';
import { beforeEach, mock, test } from 'node:test';
import { pageLeaves } from './leave.ts';

// Just so much of a browser as leave.ts looks at: 1000 pixels of page, of which 400 are in sight.
let window;
let calls;
let now;

beforeEach(() => {
  window = new EventTarget();
  calls = [];
  now = 0;
  mock.method(performance, 'now', () => now);
  Object.assign(globalThis, {
    addEventListener: window.addEventListener.bind(window),
    document: Object.assign(new EventTarget(), { visibilityState: 'visible', documentElement: { scrollHeight: 1000 } }),
    innerHeight: 400,
    scrollY: 0,
  });
});

const wait = (seconds) => (now += seconds * 1000);

const start = () =>
  pageLeaves({
    onView: () => calls.push('view'),
    onLeave: ({ engaged_seconds, scroll_percent }) => calls.push([engaged_seconds, scroll_percent]),
  });

function become(visibilityState) {
  document.visibilityState = visibilityState;
  document.dispatchEvent(new Event('visibilitychange'));
}

function scrollTo(y) {
  globalThis.scrollY = y;
  window.dispatchEvent(new Event('scroll'));
}

test('A view is told at once, and its leave once, when it goes out of sight', () => {
  start();
  wait(12.4);
  become('hidden');
  window.dispatchEvent(new Event('pagehide'));
  assert.deepEqual(calls, ['view', [12, 40]]);
});

test('A page that only hides by pagehide is left all the same', () => {
  start();
  wait(3);
  window.dispatchEvent(new Event('pagehide'));
  assert.deepEqual(calls, ['view', [3, 40]]);
});

test('Whoever comes back leaves again: the seconds are only the new ones, the scroll is the furthest', () => {
  start();
  scrollTo(450);
  wait(5);
  become('hidden');
  wait(100);
  become('visible');
  scrollTo(0);
  wait(2);
  become('hidden');
  assert.deepEqual(calls, ['view', [5, 85], [2, 85]]);
});

test('A page in a tab that nobody ever looked at is viewed, and not left', () => {
  document.visibilityState = 'hidden';
  start();
  window.dispatchEvent(new Event('pagehide'));
  assert.deepEqual(calls, ['view']);
});

test("A page from the browser's cache is a new view that begins anew", () => {
  start();
  scrollTo(600);
  window.dispatchEvent(new Event('pagehide'));
  scrollTo(0);
  window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: true }));
  wait(1);
  become('hidden');
  assert.deepEqual(calls, ['view', [0, 100], 'view', [1, 40]]);
});

test('The first showing of a page is not a second view', () => {
  start();
  window.dispatchEvent(Object.assign(new Event('pageshow'), { persisted: false }));
  assert.deepEqual(calls, ['view']);
});
