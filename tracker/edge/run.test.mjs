import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { edge } from './shim.mjs';

const RUN = fileURLToPath(new URL('run.mjs', import.meta.url));
const request = { method: 'GET', uri: '/i', querystring: 'aid=blog&p=web', headers: {}, ip: '::1' };

function replies(...lines) {
  const text = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n');
  const { stdout, stderr, status } = spawnSync(process.execPath, [RUN], { input: text, encoding: 'utf8' });
  assert.deepEqual([stderr, status], ['', 0]);
  return stdout.trimEnd().split('\n').map((line) => JSON.parse(line));
}

test('The child answers line by line, in order, and survives lines that it cannot read', () => {
  const [first, malformed, empty, nothing, replaced, yesterday, today, lost] = replies(
    { request },
    '{"request": ',
    '',
    'null',
    { salts: { blog: '[[0, "yesterday"], [1000, "today"]]', '\u2028': '[]' } },
    { request, now: 999 },
    { request, now: 1000 },
    { request: { ...request, uri: '/elsewhere' } },
  );
  assert.equal(first.logged, '1.-.');
  assert.deepEqual(Object.keys(first.response), ['status', 'headers', 'body_base64']);
  assert.deepEqual([malformed, empty, nothing].map(Object.keys), [['error'], ['error'], ['error']]);
  assert.deepEqual(replaced, { ok: true });
  assert.match(yesterday.logged, /^1\..{22}\.$/);
  assert.match(today.logged, /^1\..{22}\.$/);
  assert.notEqual(yesterday.logged, today.logged);
  assert.deepEqual([lost.response.status, lost.response.body_base64, lost.logged], [403, '', null]);
});

const UNAVAILABLE = [
  ...['setTimeout()', 'fetch("/")', 'eval("1")', 'new Function("1")()', 'process.env', 'require("fs")'],
  ...['cf.secrets', 'cf.kvs().put', 'crypto.randomBytes', 'crypto.createHmac("sha512", "")'],
];
for (const expression of UNAVAILABLE) {
  test(`The shim offers the function no ${expression}`, async () => {
    const imports = "import cf from 'cloudfront';\nimport crypto from 'crypto';\n";
    const { answer } = edge(`${imports}async function handler() { ${expression}; }`);
    await assert.rejects(answer(request), /not defined|disallowed|documents no|knows no/);
  });
}

for (const [name, source] of [
  ['an export', 'async function handler() {}\nexport { handler };'],
  ['another import', "import fs from 'fs';\nasync function handler() {}"],
]) {
  test(`The shim does not load a function with ${name}`, () => {
    assert.throws(() => edge(source), { name: 'SyntaxError' });
  });
}

const RESPONSES = [
  '{}',
  '{ statusCode: 200, headers: {} }',
  "{ statusCode: 200, statusDescription: 'OK', headers: { Vary: { value: 'x' } } }",
  "{ statusCode: 200, statusDescription: 'OK', headers: { vary: 'x' } }",
  "{ statusCode: 200, statusDescription: 'OK', headers: {}, body: 'text' }",
];
for (const response of RESPONSES) {
  test(`The shim refuses the response ${response}`, async () => {
    await assert.rejects(edge(`async function handler() { return ${response}; }`).answer(request), TypeError);
  });
}
