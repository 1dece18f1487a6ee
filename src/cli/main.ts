#!/usr/bin/env node
import { setMaxListeners } from 'node:events';
import module from 'node:module';
import { text } from 'node:stream/consumers';
import type { Ending } from './io.ts';

// Newer Nodes keep compiled code between starts, which halves the time to load; it must be on before anything is loaded.
(module as { enableCompileCache?: () => void }).enableCompileCache?.();

const { run } = await import('./program.ts');
const stop = new AbortController();
// a command may have any number of requests open, and each listens
setMaxListeners(0, stop.signal);
// long enough for what a command has begun, also at a slow server or on a busy machine: to answer, to write, to let a Lease go
let ending: Ending = { withinMs: 10_000, atOnce() {} };

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (stop.signal.aborted) endAtOnce();
    stop.abort();
    setTimeout(endAtOnce, ending.withinMs).unref();
  });
}
function endAtOnce(): never {
  ending.atOnce();
  process.exit(130);
}
// the reader of our output may leave before its end
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 2));

async function ask(question: string): Promise<string> {
  const { createInterface } = await import('node:readline/promises');
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  // readline keeps the interrupt to itself
  lines.on('SIGINT', () => stop.abort());
  try {
    return await lines.question(question, { signal: stop.signal });
  } finally {
    lines.close();
  }
}

process.exitCode = await run(process.argv.slice(2), {
  stdout: (line) => process.stdout.write(line),
  stderr: (line) => process.stderr.write(line),
  stdin: () => text(process.stdin),
  ...(process.stdin.isTTY && process.stderr.isTTY && { ask }),
  env: process.env,
  cwd: process.cwd(),
  signal: stop.signal,
  ending: (wanted) => void (ending = wanted),
  columns: process.stdout.columns,
  ...(process.stderr.isTTY && { errorColumns: process.stderr.columns || 80 }),
  elapsedMs: () => performance.now(),
});
// open connections must not keep a server alive that was told to end
if (stop.signal.aborted) process.exit();
