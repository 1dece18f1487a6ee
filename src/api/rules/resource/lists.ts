import {
  duplicate,
  invalid,
  isCIdentifier,
  isDns1123Subdomain,
  type JsonValue,
  type Path,
  byteLength,
  required as requiredError,
  tooLong,
  tooMany,
} from 'nekube/apimachinery';
import type { Check, Loose, RuleContext } from '../rule.ts';
import { checkDriverName } from '../storage/driver-name.ts';

const maxIdentifierBytes = 32;
const maxPoolBytes = 253;

/** At most so many items, each checked; too many are not looked at. */
export function listOf(most: number, ...checks: Check[]): Check {
  return (list, path, context) => {
    const items: Loose[] = list ?? [];
    if (items.length > most) {
      context.errors.push(tooMany(path, items.length, most));
      return;
    }
    items.forEach((item, i) => {
      for (const check of checks) check(item, path.index(i), context);
    });
  };
}

/** The same, with a key that no two items share; repeated ones are reported after all other errors. */
export function setOf(most: number, keyOf: (item: Loose) => JsonValue, ...checks: Check[]): Check {
  const checkItems = listOf(most, ...checks);
  return (list, path, context) => {
    checkItems(list, path, context);
    const items: Loose[] = list ?? [];
    if (items.length > most) return;
    const seen = new Set<string>();
    items.forEach((item, i) => {
      const key = JSON.stringify(keyOf(item));
      if (seen.has(key)) context.errors.push(duplicate(path.index(i), keyOf(item)));
      seen.add(key);
    });
  };
}

/** Entries of a map: names are checked at the map, values at their key, which is shortened. */
export function mapOf(most: number, maxKeyBytes: number, checkKey: Check, checkValue: Check): Check {
  return (map, path, context) => {
    const keys = Object.keys(map ?? {}).sort();
    if (keys.length > most) {
      context.errors.push(tooMany(path, keys.length, most));
      return;
    }
    for (const key of keys) {
      checkKey(key, path, context);
      checkValue(map[key], path.key(shortened(key, maxKeyBytes)), context);
    }
  };
}

function shortened(text: string, most: number): string {
  const limit = Math.max(16, most);
  if (text.length <= limit) return text;
  const rest = limit - 3;
  return `${text.slice(0, Math.floor((rest + 1) / 2))}...${text.slice(text.length - Math.floor(rest / 2))}`;
}

/** A name in a driver's domain, `gpu.example.com/memory`, or without one in that of the slice's driver. */
export const checkQualifiedDeviceName: Check = (name: string, path, context) => {
  const parts = name.split('/');
  if (parts.length === 1) checkIdentifier(name, path, context);
  if (parts.length !== 2) return;
  const [domain, identifier] = parts as [string, string];
  if (domain === '') context.errors.push(invalid(path, '', 'the domain must not be empty'));
  else checkDriverName(domain, path, context);
  if (identifier === '') context.errors.push(invalid(path, '', 'the name must not be empty'));
  else checkIdentifier(identifier, path, context);
};

/** The same with a domain. */
export const checkFullyQualifiedDeviceName: Check = (name: string, path, context) => {
  checkQualifiedDeviceName(name, path, context);
  if (name.includes('/')) return;
  const detail = 'a fully qualified name must be a domain and a name separated by a slash';
  context.errors.push(invalid(path, name, detail));
};

function checkIdentifier(text: string, path: Path, { errors }: RuleContext): void {
  if (byteLength(text) > maxIdentifierBytes) errors.push(tooLong(path, maxIdentifierBytes));
  for (const message of isCIdentifier(text)) errors.push(invalid(path, text, message));
}

/** The name of a pool: DNS subdomains with slashes between them. */
export const checkPoolName: Check = (name = '', path, { errors }) => {
  if (name === '') errors.push(requiredError(path));
  else {
    if (byteLength(name) > maxPoolBytes) errors.push(tooLong(path, maxPoolBytes));
    for (const part of name.split('/')) {
      for (const message of isDns1123Subdomain(part)) errors.push(invalid(path, part, message));
    }
  }
};

/** A JSON object of at most so many bytes. */
export function jsonObject(maxBytes: number): Check {
  return (value, path, { errors }) => {
    if (value === undefined || value === null) errors.push(requiredError(path));
    else if (byteLength(JSON.stringify(value)) > maxBytes) errors.push(tooLong(path, maxBytes));
    else if (typeof value !== 'object' || Array.isArray(value)) {
      errors.push(invalid(path, '<value omitted>', 'must be a valid JSON object'));
    }
  };
}
