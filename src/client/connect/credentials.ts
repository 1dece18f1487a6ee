import { readFileSync } from 'node:fs';
import { errorText } from 'nekube/apimachinery';
import type { Clock } from '../clock.ts';

/** What a request, and its connection, say about who asks. */
export interface Credentials {
  /** The value of the header `authorization`. */
  readonly authorization?: string;
  /** A certificate and its key, PEM, where they do not come from the kubeconfig. */
  readonly cert?: string;
  readonly key?: string;
}

/** Where credentials come from. */
export interface CredentialSource {
  /** Those that are good now. Rejects if there are none. */
  current(): Promise<Credentials>;
  /** Is told that a server refused them (401); resolves when `current` may give others. */
  refused(credentials: Credentials): Promise<void>;
}

/** Credentials that do not change. */
export function fixedCredentials(credentials: Credentials): CredentialSource {
  return { current: async () => credentials, refused: async () => {} };
}

/** The header for a user with a password. */
export function basicAuthorization(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

/** So long is a token taken as the file's, as client-go does; the kubelet renews it long before it ends. */
const TOKEN_FRESH_MS = 60_000;

/** The token in a file, which is read again each minute, and when it was refused. */
export class TokenFile implements CredentialSource {
  readonly #file: string;
  readonly #clock: Clock;
  readonly #readFile: (path: string) => string;
  #credentials: Credentials | undefined;
  #readAt = 0;

  constructor(file: string, clock: Clock, readFile = (path: string) => readFileSync(path, 'utf8')) {
    this.#file = file;
    this.#clock = clock;
    this.#readFile = readFile;
  }

  async current(): Promise<Credentials> {
    if (this.#credentials === undefined || this.#clock.elapsed() - this.#readAt >= TOKEN_FRESH_MS) this.#read();
    return this.#credentials!;
  }

  async refused(credentials: Credentials): Promise<void> {
    if (credentials === this.#credentials) this.#read();
  }

  /** A token that cannot be read now stays what it was; there must be one at first. */
  #read(): void {
    this.#readAt = this.#clock.elapsed();
    try {
      const token = this.#readFile(this.#file).trim();
      if (token === '') throw new Error('it is empty');
      const authorization = `Bearer ${token}`;
      if (this.#credentials?.authorization !== authorization) this.#credentials = { authorization };
    } catch (cause) {
      if (this.#credentials !== undefined) return;
      throw new Error(`cannot read the token in ${JSON.stringify(this.#file)}: ${errorText(cause)}`, { cause });
    }
  }
}
