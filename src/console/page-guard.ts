import type { IncomingMessage } from 'node:http';
import { newFailure, newUnauthorized } from 'nekube/apimachinery';
import { OwnOrigin, type OwnNames } from './origin.ts';
import { isCsrfOf, type Session, type Sessions } from './sessions.ts';

/** Lets in who is signed in, and only from the console's own pages. */
export class PageGuard {
  readonly #sessions: Sessions;
  readonly #origin: OwnOrigin;
  /** Browsers share the cookies of all ports of a host: two consoles must not sign each other's users out. */
  readonly #cookie: string;
  readonly #attributes: string;

  constructor(names: OwnNames, sessions: Sessions) {
    this.#sessions = sessions;
    this.#origin = new OwnOrigin(names);
    this.#cookie = `nekube_session_${names.port}`;
    this.#attributes = `HttpOnly; SameSite=Strict; Path=/${names.scheme === 'https' ? '; Secure' : ''}`;
  }

  /** @throws StatusError 421 for a Host that is not the console's */
  checkHost(request: IncomingMessage): void {
    this.#origin.checkHost(request);
  }

  /** @throws StatusError 401 without a session; 403 for what comes from elsewhere */
  sessionOf(request: IncomingMessage): Session {
    const reads = request.method === 'GET' || request.method === 'HEAD';
    if (reads) this.#origin.checkSite(request);
    else this.#origin.checkOrigin(request);
    const session = this.#find(request);
    const token = request.headers['x-nekube-csrf'];
    if (!reads && !isCsrfOf(session, typeof token === 'string' ? token : undefined))
      throw newFailure(403, 'Forbidden', 'the header X-Nekube-CSRF is not that of the session');
    return session;
  }

  /**
   * The session of a request for a connection, which can carry no token of the session, and says where it comes from.
   *
   * @throws StatusError as {@link sessionOf}
   */
  sessionOfUpgrade(request: IncomingMessage): Session {
    this.#origin.checkOrigin(request);
    return this.#find(request);
  }

  /** Ends the session of a browser. */
  signOut(request: IncomingMessage): void {
    this.#sessions.end(this.#idIn(request));
  }

  /** The header that gives a browser its session; an empty id takes it away. */
  cookieOf(id: string): string {
    return `${this.#cookie}=${id}; ${this.#attributes}${id === '' ? '; Max-Age=0' : ''}`;
  }

  #find(request: IncomingMessage): Session {
    const session = this.#sessions.find(this.#idIn(request));
    if (session !== undefined) return session;
    throw newUnauthorized('nobody is signed in: open a link that the console printed');
  }

  #idIn({ headers }: IncomingMessage): string {
    const cookies = (headers.cookie ?? '').split(/; */);
    return cookies.find((cookie) => cookie.startsWith(`${this.#cookie}=`))?.slice(this.#cookie.length + 1) ?? '';
  }
}
