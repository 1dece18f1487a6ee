import { type JsonValue, stringifyYaml } from 'nekube/apimachinery';

/** Any of the gateway's values as JSON: maps are objects, and what is private hides itself. */
export function asJson(value: unknown): string {
  return `${JSON.stringify(plain(value), undefined, 2)}\n`;
}

/** The same in one of the forms that programs read. */
export function asData(value: unknown, form: 'json' | 'yaml'): string {
  return form === 'json' ? asJson(value) : stringifyYaml(plain(value) as JsonValue);
}

/** The same as plain objects, for other forms. */
export function plain(value: unknown): unknown {
  const text = JSON.stringify(value, (_, one: unknown) => (one instanceof Map ? Object.fromEntries(one) : one));
  return JSON.parse(text) as unknown;
}
