import type { Value } from '../value/value.ts';
import { elementFromText } from './fields-v1.ts';
import { fieldElement, indexElement, type KeyField, keyElement, PathElement, valueElement } from './path-element.ts';
import { readQuoted } from './quoted-text.ts';

/** What stands in a pattern for elements of paths. */
export const Wildcard = { anyField: '.*', anyItem: '[*]', anyDepth: '**' } as const;
export type Wildcard = (typeof Wildcard)[keyof typeof Wildcard];

/** One step of a pattern: an element, or what stands for any. */
export type PatternStep = PathElement | Wildcard;

/** A text that is no pattern: where it stops making sense, why, and what would. */
export class PatternError extends Error {
  readonly position: number;
  readonly fix: string;

  constructor(position: number, reason: string, fix: string) {
    super(reason);
    this.position = position;
    this.fix = fix;
  }
}

/** What ends the name of a field that is not quoted. */
const NAME = /[^.[\]"'\s]+/y;
const SCALAR = /[^,\]\s"]+/y;
const KEY_NAME = /[^=,[\]"'\s]+/y;
const NUMBER = /^[+-]?\d+(\.\d+)?([eE][+-]?\d+)?$/;
const QUOTE_IT = 'quote the name of the field, as in ["a.b/c"]';

/** Reads a pattern step by step. @throws PatternError */
export function readSteps(text: string): PatternStep[] {
  const reader = new PatternReader(text);
  const steps: PatternStep[] = [];
  while (!reader.ended) steps.push(reader.step(steps.length === 0));
  if (steps.length === 0) throw new PatternError(0, 'it is empty', 'name a field, as in .spec.replicas, or ** for all');
  return steps;
}

class PatternReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get ended(): boolean {
    return this.#at >= this.#text.length;
  }

  step(first: boolean): PatternStep {
    const begin = this.#text[this.#at];
    if (begin === '[') return this.#bracket();
    if (begin === '.') this.#at++;
    else if (!first && !this.#text.startsWith(Wildcard.anyDepth, this.#at))
      throw new PatternError(
        this.#at,
        `${this.#found()} cannot follow here`,
        `begin a field with a dot, or ${QUOTE_IT}`,
      );
    return this.#field();
  }

  #field(): PatternStep {
    const at = this.#at;
    const name = this.#match(NAME);
    if (name === undefined)
      throw new PatternError(at, `the name of a field is missing before ${this.#found()}`, QUOTE_IT);
    if (name === '**') return Wildcard.anyDepth;
    if (name === '*') return Wildcard.anyField;
    if (name.includes('*'))
      throw new PatternError(at + name.indexOf('*'), 'a * must stand alone', `write .* for any field, or ${QUOTE_IT}`);
    return fieldElement(name);
  }

  #bracket(): PatternStep {
    const begin = this.#at++;
    const step = this.#inBracket(begin);
    if (this.#text[this.#at] !== ']')
      throw new PatternError(this.#at, `expected ] instead of ${this.#found()}`, 'close what begins with [ by ]');
    this.#at++;
    return step;
  }

  #inBracket(begin: number): PatternStep {
    const rest = this.#text.slice(this.#at, this.#at + 2);
    if (rest[0] === '*') return this.#skip(1, Wildcard.anyItem);
    if (rest[0] === '"') return fieldElement(this.#quoted());
    if (rest === 'k:' || rest === 'v:' || rest === 'i:') return this.#serialized();
    if (rest[0] === '=') return valueElement(this.#skip(1, undefined) ?? this.#value());
    const index = this.#match(/\d+(?=\])/y);
    if (index !== undefined) return this.#index(index, begin);
    return keyElement(this.#key());
  }

  #index(digits: string, begin: number): PathElement {
    const index = Number(digits);
    if (Number.isSafeInteger(index)) return indexElement(index);
    throw new PatternError(begin, `${digits} is no index`, 'count items from 0, as in [0]');
  }

  /** `name="app",port=80`, as messages show the key of an item. */
  #key(): KeyField[] {
    const fields: KeyField[] = [];
    do {
      const at = this.#at;
      const name = this.#match(KEY_NAME);
      if (name === undefined || this.#text[this.#at] !== '=')
        throw new PatternError(at, 'this selects nothing', 'write [name="app"], ["field"], [="member"], [0] or [*]');
      this.#at++;
      fields.push({ name, value: this.#value() });
    } while (this.#text[this.#at] === ',' && ++this.#at);
    return fields;
  }

  #value(): Value {
    const at = this.#at;
    if (this.#text[at] === '"') return this.#quoted();
    const word = this.#match(SCALAR) ?? '';
    if (word === 'true' || word === 'false') return word === 'true';
    if (word === 'null') return null;
    if (NUMBER.test(word)) return numberOf(word);
    throw new PatternError(
      at,
      word === '' ? 'a value is missing' : `${word} is no value`,
      'quote texts, as in [name="app"]',
    );
  }

  #quoted(): string {
    const read = readQuoted(this.#text, this.#at);
    if (typeof read === 'string') throw new PatternError(this.#at, read, 'write texts as JSON does, as in "app"');
    this.#at = read.end;
    return read.value;
  }

  /** An element as a key of FieldsV1, which ends at the bracket that closes outside of its texts. */
  #serialized(): PathElement {
    const begin = this.#at;
    const end = endOfJson(this.#text, begin);
    const element = elementFromText(this.#text.slice(begin, end));
    if (!(element instanceof PathElement) || (this.#text[begin] === 'i' && !(Number(element.value) >= 0)))
      throw new PatternError(begin, 'this is no element of FieldsV1', 'write k:{"name":"app"}, v:"member" or i:0');
    this.#at = end;
    return element;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    this.#at += found?.length ?? 0;
    return found;
  }

  #skip<T>(length: number, value: T): T {
    this.#at += length;
    return value;
  }

  #found(): string {
    const [character] = this.#text.slice(this.#at);
    return character === undefined ? 'the end' : JSON.stringify(character);
  }
}

/** Integers beyond 2^53 are exact. */
function numberOf(text: string): Value {
  const value = Number(text);
  return /^[+-]?\d+$/.test(text) && !Number.isSafeInteger(value) ? BigInt(text.replace(/^\+/, '')) : value;
}

/** Where the bracket is that closes what begins at `begin`; the end of the text where there is none. */
function endOfJson(text: string, begin: number): number {
  let depth = 0;
  for (let at = begin; at < text.length; at++) {
    const c = text[at];
    if (c === '"') {
      const read = readQuoted(text, at);
      if (typeof read === 'string') return text.length;
      at = read.end - 1;
    } else if (c === '[' || c === '{') depth++;
    else if (c === ']' && depth === 0) return at;
    else if (c === ']' || c === '}') depth--;
  }
  return text.length;
}
