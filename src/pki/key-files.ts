import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeWhole } from 'nekube/files';
import type { KeyPair } from './certificate.ts';

/** Where certificates and keys are kept between starts, by name. */
export interface KeyPairStore {
  /** The pair, or undefined when one half is not there. @throws Error when a half is no PEM. */
  readPair(name: string): KeyPair | undefined;
  writePair(name: string, pair: KeyPair): void;
  /** A private key without a certificate. @throws Error when the file is no PEM. */
  readKey(name: string): string | undefined;
  writeKey(name: string, key: string): void;
}

/** Files `NAME.crt` and `NAME.key` in a directory, which is made when missing; without a directory nothing is kept. */
export function keyPairStore(dir: string | undefined): KeyPairStore {
  if (dir === undefined) {
    return { readPair: () => undefined, writePair: () => {}, readKey: () => undefined, writeKey: () => {} };
  }
  const file = (name: string, kind: 'crt' | 'key'): string => join(dir, `${name}.${kind}`);
  const writeKey = (name: string, key: string): void =>
    writeWhole(file(name, 'key'), key, { mode: 0o600, folderMode: 0o700 });
  const readKey = (name: string): string | undefined => readPem(file(name, 'key'), createPrivateKey);
  return {
    readKey,
    writeKey,
    readPair: (name) => {
      const key = readKey(name);
      const cert = readPem(file(name, 'crt'), (text) => new X509Certificate(text));
      return key === undefined || cert === undefined ? undefined : { cert, key };
    },
    // a crash between the two leaves halves that do not match, which the next start replaces
    writePair: (name, pair) => {
      writeKey(name, pair.key);
      writeWhole(file(name, 'crt'), pair.cert, { mode: 0o644, folderMode: 0o700 });
    },
  };
}

function readPem(path: string, parse: (text: string) => unknown): string | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (e) {
    if ((e as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw e;
  }
  try {
    parse(text);
  } catch (cause) {
    const why = 'it is damaged; restore it, or remove it to have a new one made';
    throw new Error(`Cannot use ${JSON.stringify(path)}: ${why}`, { cause });
  }
  return text;
}
