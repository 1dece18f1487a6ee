import { BpfError } from '../errors.ts';
import type { Attributes } from './attributes.ts';
import { errnoName, native } from './native.ts';

/** The attributes of the last call: the engine may give up what is not used any more, while the kernel still reads it. */
const held: Attributes[] = [];

/** Calls bpf(2); the name of the error, or what the call gave: zero or a file descriptor. */
export function tryBpf(command: number, attributes: Attributes): number | string {
  const lib = native();
  held[0] = attributes;
  const result = lib.bpf(command, attributes.bytes, attributes.bytes.length);
  return result < 0 ? errnoName(lib.errno()) : result;
}

/**
 * Calls bpf(2).
 *
 * @throws BpfError with `action` in its message.
 */
export function bpf(command: number, attributes: Attributes, action: string): number {
  const result = tryBpf(command, attributes);
  if (typeof result === 'string') throw new BpfError(action, result);
  return result;
}
