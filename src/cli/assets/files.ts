import { accessSync, constants } from 'node:fs';
import { resolve } from 'node:path';
import type { FlagValues } from './flag-values.ts';

/** Flags that name files which are opened, and what is said before why one cannot be. */
const OPENED: Readonly<Record<string, (file: string) => string>> = {
  'tls-cert-file': (file) => `open ${file}`,
  'tls-private-key-file': (file) => `open ${file}`,
  'client-ca-file': (file) => `open ${file}`,
  'requestheader-client-ca-file': (file) => `open ${file}`,
  'token-auth-file': (file) => `open ${file}`,
  'authentication-token-webhook-config-file': (file) => `stat ${file}`,
  'authorization-webhook-config-file': (file) => `stat ${file}`,
  'audit-policy-file': (file) =>
    `loading audit policy file: failed to read file path ${JSON.stringify(file)}: open ${file}`,
};

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  EACCES: 'permission denied',
  ENOTDIR: 'not a directory',
};

/** Each file that a flag names can be read. @throws Error with kube-apiserver's message */
export function checkFiles(values: FlagValues, cwd: string): void {
  const key = values.file('service-account-signing-key-file');
  if (key !== undefined) checkFile(cwd, key, `failed to parse service-account-issuer-key-file: open ${key}`);
  for (const [flag, shown] of Object.entries(OPENED)) {
    const file = values.file(flag);
    if (file !== undefined) checkFile(cwd, file, shown(file));
  }
  for (const file of values.list('service-account-key-file')) checkFile(cwd, file, `open ${file}`);
}

function checkFile(cwd: string, file: string, shown: string): void {
  try {
    accessSync(resolve(cwd, file), constants.R_OK);
  } catch (cause) {
    const reason = REASONS[(cause as NodeJS.ErrnoException).code ?? ''];
    if (reason === undefined) throw cause;
    throw new Error(`${shown}: ${reason}`, { cause });
  }
}
