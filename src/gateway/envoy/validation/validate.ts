import { execFile } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Message } from 'nekube/xds';

type Bootstrap = Message<'envoy.config.bootstrap.v3.Bootstrap'>;

/** A file of its own for each question. */
let asked = 0;

/**
 * Asks Envoy whether it would take a bootstrap. It binds nothing and serves nothing.
 *
 * @param folder where the file is written meanwhile; only its user may see it
 * @returns Envoy's words, if it would not
 */
export async function validate(program: string, bootstrap: Bootstrap, folder: string): Promise<string | undefined> {
  const file = join(folder, `validate-${process.pid}-${asked++}.json`);
  writeFileSync(file, JSON.stringify(bootstrap), { mode: 0o600 });
  const args = ['--mode', 'validate', '--config-path', file, '--log-level', 'critical', '--disable-hot-restart'];
  try {
    return await new Promise((resolve) => {
      execFile(
        program,
        [...args, '--concurrency', '1'],
        { timeout: 60_000, maxBuffer: 64 << 20 },
        (error, _, stderr) => {
          resolve(error === null ? undefined : reasonOf(stderr) || error.message);
        },
      );
    });
  } finally {
    rmSync(file, { force: true });
  }
}

/** What it says behind `error initializing configuration 'FILE': `, which may be several lines. */
function reasonOf(log: string): string {
  const start = /error initializing configuration '[^']*': /.exec(log);
  if (start === null) return log.trim().split('\n').at(-1) ?? '';
  const [reason = ''] = log.slice(start.index + start[0].length).split(/\n(?=\[\d{4}-\d\d-\d\d )/);
  return reason.trim();
}
