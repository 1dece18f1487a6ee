import { existsSync, readFileSync } from 'node:fs';
import { findFunction } from '../btf/reader.ts';
import { NotSupportedError } from '../errors.ts';
import { Attributes } from './attributes.ts';
import { COMMAND } from './commands.ts';
import { Descriptor } from './descriptor.ts';
import { tryBpf } from './syscall.ts';

const VMLINUX = '/sys/kernel/btf/vmlinux';

/** Gives types to the kernel; undefined if it does not take them: maps and programs can do without. */
export function loadBtf(bytes: Uint8Array): Descriptor | undefined {
  const fd = tryBpf(COMMAND.btfLoad, new Attributes().pointer(0, bytes).u32(16, bytes.length));
  return typeof fd === 'string' ? undefined : new Descriptor(fd, 'btf');
}

let kernel: Uint8Array | undefined;
const functions = new Map<string, number>();

/**
 * The id of a function of the kernel that programs may call, in the kernel's types.
 *
 * @throws NotSupportedError this kernel has none of that name, or does not tell of its types.
 */
export function kernelFunctionId(name: string): number {
  const known = functions.get(name);
  if (known !== undefined) return known;
  if (!existsSync(VMLINUX)) throw new NotSupportedError(`the kernel's function ${name}`, `there is no ${VMLINUX}`);
  kernel ??= readFileSync(VMLINUX);
  const id = findFunction(kernel, name);
  if (id === undefined)
    throw new NotSupportedError(`the kernel's function ${name}`, 'this kernel has none of that name');
  functions.set(name, id);
  return id;
}
