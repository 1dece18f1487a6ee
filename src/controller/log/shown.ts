import { errorText, isStatusError } from 'nekube/apimachinery';

const HIDDEN = '(hidden)';
const MAX_DEPTH = 8;
const MAX_ITEMS = 100;

/** Names whose text is nobody's business, in lower case and without punctuation. */
const SECRET_NAMES = new Set([
  ...['token', 'bearertoken', 'accesstoken', 'idtoken', 'refreshtoken', 'authorization', 'password', 'passwd'],
  ...['secret', 'clientsecret', 'apikey', 'privatekey', 'clientkeydata', 'clientkey', 'tlskey', 'cakey', 'cookie'],
]);

/** Texts that are a secret whatever they are called: bearer tokens, JSON web tokens, private keys. */
const SECRET_TEXT =
  /\b(Bearer|Basic) +[\w.~+/=-]{8,}|\beyJ[\w-]{8,}\.eyJ[\w-]{4,}\.[\w-]*|-----BEGIN [A-Z ]*PRIVATE KEY-----[^]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g;

/** A text without what is secret in it. */
export function shownText(text: string): string {
  return text.replace(SECRET_TEXT, (found, scheme?: string) => (scheme === undefined ? HIDDEN : `${scheme} ${HIDDEN}`));
}

/**
 * A value as JSON that may be written to a log: objects of the API as references, errors as their message with their
 * cause, no secrets, and nothing that is endless.
 */
export function shownValue(value: unknown, depth = 0, above: readonly object[] = []): unknown {
  if (typeof value === 'string') return shownText(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'function' || typeof value === 'symbol') return String(value.toString()).slice(0, 80);
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Error) return shownError(value);
  if (above.includes(value)) return '(circular)';
  if (depth >= MAX_DEPTH) return '(deep)';
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  if (ArrayBuffer.isView(value)) return `(${value.byteLength} bytes)`;
  const path = [...above, value];
  if (value instanceof Map)
    return shownMembers(
      [...value].map(([k, v]) => [String(k), v]),
      depth,
      path,
    );
  if (Array.isArray(value) || value instanceof Set) return shownItems([...value], depth, path);
  return referenceTo(value) ?? shownMembers(Object.entries(value), depth, path);
}

function shownItems(items: readonly unknown[], depth: number, path: readonly object[]): unknown[] {
  const shown = items.slice(0, MAX_ITEMS).map((item) => shownValue(item, depth + 1, path));
  return items.length > MAX_ITEMS ? [...shown, `(${items.length - MAX_ITEMS} more)`] : shown;
}

function shownMembers(
  members: readonly (readonly [string, unknown])[],
  depth: number,
  path: readonly object[],
): object {
  return Object.fromEntries(
    members.map(([name, value]) => [name, isSecretName(name, value) ? HIDDEN : shownValue(value, depth + 1, path)]),
  );
}

/** Whether a value by this name is not shown. */
export function isSecretName(name: string, value: unknown): boolean {
  return typeof value === 'string' && value !== '' && SECRET_NAMES.has(name.toLowerCase().replace(/[^a-z]/g, ''));
}

/**
 * Which object it is, for an object of the API, also one from a list, which does not say its kind. Its fields are not
 * shown: they are long, and those of a Secret are secret.
 */
function referenceTo(value: object): object | undefined {
  const { apiVersion, kind, metadata, items } = value as {
    [field in 'apiVersion' | 'kind' | 'items']?: unknown;
  } & { readonly metadata?: { readonly [field: string]: unknown } | null };
  if (typeof metadata !== 'object' || metadata === null || kind === 'Status') return undefined;
  const typed = typeof apiVersion === 'string' && typeof kind === 'string';
  if (!typed && metadata.uid === undefined && metadata.resourceVersion === undefined && !('data' in value)) {
    return undefined;
  }
  const { namespace, name, resourceVersion } = metadata;
  return {
    ...(typed && { apiVersion, kind }),
    ...(namespace !== undefined && { namespace }),
    ...(name !== undefined && { name }),
    ...(Array.isArray(items) && { items: items.length }),
    ...(resourceVersion !== undefined && { resourceVersion }),
  };
}

/** The message of an error, and after it those of its causes. */
export function shownError(thrown: unknown): string {
  const texts: string[] = [];
  const seen = new Set<unknown>();
  for (let at: unknown = thrown; at !== undefined && !seen.has(at); at = (at as Error | undefined)?.cause) {
    seen.add(at);
    const text = textOf(at);
    if (!texts.some((before) => before.includes(text))) texts.push(text);
    if (!(at instanceof Error)) break;
  }
  return shownText(texts.join(': '));
}

function textOf(thrown: unknown): string {
  if (thrown instanceof AggregateError && thrown.message === '') return `[${thrown.errors.map(errorText).join(', ')}]`;
  if (thrown instanceof Error || typeof thrown === 'string') return errorText(thrown) || 'unknown error';
  const shown = shownValue(thrown);
  return typeof shown === 'object' ? JSON.stringify(shown) : String(shown);
}

/** What a program can tell errors by: the reason and code of a Status, the code of the system's. */
export function errorFacts(error: unknown): Record<string, unknown> {
  if (isStatusError(error)) return { reason: error.status.reason, code: error.status.code };
  const code = (error as { readonly code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' ? { code } : {};
}

/** Where an error was made, without its message. */
export function stackOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || isStatusError(error)) return undefined;
  const lines = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return lines.length === 0 ? undefined : lines.map((line) => line.trim()).join('\n');
}
