// In: the page that embeds this script. Out: one pixel for each view of it, and one for each time it is left.
// The line to embed is in README.md; nothing is kept on the device, and nothing is sent where the visitor says no.
import { newTracker, trackPageView, trackSelfDescribingEvent } from '@snowplow/browser-tracker';
import { pageLeaves } from './leave.ts';
import { pixelUrl } from './pixel.ts';

// The library's queue waits for answers, repeats what was not answered and holds only one request in flight, so that
// it blocks, doubles and loses events at the page's end. It gets a store that forgets, and we send what it made.
const FORGETFUL_STORE = {
  count: () => Promise.resolve(0),
  add: () => Promise.resolve(0),
  removeHead: () => Promise.resolve(),
  iterator: () => ({ next: () => Promise.resolve({ value: undefined, done: true }) }),
  getAll: () => Promise.resolve([]),
  getAllPayloads: () => Promise.resolve([]),
};

function start(site: string, endpoint: string): void {
  newTracker('firn', endpoint, {
    appId: site,
    eventMethod: 'get',
    // These three together, and no two of them, leave cookies and storage untouched.
    anonymousTracking: true,
    stateStorageStrategy: 'none',
    discoverRootDomain: false,
    eventStore: FORGETFUL_STORE,
    plugins: [{ afterTrack: (payload) => send(pixelUrl(endpoint, payload, Date.now())) }],
  });
  pageLeaves({
    onView: () => trackPageView(),
    onLeave: (data) => trackSelfDescribingEvent({ event: { schema: PAGE_LEAVE, data: { ...data } } }),
  });
}

// Engaged seconds are those since the last of these events, scroll is the furthest point of the view so far; the
// web_page context joins both to their page view.
const PAGE_LEAVE = 'iglu:com.firn-analytics/page_leave/jsonschema/1-0-0';

function send(url: string | null): void {
  if (url !== null) {
    fetch(url, { mode: 'no-cors', credentials: 'omit', keepalive: true }).catch(() => undefined);
  }
}

function saysNo(visitor: Navigator & { globalPrivacyControl?: boolean }): boolean {
  return visitor.globalPrivacyControl === true || visitor.doNotTrack === '1';
}

function embedded(script: HTMLScriptElement | null): void {
  const site = script?.dataset['site'];
  if (!script || !site) {
    console.warn('Firn counts nothing here: add data-site="your-site" to the <script> line that loads it.');
    return;
  }
  if (!saysNo(navigator)) {
    start(site, new URL(script.dataset['endpoint'] ?? script.src, document.baseURI).origin);
  }
}

embedded(document.currentScript as HTMLScriptElement | null);
