// In: one line of the stream, as `firn inspect` gives it. Out: the words that the page shows of it. All of it is a
// stranger's text: whoever shows it does so as text, and makes no link of it.

// What happened, beside the event's name; the data are those of our own events (../schemas) and Snowplow's.
const SUMMARIES = new Map([
  ['page_view', ({ event }) => event.page_title],
  ['page_ping', () => 'still reading'],
  ['page_leave', ({ data }) => told`${data.engaged_seconds} s in sight, ${data.scroll_percent} % of the page seen`],
  ['web_vital', ({ data }) => told`${data.name} ${data.value}, ${data.rating}`],
  ['outbound_click', ({ data }) => data.url],
  ['download', ({ data }) => data.url],
  ['site_search', ({ data }) => data.terms],
  ['not_found', ({ event }) => event.page_title],
  ['event', ({ event }) => joined(event.se_category, event.se_action, event.se_label)],
  ['transaction', ({ event }) => joined(event.tr_orderid, event.tr_total, event.tr_currency)],
  ['transaction_item', ({ event }) => joined(event.ti_sku, event.ti_name)],
]);

export const REASONS = new Map([
  ['bot', 'A bot, by its user agent.'],
  ['own_visit', 'Your own visit: the page was opened with a mark that firn.toml lists under own_visits.'],
  ['unsigned', 'A backend event without the key of its site.'],
  ['foreign_host', 'The page lives on a host that firn.toml does not list for this site.'],
  ['unknown_site', 'firn.toml has no site of this name; add [sites.NAME] to count it.'],
]);

// Control characters but for the line's end, separators of lines and paragraphs, and what turns the direction of text.
// eslint-disable-next-line no-control-regex -- it is what this is for
const UNSEEN = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

// The details' groups, in their order; a column stands in the first one that its name fits.
const GROUPS = [
  ['Event', /^(event|event_name|unstruct_event|se_.*|tr_.*|ti_.*|txn_id|base_currency|app_id|platform)$/],
  ['Page', /^(page_|doc_|pp_)/],
  ['Where from', /^(refr_(?!.*_tstamp)|mkt_|channel$)/],
  ['Visitor', /^(user_|domain_|network_userid$|geo_|ip_|asn$|bot_)/],
  ['Device', /^(useragent$|br_|os_|dvce_(?!.*_tstamp))/],
  ['Time', /_tstamp$/],
  ['Entities', /contexts$/],
  ['Ids, log and lake', /./],
];

/** The few words of a row of the list. */
export function words(line) {
  const { event } = line;
  const name = event.event_name ?? event.event ?? (line.status === 'bad_row' ? 'bad row' : 'unknown event');
  return {
    name,
    summary: line.status === 'bad_row' ? `${line.reason}: ${line.text}` : summary(name, event),
    page: joinedBy('', event.page_urlhost, port(event), event.page_urlpath, query(event)),
    site: event.app_id,
    from: joined(event.channel?.replaceAll('_', ' ') ?? event.refr_medium, event.refr_source ?? event.refr_urlhost),
    device: joined(event.br_family, event.os_family, event.dvce_type, event.geo_country),
    at: event.collector_tstamp ? new Date(`${event.collector_tstamp.replace(' ', 'T')}Z`) : null,
  };
}

/** The columns that hold something, as [title, [[name, value], …]], in groups and within them in the table's order. */
export function groups(event) {
  const rest = new Map(Object.entries(event));
  return GROUPS.map(([title, fits]) => {
    const columns = [...rest].filter(([name]) => fits.test(name));
    columns.forEach(([name]) => rest.delete(name));
    return [title, columns];
  }).filter(([, columns]) => columns.length > 0);
}

/** A value as a person reads it: JSON over several lines. */
export function valueText(value) {
  return typeof value === 'object' ? JSON.stringify(value, null, 2) : String(value);
}

/** The text with each character that acts without being seen spelt out, as `firn query` does it. */
export function visible(text) {
  return text.replace(UNSEEN, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** All that the search looks at, in lower case. */
export function searchText(line) {
  return JSON.stringify(line).toLowerCase();
}

function summary(name, event) {
  const data = event.unstruct_event?.data?.data ?? {};
  const said = SUMMARIES.get(name)?.({ event, data });
  return said === undefined || said === null ? event.page_title : String(said);
}

/** The template's text, or nothing where a value is missing. */
function told(parts, ...values) {
  return values.includes(undefined) ? undefined : String.raw({ raw: parts }, ...values);
}

function port({ page_urlport: number }) {
  return [undefined, 80, 443].includes(number) ? undefined : `:${number}`;
}

function query({ page_urlquery: text }) {
  return text && `?${text}`;
}

function joined(...parts) {
  return joinedBy(' · ', ...parts);
}

function joinedBy(between, ...parts) {
  return parts.filter((part) => part !== undefined && part !== null && part !== '').join(between);
}
