import { compareStrings } from '../value/strings.ts';
import { isMap, type Value } from '../value/value.ts';
import type { KeyField } from './path-element.ts';

const htmlCharacters = /[<>&\u2028\u2029]/g;

function escapeUnit(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** A string as the real encoder writes values: control characters as \u00XX, and what HTML could misread escaped. */
function textOfString(text: string): string {
  return goEscapes(JSON.stringify(text)).replace(htmlCharacters, escapeUnit);
}

/** A name of an object, where the real encoder leaves HTML alone. */
export function textOfName(name: string): string {
  return goEscapes(JSON.stringify(name));
}

/** JavaScript's short escapes for backspace and form feed, and lone surrogates, are not what the real encoder writes. */
function goEscapes(json: string): string {
  if (!json.includes('\\')) return json;
  return json.replace(/\\(?:b|f|ud[89a-f][0-9a-f]{2}|[^])/g, (escape) => {
    if (escape === '\\b') return '\\u0008';
    if (escape === '\\f') return '\\u000c';
    return escape.startsWith('\\ud') ? '\\ufffd' : escape;
  });
}

/** A value within a path element, as canonical JSON: keys of maps sorted. */
export function textOfValue(value: Value): string {
  if (typeof value === 'string') return textOfString(value);
  if (typeof value === 'number') return textOfNumber(value);
  if (Array.isArray(value)) return `[${value.map(textOfValue).join(',')}]`;
  if (!isMap(value)) return String(value);
  const keys = Object.keys(value).sort(compareStrings);
  return `{${keys.map((key) => `${textOfString(key)}:${textOfValue(value[key]!)}`).join(',')}}`;
}

/** Exponents have two digits. */
function textOfNumber(value: number): string {
  if (Object.is(value, -0)) return '-0';
  return String(value).replace(/e([+-])(\d)$/, 'e$10$2');
}

/** A key as a JSON object, its fields in their order. */
export function textOfKey(key: readonly KeyField[]): string {
  return `{${key.map((field) => `${textOfName(field.name)}:${textOfValue(field.value)}`).join(',')}}`;
}
