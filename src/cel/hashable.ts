import { Interruption } from './interruption.ts';
import { goType } from './kind.ts';
import { type CelValue, ObjectValue } from './value.ts';

/** What cannot be a key in Go. */
export function isUnhashable(value: CelValue): boolean {
  return value instanceof Uint8Array || (value instanceof ObjectValue && value.type.name === 'kubernetes.Semver');
}

/** What ends an evaluation that takes such a key. */
export function unhashable(value: CelValue): Interruption {
  return new Interruption(`internal error: runtime error: hash of unhashable type ${goType(value)}`);
}
