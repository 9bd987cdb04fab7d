import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import vm from 'node:vm';
import { gzipSync } from 'node:zlib';

const BUNDLE = readFileSync(new URL('dist/main.js', import.meta.url), 'utf8');
const MAX_GZIPPED_BYTES = 20_000;

// A page as the bundle sees it. Whoever touches its cookies or storage is written down.
function page({ dataset = { site: 'blog' }, navigator = {} } = {}) {
  const seen = { requests: [], warnings: [], touched: [] };
  const trap = (name) => ({ get: () => seen.touched.push(name) && '', set: () => seen.touched.push(name) });
  const element = { scrollHeight: 1000, scrollWidth: 500, clientHeight: 400, clientWidth: 500 };
  const document = Object.assign(new EventTarget(), {
    currentScript: { dataset, src: 'https://analytics.example.com/s/main.js' },
    baseURI: 'https://www.example.com/a/?utm_source=x',
    title: 'A title',
    referrer: 'https://search.example.net/',
    characterSet: 'UTF-8',
    visibilityState: 'visible',
    documentElement: element,
    body: element,
    getElementsByTagName: () => [],
  });
  const window = Object.assign(new EventTarget(), {
    document,
    navigator: { language: 'en', cookieEnabled: true, userAgent: 'test', ...navigator },
    location: new URL(document.baseURI),
    screen: { width: 1000, height: 800, colorDepth: 24 },
    innerHeight: 400,
    innerWidth: 500,
    scrollY: 0,
    performance,
    URL,
    crypto,
    setTimeout,
    console: { warn: (text) => seen.warnings.push(text) },
    fetch: async (url, options) => seen.requests.push({ url: new URL(url), options }),
  });
  Object.defineProperty(document, 'cookie', trap('cookie'));
  Object.defineProperty(window, 'localStorage', trap('localStorage'));
  Object.defineProperty(window, 'sessionStorage', trap('sessionStorage'));
  window.window = window;
  window.addEventListener = window.addEventListener.bind(window);
  vm.runInContext(BUNDLE, vm.createContext(window));
  return { seen, window, document, sent: () => seen.requests.map(({ url }) => Object.fromEntries(url.searchParams)) };
}

test('A view is one GET of the pixel, without credentials, that outlives the page', () => {
  const [{ url, options }] = page().seen.requests;
  assert.equal(url.origin + url.pathname, 'https://analytics.example.com/s/e');
  assert.deepEqual({ ...options }, { mode: 'no-cors', credentials: 'omit', keepalive: true });
});

test('Its parameters say what was viewed, where, and by which site', () => {
  const [view, ...more] = page().sent();
  const expected = {
    e: 'pv',
    url: 'https://www.example.com/a/?utm_source=x',
    page: 'A title',
    refr: 'https://search.example.net/',
    aid: 'blog',
    p: 'web',
    tna: 'firn',
  };
  assert.deepEqual({ ...view, ...expected }, view);
  assert.deepEqual(more, []);
});

test('Leaving the page is one event more, of the same page view', () => {
  const { document, window, sent } = page();
  document.visibilityState = 'hidden';
  document.dispatchEvent(new Event('visibilitychange'));
  window.dispatchEvent(new Event('pagehide'));
  const [view, leave, ...more] = sent();
  const { data } = JSON.parse(Buffer.from(leave.ue_px, 'base64url'));
  assert.equal(data.schema, 'iglu:com.firn-analytics/page_leave/jsonschema/1-0-0');
  assert.deepEqual(data.data, { engaged_seconds: 0, scroll_percent: 40 });
  assert.equal(leave.cx, view.cx);
  assert.notEqual(leave.eid, view.eid);
  assert.deepEqual(more, []);
});

test('data-endpoint sends the pixels elsewhere', () => {
  const { seen } = page({ dataset: { site: 'blog', endpoint: 'https://other.example.org/' } });
  assert.equal(seen.requests[0].url.href.startsWith('https://other.example.org/s/e?stm='), true);
});

test('Nothing on the device is read or written, and no visitor is named', () => {
  const { seen, sent } = page();
  assert.deepEqual(seen.touched, []);
  assert.deepEqual(['duid', 'sid', 'vid', 'uid', 'nuid', 'tnuid'].filter((name) => name in sent()[0]), []);
});

describe('Nothing is sent', () => {
  test('when the visitor says no by Global Privacy Control or Do Not Track', () => {
    for (const navigator of [{ globalPrivacyControl: true }, { doNotTrack: '1' }]) {
      assert.deepEqual(page({ navigator }).seen, { requests: [], warnings: [], touched: [] });
    }
  });

  test('when the line names no site, which the console says', () => {
    const { requests, warnings } = page({ dataset: {} }).seen;
    assert.deepEqual(requests, []);
    assert.match(warnings.join(), /^Firn counts nothing here: add data-site/);
  });
});

test('The script is small', () => {
  assert.equal(gzipSync(BUNDLE, { level: 9 }).length < MAX_GZIPPED_BYTES, true);
});

test('The notices of what is bundled lie beside it', () => {
  const notices = readFileSync(new URL('dist/LICENSES.txt', import.meta.url), 'utf8');
  const snowplow = ['browser-tracker', 'browser-tracker-core', 'tracker-core'].map((name) => `@snowplow/${name}`);
  for (const name of [...snowplow, 'tslib', 'uuid']) {
    assert.match(notices, new RegExp(`^${name}$`, 'm'));
  }
});
