// Which eBPF programs, maps and links a process has, by their numbers, and whether they are still there when it is not.
import { createRequire } from 'node:module';
import { readdirSync, readFileSync } from 'node:fs';

/** The numbers of bpf(2), and its commands by which an object is opened by its number. */
const SYSCALL = { x64: 321, arm64: 280 };
const OPEN = { prog_id: 13, map_id: 14, link_id: 30 };

/** The objects of a process, as `KIND NUMBER`. */
export function bpfObjectsOf(pid) {
  const found = new Set();
  for (const fd of readdirSync(`/proc/${pid}/fdinfo`)) {
    const text = read(`/proc/${pid}/fdinfo/${fd}`);
    // a link tells of its program as well
    for (const [, kind, id] of text.matchAll(/^(prog_id|map_id|link_id):\s*(\d+)/gm)) found.add(`${kind} ${id}`);
  }
  return [...found];
}

/** Those that are there. */
export function remaining(objects) {
  const koffi = createRequire(import.meta.url)('koffi');
  const libc = koffi.load(null);
  const bpf = libc.func('long syscall(long number, long command, void *attributes, unsigned long size)');
  const close = libc.func('int close(int fd)');
  return objects.filter((object) => {
    const [kind, id] = object.split(' ');
    const attributes = new Uint8Array(new ArrayBuffer(16));
    new DataView(attributes.buffer).setUint32(0, Number(id), true);
    const fd = Number(bpf(SYSCALL[process.arch], OPEN[kind], attributes, attributes.length));
    if (fd >= 0) close(fd);
    return fd >= 0;
  });
}

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // closed by now
    return '';
  }
}
