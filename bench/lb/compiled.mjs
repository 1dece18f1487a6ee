// What clang makes of bench/lb/dsr-ipip.c.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readProgram } from '../bpf/elf.mjs';

const CLANGS = [process.env.CLANG, 'clang', 'clang-19', 'clang-18'].filter((name) => name !== undefined);
const source = fileURLToPath(new URL('dsr-ipip.c', import.meta.url));

/** The first clang that can compile for eBPF, as it calls itself; undefined if there is none. */
export function clangName() {
  const name = clang();
  return name && execFileSync(name, ['--version'], { encoding: 'utf8' }).split('\n')[0];
}

function clang() {
  return CLANGS.find((name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0);
}

/** The instructions of the program with these macros, for the newest of the machine's instructions that the compiler knows. */
export function compiled(macros) {
  const dir = mkdtempSync(join(tmpdir(), 'nekube-bench-lb-'));
  try {
    const object = join(dir, 'out.o');
    const defined = Object.entries(macros).map(([name, value]) => `-D${name}=${value}`);
    let said = '';
    for (const cpu of ['v4', 'v3']) {
      const flags = ['-O2', '-target', 'bpfel', `-mcpu=${cpu}`, ...defined, '-c', source, '-o', object];
      const { status, stderr } = spawnSync(clang(), flags, { encoding: 'utf8' });
      if (status === 0) return readProgram(object, 'program');
      said = stderr;
    }
    throw new Error(`Cannot compile ${source}: ${said}`);
  } finally {
    rmSync(dir, { recursive: true });
  }
}
