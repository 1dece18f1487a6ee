import { ATTACH_TYPES, type AttachType } from '../spec/program-types.ts';
import { Attributes } from './attributes.ts';
import { COMMAND } from './commands.ts';
import { Descriptor } from './descriptor.ts';
import { programInfoOf } from './info.ts';
import { type Device, deviceIndex } from './link.ts';
import { bpf, tryBpf } from './syscall.ts';

/** A program that is attached somewhere, ours or another's. */
export interface AttachedProgram {
  readonly id: number;
  readonly name: string;
}

/** How many are told of at one place; the kernel lets no more be attached. */
const MOST = 64;

/** The programs that are attached to a device by tcx, in the order in which they are run. */
export function attachedPrograms(device: Device, type: AttachType): readonly AttachedProgram[] {
  const ids = new Uint8Array(new ArrayBuffer(4 * MOST));
  const query = new Attributes(64)
    .u32(0, deviceIndex(device))
    .u32(4, ATTACH_TYPES[type])
    .pointer(16, ids)
    .u32(24, MOST);
  bpf(COMMAND.programQuery, query, `list the programs at ${type} of ${device}`);
  return [...new Uint32Array(ids.buffer, 0, query.readU32(24))].map((id) => ({ id, name: nameOf(id) }));
}

/** Its name; empty if it is gone by now. */
function nameOf(id: number): string {
  const fd = tryBpf(COMMAND.programById, new Attributes(12).u32(0, id));
  if (typeof fd === 'string') return '';
  const program = new Descriptor(fd, `program ${id}`);
  try {
    return programInfoOf(program.fd).name;
  } finally {
    program.close();
  }
}
