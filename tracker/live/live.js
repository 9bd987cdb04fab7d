// In: the stream of /live/events. Out: the page. What comes in is a stranger's: it is shown as text, never as markup
// and never as a link.
import { REASONS, groups, searchText, valueText, visible, words } from './words.js';

const KEPT = 200;
const AGAIN_MS = 2000;

const at = (id) => document.getElementById(id);
const rows = []; // newest first: { id, line, search, item }
const seen = new Set(); // a stream that begins again tells what it told before
let waiting = []; // lines that came while paused
let selected = null;
let meanings = {};

/** An element with text, or with elements, in it. */
function element(tag, attributes = {}, ...content) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    made.setAttribute(name, value);
  }
  made.append(...content);
  return made;
}

// The stream

function listen() {
  const stream = new EventSource('/live/events');
  stream.addEventListener('open', () => connection('Listening', 'on'));
  stream.addEventListener('line', (message) => arrive(message.lastEventId, JSON.parse(message.data)));
  stream.addEventListener('counts', (message) => {
    showCounts(JSON.parse(message.data));
    at('events').setAttribute('aria-live', 'polite'); // what had come before this page was open is not read out
  });
  stream.addEventListener('error', () => {
    connection('firn dev does not answer; trying again …', 'off');
    if (stream.readyState === EventSource.CLOSED) {
      setTimeout(listen, AGAIN_MS);
    }
  });
}

function connection(text, state) {
  at('connection').textContent = text;
  at('connection').dataset.state = state;
}

function showCounts(counts) {
  for (const [name, count] of Object.entries(counts)) {
    at(`count-${name}`).textContent = count.toLocaleString();
    at(`count-${name}`).parentElement.classList.toggle('some', count > 0);
  }
}

function arrive(id, line) {
  if (seen.has(id)) {
    return;
  }
  seen.add(id);
  if (isPaused()) {
    waiting = [...waiting, [id, line]].slice(-KEPT);
  } else {
    put(id, line);
  }
  refresh();
}

function put(id, line) {
  const item = listItem(line);
  rows.unshift({ id, line, search: searchText(line), item });
  at('list').prepend(item);
  addSite(line.event.app_id);
  rows.splice(KEPT).forEach((old) => old.item.remove());
}

// The list

function listItem(line) {
  const said = words(line);
  const row = element('button', { type: 'button', class: 'row' });
  const part = (name, ...content) => row.append(element('span', { class: name }, ...content), ' ');
  part('time', timeOf(said.at));
  part('name', stranger(said.name));
  part('summary', stranger(said.summary ?? ''));
  part('badges', ...badges(line));
  part('page', stranger(said.page));
  part('site', stranger(said.site ?? 'no site'));
  part('from', stranger(said.from));
  part('device', stranger(said.device));
  row.addEventListener('click', () => select(line, row));
  const item = element('li', { class: 'item' }, row);
  item.dataset.kind = line.status === 'bad_row' ? 'bad_row' : said.name;
  return item;
}

/** Text in which nothing acts without being seen, and that cannot turn the direction of what stands beside it. */
function stranger(text) {
  return element('bdi', {}, visible(text));
}

function timeOf(moment) {
  return moment === null
    ? '–'
    : element('time', { datetime: moment.toISOString() }, moment.toLocaleTimeString([], { hour12: false }));
}

function badges({ status, event, failures }) {
  const failed = `${failures.length} ${failures.length === 1 ? 'failure' : 'failures'}`;
  return [
    [status === 'bad_row', 'bad', 'bad row'],
    [failures.length > 0, 'bad', failed],
    [event.filter_reason !== undefined, 'filtered', `not counted: ${event.filter_reason}`],
  ]
    .filter(([holds]) => holds)
    .flatMap(([, kind, text]) => [element('span', { class: `badge ${kind}` }, text), ' ']);
}

function addSite(site) {
  const options = [...at('site').options];
  if (site !== undefined && !options.some((option) => option.value === site)) {
    at('site').append(element('option', { value: site }, visible(site)));
  }
}

function isPaused() {
  return at('pause').getAttribute('aria-pressed') === 'true';
}

function matches({ line, search }) {
  const site = at('site').value;
  return (
    search.includes(at('find').value.trim().toLowerCase()) &&
    (site === '' || line.event.app_id === site) &&
    (!at('faulty').checked || line.failures.length > 0 || line.status === 'bad_row')
  );
}

function refresh() {
  for (const row of rows) {
    row.item.hidden = !matches(row);
  }
  const shown = rows.filter(({ item }) => !item.hidden).length;
  at('empty').hidden = rows.length > 0;
  at('no-match').hidden = rows.length === 0 || shown > 0;
  const notes = [
    [shown < rows.length, `${shown} of ${rows.length} in the list shown.`],
    [isPaused(), `Paused: ${waiting.length} waiting.`],
  ];
  at('note').textContent = notes.flatMap(([holds, text]) => (holds ? [text] : [])).join(' ');
}

function pause() {
  const paused = !isPaused();
  at('pause').setAttribute('aria-pressed', String(paused));
  if (!paused) {
    waiting.forEach(([id, line]) => put(id, line));
    waiting = [];
  }
  refresh();
}

function clear() {
  rows.splice(0).forEach(({ item }) => item.remove());
  waiting = [];
  close();
  refresh();
}

function showAll() {
  at('tools').reset();
  refresh();
  at('find').focus();
}

/** Up and down walk through the rows that are shown. */
function walk(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const shown = [...at('list').querySelectorAll('li:not([hidden]) > button')];
  const next = shown[shown.indexOf(document.activeElement) + (step ?? 0)];
  if (step && next && shown.includes(document.activeElement)) {
    next.focus();
    event.preventDefault();
  }
}

// The details

function select(line, row) {
  selected?.row.removeAttribute('aria-current');
  selected = { line, row };
  row.setAttribute('aria-current', 'true');
  at('detail-title').replaceChildren(stranger(words(line).name));
  at('detail-body').replaceChildren(...details(line));
  at('detail').hidden = false;
  at('detail').scrollTop = 0;
  document.body.classList.add('with-detail');
  layOut();
  at('detail-title').focus({ preventScroll: true });
}

function close() {
  if (selected !== null) {
    at('detail').hidden = true;
    document.body.classList.remove('with-detail');
    layOut();
    selected.row.removeAttribute('aria-current');
    (selected.row.isConnected ? selected.row : at('events')).focus({ preventScroll: true });
    selected = null;
  }
}

const narrow = matchMedia('(width < 60rem)');

/** Where the details cover the page, what lies under them cannot be reached. */
function layOut() {
  const covered = narrow.matches && !at('detail').hidden;
  for (const under of document.querySelectorAll('.skip, .top, .stream')) {
    under.inert = covered;
  }
}

function details(line) {
  const { event, failures, status } = line;
  return [
    ...(event.filter_reason === undefined ? [] : [whyNot(event.filter_reason)]),
    ...(failures.length === 0 ? [] : [section('Failures', failureList(failures))]),
    ...(status === 'bad_row' ? [section('Bad row', columnList(Object.entries(badRow(line))))] : []),
    ...groups(event).map(([title, columns]) => section(title, columnList(columns))),
  ];
}

function badRow({ reason, text, raw_object, line }) {
  return { reason, line: text, raw_object, raw_line: line };
}

function whyNot(reason) {
  const why = REASONS.get(reason) ?? 'A rule of firn.toml.';
  return element('p', { class: 'why' }, element('strong', {}, `Not counted: ${reason}.`), ` ${why} The row is kept.`);
}

function section(title, content) {
  return element('section', {}, element('h3', {}, title), content);
}

function failureList(failures) {
  const told = failures.map(({ column, parameter, value, error }) =>
    element(
      'li',
      {},
      element('p', { class: 'value' }, element('code', {}, stranger(parameter ?? '?')), ' ', stranger(value ?? 'is missing')),
      element('p', { class: 'meaning' }, stranger(column === null ? error : `${column}: ${error}`)),
    ),
  );
  return element('ul', { class: 'failures' }, ...told);
}

function columnList(columns) {
  const told = columns.map(([name, value]) =>
    element('div', {}, element('dt', {}, name), valueOf(value), meaningOf(name)),
  );
  return element('dl', { class: 'columns' }, ...told);
}

function valueOf(value) {
  return element('dd', { class: typeof value === 'object' ? 'value json' : 'value' }, stranger(valueText(value)));
}

function meaningOf(name) {
  return element('dd', { class: 'meaning' }, Object.hasOwn(meanings, name) ? meanings[name] : '');
}

// The buttons that copy

async function copy(button, text) {
  const before = button.textContent;
  await navigator.clipboard.writeText(text).then(
    () => (button.textContent = 'Copied'),
    () => (button.textContent = 'Not allowed'),
  );
  setTimeout(() => (button.textContent = before), AGAIN_MS);
}

async function start() {
  at('embed').textContent = `<script defer src="${location.origin}/s/main.js" data-site="demo"></script>`;
  at('says-no').hidden = !(navigator.globalPrivacyControl === true || navigator.doNotTrack === '1');
  at('tools').addEventListener('input', refresh);
  at('tools').addEventListener('submit', (event) => event.preventDefault());
  at('pause').addEventListener('click', pause);
  at('clear').addEventListener('click', clear);
  at('show-all').addEventListener('click', showAll);
  at('close').addEventListener('click', close);
  at('copy-embed').addEventListener('click', () => copy(at('copy-embed'), at('embed').textContent));
  at('copy-json').addEventListener('click', () => copy(at('copy-json'), JSON.stringify(selected.line, null, 2)));
  at('list').addEventListener('keydown', walk);
  document.addEventListener('keydown', (event) => event.key === 'Escape' && close());
  narrow.addEventListener('change', layOut);
  listen();
  meanings = await (await fetch('columns.json')).json();
}

start();
