import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { isJsonObject, type JsonObject, type JsonValue, parseJson, parseYaml } from 'nekube/apimachinery';
import { CliError, type Io, messageOf } from './io.ts';
import { jsonObjectsIn } from './json-stream.ts';

/** A document of a file. */
export interface FileDocument {
  readonly value: JsonValue;
  /** For messages: `"crd.yaml", document 2`, and for a member of a List `… 2, items[0]`. */
  readonly place: string;
  /** The name of the file; absent for stdin. */
  readonly file?: string;
  /** What it was read from, which begins at `line` of the file (from 1). */
  readonly text: string;
  readonly line: number;
  /** Of a member of a List: where it is in `text`. */
  readonly path: readonly (string | number)[];
}

/**
 * The documents of a file in YAML, or in JSON one behind another, `-` for stdin, with members of Lists instead of the Lists; empty ones are left
 * out. Documents are counted from 1, also the empty ones.
 *
 * @throws CliError that names file and document
 */
export async function readDocuments(file: string, io: Io): Promise<FileDocument[]> {
  const name = file === '-' ? 'stdin' : JSON.stringify(file);
  const text = await textOf(file, io);
  return documentsIn(text).flatMap(({ text: document, line }, i) => {
    const place = `${name}, document ${i + 1}`;
    if (isBlank(document)) return [];
    const from = { ...(file !== '-' && { file }), text: document, line, path: [] };
    return membersOf({ value: parsed({ text: document, line }, place), place, ...from });
  });
}

interface DocumentText {
  readonly text: string;
  /** From 1. */
  readonly line: number;
}

function documentsIn(text: string): DocumentText[] {
  const [first = { text: '', line: 1 }, ...others] = partsOf(text);
  // what stands before the first line of dashes is a document only if it says something
  const parts = isBlank(first.text) ? others : [first, ...others];
  return parts.flatMap((part) => {
    const objects = BEGINS_AS_JSON.test(part.text) && jsonObjectsIn(part.text);
    return objects ? objects.map((object) => ({ ...part, text: object })) : [part];
  });
}

/** What is between lines of dashes. */
function partsOf(text: string): DocumentText[] {
  let line = 1;
  return text.split(/^---(?=\s|$)/m).map((part) => {
    const begin = line;
    line += part.split('\n').length - 1;
    return { text: part, line: begin };
  });
}

const BEGINS_AS_JSON = /^\s*\{/;

function isBlank(text: string): boolean {
  return text.split('\n').every((line) => /^\s*(#.*)?$/.test(line));
}

async function textOf(file: string, io: Io): Promise<string> {
  if (file === '-') {
    if (io.stdin === undefined) throw new CliError('Cannot read stdin: there is none');
    return await io.stdin();
  }
  const path = resolve(io.cwd, file);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path));
  } catch (error) {
    if (error instanceof TypeError) throw new CliError(`Cannot read ${JSON.stringify(file)}: it is no UTF-8 text`);
    throw new CliError(messageOf(error, file).replace(path, file), { cause: error });
  }
}

function parsed({ text, line }: DocumentText, place: string): JsonValue {
  try {
    return parseYaml(text, { strict: true, whole: true });
  } catch (error) {
    if (ESCAPES.test(text) && isJson(text)) return parseJson(text);
    // as an editor counts them: those of the file
    const message = messageOf(error).replace(/\bline (\d+)/g, (_, n) => `line ${Number(n) + line - 1}`);
    throw new CliError(`Cannot read ${place}: ${message}`, { cause: error });
  }
}

/** What JSON may escape, and YAML may not. */
const ESCAPES = /\\\/|\\u[dD][89a-fA-F]/;

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function membersOf(document: FileDocument): FileDocument[] {
  const { value, place, path } = document;
  if (value === null) return [];
  if (!isJsonObject(value) || !Array.isArray(value.items) || !String(value.kind).endsWith('List')) return [document];
  // members of a typed list do not say what they are
  const kind = String(value.kind).replace(/List$/, '');
  const type: JsonObject = kind === '' ? {} : { apiVersion: value.apiVersion ?? '', kind };
  return value.items.map((item, i) => ({
    ...document,
    value: isJsonObject(item) ? { ...type, ...item } : item,
    place: `${place}, items[${i}]`,
    path: [...path, 'items', i],
  }));
}
