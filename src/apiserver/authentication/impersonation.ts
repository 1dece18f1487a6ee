import { goQuote, newBadRequest } from 'nekube/apimachinery';
import type { AuthorizationAttributes, Authorizer } from '../authorization/authorizer.ts';
import { unescapeKey } from './client-certificates.ts';
import type { HttpRequest } from '../context.ts';
import { type Impersonated, impersonationModes, type Wanted } from './impersonation-modes.ts';

const HEADER_PREFIX = 'impersonate-';
const EXTRA_PREFIX = 'impersonate-extra-';
/** Of so many users it is remembered which mode they succeeded with. */
const MOST_REMEMBERED = 10_000;

/**
 * Lets users act as others: whoever makes a request becomes the one that its Impersonate headers name, if they may do
 * the same thing in that one's name (KEP-5284), or may impersonate without more ado, as ever.
 */
export class Impersonator {
  readonly #modes: ReturnType<typeof impersonationModes>;
  /** The mode by which a user succeeded last, by name: it is tried first, and its refusal is the one that is told. */
  readonly #lastModes = new Map<string, number>();

  constructor(authorizer: Authorizer) {
    this.#modes = impersonationModes(authorizer);
  }

  /**
   * The user that an impersonation acts as; undefined if it names none.
   *
   * @param asked what the request asks for, as whoever makes it
   * @throws StatusError BadRequest if there is no name in the headers, Forbidden if the user may not impersonate
   */
  async impersonate(request: HttpRequest, asked: AuthorizationAttributes): Promise<Impersonated | undefined> {
    const wanted = readHeaders(request.rawHeaders);
    if (wanted.name === '') {
      if (wanted.uid === '' && wanted.groups.length === 0 && wanted.extra.size === 0) return undefined;
      throw newBadRequest(`requested ${asGo(wanted)} without impersonating a user name`);
    }
    return this.#become(wanted, asked);
  }

  async #become(wanted: Wanted, asked: AuthorizationAttributes): Promise<Impersonated> {
    const { name } = asked.user;
    const last = this.#lastModes.get(name);
    const all = this.#modes.map((_, mode) => mode);
    let refusal: unknown;
    for (const mode of last === undefined ? all : [last, ...all.filter((other) => other !== last)]) {
      try {
        const impersonated = await this.#modes[mode]!(wanted, asked);
        if (impersonated === undefined) continue;
        this.#remember(name, mode);
        return impersonated;
      } catch (error) {
        refusal ??= error;
      }
    }
    throw refusal;
  }

  #remember(name: string, mode: number): void {
    this.#lastModes.delete(name);
    this.#lastModes.set(name, mode);
    if (this.#lastModes.size <= MOST_REMEMBERED) return;
    const [oldest] = this.#lastModes.keys();
    this.#lastModes.delete(oldest!);
  }
}

/** Whether a request is to be another user's. */
export function isImpersonation(request: HttpRequest): boolean {
  for (const name in request.headers) if (name.startsWith(HEADER_PREFIX)) return true;
  return false;
}

/** Reads them from the raw headers, where values that come more than once are still apart. */
function readHeaders(raw: readonly string[]): Wanted {
  const groups: string[] = [];
  const extra = new Map<string, string[]>();
  const single = new Map<string, string>();
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = raw[i]!.toLowerCase();
    const value = textOf(raw[i + 1]!);
    if (name === 'impersonate-group') groups.push(value);
    else if (name.startsWith(EXTRA_PREFIX)) {
      const key = unescapeKey(name.slice(EXTRA_PREFIX.length));
      extra.set(key, [...(extra.get(key) ?? []), value]);
    } else if (!single.has(name)) single.set(name, value);
  }
  const sorted = [...extra].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    name: single.get('impersonate-user') ?? '',
    uid: single.get('impersonate-uid') ?? '',
    groups,
    extra: new Map(sorted),
  };
}

/** Node has a header's bytes as latin1; Go takes them for UTF-8. */
function textOf(value: string): string {
  return /[\x80-\xff]/.test(value) ? Buffer.from(value, 'latin1').toString('utf8') : value;
}

/** The wanted user as Go prints it with %#v. */
function asGo({ name, uid, groups, extra }: Wanted): string {
  const list = (texts: readonly string[]) => `[]string{${texts.map(goQuote).join(', ')}}`;
  const pairs = [...extra].map(([key, values]) => `${goQuote(key)}:${list(values)}`);
  const shownGroups = groups.length === 0 ? '[]string(nil)' : list(groups);
  const shownExtra = extra.size === 0 ? '(nil)' : `{${pairs.join(', ')}}`;
  return `&user.DefaultInfo{Name:${goQuote(name)}, UID:${goQuote(uid)}, Groups:${shownGroups}, Extra:map[string][]string${shownExtra}}`;
}
