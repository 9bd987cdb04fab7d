// In: a viewer request that CloudFront received. Out: a one-pixel GIF for an event, 403 for anything else; on the way
// the visitor's hash goes into the access log. This very file is deployed (runtime cloudfront-js-2.0), and shim.mjs
// runs it on a laptop. What the runtime offers: AWS's page "JavaScript runtime 2.0 features for CloudFront Functions".
import cf from 'cloudfront';
import crypto from 'crypto';

const PIXEL_PATHS = ['/i', '/ice.png', '/s/e'];
// Where stock trackers POST by default. Bodies are not in the log, so the POST is refused; its preflight is not,
// because a tracker that cannot read the 403 takes it for a broken network and sends the event again for ever.
const POST_PATH = '/com.snowplowanalytics.snowplow/tp2';
const PREFLIGHT_HEADERS = {
  'access-control-allow-methods': { value: 'GET, HEAD, POST, OPTIONS' },
  'access-control-allow-headers': { value: 'Content-Type, SP-Anonymous' },
  'access-control-max-age': { value: '86400' },
};
const GIF = 'R0lGODlhAQABAPAAAAAAAAAAACH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==';

// With these a tracker speaks for somebody else than the sender of the request, so that the hash would be a server's.
const SPEAKS_FOR_ANOTHER = ['ip', 'ua', 'tnuid'];
const PARAMETERS = ['aid', 'p'].concat(SPEAKS_FOR_ANOTHER);
const VISITORS_PLATFORMS = ['web', 'mob'];

async function handler(event) {
  const request = event.request;
  if (isPreflight(request)) {
    return answer(request, 204, 'No Content', PREFLIGHT_HEADERS);
  }
  if (!isPixel(request)) {
    return answer(request, 403, 'Forbidden', {}); // 403 and not 404 or 405: trackers give up on it
  }
  if (request.method !== 'HEAD') {
    await logVisitor(event);
  }
  const pixel = answer(request, 200, 'OK', { 'content-type': { value: 'image/gif' } });
  pixel.body = { encoding: 'base64', data: GIF };
  return pixel;
}

function isPreflight(request) {
  return request.method === 'OPTIONS' && PIXEL_PATHS.concat(POST_PATH).indexOf(request.uri) >= 0;
}

// A POST counts when its query holds the event, as `sendBeacon(url)` sends it.
function isPixel(request) {
  return (
    PIXEL_PATHS.indexOf(request.uri) >= 0 &&
    (request.method === 'GET' ||
      request.method === 'HEAD' ||
      (request.method === 'POST' && Object.keys(request.querystring).length > 0))
  );
}

// Stock trackers send credentials, for which browsers take no `*`. All of it is set here, as response headers policies
// are not documented to act on a function's own answers.
function answer(request, statusCode, statusDescription, headers) {
  const origin = header(request.headers, 'origin');
  const shared = {
    'cache-control': { value: 'no-store' },
    'cross-origin-resource-policy': { value: 'cross-origin' },
    'access-control-allow-origin': { value: origin || '*' },
    vary: { value: 'origin' },
  };
  if (origin) {
    shared['access-control-allow-credentials'] = { value: 'true' };
  }
  return {
    statusCode: statusCode,
    statusDescription: statusDescription,
    headers: Object.assign(shared, headers),
  };
}

// Writes `1.<hash or ->.<flags>` into the log's field viewer-request-log-data; 1 is the version of this form.
async function logVisitor(event) {
  const hash = await visitorHash(event);
  try {
    cf.logCustomData(`1.${hash}.${flags(event.request.headers)}`);
  } catch (error) {
    // The event still counts, without its visitor: the pixel matters more.
  }
}

// What the visitor asked for and the log cannot show otherwise: (g)lobal privacy control, (d)o not track, (a)nonymous.
function flags(headers) {
  const sent = [
    ['g', header(headers, 'sec-gpc') === '1'],
    ['d', header(headers, 'dnt') === '1'],
    ['a', isAnonymous(headers)],
  ];
  return sent.map((flag) => (flag[1] ? flag[0] : '')).join('');
}

// base64url of the first 16 bytes of HMAC-SHA256(salt, site NUL address NUL user agent); "-" where there can be none,
// for whatever reason: never an unsalted hash.
async function visitorHash(event) {
  try {
    const site = hashedSite(event.request);
    if (!site) {
      return '-';
    }
    const starts = await cf.kvs().get(site); // throws where the site has no salts
    const salt = saltAt(Date.now(), JSON.parse(starts));
    if (!salt || typeof salt !== 'string') {
      return '-';
    }
    const message = [site, hashedAddress(event.viewer.ip), header(event.request.headers, 'user-agent')].join('\0');
    return crypto.createHmac('sha256', salt).update(message).digest().slice(0, 16).toString('base64url');
  } catch (error) {
    return '-';
  }
}

// The site to hash for, or nothing where the sender is not the visitor or asked not to be known.
function hashedSite(request) {
  const sent = parameters(request.querystring);
  const fromVisitor =
    VISITORS_PLATFORMS.indexOf(sent.p) >= 0 && !SPEAKS_FOR_ANOTHER.some((name) => name in sent);
  return fromVisitor && !isAnonymous(request.headers) ? sent.aid : undefined;
}

// The salt of the site's own day: starts is [[first millisecond, salt], …], the last one that has passed holds.
function saltAt(now, starts) {
  const passed = starts.filter((start) => start[0] <= now);
  return passed.reduce((last, start) => (start[0] >= last[0] ? start : last), [0, ''])[1];
}

// The address as it is hashed; the pipeline hashes those of legacy logs alike. IPv4: whole, as written. IPv6: the /64,
// that is the first four groups in lower-case hexadecimal without leading zeros, `::` filled up, joined by ":"
// (2001:0DB8::1 gives "2001:db8:0:0"). IPv4 mapped into IPv6, ::ffff:192.0.2.1 or ::ffff:c000:201, is that IPv4.
function hashedAddress(ip) {
  if (ip.indexOf(':') < 0) {
    return ip;
  }
  const all = groups(ip);
  if (all.slice(0, 6).join() === '0,0,0,0,0,65535') {
    return [all[6] >> 8, all[6] & 255, all[7] >> 8, all[7] & 255].join('.');
  }
  const network = all.slice(0, 4);
  return network.map((group) => group.toString(16)).join(':');
}

// The eight groups of an IPv6 address as numbers.
function groups(ip) {
  const dotted = /(\d+)\.(\d+)\.(\d+)\.(\d+)$/;
  const bytes = (high, low) => (Number(high) * 256 + Number(low)).toString(16);
  const hexadecimal = ip.replace(dotted, (all, a, b, c, d) => `${bytes(a, b)}:${bytes(c, d)}`);
  const halves = hexadecimal.split('::').map((half) => (half ? half.split(':') : []));
  const tail = halves[1] || [];
  let all = halves[0];
  while (all.length + tail.length < 8) {
    all = all.concat('0');
  }
  return all.concat(tail).map((group) => parseInt(group, 16));
}

// The query parameters that matter here, decoded as a form is. CloudFront hands over names and values as they were
// sent, so a name may be encoded too (%61id); of a repeated one the last holds.
function parameters(querystring) {
  const sent = {};
  Object.keys(querystring).forEach((raw) => {
    const name = decoded(raw);
    if (PARAMETERS.indexOf(name) >= 0) {
      const all = querystring[raw].multiValue || [querystring[raw]];
      sent[name] = decoded(all[all.length - 1].value);
    }
  });
  return sent;
}

function decoded(text) {
  try {
    return decodeURIComponent(text.replace(/\+/g, ' '));
  } catch (error) {
    return text; // a stray %: no site is called so
  }
}

function isAnonymous(headers) {
  return 'sp-anonymous' in headers;
}

function header(headers, name) {
  return headers[name] ? headers[name].value : '';
}
