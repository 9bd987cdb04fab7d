// In: a signed POST of the mirror function with one tab's rows. Out: the tab of this spreadsheet brought up to date by
// key, and {ok: true} or {ok: false, error, retry}. Whatever else the owner keeps in the spreadsheet is not touched.
//
// To begin: in a spreadsheet, Extensions > Apps Script, paste this file and appsscript.json, run setup(), then deploy as
// a web app that anyone may reach. Google gives the URL, setup() the secret: these two values go to pulumi config.
// A function whose name ends in _ is private to this script.

const SECRET = 'FIRN_SECRET';
const TABS = { daily: ['date', 'site'] }; // each with its key; a tab that is not here is made when its rows come
const WINDOW_MS = 5 * 60 * 1000;
const LOCK_MS = 30 * 1000;
const LONGEST_TEXT = 50000; // a cell takes no more
// What makes a formula of a text, after whatever is not seen in front of it. A title or a page's address is a
// stranger's. https://owasp.org/www-community/attacks/CSV_Injection
// eslint-disable-next-line no-control-regex
const FORMULA = /^[\s\u0000-\u001f\u007f-\u00a0\u200b-\u200f\u2060\ufeff]*[=+\-@＝＋－＠\t\r\n]/;

/** Run once, by the owner: makes the secret, unless there is one, and the tab; says what to do with them. */
function setup() {
  const properties = PropertiesService.getScriptProperties();
  if (!properties.getProperty(SECRET)) {
    properties.setProperty(SECRET, (Utilities.getUuid() + Utilities.getUuid()).replace(/-/g, ''));
  }
  Object.keys(TABS).forEach((name) => columnsOf_(tabNamed_(name), TABS[name], TABS[name]));
  console.log(
    'Deploy > New deployment > Web app, execute as me, access for anyone. Then, where you deploy Firn:\n' +
    '  pulumi config set firn:sheetUrl <the URL that the deployment shows>\n' +
    '  pulumi config set --secret firn:sheetSecret ' + properties.getProperty(SECRET) + '\n' +
    '  pulumi up'
  );
}

/** Health: whether setup() has been run and the spreadsheet is there. */
function doGet() {
  return answer_(() => {
    secret_();
    spreadsheet_();
    return {};
  });
}

function doPost(e) {
  return answer_(() => {
    const wanted = verified_(e);
    const lock = LockService.getScriptLock();
    if (!lock.tryLock(LOCK_MS)) {
      throw new Retry_('Another run is writing to the spreadsheet: wait for its end and run the mirror again.');
    }
    try {
      return { upserted: upsert_(wanted) };
    } finally {
      SpreadsheetApp.flush(); // the next run must see what was written
      lock.releaseLock();
    }
  });
}

class Retry_ extends Error {}

/** A status cannot be set, hence the answer says whether all went well. */
function answer_(work) {
  let answer;
  try {
    answer = Object.assign({ ok: true }, work());
  } catch (error) {
    answer = Object.assign({ ok: false, error: error.message }, error instanceof Retry_ ? { retry: true } : {});
  }
  return ContentService.createTextOutput(JSON.stringify(answer)).setMimeType(ContentService.MimeType.JSON);
}

/** What the request asks for; throws unless the mirror has signed it, just now. */
function verified_(e) {
  const body = parsed_(e && e.postData && e.postData.contents);
  if (!body || typeof body.payload !== 'string' || typeof body.signature !== 'string') {
    throw new Error('The request is not one of the mirror: post {timestamp, payload, signature} as JSON.');
  }
  const timestamp = Number(body.timestamp);
  if (!same_(signature_(body.timestamp + '.' + body.payload), body.signature)) {
    throw new Error('The signature is wrong: set firn:sheetSecret to the secret that setup() names.');
  }
  if (!(Math.abs(Date.now() - timestamp) <= WINDOW_MS)) {
    throw new Error('The time stamp is more than five minutes off: set the clock of the sender right.');
  }
  return wanted_(parsed_(body.payload));
}

function wanted_(it) {
  const lists = it && [it.key, it.columns, it.rows].every(Array.isArray);
  if (!lists || typeof it.tab !== 'string' || !it.tab || !it.key.length ||
      !it.key.every((name) => it.columns.includes(name)) || new Set(it.columns).size !== it.columns.length ||
      !it.rows.every((row) => Array.isArray(row) && row.length === it.columns.length)) {
    throw new Error('The payload is not a tab with its key, columns and rows: use a Code.gs of the same release.');
  }
  return it;
}

function parsed_(text) {
  try {
    return JSON.parse(text);
  } catch (error) {
    return null;
  }
}

function secret_() {
  const secret = PropertiesService.getScriptProperties().getProperty(SECRET);
  if (!secret) {
    throw new Error('The spreadsheet has no secret yet: run setup() in its script.');
  }
  return secret;
}

function spreadsheet_() {
  const spreadsheet = SpreadsheetApp.getActiveSpreadsheet();
  if (!spreadsheet) {
    throw new Error('The script belongs to no spreadsheet: paste it into one under Extensions > Apps Script.');
  }
  return spreadsheet;
}

/** Lower-case hex; Apps Script gives signed bytes, and takes text for ASCII unless it is told otherwise. */
function signature_(text) {
  return Utilities.computeHmacSha256Signature(text, secret_(), Utilities.Charset.UTF_8)
    .map((byte) => (byte & 0xff).toString(16).padStart(2, '0'))
    .join('');
}

/** Compared to the end, so that the time it takes tells nothing. */
function same_(one, other) {
  let different = one.length ^ other.length;
  for (let place = 0; place < one.length; place += 1) {
    different |= one.charCodeAt(place) ^ other.charCodeAt(place % (other.length || 1));
  }
  return different === 0;
}

/** Put the rows in the place of those with the same key, and the others behind all that there is; how many. */
function upsert_({ tab, key, columns, rows }) {
  const sheet = tabNamed_(tab);
  const places = columnsOf_(sheet, columns, key);
  const keyPlaces = key.map((name) => columns.indexOf(name));
  const keyOf = (row) => JSON.stringify(keyPlaces.map((place) => shown_(row[place])));
  const fresh = new Map(rows.map((row) => row.map(cell_)).map((row) => [keyOf(row), row]));
  const known = knownRows_(sheet, keyPlaces.map((place) => places[place]));
  let next = Math.max(sheet.getLastRow(), 1) + 1;
  const placed = [...fresh].map(([it, row]) => ({ at: known.has(it) ? known.get(it) : next++, row }));
  grow_(sheet, next - 1);
  columns.forEach((_, place) => {
    if (rows.some((row) => typeof row[place] === 'string')) {
      asText_(sheet, places[place]);
    }
  });
  blocks_(placed, places).forEach(({ row, column, values }) => {
    sheet.getRange(row, column, values.length, values[0].length).setValues(values);
  });
  return fresh.size;
}

function tabNamed_(name) {
  const spreadsheet = spreadsheet_();
  return spreadsheet.getSheetByName(name) || spreadsheet.insertSheet(name);
}

/** Where each of the columns stands, from 1; those that are missing are added behind the owner's own. */
function columnsOf_(sheet, columns, key) {
  const width = sheet.getLastColumn();
  const header = width ? sheet.getRange(1, 1, 1, width).getDisplayValues()[0] : [];
  const empty = header.every((name) => name === '');
  const missing = columns.filter((name) => !header.includes(name));
  if (!empty && key.some((name) => missing.includes(name))) {
    throw new Error(
      'The tab ' + sheet.getName() + ' has no column ' + key.find((name) => missing.includes(name)) +
      ' in its first row: give it back its name, or rename the tab so that a new one is made.'
    );
  }
  if (missing.length) {
    const lacking = header.length + missing.length - sheet.getMaxColumns();
    if (lacking > 0) {
      sheet.insertColumnsAfter(sheet.getMaxColumns(), lacking);
    }
    sheet.getRange(1, header.length + 1, 1, missing.length).setValues([missing]);
  }
  const all = header.concat(missing);
  return columns.map((name) => all.indexOf(name) + 1);
}

/** The row of each key that the tab holds; of two with one key the upper one. */
function knownRows_(sheet, keyColumns) {
  const height = sheet.getLastRow() - 1;
  if (height < 1) {
    return new Map();
  }
  const read = keyColumns.map((column) => sheet.getRange(2, column, height, 1).getDisplayValues());
  const keys = read[0].map((_, place) => JSON.stringify(read.map((cells) => shown_(cells[place][0]))));
  return new Map(keys.map((it, place) => [it, place + 2]).reverse());
}

/** Rows are added where the sheet has none left, since a range must lie within it. */
function grow_(sheet, last) {
  const lacking = last - sheet.getMaxRows();
  if (lacking > 0) {
    sheet.insertRowsAfter(sheet.getMaxRows(), lacking);
  }
}

/** A column below its header as plain text: a date as text stays one, and its key is found again. */
function asText_(sheet, column) {
  if (sheet.getMaxRows() > 1) {
    sheet.getRange(2, column, sheet.getMaxRows() - 1, 1).setNumberFormat('@');
  }
}

/** The cells in as few rectangles as there are: rows that follow each other, columns that do. */
function blocks_(placed, places) {
  const rows = runs_([...placed].sort((a, b) => a.at - b.at), (it) => it.at);
  const columns = runs_(places.map((at, place) => ({ at, place })).sort((a, b) => a.at - b.at), (it) => it.at);
  return rows.flatMap((run) => columns.map((group) => ({
    row: run[0].at,
    column: group[0].at,
    values: run.map(({ row }) => group.map(({ place }) => row[place])),
  })));
}

/** The items in lists in which each place is one more than the one before. */
function runs_(items, at) {
  return items.reduce((runs, item) => {
    const last = runs[runs.length - 1];
    if (last && at(item) === at(last[last.length - 1]) + 1) {
      last.push(item);
    } else {
      runs.push([item]);
    }
    return runs;
  }, []);
}

/** A cell that the sheet takes for what it is: a formula becomes text, and what is missing an empty cell. */
function cell_(value) {
  if (typeof value !== 'string') {
    return value === null ? '' : value;
  }
  return (FORMULA.test(value) ? "'" + value : value).slice(0, LONGEST_TEXT);
}

/** A cell as it is shown: an apostrophe in front only says that it is text. */
function shown_(value) {
  return String(value).replace(/^'/, '');
}
