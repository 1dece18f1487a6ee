import { createHash } from 'node:crypto';
import type { layout, MapSpec } from 'nekube/bpf';

const LENGTH = 8;

/**
 * What of a map must be the same for its content to mean the same: its kind, and the names, types and places of all fields. How many entries
 * it has room for is not of it.
 */
export function fingerprint({ type, key, value }: MapSpec): string {
  const text = JSON.stringify([type, described(key), described(value)]);
  return createHash('sha256').update(text).digest('hex').slice(0, LENGTH);
}

function described(of: layout.Layout): unknown {
  if (of.kind === 'struct')
    return Object.entries((of as layout.Struct).fields).map(([name, field]) => [name, described(field)]);
  if (of.kind === 'scalar') return (of as layout.Scalar).name;
  return of.size;
}
