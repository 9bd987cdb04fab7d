// In: the parameters of one event. Out: the address of the pixel that carries them, never longer than is logged.

export type Payload = Readonly<Record<string, unknown>>;

/** Bytes. CloudFront neither serves nor logs an address beyond 8,192; the rest is left for what the edge adds. */
export const MAX_URL_BYTES = 7500;

const PIXEL_PATH = '/s/e';

// What an event can do without, dearest last; each step is taken only if the address is still too long. Parameters go
// whole, or lose the query of the URL they hold, so that what is left says less but says nothing wrong.
const CUTS: readonly ((payload: Payload) => Payload)[] = [
  (payload) => without(payload, 'co', 'cx'),
  (payload) => withoutQuery(payload, 'refr'),
  (payload) => without(payload, 'page'),
  (payload) => without(payload, 'refr'),
  (payload) => without(payload, 'ue_pr', 'ue_px'),
  (payload) => withoutQuery(payload, 'url'),
  (payload) => without(payload, 'url'),
];

/** The pixel's address at an endpoint (an origin), or null for an event that is too long without all it can spare. */
export function pixelUrl(endpoint: string, payload: Payload, sentAt: number): string | null {
  const address = (rest: Payload): string => `${endpoint}${PIXEL_PATH}?${query({ stm: sentAt, ...rest })}`;
  let rest = payload;
  for (const cut of CUTS) {
    if (address(rest).length <= MAX_URL_BYTES) {
      break;
    }
    rest = cut(rest);
  }
  return address(rest).length <= MAX_URL_BYTES ? address(rest) : null;
}

function query(payload: Payload): string {
  return Object.entries(payload)
    .map(([name, value]) => `${name}=${encoded(String(value))}`)
    .join('&');
}

// Half a surrogate pair, as a title cut by a CMS may end in, would make encodeURIComponent throw.
function encoded(value: string): string {
  const wellFormed = value.replace(/[\uD800-\uDBFF][\uDC00-\uDFFF]|[\uD800-\uDFFF]/g, (found) =>
    found.length === 2 ? found : '\uFFFD',
  );
  return encodeURIComponent(wellFormed);
}

function without(payload: Payload, ...names: string[]): Payload {
  const rest: Record<string, unknown> = { ...payload };
  names.forEach((name) => delete rest[name]);
  return rest;
}

function withoutQuery(payload: Payload, name: string): Payload {
  const value = payload[name];
  return typeof value === 'string' ? { ...payload, [name]: value.replace(/[?#][^]*$/, '') } : payload;
}
