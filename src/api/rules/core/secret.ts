import {
  type FieldError,
  invalid,
  isConfigMapKey,
  ParseError,
  Path,
  parseJson,
  required as requiredError,
  tooLong,
} from 'nekube/apimachinery';
import { validateObjectMeta } from '../meta.ts';
import type { ResourceRules } from '../resource-rules.ts';
import { checkImmutable, type Loose } from '../rule.ts';
import { base64Length, fromBase64, toBase64 } from './base64.ts';
import { immutableErrors, MAX_DATA_BYTES } from './config-map.ts';
import { keyPairFault } from './secret-key-pair.ts';

const DATA = Path.of('data');
const ACCOUNT_NAME = 'kubernetes.io/service-account.name';

/** A secret of no type is opaque, and what clients give as text becomes data. */
function defaultSecret(secret: Loose): void {
  secret.type ||= 'Opaque';
  const { stringData } = secret;
  delete secret.stringData;
  const texts = Object.entries<string>(stringData ?? {});
  if (texts.length === 0) return;
  const data = { ...secret.data, ...Object.fromEntries(texts.map(([key, text]) => [key, toBase64(text)])) };
  secret.data = Object.fromEntries(Object.entries(data).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** What each type of secret must hold. */
const TYPE_ERRORS: Readonly<Record<string, (data: Loose, secret: Loose) => FieldError[]>> = {
  'kubernetes.io/service-account-token': (_, { metadata }) =>
    metadata.annotations?.[ACCOUNT_NAME] ? [] : [requiredError(Path.of('metadata', 'annotations').key(ACCOUNT_NAME))],
  'kubernetes.io/dockercfg': (data) => jsonErrors(data, '.dockercfg'),
  'kubernetes.io/dockerconfigjson': (data) => jsonErrors(data, '.dockerconfigjson'),
  'kubernetes.io/basic-auth': (data) =>
    data.username === undefined && data.password === undefined ? missing({}, 'username', 'password') : [],
  'kubernetes.io/ssh-auth': (data) => (data['ssh-privatekey'] ? [] : missing({}, 'ssh-privatekey')),
  'kubernetes.io/tls': (data) => missing(data, 'tls.crt', 'tls.key'),
};

function missing(data: Loose, ...keys: string[]): FieldError[] {
  return keys.filter((key) => data[key] === undefined).map((key) => requiredError(DATA.key(key)));
}

/** The value of a key must be a JSON object. */
function jsonErrors(data: Loose, key: string): FieldError[] {
  if (data[key] === undefined) return missing(data, key);
  const fault = jsonObjectFault(fromBase64(data[key]));
  return fault === undefined ? [] : [invalid(DATA.key(key), '<secret contents redacted>', fault)];
}

function jsonObjectFault(text: Uint8Array): string | undefined {
  try {
    const value = parseJson(text);
    if (value === null || (typeof value === 'object' && !Array.isArray(value))) return undefined;
    const kind = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
    return `json: cannot unmarshal ${kind} into Go value of type map[string]interface {}`;
  } catch (e) {
    if (e instanceof ParseError) return e.message;
    throw e;
  }
}

function validateSecret(secret: Loose): FieldError[] {
  const data: Record<string, string> = secret.data ?? {};
  const keys = Object.keys(data).sort();
  const errors = keys.flatMap((key) => isConfigMapKey(key).map((message) => invalid(DATA.key(key), key, message)));
  const size = Object.values(data).reduce((sum, bytes) => sum + base64Length(bytes), 0);
  if (size > MAX_DATA_BYTES) errors.push(tooLong(DATA, MAX_DATA_BYTES));
  const typeErrors = Object.hasOwn(TYPE_ERRORS, secret.type) ? TYPE_ERRORS[secret.type]! : () => [];
  return [...errors, ...typeErrors(data, secret)];
}

function typeChange(secret: Loose, old: Loose): FieldError[] {
  const errors: FieldError[] = [];
  checkImmutable(secret.type, old.type, Path.of('type'), errors);
  return errors;
}

/** The rules of secrets. */
export const secretRules: ResourceRules = {
  defaults: { '*': defaultSecret },
  prepareForUpdate: (secret, old) => {
    secret.type ||= old.type;
  },
  validate: validateSecret,
  validateUpdate: (secret, old) => [
    ...typeChange(secret, old),
    ...immutableErrors(secret, old, ['data']),
    ...validateObjectMeta(secret.metadata, { namespaced: true }),
    ...validateSecret(secret),
  ],
  warnings: ({ type, data }) => {
    if (type !== 'kubernetes.io/tls') return [];
    const fault = keyPairFault(data?.['tls.crt'] ?? '', data?.['tls.key'] ?? '');
    return fault === undefined ? [] : [fault];
  },
  selectableFields: ({ type }) => ({ type: type ?? '' }),
};
