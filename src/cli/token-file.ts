import { readFileSync } from 'node:fs';
import type { StaticToken } from 'nekube/apiserver';
import { CliError, messageOf } from './io.ts';

/**
 * Reads kube-apiserver's `--token-auth-file`: CSV records `token,user name,user uid[,"group,group…"]`.
 *
 * A token that stands in it twice counts as it does last, one that is empty not at all; `warn` is told of both.
 *
 * @throws CliError with kube-apiserver's message: the file cannot be read, is no CSV, or has too few columns
 */
export function readTokenFile(path: string, warn: (message: string) => void): StaticToken[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new CliError(messageOf(cause, path), { hint: 'give a readable file with --token-auth-file', cause });
  }
  try {
    return parseTokens(text, path, warn);
  } catch (cause) {
    const hint = 'each line must be token,user,uid or token,user,uid,"group1,group2"';
    throw new CliError(`Cannot read the token file: ${messageOf(cause)}`, { hint, cause });
  }
}

function parseTokens(text: string, path: string, warn: (message: string) => void): StaticToken[] {
  const tokens = new Map<string, StaticToken>();
  for (const [i, record] of parseCsv(text).entries()) {
    const [token = '', name = '', uid = '', groups] = record;
    if (record.length < 3) {
      const need = 'must have at least 3 columns (token, user name, user uid)';
      throw new Error(`token file '${path}' ${need}, found ${record.length}`);
    }
    const where = `has been found in token file '${path}', record number '${i + 1}'`;
    if (token === '') warn(`empty token ${where}`);
    else if (tokens.has(token)) warn(`duplicate token ${where}`);
    if (token !== '') tokens.set(token, { token, user: { name, uid, groups: groups?.split(',') ?? [] } });
  }
  return [...tokens.values()];
}

/**
 * The records of a CSV text (RFC 4180) as Go's encoding/csv reads them: empty lines do not count, spaces do, and
 * records may differ in length.
 *
 * @throws Error with Go's message, line and column (in bytes) for a quote where none may be
 */
export function parseCsv(text: string): string[][] {
  const lines = splitLines(text);
  const records: string[][] = [];
  for (let line = 0; line < lines.length; ) {
    if (lines[line] === '\n') {
      line++;
      continue;
    }
    const record = new RecordReader(lines, line);
    records.push(record.read());
    line = record.nextLine;
  }
  return records;
}

/** Lines with their ends, which are always `\n`; the last may have none. */
function splitLines(text: string): string[] {
  const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  return lines.map((line) => line.replace(/\r\n$/, '\n').replace(/\r$/, '')).filter((line) => line !== '');
}

/** Reads one record, which goes over several lines where a quoted field does. */
class RecordReader {
  readonly #lines: readonly string[];
  readonly #start: number;
  #line: number;
  #column = 0;

  constructor(lines: readonly string[], line: number) {
    this.#lines = lines;
    this.#start = line;
    this.#line = line;
  }

  /** The index of the line behind the record. */
  get nextLine(): number {
    return this.#line + 1;
  }

  read(): string[] {
    const fields: string[] = [];
    for (;;) {
      fields.push(this.#text()[this.#column] === '"' ? this.#quoted() : this.#plain());
      if (this.#text()[this.#column] !== ',') return fields;
      this.#column++;
    }
  }

  #text(): string {
    return this.#lines[this.#line] ?? '';
  }

  /** A field without quotes: up to the comma or the end of the line. */
  #plain(): string {
    const field = /^[^,\n]*/.exec(this.#text().slice(this.#column))![0];
    const quote = field.indexOf('"');
    if (quote !== -1) throw this.#error('bare " in non-quoted-field', this.#column + quote);
    this.#column += field.length;
    return field;
  }

  /** A field in quotes, where two of them stand for one. */
  #quoted(): string {
    let field = '';
    this.#column++;
    for (;;) {
      const quote = this.#text().indexOf('"', this.#column);
      if (quote === -1) {
        field += this.#restOfLine();
        continue;
      }
      field += this.#text().slice(this.#column, quote);
      this.#column = quote + 1;
      const next = this.#text()[this.#column];
      if (next === undefined || next === ',' || next === '\n') return field;
      if (next !== '"') throw this.#error('extraneous or missing " in quoted-field', quote);
      field += '"';
      this.#column++;
    }
  }

  #restOfLine(): string {
    const rest = this.#text().slice(this.#column);
    if (this.#line + 1 >= this.#lines.length) {
      throw this.#error('extraneous or missing " in quoted-field', this.#text().length);
    }
    this.#line++;
    this.#column = 0;
    return rest;
  }

  #error(what: string, index: number): Error {
    const column = Buffer.byteLength(this.#text().slice(0, index)) + 1;
    const at = `parse error on line ${this.#line + 1}, column ${column}: ${what}`;
    return new Error(this.#start === this.#line ? at : `record on line ${this.#start + 1}; ${at}`);
  }
}
