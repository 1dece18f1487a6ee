import { createPrivateKey, X509Certificate } from 'node:crypto';
import { type FSWatcher, watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errorText } from 'nekube/apimachinery';
import { type Clock, sleep, systemClock } from 'nekube/client';
import type { KeyPair } from 'nekube/pki';
import { type Logger, silentLogger } from '../log/logger.ts';
import { RenewedCertificate } from './certificate-source.ts';

/** Where the files are, and how they are watched. */
export interface CertificateFilesOptions {
  /** Has `tls.crt` and `tls.key`, as a mounted Secret has. */
  readonly dir: string;
  /** Default `tls.crt`. */
  readonly certName?: string;
  /** Default `tls.key`. */
  readonly keyName?: string;
  /** The files are read anew so often, whether or not the system told of a change; default 10,000. */
  readonly intervalMs?: number;
  readonly logger?: Logger;
  readonly clock?: Clock;
  /** Is told of every attempt to read. */
  readonly onRead?: (ok: boolean) => void;
}

/** The system tells of a change in several events. */
const SETTLE_MS = 50;

/**
 * A certificate in files, read anew when they change: by the system's word, and every so often, since the mounts of a
 * kubelet and of networks do not always tell. A pair that does not fit (half written, damaged) is reported and not taken.
 */
export class CertificateFiles extends RenewedCertificate {
  readonly name = 'certificate files';
  /** With a manager's metrics and health, before everything that serves. */
  readonly group = 'http';
  readonly #options: CertificateFilesOptions;
  readonly #log: Logger;

  constructor(options: CertificateFilesOptions) {
    super();
    this.#options = options;
    this.#log = (options.logger ?? silentLogger).named('certificates').with({ dir: options.dir });
  }

  /** @throws Error if the files cannot be used at the start */
  protected async keep(signal: AbortSignal): Promise<void> {
    const { intervalMs = 10_000, clock = systemClock } = this.#options;
    let wake = new AbortController();
    // before the first look, so that no change falls between
    const watcher = this.#watch(() => wake.abort());
    const stop = (): void => wake.abort();
    signal.addEventListener('abort', stop, { once: true });
    try {
      await this.reload();
      while (!signal.aborted) {
        const changed = await sleep(intervalMs, clock, wake.signal).then(
          () => false,
          () => true,
        );
        if (signal.aborted) return;
        if (changed) await sleep(SETTLE_MS, clock, signal).catch(() => {});
        wake = new AbortController();
        await this.reload().catch((error: unknown) => this.#log.error(error, 'The certificate stays as it was'));
      }
    } finally {
      signal.removeEventListener('abort', stop);
      watcher?.close();
    }
  }

  /** Reads the files now. @throws Error that names the file and what is wrong with it; the certificate stays then */
  async reload(): Promise<void> {
    try {
      if (this.take(await this.#read())) this.#log.info('Read a certificate');
      this.#options.onRead?.(true);
    } catch (error) {
      this.#options.onRead?.(false);
      throw error;
    }
  }

  async #read(): Promise<KeyPair> {
    const { dir, certName = 'tls.crt', keyName = 'tls.key' } = this.#options;
    const [certFile, keyFile] = [join(dir, certName), join(dir, keyName)];
    const cert = await parsed(certFile, (text) => new X509Certificate(text));
    const key = await parsed(keyFile, createPrivateKey);
    if (!cert.value.checkPrivateKey(key.value)) {
      throw new Error(`Cannot use ${JSON.stringify(certFile)}: it is not for the key in ${JSON.stringify(keyFile)}`);
    }
    return { cert: cert.text, key: key.text };
  }

  /** Watches the folder: files of a Secret are changed by turning a link in it. */
  #watch(changed: () => void): FSWatcher | undefined {
    try {
      const watcher = watch(dirname(join(this.#options.dir, 'x')), { persistent: false }, changed);
      watcher.on('error', (error) => this.#log.warn('The files are not watched, only read every so often', { error }));
      return watcher;
    } catch (error) {
      this.#log.warn('The files are not watched, only read every so often', { error });
      return undefined;
    }
  }
}

async function parsed<T>(file: string, parse: (text: string) => T): Promise<{ text: string; value: T }> {
  try {
    const text = await readFile(file, 'utf8');
    return { text, value: parse(text) };
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'it is not there' : errorText(cause);
    throw new Error(`Cannot use ${JSON.stringify(file)}: ${why}`, { cause });
  }
}
