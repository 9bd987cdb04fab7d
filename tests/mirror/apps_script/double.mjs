// The web app as it is met over HTTP: the real Code.gs among fakes, behind a front that answers as Google's does. On its
// first line of output stand the app's url and secret, and where a test turns its ways and looks into the spreadsheet.
//
// A POST runs the script and is answered with a redirect to another host, where the answer waits for one GET; whoever
// posts there again is refused. What goes wrong before or in the script is a page, mostly with status 200.
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';

import { World } from './fakes.mjs';

const world = new World();
world.setup();
const answers = new Map();
const posts = [];
const ways = []; // how the next requests are answered, by name; then as usual

const page = (title) => `<!DOCTYPE html><html><head><title>${title}</title></head><body>${title}</body></html>`;

const WAYS = {
  usual: (run) => redirected(run()),
  busy: (run) => {
    world.busy = true;
    try {
      return redirected(run());
    } finally {
      world.busy = false;
    }
  },
  error: () => [200, 'text/html', page('Error')], // an exception in the script
  signIn: () => [200, 'text/html', page('Sign in - Google Accounts')], // access is not for anyone
  deleted: () => [404, 'text/html', page('Page Not Found')],
  overloaded: () => [503, 'text/html', page('Error 503')],
  lost: (run) => {
    run();
    return null; // the script has run, its answer gets lost
  },
};

function redirected(answer) {
  const key = randomUUID();
  answers.set(key, answer);
  return [302, 'text/html', page('Moved Temporarily'), `http://localhost:${echo.address().port}/macros/echo?key=${key}`];
}

function send(response, sent) {
  if (!sent) return response.destroy();
  const [status, type, text, location] = sent;
  response.writeHead(status, { 'Content-Type': type, ...(location && { Location: location }) });
  return response.end(text);
}

async function text(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString();
}

const front = createServer(async (request, response) => {
  const contents = await text(request);
  if (request.url === '/double') {
    ways.push(...(contents ? JSON.parse(contents) : []));
    const tabs = Object.fromEntries([...world.tabs].map(([name, sheet]) => [name, sheet.shown()]));
    return send(response, [200, 'application/json', JSON.stringify({ tabs, posts, writes: world.writes })]);
  }
  if (request.url !== '/macros/s/double/exec') return send(response, [404, 'text/html', page('Page Not Found')]);
  if (request.method === 'GET') return send(response, redirected(world.get()));
  posts.push(contents);
  return send(response, WAYS[ways.shift() ?? 'usual'](() => world.post(contents)));
});

const echo = createServer((request, response) => {
  const key = new URL(request.url, 'http://localhost').searchParams.get('key');
  if (request.method !== 'GET') return send(response, [405, 'text/html', page('Method Not Allowed')]);
  if (!answers.has(key)) return send(response, [404, 'text/html', page('Page Not Found')]);
  send(response, [200, 'application/json; charset=utf-8', answers.get(key)]);
  return answers.delete(key);
});

echo.listen(0, 'localhost', () => front.listen(0, '127.0.0.1', () => {
  const place = `http://127.0.0.1:${front.address().port}`;
  const secret = world.properties.get('FIRN_SECRET');
  process.stdout.write(`${JSON.stringify({ url: `${place}/macros/s/double/exec`, secret, double: `${place}/double` })}\n`);
}));
process.stdin.on('end', () => process.exit()).resume(); // with whoever started it
