import { newFailure } from 'nekube/apimachinery';
import { X509Certificate } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

/** Under which names a console is reached. */
export interface OwnNames {
  readonly scheme: 'http' | 'https';
  /** As it was asked for: a name or an address; empty or unspecified: every address of the machine. */
  readonly host: string;
  readonly port: number;
  /** PEM; a browser has seen that it fits the name. */
  readonly cert?: string;
}

/** What belongs to a page of the console, and what may come from anywhere. */
export class OwnOrigin {
  readonly #names: OwnNames;
  readonly #hosts: ReadonlySet<string>;
  readonly #certificate: X509Certificate | undefined;

  constructor(names: OwnNames) {
    this.#names = names;
    this.#hosts = new Set(['localhost', '127.0.0.1', '::1', names.host.toLowerCase()]);
    this.#certificate = names.cert === undefined ? undefined : new X509Certificate(names.cert);
  }

  /**
   * A name of a stranger's that leads here (DNS rebinding) would make his page one of ours.
   *
   * @throws StatusError 421 for a Host that is not the console's
   */
  checkHost(request: IncomingMessage): void {
    const host = hostOf(request.headers.host ?? '', this.#names);
    if (host !== undefined && this.#isOwn(host)) return;
    throw newFailure(
      421,
      'BadRequest',
      'this console does not go by that name: open it by the address that it printed',
    );
  }

  /**
   * What is asked of the console must come from its own pages. Programs that are no browser say nothing of where they are.
   *
   * @throws StatusError 403
   */
  checkSite(request: IncomingMessage): void {
    const { origin, 'sec-fetch-site': site } = request.headers;
    const foreign = site !== undefined && site !== 'same-origin' && site !== 'none';
    if (foreign || (origin !== undefined && origin !== this.#originOf(request))) throw foreignOrigin();
  }

  /**
   * What changes something, or goes on, must also say that it comes from the console's own pages.
   *
   * @throws StatusError 403
   */
  checkOrigin(request: IncomingMessage): void {
    this.checkSite(request);
    if (request.headers.origin === undefined) throw foreignOrigin();
  }

  #originOf({ headers }: IncomingMessage): string {
    return `${this.#names.scheme}://${(headers.host ?? '').toLowerCase()}`;
  }

  #isOwn(host: string): boolean {
    if (this.#hosts.has(host)) return true;
    if (isUnspecified(this.#names.host) && isIP(host) !== 0) return true;
    return this.#certificate?.checkHost(host) !== undefined;
  }
}

/** The name in a Host header with our port; undefined: it has another, or is none. */
function hostOf(header: string, { scheme, port }: OwnNames): string | undefined {
  const [, v6, name, digits] = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::(\d{1,5}))?$/i.exec(header) ?? [];
  const given = digits === undefined ? (scheme === 'http' ? 80 : 443) : Number(digits);
  return given === port ? (v6 ?? name)?.toLowerCase() : undefined;
}

function isUnspecified(host: string): boolean {
  return host === '' || host === '0.0.0.0' || host === '::';
}

function foreignOrigin(): Error {
  return newFailure(403, 'Forbidden', 'the request does not come from a page of this console');
}
