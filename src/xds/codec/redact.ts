import { MessageCodec } from './message-codec.ts';
import { codecOf, findCodec, nameOfUrl } from './registry.ts';
import { SCALARS } from './scalars.ts';
import type { ValueCodec } from './value-codec.ts';

const REDACTED = '[redacted]';
/** The members of a JWK that are secret: a symmetric key, and what signs. Protos call such a text a file as any other. */
const SECRETS_OF_JWKS = /("(?:k|d|p|q|dp|dq|qi)"\s*:\s*)"[^"]*"/g;
const REDACTED_BYTES = Buffer.from(REDACTED).toString('base64');

/**
 * A message as it may be shown: private keys, passwords, tokens and credentials are replaced as Envoy does it in its own dumps, by
 * what its protos mark as sensitive, and what is secret in sets of keys (JWKS). @throws ResourceError: no message of this name is known
 */
export function redact(name: string, message: unknown): unknown {
  return shownAs(codecOf(name), message, false);
}

function shownAs(codec: ValueCodec, value: unknown, isSecret: boolean): unknown {
  if (value === null || value === undefined) return value;
  if (typeof value === 'object' && '@type' in value)
    return shownAny(value as Readonly<Record<string, unknown>>, isSecret);
  if (codec instanceof MessageCodec) return shownMessage(codec, value as Readonly<Record<string, unknown>>, isSecret);
  if (!isSecret) return typeof value === 'string' ? withoutSecrets(value) : value;
  return codec === SCALARS.bytes ? REDACTED_BYTES : hidden(value);
}

function withoutSecrets(text: string): string {
  return text.includes('"kty"') ? text.replace(SECRETS_OF_JWKS, `$1"${REDACTED}"`) : text;
}

/** Keeps what a value is, and nothing of it. */
function hidden(value: unknown): unknown {
  if (typeof value === 'string') return REDACTED;
  if (Array.isArray(value)) return value.map(hidden);
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, hidden(one)]));
  return typeof value === 'number' || typeof value === 'bigint' ? 0 : value;
}

function shownAny(value: Readonly<Record<string, unknown>>, isSecret: boolean): unknown {
  const { '@type': url, ...fields } = value;
  const codec = findCodec(nameOfUrl(String(url)));
  if (codec instanceof MessageCodec) return { '@type': url, ...(shownMessage(codec, fields, isSecret) as object) };
  return { '@type': url, ...((isSecret ? hidden(fields) : fields) as object) };
}

function shownMessage(codec: MessageCodec, message: Readonly<Record<string, unknown>>, isSecret: boolean): unknown {
  const entries = Object.entries(message).map(([key, value]) => {
    const field = codec.field(key);
    if (field === undefined) return [key, isSecret ? hidden(value) : value];
    const show = (one: unknown): unknown => shownAs(field.codec, one, isSecret || field.isSensitive);
    if (Array.isArray(value) && field.shape === 'list') return [key, value.map(show)];
    if (field.shape !== 'map' || typeof value !== 'object' || value === null) return [key, show(value)];
    return [key, Object.fromEntries(Object.entries(value).map(([name, one]) => [name, show(one)]))];
  });
  return Object.fromEntries(entries);
}
