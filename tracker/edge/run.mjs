// The twin's edge, as a child process: one JSON object a line in, one JSON line out for each, in the order of the
// input, until the input ends. It never dies of its input.
//
//   {"salts": {site: "<JSON text of [[start_ms, \"salt\"], …]>"}}    replaces what the KeyValueStore holds
//     → {"ok": true}
//   {"request": {"method", "uri", "querystring": "<as sent>", "headers": {name: value}, "ip"}, "now": <ms>?}
//     → {"response": {"status", "headers": {name: value}, "body_base64"}, "logged": "<text>" | null}
//   anything else
//     → {"error": "<sentence>"}
//
// `now` is the time that the function sees; without it, the present. A response to HEAD has its body here; whoever
// sends it on leaves the body out, as CloudFront does.
import { edge } from './shim.mjs';

const { world, answer } = edge();

async function reply(line) {
  const { salts, request, now } = JSON.parse(line) ?? {};
  if (salts) {
    world.salts = new Map(Object.entries(salts));
    return { ok: true };
  }
  if (request) {
    return answer(request, now);
  }
  throw new TypeError('The line holds neither "salts" nor "request".');
}

// Not node:readline: it takes more than \n for the end of a line, and JSON text may hold U+2028.
async function* lines(stream) {
  let rest = '';
  for await (const chunk of stream.setEncoding('utf8')) {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop();
    yield* parts;
  }
  if (rest) {
    yield rest;
  }
}

for await (const line of lines(process.stdin)) {
  const answered = await reply(line).catch((error) => ({ error: String(error.message ?? error) }));
  process.stdout.write(`${JSON.stringify(answered)}\n`);
}
