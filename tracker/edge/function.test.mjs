import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, test } from 'node:test';
import { edge } from './shim.mjs';

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 10, 24, 12);
const SALTS = { blog: JSON.stringify([[NOW - DAY, 'yesterday'], [NOW, 'today'], [NOW + DAY, 'tomorrow']]) };
const PIXEL = { method: 'GET', uri: '/s/e', querystring: 'e=pv&aid=blog&p=web', ip: '192.0.2.1' };
const AGENT = 'Mozilla/5.0 (X11; Linux x86_64)';

function ask(request = {}, { now = NOW, salts = new Map(Object.entries(SALTS)) } = {}) {
  const { world, answer } = edge();
  world.salts = salts;
  return answer({ ...PIXEL, headers: { 'User-Agent': AGENT }, ...request }, now);
}

const logged = async (request, world) => (await ask(request, world)).logged;

// Written independently of the function: this is decision D2.
function hash(salt, address, agent = AGENT) {
  const mac = createHmac('sha256', salt).update(`blog\0${address}\0${agent}`).digest();
  return Buffer.from(mac.subarray(0, 16)).toString('base64url');
}

const TODAY = `1.${hash('today', '192.0.2.1')}.`;
const GARBAGE = 'x'.repeat(8000);

describe('the answer', () => {
  const TP2 = '/com.snowplowanalytics.snowplow/tp2';
  const cases = [
    // method, path, query, status
    ['GET', '/i', 'e=pv', 200],
    ['GET', '/ice.png', 'e=pv', 200],
    ['GET', '/s/e', 'e=pv', 200],
    ['GET', '/s/e', '', 200],
    ['HEAD', '/i', 'e=pv', 200],
    ['POST', '/s/e', 'e=pv', 200],
    ['POST', '/s/e', '', 403],
    ['PUT', '/i', 'e=pv', 403],
    ['DELETE', '/i', 'e=pv', 403],
    ['get', '/i', 'e=pv', 403],
    ['GET', '/', '', 403],
    ['GET', '/i/', 'e=pv', 403],
    ['GET', '/I', 'e=pv', 403],
    ['GET', '/%69', 'e=pv', 403],
    ['GET', '/a/i', 'e=pv', 403],
    ['GET', '/wp-login.php', '', 403],
    ['OPTIONS', '/i', '', 204],
    ['OPTIONS', '/s/e', 'e=pv', 204],
    ['OPTIONS', '/elsewhere', '', 403],
    ['OPTIONS', TP2, '', 204],
    ['POST', TP2, '', 403],
    ['GET', TP2, 'e=pv', 403],
  ];
  for (const [method, uri, querystring, status] of cases) {
    test(`to ${method} ${uri}?${querystring} is ${status}`, async () => {
      assert.equal((await ask({ method, uri, querystring })).response.status, status);
    });
  }

  test('is a GIF of 43 bytes that nothing may cache', async () => {
    const { headers, body_base64 } = (await ask()).response;
    const gif = Buffer.from(body_base64, 'base64');
    assert.equal(gif.length, 43);
    assert.equal(gif.subarray(0, 10).toString('latin1'), 'GIF89a\x01\0\x01\0');
    assert.equal(headers['content-type'], 'image/gif');
    assert.equal(headers['cache-control'], 'no-store');
  });

  test('names the origin that asked, as trackers that send credentials need it, the refusal included', async () => {
    for (const method of ['GET', 'OPTIONS', 'DELETE']) {
      const { headers } = (await ask({ method, headers: { Origin: 'https://www.example.com' } })).response;
      assert.equal(headers['access-control-allow-origin'], 'https://www.example.com');
      assert.equal(headers['access-control-allow-credentials'], 'true');
      assert.equal(headers.vary, 'origin');
      assert.equal(headers['cross-origin-resource-policy'], 'cross-origin');
    }
  });

  test('to a request without an origin allows every one, without credentials', async () => {
    const { headers } = (await ask()).response;
    assert.equal(headers['access-control-allow-origin'], '*');
    assert.equal('access-control-allow-credentials' in headers, false);
  });

  test('to a preflight allows what stock trackers send', async () => {
    const { headers, body_base64 } = (await ask({ method: 'OPTIONS' })).response;
    assert.equal(headers['access-control-allow-methods'], 'GET, HEAD, POST, OPTIONS');
    assert.equal(headers['access-control-allow-headers'], 'Content-Type, SP-Anonymous');
    assert.equal(headers['access-control-max-age'], '86400');
    assert.equal(body_base64, '');
  });
});

describe('the log', () => {
  test('gets a token for what may become an event, and for nothing else', async () => {
    const hasToken = { GET: true, POST: true, HEAD: false, OPTIONS: false, PUT: false };
    for (const [method, expected] of Object.entries(hasToken)) {
      assert.equal((await logged({ method })) !== null, expected, method);
    }
    assert.equal(await logged({ uri: '/elsewhere' }), null);
  });

  const queries = [
    ['aid=blog&p=web', TODAY],
    ['aid=blog&p=mob', TODAY],
    ['%61id=bl%6Fg&%70=we%62', TODAY],
    ['aid=shop&aid=blog&p=srv&p=web', TODAY],
    ['aid=blog&p=web&url=ip%3D1%26ua%3D2&IP=1&uax=2', TODAY],
    ['aid=blog&p=web&%zz=%&&=&x&__proto__=1&constructor=2', TODAY],
    ['p=web', '1.-.'],
    ['aid=&p=web', '1.-.'],
    ['aid=blog&aid=shop&p=web', '1.-.'],
    ['aid=blog', '1.-.'],
    ['aid=blog&p=', '1.-.'],
    ['aid=blog&p=srv', '1.-.'],
    ['aid=blog&p=web&p=pc', '1.-.'],
    ['aid=blog&p=web&ip=198.51.100.7', '1.-.'],
    ['aid=blog&p=web&ip=', '1.-.'],
    ['aid=blog&p=web&%69p=198.51.100.7', '1.-.'],
    ['aid=blog&p=web&ua=x', '1.-.'],
    ['aid=blog&p=web&tnuid=x', '1.-.'],
    ['aid=bl%6&p=web', '1.-.'],
    ['aid=__proto__&p=web', '1.-.'],
    ['aid=constructor&p=toString', '1.-.'],
  ];
  for (const [querystring, expected] of queries) {
    test(`of ${querystring} holds ${expected === TODAY ? 'the hash' : 'no hash'}`, async () => {
      assert.equal(await logged({ querystring }), expected);
    });
  }

  const headers = [
    [{ 'Sec-GPC': '1' }, `${TODAY}g`],
    [{ DNT: '1' }, `${TODAY}d`],
    [{ DNT: '1', 'Sec-GPC': '1' }, `${TODAY}gd`],
    [{ DNT: '0', 'Sec-GPC': '0' }, TODAY],
    [{ 'SP-Anonymous': '*' }, '1.-.a'],
    [{ 'SP-Anonymous': '*', 'Sec-GPC': '1', DNT: '1' }, '1.-.gda'],
  ];
  for (const [sent, expected] of headers) {
    test(`shows by flags that ${JSON.stringify(sent)} was sent`, async () => {
      assert.equal(await logged({ headers: { 'User-Agent': AGENT, ...sent } }), expected);
    });
  }

  const addresses = [
    ['192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:db8:1:2:ffff::1', '2001:db8:1:2'],
    ['2001:0DB8:0001:0002::', '2001:db8:1:2'],
    ['2001:db8::1', '2001:db8:0:0'],
    ['::1', '0:0:0:0'],
    ['::', '0:0:0:0'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:c000:0201', '192.0.2.1'],
    ['0:0:0:0:0:ffff:192.0.2.255', '192.0.2.255'],
    ['2001:db8:1:2::192.0.2.1', '2001:db8:1:2'],
  ];
  for (const [ip, hashed] of addresses) {
    test(`has for ${ip} the hash of ${hashed}`, async () => {
      assert.equal(await logged({ ip }), `1.${hash('today', hashed)}.`);
    });
  }

  test('has a hash for a visitor without a user agent', async () => {
    assert.equal(await logged({ headers: {} }), `1.${hash('today', '192.0.2.1', '')}.`);
  });

  const times = [
    [NOW - DAY - 1, '-'],
    [NOW - DAY, hash('yesterday', '192.0.2.1')],
    [NOW - 1, hash('yesterday', '192.0.2.1')],
    [NOW, hash('today', '192.0.2.1')],
    [NOW + DAY, hash('tomorrow', '192.0.2.1')],
    [NOW + 9 * DAY, hash('tomorrow', '192.0.2.1')],
  ];
  for (const [now, expected] of times) {
    test(`at ${new Date(now).toISOString()} is made with the salt that began last`, async () => {
      assert.equal(await logged({}, { now }), `1.${expected}.`);
    });
  }

  test('is made with the salt that began last in whatever order the salts are listed', async () => {
    const salts = new Map([['blog', JSON.stringify(JSON.parse(SALTS.blog).reverse())]]);
    assert.equal(await logged({}, { salts }), TODAY);
  });
});

describe('the event is answered and counted, without its visitor,', () => {
  const unreadable = ['', 'x', 'null', '{}', '[]', '[null]', '[[]]', '[[0]]', '[[0, 5]]', '[[0, ""]]', '[[0, ["x"]]]'];
  for (const text of unreadable) {
    test(`when the salts of its site are ${text || 'empty'}`, async () => {
      const { response, logged } = await ask({}, { salts: new Map([['blog', text]]) });
      assert.deepEqual([response.status, logged], [200, '1.-.']);
    });
  }

  test('when the KeyValueStore fails', async () => {
    const failing = { has: () => assert.fail('the KeyValueStore is down') };
    const { response, logged } = await ask({}, { salts: failing });
    assert.deepEqual([response.status, logged], [200, '1.-.']);
  });
});

test('A log that cannot be written to does not keep the pixel back', async () => {
  const { world, answer } = edge();
  const refuse = (text) => assert.equal(text, null, 'the log is out of reach');
  Object.defineProperty(world, 'logged', { set(text) { refuse(text); }, get: () => null });
  assert.equal((await answer({ ...PIXEL, headers: {} }, NOW)).response.status, 200);
});

test('Whatever the query, the answer is the pixel and the token has its form', async () => {
  const hostile = ['%', '%%%', '%ff%fe', '=', '&&&', '=&=', '%00=%00', 'aid=%ff&p=web', '__proto__=1&__proto__=2'];
  const huge = [GARBAGE, `aid=${GARBAGE}&p=web`, `${GARBAGE}=1&p=web`, 'aid=blog&'.repeat(900), '&'.repeat(8000)];
  for (const querystring of [...hostile, ...huge]) {
    const { response, logged } = await ask({ querystring, headers: { 'User-Agent': GARBAGE, DNT: '1' } });
    assert.equal(response.status, 200);
    assert.match(logged, /^1\.([A-Za-z0-9_-]{22}|-)\.[a-z]*$/);
  }
});
