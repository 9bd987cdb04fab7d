// Snowplow's tracker for Node: reads what it is to be told, tells it, and says which ids and times it gave.
import { createRequire } from 'node:module';
import { json } from 'node:stream/consumers';

const snowplow = createRequire(new URL('../../../tracker/package.json', import.meta.url))('@snowplow/node-tracker');

const ofItem = (it) => ({
  orderId: it.ti_orderid,
  sku: it.ti_sku,
  price: it.ti_price,
  quantity: it.ti_quantity,
  name: it.ti_name,
  category: it.ti_category,
  currency: it.ti_currency,
});
const ofOrder = (it) => ({
  orderId: it.tr_orderid,
  total: it.tr_total,
  affiliation: it.tr_affiliation,
  tax: it.tr_tax,
  shipping: it.tr_shipping,
  city: it.tr_city,
  state: it.tr_state,
  country: it.tr_country,
  currency: it.tr_currency,
});
const ofPage = (it) => ({ pageUrl: it.page_url, pageTitle: it.page_title, referrer: it.page_referrer });
const ofPing = (it) => ({
  ...ofPage(it),
  minXOffset: it.pp_xoffset_min,
  maxXOffset: it.pp_xoffset_max,
  minYOffset: it.pp_yoffset_min,
  maxYOffset: it.pp_yoffset_max,
});
const ofStruct = (it) => ({
  category: it.se_category,
  action: it.se_action,
  label: it.se_label,
  property: it.se_property,
  value: it.se_value,
});

const CALLS = {
  page_view: (it) => snowplow.buildPageView(ofPage(it)),
  page_ping: (it) => snowplow.buildPagePing(ofPing(it)),
  struct: (it) => snowplow.buildStructEvent(ofStruct(it)),
  unstruct: (it) => snowplow.buildSelfDescribingEvent({ event: it.unstruct_event }),
  transaction: (it) => snowplow.buildEcommerceTransaction(ofOrder(it)),
  transaction_item: (it) => snowplow.buildEcommerceTransactionItem(ofItem(it)),
};

const { endpoint, subject, base64, events } = await json(process.stdin);
const tracker = snowplow.newTracker(
  { namespace: 'named', appId: 'shop', encodeBase64: base64 },
  { endpoint, eventMethod: 'get', bufferSize: 1 },
);
tracker.setPlatform('app');
tracker.setUserId(subject.user_id);
tracker.setScreenResolution(subject.dvce_screenwidth, subject.dvce_screenheight);
tracker.setViewport(subject.br_viewwidth, subject.br_viewheight);
tracker.setColorDepth(subject.br_colordepth);
tracker.setTimezone(subject.os_timezone);
tracker.setLang(subject.br_lang);
tracker.setDomainUserId(subject.domain_userid);
tracker.setSessionId(subject.domain_sessionid);
tracker.setSessionIndex(subject.domain_sessionidx);
tracker.setIpAddress(subject.user_ipaddress);
tracker.setUseragent(subject.useragent);
tracker.setNetworkUserId(subject.network_userid);

const sent = events.map(({ call, told }) => {
  const at = told.true_tstamp && { type: 'ttm', value: told.true_tstamp };
  return tracker.track(CALLS[call](told), told.contexts, at);
});
await tracker.flush();
process.stdout.write(JSON.stringify(sent.map(({ eid, dtm }) => ({ eid, dtm }))));
