// Snowplow's tracker for browsers, in a page that has loaded it: tells it what it is to be told, and says which ids and
// times it gave, and what there was to be found out.
const { newTracker, setCustomUrl, setReferrerUrl, trackPageView, trackSelfDescribingEvent, trackStructEvent } =
  globalThis.snowplowBrowserTracking;

const ofStruct = (it) => ({
  category: it.se_category,
  action: it.se_action,
  label: it.se_label,
  property: it.se_property,
  value: it.se_value,
});

const CALLS = {
  page_view: (it, rest) => trackPageView({ title: it.page_title, ...rest }),
  struct: (it, rest) => trackStructEvent({ ...ofStruct(it), ...rest }),
  unstruct: (it, rest) => trackSelfDescribingEvent({ event: it.unstruct_event, ...rest }),
};

export function told({ endpoint, subject, base64, events }) {
  const sent = [];
  const tracker = newTracker('named', endpoint, {
    appId: 'shop',
    platform: 'app',
    eventMethod: 'get',
    encodeBase64: base64,
    contexts: { webPage: false },
    plugins: [{ afterTrack: ({ eid, dtm }) => sent.push({ eid, dtm }) }],
  });
  tracker.setUserId(subject.user_id);
  for (const { call, told } of events) {
    setCustomUrl(told.page_url ?? document.URL);
    setReferrerUrl(told.page_referrer ?? '');
    const timestamp = told.true_tstamp && { type: 'ttm', value: told.true_tstamp };
    CALLS[call](told, { context: told.contexts, timestamp });
  }
  const [, duid, , visits, , , session] = tracker.getDomainUserInfo();
  const found = {
    domain_userid: duid,
    domain_sessionid: session,
    domain_sessionidx: visits,
    br_colordepth: `${screen.colorDepth}`,
    br_cookies: navigator.cookieEnabled,
    doc_charset: document.characterSet,
    doc_width: document.documentElement.scrollWidth,
    doc_height: document.documentElement.scrollHeight,
  };
  return { sent, found };
}
