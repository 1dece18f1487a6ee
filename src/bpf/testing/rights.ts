import { isBpfError, isNotSupportedError } from '../errors.ts';
import { createMap } from '../kernel/map.ts';
import { loadProgram } from '../kernel/program.ts';
import { mapSpec } from '../spec/map-spec.ts';
import { exit, mov, r0 } from '../asm/index.ts';

/**
 * Why programs cannot be loaded here; undefined where they can. It is tried, since neither a user's number nor a version tells.
 * A refusal that is none of rights is thrown.
 */
export function whyNoKernel(): string | undefined {
  try {
    createMap(mapSpec({ name: 'rights', type: 'array', maxEntries: 1 })).close();
    loadProgram({ name: 'rights', type: 'xdp', code: [mov(r0, 2), exit()] }).close();
    return undefined;
  } catch (error) {
    if (isNotSupportedError(error)) return error.message;
    if (isBpfError(error, 'EPERM') || isBpfError(error, 'ENOSYS')) return error.message;
    throw error;
  }
}
