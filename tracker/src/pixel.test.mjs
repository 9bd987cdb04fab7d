import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAX_URL_BYTES, pixelUrl } from './pixel.ts';

const ENDPOINT = 'https://analytics.example.com';
const VIEW = { e: 'pv', url: 'https://example.com/a?b=1', page: 'Título & more', eid: 'x', aid: 'blog', cx: 'e30' };
const LONG = 'ü'.repeat(3000);

function sent(payload) {
  const url = pixelUrl(ENDPOINT, payload, 1_795_000_000_000);
  return url === null ? null : Object.fromEntries(new URL(url).searchParams);
}

test('The address holds every parameter under its name, and first the time of sending', () => {
  const url = pixelUrl(ENDPOINT, VIEW, 1_795_000_000_000);
  assert.equal(url.startsWith('https://analytics.example.com/s/e?stm=1795000000000&e=pv&url=https%3A%2F%2F'), true);
  assert.deepEqual(sent(VIEW), { stm: '1795000000000', ...VIEW });
});

const CUTS = [
  // name, parameters that make it too long, what becomes of them
  ['entities', { cx: LONG }, { cx: undefined }],
  ['entities in plain JSON', { co: LONG }, { co: undefined }],
  ["the referrer's query", { refr: `https://example.org/?q=${LONG}#x` }, { refr: 'https://example.org/' }],
  ['the title', { page: LONG }, { page: undefined, url: VIEW.url }],
  ['the referrer', { refr: `https://example.org/${LONG}` }, { refr: undefined, url: VIEW.url }],
  ['the event', { ue_px: LONG }, { ue_px: undefined, url: VIEW.url }],
  ["the page's query", { url: `https://example.com/a?${LONG}` }, { url: 'https://example.com/a', page: undefined }],
  ["the page's address", { url: `https://example.com/${LONG}` }, { url: undefined, e: 'pv', eid: 'x', aid: 'blog' }],
];
for (const [name, long, left] of CUTS) {
  test(`An address that is too long does without ${name}`, () => {
    const got = sent({ ...VIEW, ...long });
    assert.deepEqual(Object.fromEntries(Object.keys(left).map((key) => [key, got[key]])), left);
  });
}

test('An address is cut only beyond the limit, and never longer than it', () => {
  const fixed = pixelUrl(ENDPOINT, { ...VIEW, cx: '' }, 1).length;
  for (const spare of [-1, 0, 1, 2, 3, 4]) {
    const payload = { ...VIEW, cx: 'x'.repeat(MAX_URL_BYTES - fixed - spare) };
    const url = pixelUrl(ENDPOINT, payload, 1);
    assert.equal(url.includes('&cx='), spare >= 0);
    assert.equal(url.length <= MAX_URL_BYTES, true);
  }
});

test('An event that is too long even without all it can spare is not sent', () => {
  assert.equal(sent({ ...VIEW, aid: LONG }), null);
});

test('Half a surrogate pair becomes the replacement character, a whole one stays', () => {
  assert.equal(sent({ ...VIEW, page: 'a\uD83D b\uDE00 c😀' }).page, 'a\uFFFD b\uFFFD c😀');
});
