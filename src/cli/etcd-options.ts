import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { EtcdOptions } from 'nekube/storage';
import type { EtcdFlags } from './etcd-flags.ts';
import { CliError, messageOf } from './io.ts';

/** Which etcd a storage flag names. */
export interface EtcdChoice {
  readonly endpoints: readonly string[];
  readonly user?: { readonly name: string; readonly password: string };
}

/**
 * Reads `URL[,URL…]`: `http://`, `https://`, or only `HOST:PORT`; a user stands in the first one that has one.
 *
 * @returns undefined if one is none
 */
export function parseEtcdUrls(urls: string): EtcdChoice | undefined {
  const endpoints: string[] = [];
  let user: EtcdChoice['user'];
  for (const part of urls.split(',')) {
    const text = /^[a-z]+:\/\//.test(part) ? part : `http://${part}`;
    if (!URL.canParse(text)) return undefined;
    const url = new URL(text);
    if (!['http:', 'https:'].includes(url.protocol) || url.hostname === '') return undefined;
    if (url.pathname !== '/' || url.search !== '' || url.hash !== '') return undefined;
    if (url.username !== '')
      user ??= { name: decodeURIComponent(url.username), password: decodeURIComponent(url.password) };
    endpoints.push(`${url.protocol}//${url.host}`);
  }
  return { endpoints, ...(user && { user }) };
}

const FILE_FLAGS = {
  etcdCafile: '--etcd-cafile',
  etcdCertfile: '--etcd-certfile',
  etcdKeyfile: '--etcd-keyfile',
  etcdUserFile: '--etcd-user-file',
} as const;

/** Files for etcd mean nothing to another storage. @throws CliError */
export function refuseEtcdFiles(flags: EtcdFlags): void {
  const given = Object.entries(FILE_FLAGS).find(([name]) => flags[name as keyof typeof FILE_FLAGS] !== undefined);
  if (given === undefined) return;
  throw new CliError(`Cannot use ${given[1]}: the storage is not etcd`, {
    hint: 'leave it out, or give --storage etcd:URL',
  });
}

/**
 * Reads the files that the flags name and checks the rest.
 *
 * @throws CliError, which never shows a password
 */
export function etcdOptions(choice: EtcdChoice, flags: EtcdFlags, cwd: string): EtcdOptions {
  const prefix = flags.etcdPrefix.replace(/\/+$/, '');
  if (!prefix.startsWith('/')) {
    throw new CliError(`Cannot use the prefix ${JSON.stringify(flags.etcdPrefix)}: it is no path`, {
      hint: 'give --etcd-prefix as in /nekube',
    });
  }
  if ((flags.etcdCertfile === undefined) !== (flags.etcdKeyfile === undefined)) {
    throw new CliError('Cannot use half a certificate for etcd', {
      hint: 'give both --etcd-certfile and --etcd-keyfile',
    });
  }
  const read = (file: string | undefined): string | undefined => (file === undefined ? undefined : readText(file, cwd));
  const [ca, cert, key] = [read(flags.etcdCafile), read(flags.etcdCertfile), read(flags.etcdKeyfile)];
  const user = flags.etcdUserFile === undefined ? choice.user : userOf(readText(flags.etcdUserFile, cwd));
  return {
    endpoints: choice.endpoints,
    prefix,
    compactionSeconds: secondsOf(flags.etcdCompactionInterval),
    tls: { ...(ca !== undefined && { ca }), ...(cert !== undefined && { cert }), ...(key !== undefined && { key }) },
    ...(user && { user }),
  };
}

function readText(file: string, cwd: string): string {
  try {
    return readFileSync(resolve(cwd, file), 'utf8');
  } catch (cause) {
    throw new CliError(messageOf(cause), { hint: 'name a file that can be read', cause });
  }
}

function userOf(text: string): NonNullable<EtcdChoice['user']> {
  const line = text.trim();
  const colon = line.indexOf(':');
  if (colon > 0) return { name: line.slice(0, colon), password: line.slice(colon + 1) };
  throw new CliError('Cannot read the user of etcd: the file has no NAME:PASSWORD', {
    hint: 'write one line NAME:PASSWORD into the file of --etcd-user-file',
  });
}

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

/** Seconds of a time as Go writes it in whole units: `90s`, `5m0s`, `1h`, `0`. */
function secondsOf(text: string): number {
  if (text === '0') return 0;
  if (!/^(\d+[smh])+$/.test(text)) {
    throw new CliError(`Cannot compact etcd every ${JSON.stringify(text)}: it is no time`, {
      hint: 'give --etcd-compaction-interval as in 5m or 90s, or 0 for never',
    });
  }
  return [...text.matchAll(/(\d+)([smh])/g)].reduce((sum, [, count, unit]) => sum + Number(count) * UNITS[unit!]!, 0);
}
