import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { CliError, messageOf } from './io.ts';

/** A certificate with its chain, and its key; or what is about them. */
export interface CertAndKey<T = string> {
  readonly cert: T;
  readonly key: T;
}

/**
 * Reads the certificate and key that two flags name; undefined when neither does.
 *
 * @throws CliError for one without the other, and for what cannot be read
 */
export function tlsFiles(
  { cert, key }: CertAndKey<string | undefined>,
  cwd: string,
  flags: CertAndKey,
): CertAndKey | undefined {
  if (cert === undefined && key === undefined) return undefined;
  if (cert === undefined || key === undefined) {
    const [given, missing] = cert === undefined ? [flags.key, flags.cert] : [flags.cert, flags.key];
    throw new CliError(`${given} is given without ${missing}`, { hint: `add ${missing} FILE` });
  }
  return { cert: read(resolve(cwd, cert), flags.cert), key: read(resolve(cwd, key), flags.key) };
}

function read(file: string, flag: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new CliError(messageOf(cause, file), { hint: `name a file that can be read with ${flag}`, cause });
  }
}
