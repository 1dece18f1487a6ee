import { type JsonObject, stringifyJson } from 'nekube/apimachinery';

/**
 * The name under which the Swagger document shares a parameter; undefined for one that stays in its place, since it
 * differs between kinds or old clients look for it there.
 */
export function sharedParameterName(parameter: JsonObject): string | undefined {
  const { name, in: where, schema } = parameter as { name: string; in: string; schema?: { $ref: string } };
  if (name === 'name' || name === 'fieldValidation' || name === 'dryRun') return undefined;
  if (where === 'body' && !schema?.$ref.startsWith('#/definitions/io.k8s.apimachinery')) return undefined;
  return `${name}-${shortHash(stringifyJson(parameter))}`;
}

/** The first six bytes of the FNV-1 hash (64 bit), in URL-safe base64. */
function shortHash(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of Buffer.from(text)) hash = BigInt.asUintN(64, hash * 0x100000001b3n) ^ BigInt(byte);
  return Buffer.from(hash.toString(16).padStart(16, '0'), 'hex').subarray(0, 6).toString('base64url');
}
