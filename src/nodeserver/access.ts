import { createHash, type X509Certificate } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { KubeObject } from 'nekube/apimachinery';
import type { Client } from 'nekube/client';
import { parseClientCertificate } from 'nekube/pki';

/** Who makes a request. */
export interface Caller {
  readonly username: string;
  readonly groups: readonly string[];
  readonly uid?: string;
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** What a request has to be allowed to do: one of these subresources of the node. */
export interface NodeAccess {
  readonly verb: string;
  readonly subresources: readonly string[];
}

const VERBS: Readonly<Record<string, string>> = {
  POST: 'create',
  GET: 'get',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};
/** As the kubelet's: what was allowed holds five minutes, what was not half of one, whose a token is two. */
const ALLOWED_MS = 5 * 60_000;
const REFUSED_MS = 30_000;
const TOKEN_MS = 2 * 60_000;
const MOST_ENTRIES = 1000;

/** What a request for a path is about, in the kubelet's fine-grained terms. */
export function nodeAccess(method: string, path: string): NodeAccess {
  const below = (...roots: readonly string[]): boolean =>
    roots.some((root) => path === root || path.startsWith(`${root}/`));
  const verb = VERBS[method] ?? '';
  if (below('/stats')) return { verb, subresources: ['stats'] };
  if (below('/metrics')) return { verb, subresources: ['metrics'] };
  if (below('/logs')) return { verb, subresources: ['log'] };
  const fine = below('/pods', '/runningpods')
    ? ['pods']
    : below('/healthz')
      ? ['healthz']
      : below('/configz')
        ? ['configz']
        : [];
  return { verb, subresources: [...fine, 'proxy'] };
}

/** Finds out who makes requests to a node's server, and whether they may: by certificates, and by asking the API. */
export class NodeGate {
  readonly #client: Client;
  readonly #now: () => number;
  readonly #callers = new Map<string, { readonly caller: Caller | undefined; readonly until: number }>();
  readonly #decisions = new Map<string, { readonly allowed: boolean; readonly until: number }>();

  /** @param client may create TokenReviews and SubjectAccessReviews, as nodes may */
  constructor(client: Client, now: () => number) {
    this.#client = client;
    this.#now = now;
  }

  /** Undefined for credentials that do not hold; who shows none is anonymous, and not let in either. */
  async identify(request: IncomingMessage): Promise<Caller | undefined> {
    const socket = request.socket as TLSSocket;
    const certificate = socket.authorized ? socket.getPeerX509Certificate?.() : undefined;
    if (certificate !== undefined) return callerOf(certificate);
    const token = /^bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
    return token === undefined ? undefined : this.#reviewToken(token);
  }

  /** Whether somebody may do one of these with the node. */
  async mayAccess(caller: Caller, node: string, { verb, subresources }: NodeAccess): Promise<boolean> {
    for (const subresource of subresources) if (await this.#mayAccess(caller, node, verb, subresource)) return true;
    return false;
  }

  async #reviewToken(token: string): Promise<Caller | undefined> {
    const key = createHash('sha256').update(token).digest('hex');
    const known = this.#callers.get(key);
    if (known !== undefined && known.until > this.#now()) return known.caller;
    const review = await this.#client.create<KubeObject>({
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenReview',
      metadata: {},
      spec: { token },
    } as KubeObject);
    const caller = review.status?.authenticated === true ? (review.status.user as Caller) : undefined;
    remember(this.#callers, key, { caller, until: this.#now() + TOKEN_MS });
    return caller;
  }

  async #mayAccess(caller: Caller, node: string, verb: string, subresource: string): Promise<boolean> {
    const { username: user, ...rest } = caller;
    const spec = {
      user,
      ...rest,
      resourceAttributes: { verb, version: 'v1', resource: 'nodes', subresource, name: node },
    };
    const key = JSON.stringify(spec);
    const known = this.#decisions.get(key);
    if (known !== undefined && known.until > this.#now()) return known.allowed;
    const review = await this.#client.create<KubeObject>({
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      metadata: {},
      spec,
    } as unknown as KubeObject);
    const allowed = review.status?.allowed === true;
    remember(this.#decisions, key, { allowed, until: this.#now() + (allowed ? ALLOWED_MS : REFUSED_MS) });
    return allowed;
  }
}

function callerOf(certificate: X509Certificate): Caller | undefined {
  const identity = parseClientCertificate(certificate.raw);
  return identity && { username: identity.user, groups: [...identity.groups, 'system:authenticated'] };
}

/** The oldest goes when there are many. */
function remember<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  if (map.size > MOST_ENTRIES) map.delete(map.keys().next().value!);
}
