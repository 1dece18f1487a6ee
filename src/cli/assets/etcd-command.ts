import { existsSync } from 'node:fs';
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { etcdLogLine } from './etcd-log.ts';
import { type GoFlags, GoFlagError, parseGoFlags } from './go-flag.ts';
import { etcdFlagSpecs, helpOf } from './known-flags.ts';
import type { ProgramIo } from './program-io.ts';

/**
 * `etcd`: reads its flags as the real one does, answers help and version, and then serves until it is told to end.
 *
 * @returns the exit code
 */
export async function etcd(args: readonly string[], io: ProgramIo): Promise<number> {
  const flags = read(args, io);
  if (flags === undefined) return 2;
  const { values } = flags;
  if (values.get('help') === true) {
    io.stdout(helpOf('etcd'));
    return 0;
  }
  if (values.get('version') === true) {
    const { ETCD_VERSION } = await import('nekube/storage');
    const platform = `${process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}`;
    io.stdout(
      `etcd Version: ${ETCD_VERSION}\nGit SHA: nekube\nGo Version: node ${process.version}\nGo OS/Arch: ${platform}\n`,
    );
    return 0;
  }
  const problem = problemOf(flags, io.cwd);
  if (problem !== undefined) {
    io.stderr(etcdLogLine('warn', 'failed to verify flags', { error: problem }));
    return 1;
  }
  const { serveEtcd } = await import('./etcd.ts');
  try {
    await serveEtcd(values, io);
    return 0;
  } catch (error) {
    if (io.signal.aborted) return 0;
    const why = error instanceof Error ? error.message : String(error);
    io.stderr(etcdLogLine('warn', 'failed to start etcd', { error: why }));
    return 1;
  }
}

/** Undefined for flags that do not hold, which is said. */
function read(args: readonly string[], io: ProgramIo): GoFlags | undefined {
  try {
    return parseGoFlags(etcdFlagSpecs(), args);
  } catch (error) {
    if (!(error instanceof GoFlagError)) throw error;
    const usage = helpOf('etcd').split('\nMember:')[0]!;
    io.stderr(`${error.message}\n${usage.trimEnd()}\n`);
    return undefined;
  }
}

function problemOf({ values, words }: GoFlags, cwd: string): string | undefined {
  if (words.length > 0) return `${JSON.stringify(words[0])} is not a valid flag`;
  const logger = values.get('logger') ?? 'zap';
  if (logger !== 'zap') return `unknown logger option ${JSON.stringify(logger)}`;
  for (const name of ['listen-peer-urls', 'listen-client-urls', 'listen-client-http-urls', 'listen-metrics-urls']) {
    const named = urlsIn(values.get(name)).find((url) => hostOf(url) !== 'localhost' && isIP(hostOf(url)) === 0);
    if (named !== undefined) return `expected IP in URL for binding (${named})`;
  }
  if (values.has('listen-client-urls') && !values.has('advertise-client-urls'))
    return '--advertise-client-urls is required when --listen-client-urls is set explicitly';
  const config = values.get('config-file');
  if (typeof config !== 'string') return undefined;
  return existsSync(resolve(cwd, config))
    ? '--config-file is not read by this etcd: give flags'
    : `open ${config}: no such file or directory`;
}

function urlsIn(value: unknown): string[] {
  return typeof value === 'string' && value !== '' ? value.split(',').map((url) => url.trim()) : [];
}

function hostOf(url: string): string {
  if (url.startsWith('unix')) return '127.0.0.1';
  return (
    /^[a-z]+:\/\/(?:\[([^\]]*)\]|([^:]*))/
      .exec(url)
      ?.slice(1)
      .find((host) => host !== undefined) || '0.0.0.0'
  );
}
