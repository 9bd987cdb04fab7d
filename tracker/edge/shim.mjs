// In: an HTTP request and the sites' salts. Out: what function.js answers and logs. It stands in for CloudFront: the
// function's source text runs in a context that has the language and the two modules below, and of these only what
// AWS documents; whatever else the function asks for throws here, as it would at the edge.
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import vm from 'node:vm';

const SOURCE = readFileSync(new URL('function.js', import.meta.url), 'utf8');
const IMPORT = /^import (\w+) from '(cloudfront|crypto)';$/gm;
const MAX_LOGGED_BYTES = 800;

/** The edge with the given source. `salts` is the KeyValueStore, as text by key; it may be replaced at any time. */
export function edge(source = SOURCE) {
  const world = { salts: new Map(), now: null, logged: null };
  const context = vm.createContext(
    { modules: { cloudfront: cloudfront(world), crypto }, clock: () => world.now ?? Date.now() },
    { codeGeneration: { strings: false, wasm: false } },
  );
  vm.runInContext('Date.now = clock; delete globalThis.clock;', context);
  // An import left over, and any export, is a syntax error in a script.
  const script = source.replace(IMPORT, "const $1 = modules['$2'];");
  vm.runInContext(`'use strict'; ${script}`, context, { filename: 'function.js' });
  return { world, answer: (request, now = null) => answered(context.handler, world, request, now) };
}

async function answered(handler, world, request, now) {
  world.now = now;
  world.logged = null;
  const response = await handler(viewerRequest(request));
  return { response: plain(response), logged: world.logged };
}

/** AWS's "CloudFront Functions event structure" for `{method, uri, querystring, headers, ip}`. */
export function viewerRequest({ method, uri, querystring = '', headers = {}, ip }) {
  const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), { value }]);
  return {
    version: '1.0',
    context: { eventType: 'viewer-request' },
    viewer: { ip },
    request: {
      method,
      uri,
      querystring: fields(querystring),
      headers: Object.fromEntries(lower.filter(([name]) => name !== 'cookie')),
      cookies: {},
    },
  };
}

// Names and values stay as they were sent; a repeated name gets all its values in multiValue.
function fields(querystring) {
  const all = new Map();
  for (const pair of querystring.split('&').filter(Boolean)) {
    const [name, ...value] = pair.split('=');
    all.set(name, [...(all.get(name) ?? []), { value: value.join('=') }]);
  }
  const field = (values) => (values.length > 1 ? { value: values[0].value, multiValue: values } : values[0]);
  return Object.fromEntries([...all].map(([name, values]) => [name, field(values)]));
}

/** `{status, headers: {name: value}, body_base64}` of a response; throws on one that CloudFront would refuse. */
function plain({ statusCode, statusDescription, headers, body, ...unknown }) {
  const malformed =
    !Number.isInteger(statusCode) ||
    typeof statusDescription !== 'string' ||
    Object.keys(unknown).length > 0 ||
    Object.entries(headers).some(([name, { value }]) => name !== name.toLowerCase() || typeof value !== 'string') ||
    (body !== undefined && (body.encoding !== 'base64' || typeof body.data !== 'string'));
  if (malformed) {
    throw new TypeError('CloudFront takes no such response');
  }
  return {
    status: statusCode,
    headers: Object.fromEntries(Object.entries(headers).map(([name, { value }]) => [name, value])),
    body_base64: body?.data ?? '',
  };
}

// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-custom-methods.html
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/general-helper-methods.html
function cloudfront(world) {
  const get = async (key) => {
    if (!world.salts.has(key)) {
      throw new Error(`KeyNotFound: ${key}`);
    }
    return world.salts.get(key);
  };
  const logCustomData = (text) => {
    if (typeof text !== 'string') {
      throw new TypeError('logCustomData takes text');
    }
    world.logged = Buffer.from(text).subarray(0, MAX_LOGGED_BYTES).toString();
  };
  return documented('cloudfront', { kvs: () => documented('kvs', { get }), logCustomData });
}

const crypto = documented('crypto', {
  createHmac(algorithm, key) {
    if (!['md5', 'sha1', 'sha256'].includes(algorithm)) {
      throw new Error(`crypto knows no ${algorithm}`);
    }
    const hmac = createHmac(algorithm, key);
    const self = documented('hmac', {
      update: (data) => (hmac.update(data), self),
      digest: (encoding) => hmac.digest(encoding),
    });
    return self;
  },
});

function documented(name, members) {
  const get = (target, property) => {
    if (!Object.hasOwn(target, property)) {
      throw new TypeError(`AWS documents no ${String(property)} in ${name}`);
    }
    return target[property];
  };
  return new Proxy(members, { get });
}
