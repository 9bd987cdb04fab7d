import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ESLint } from 'eslint';

const HERE = fileURLToPath(new URL('..', import.meta.url));
const DEPLOYED = readFileSync(new URL('function.js', import.meta.url), 'utf8');
const eslint = new ESLint({ cwd: HERE });

async function complaints(source) {
  const [{ messages }] = await eslint.lintText(source, { filePath: 'edge/function.js' });
  return messages.map(({ message }) => message).join('\n');
}

const inHandler = (statement) => `async function handler(event) { ${statement} }`;

test('The lint is content with the function that is deployed', async () => {
  assert.equal(await complaints(DEPLOYED), '');
});

test('The lint lets what the runtime documents beyond ES 5.1 pass', async () => {
  const later = 'const a = [1].find((x) => x); let b = `${a}`.padStart(2 ** 3); await b; return Object.assign(event);';
  assert.equal(await complaints(inHandler(later)), '');
});

const REFUSED = [
  // source, what the complaint says
  [`${inHandler('return event;')} export { handler };`, /exports something/],
  [`export default ${inHandler('return event;')}`, /exports something/],
  [`import fs from 'fs'; ${inHandler('return fs;')}`, /'cloudfront' and 'crypto' only/],
  ['async function other(event) { return event; } other();', /declare it/],
  ['function handler(event) { return event; }', /declare it/],
  ['const handler = async function (event) { return event; };', /declare it/],
  [`${inHandler('return event;')}\n// ${'x'.repeat(10_240)}`, /less than 10240 bytes/],
  [inHandler('setTimeout(event, 1);'), /'setTimeout' is not defined/],
  [inHandler('setInterval(event, 1);'), /'setInterval' is not defined/],
  [inHandler('return fetch(event);'), /'fetch' is not defined/],
  [inHandler('return new XMLHttpRequest();'), /'XMLHttpRequest' is not defined/],
  [inHandler('return require(event);'), /'require' is not defined/],
  [inHandler('return eval(event);'), /eval/],
  [inHandler('return new Function(event);'), /Function constructor/],
  [inHandler('return event?.request;'), /unexpected token|optional chaining|ES2020/i],
  [inHandler('return event ?? 1;'), /unexpected token|ES2020/i],
  [inHandler('return [...event];'), /spread/],
  [inHandler('return { ...event };'), /unexpected token|spread/i],
  [inHandler('const { request } = event; return request;'), /destructuring/],
  [inHandler('for (const x of event) { return x; }'), /for-of/],
  [inHandler('return { event };'), /property shorthands/],
  ['class A {} async function handler() { return new A(); }', /class/],
  ['async function handler(event = {}) { return event; }', /default parameters/],
  [inHandler('try { return event; } catch { return 1; }'), /unexpected token|ES2019/i],
  [inHandler('return new Map();'), /Map/],
  [inHandler('return Array.from(event);'), /Array.from/],
  [inHandler('return event.flat();'), /flat/],
  [inHandler('return event.map(async (x) => x);'), /no async closures/],
  [inHandler('return event(await event);'), /no await in arguments/],
  [inHandler('return event("a" + (await event));'), /no await in arguments/],
];
for (const [source, complaint] of REFUSED) {
  test(`The lint refuses ${source.slice(0, 90)}`, async () => {
    assert.match(await complaints(source), complaint);
  });
}
