// In: nothing. Out: Google's services as Code.gs uses them, in memory, as strict as the real ones or stricter; and
// Code.gs itself, loaded among them.
import { createHmac, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import vm from 'node:vm';

const CODE = new URL('../../../pipeline/mirror/apps_script/Code.gs', import.meta.url);
const LONGEST_TEXT = 50_000;
const LONGEST_PROPERTY = 9 * 1024;

/** A cell as Sheets makes it of what setValues gives: text is parsed, unless the cell is plain text. */
function parsed(value, format) {
  if (value === null || value === undefined) throw new Error('The service Spreadsheets takes no such value.');
  if (typeof value !== 'string') return { value, shown: String(value) };
  if (value.length > LONGEST_TEXT) throw new Error('Your input contains more than the maximum of 50000 characters.');
  if (value.startsWith("'")) return { value: value.slice(1), shown: value.slice(1) };
  if (/^\s*[=+\-@]/.test(value)) return { formula: value, value: '#ERROR!', shown: '#ERROR!' };
  const day = format !== '@' && /^(\d{4})-(\d\d)-(\d\d)$/.exec(value);
  if (day) return { value: new Date(value), shown: `${Number(day[2])}/${Number(day[3])}/${day[1]}` };
  if (format !== '@' && value.trim() !== '' && !Number.isNaN(Number(value))) {
    return { value: Number(value), shown: String(Number(value)) };
  }
  return { value, shown: value };
}

class Range {
  constructor(sheet, row, column, height, width) {
    const whole = [row, column, height, width].every((it) => Number.isInteger(it) && it > 0);
    if (!whole) throw new Error('The starting row or the number of rows of the range is too small.');
    if (row + height - 1 > sheet.maxRows || column + width - 1 > sheet.maxColumns) {
      throw new Error('The coordinates of the range are outside the dimensions of the sheet.');
    }
    Object.assign(this, { sheet, row, column, height, width });
  }

  #read(field) {
    return Array.from({ length: this.height }, (_, down) => Array.from({ length: this.width }, (_, right) => {
      const cell = this.sheet.cells.get(`${this.row + down},${this.column + right}`);
      return cell ? cell[field] : '';
    }));
  }

  getValues() { return this.#read('value'); }

  getDisplayValues() { return this.#read('shown'); }

  setValues(rows) {
    if (rows.length !== this.height || rows.some((row) => row.length !== this.width)) {
      throw new Error(`The data do not match the range, which is ${this.height} by ${this.width}.`);
    }
    this.sheet.world.wrote();
    rows.forEach((row, down) => row.forEach((value, right) => {
      const [at, column] = [this.row + down, this.column + right];
      const cell = parsed(value, this.sheet.formatOf(at, column));
      if (cell.shown === '') this.sheet.cells.delete(`${at},${column}`);
      else this.sheet.cells.set(`${at},${column}`, cell);
    }));
    return this;
  }

  setNumberFormat(format) {
    this.sheet.world.wrote();
    this.sheet.formats.push({ ...this, format });
    return this;
  }
}

class Sheet {
  constructor(world, name) {
    Object.assign(this, { world, name, cells: new Map(), formats: [], maxRows: 1000, maxColumns: 26 });
  }

  formatOf(row, column) {
    const holds = (it) => row >= it.row && row < it.row + it.height && column >= it.column && column < it.column + it.width;
    return this.formats.findLast(holds)?.format ?? 'General';
  }

  #last(part) { return Math.max(0, ...[...this.cells.keys()].map((key) => Number(key.split(',')[part]))); }

  getName() { return this.name; }

  getLastRow() { return this.#last(0); }

  getLastColumn() { return this.#last(1); }

  getMaxRows() { return this.maxRows; }

  getMaxColumns() { return this.maxColumns; }

  getRange(row, column, height = 1, width = 1) { return new Range(this, row, column, height, width); }

  insertRowsAfter(after, count) {
    if (after !== this.maxRows) throw new Error('This fake adds rows at the end alone.');
    this.maxRows += count;
  }

  insertColumnsAfter(after, count) {
    if (after !== this.maxColumns) throw new Error('This fake adds columns at the end alone.');
    this.maxColumns += count;
  }

  /** What a person sees, for the tests. */
  shown() {
    const [height, width] = [this.getLastRow(), this.getLastColumn()];
    return height ? this.getRange(1, 1, height, width).getDisplayValues() : [];
  }
}

/** One spreadsheet with its script, and what a test may turn: `busy`, `deleted`, `now`. */
export class World {
  constructor() {
    Object.assign(this, { tabs: new Map(), properties: new Map(), said: [], busy: false, deleted: false, writes: 0 });
    Object.assign(this, { locked: false, unflushed: false, needsLock: false, now: () => Date.now() });
    this.script = vm.createContext(this.#services());
    vm.runInContext(readFileSync(CODE, 'utf8'), this.script, { filename: 'Code.gs' });
  }

  wrote() {
    if (this.needsLock && !this.locked) throw new Error('Two runs may write at once: take the lock first.');
    Object.assign(this, { unflushed: true, writes: this.writes + 1 });
  }

  tab(name) {
    if (!this.tabs.has(name)) this.tabs.set(name, new Sheet(this, name));
    return this.tabs.get(name);
  }

  setup() { return this.script.setup(); }

  get() { return this.#answered(this.script.doGet({ parameter: {} })); }

  /** What the script answers to a POST of that text. */
  post(contents) {
    Object.assign(this, { needsLock: true, unflushed: false });
    const event = { parameter: {}, postData: { contents, type: 'application/json', length: contents.length } };
    try {
      return this.#answered(this.script.doPost(event));
    } finally {
      if (this.locked) throw new Error('The lock was not released.'); // eslint-disable-line no-unsafe-finally
      this.needsLock = false;
    }
  }

  #answered(output) {
    if (output?.mime !== 'JSON') throw new Error('The script must return a ContentService output.');
    return output.content;
  }

  #services() {
    const world = this;
    const spreadsheet = {
      getSheetByName: (name) => world.tabs.get(name) ?? null,
      insertSheet: (name) => {
        if (world.tabs.has(name)) throw new Error(`A sheet with the name "${name}" already exists.`);
        return world.tab(name);
      },
    };
    return {
      console: { log: (text) => world.said.push(text) },
      Date: class extends Date { static now() { return world.now(); } },
      SpreadsheetApp: {
        getActiveSpreadsheet: () => (world.deleted ? null : spreadsheet),
        flush: () => { world.unflushed = false; },
      },
      LockService: { getScriptLock: () => world.#lock() },
      PropertiesService: { getScriptProperties: () => world.#scriptProperties() },
      Utilities: {
        Charset: { UTF_8: 'utf8', US_ASCII: 'ascii' },
        getUuid: () => randomUUID(),
        computeHmacSha256Signature: (text, key, charset = 'ascii') => {
          const bytes = charset === 'ascii' ? text.replace(/[^\0-\x7f]/g, '?') : text;
          return [...new Int8Array(createHmac('sha256', key).update(bytes, 'utf8').digest())];
        },
      },
      ContentService: {
        MimeType: { JSON: 'JSON' },
        createTextOutput: (content) => ({
          content,
          mime: 'TEXT',
          setMimeType(mime) { this.mime = mime; return this; },
        }),
      },
    };
  }

  #lock() {
    return {
      tryLock: (milliseconds) => {
        if (!(milliseconds > 0)) throw new Error('A lock is waited for so many milliseconds.');
        if (this.busy || this.locked) return false;
        this.locked = true;
        return true;
      },
      releaseLock: () => {
        if (this.unflushed) throw new Error('The next run would not see what was written: flush first.');
        this.locked = false;
      },
    };
  }

  #scriptProperties() {
    return {
      getProperty: (name) => this.properties.get(name) ?? null,
      setProperty: (name, value) => {
        if (value.length > LONGEST_PROPERTY) throw new Error('Argument too large: value');
        this.properties.set(name, value);
      },
    };
  }
}
