import { createPrivateKey, createPublicKey, type KeyObject, randomUUID } from 'node:crypto';
import { formatTime, type KubeObject, newBadRequest, newConflict, newNotFound } from 'nekube/apimachinery';
import type { TokenAnswer } from '../authentication/authentication.ts';
import { formatGroupVersionKind } from '../field-manager/versions.ts';
import type { Resources } from '../registry/resources.ts';
import { groupResource } from '../registry/served.ts';
import type { Store } from '../registry/store.ts';
import { AccountAuthenticator } from './authenticator.ts';
import type { KubernetesClaims, TokenClaims } from './claims.ts';
import { tokenKey, type TokenKey } from './keys.ts';

/** How tokens of service accounts are made and checked: kube-apiserver's flags of these names. */
export interface ServiceAccountOptions {
  /** PEM of the key that tokens are signed with: RSA, or ECDSA on P-256, P-384 or P-521. */
  readonly signingKey: string;
  /** Further keys whose signatures are accepted. */
  readonly keys?: readonly TokenKey[];
  /** The first one issues tokens, of all they are accepted; default: the address of the server. */
  readonly issuers?: readonly string[];
  /** Whom tokens are for that name nobody, and which ones are accepted here; default: the issuers. */
  readonly audiences?: readonly string[];
  /** No token lives longer, in seconds; 0, the default, for no such limit. */
  readonly maxExpirationSeconds?: number;
  /** Where the keys are told, default `/openid/v1/jwks` at the address of the server. */
  readonly jwksUri?: string;
}

/** What the server knows beside it. */
export interface TokenDeps {
  /** `https://HOST:PORT` */
  readonly url: () => string;
  readonly store: Store;
  readonly resources: Resources;
  readonly now: () => Date;
}

/** A request for a token: the spec of authentication.k8s.io/v1 TokenRequest. */
export interface TokenRequestSpec {
  readonly audiences?: readonly string[] | null;
  readonly expirationSeconds?: number;
  readonly boundObjectRef?: {
    readonly kind?: string;
    readonly apiVersion?: string;
    readonly name?: string;
    readonly uid?: string;
  } | null;
}

/** A token and when it ends. */
export interface IssuedToken {
  readonly token: string;
  readonly id: string;
  readonly expirationTimestamp: string;
  readonly expirationSeconds: number;
  readonly audiences: readonly string[];
}

/** Resources of what a token can be bound to, by kind. */
const BOUND_KINDS: Readonly<Record<string, string>> = { Pod: 'pods', Secret: 'secrets', Node: 'nodes' };
/** Kubelets ask for this many seconds, and get a year, since there are clients that do not read a token again. */
const EXTENDED_FROM_SECONDS = 3607;
const EXTENDED_SECONDS = 365 * 24 * 60 * 60;

/** Tokens of service accounts (KEP-1205): signed JWTs that end when their account, or what they are bound to, does. */
export class ServiceAccountTokens {
  readonly #options: ServiceAccountOptions;
  readonly #deps: TokenDeps;
  readonly #signingKey: KeyObject;
  readonly #signedBy: TokenKey;
  readonly #keys: readonly TokenKey[];
  readonly #authenticator: AccountAuthenticator;

  /** @throws Error if the signing key is of no kind that tokens can be signed with */
  constructor(options: ServiceAccountOptions, deps: TokenDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#signingKey = createPrivateKey(options.signingKey);
    this.#signedBy = tokenKey(createPublicKey(this.#signingKey));
    const others = (options.keys ?? []).filter(({ id }) => id !== this.#signedBy.id);
    this.#keys = [this.#signedBy, ...others];
    this.#authenticator = new AccountAuthenticator({
      keys: this.#keys,
      issuers: () => this.issuers,
      audiences: () => this.audiences,
      find: (resource, namespace, name) => this.#find(resource, namespace, name),
      now: deps.now,
    });
  }

  get issuers(): readonly string[] {
    return this.#options.issuers ?? [`${this.#deps.url()}/`];
  }

  /** Whom tokens are for that name nobody: this server. */
  get audiences(): readonly string[] {
    return this.#options.audiences ?? this.issuers;
  }

  /** The keys that sign, or have signed, tokens; the newest first. */
  get keys(): readonly TokenKey[] {
    return this.#keys;
  }

  get jwksUri(): string {
    return this.#options.jwksUri ?? `${this.#deps.url()}/openid/v1/jwks`;
  }

  /** Whose a token is; undefined if it is not one of ours. */
  authenticate(token: string, audiences: readonly string[]): Promise<TokenAnswer> {
    return this.#authenticator.authenticate(token, audiences);
  }

  /**
   * A new token for an account.
   *
   * @param warn gets a warning where the token lives shorter than asked for
   * @throws StatusError if what it is to be bound to is not there
   */
  async issue(account: KubeObject, spec: TokenRequestSpec, warn: (text: string) => void): Promise<IssuedToken> {
    const { name = '', namespace = '', uid = '' } = account.metadata;
    const bound = await this.#boundClaims(account, spec);
    const audiences = spec.audiences?.length ? spec.audiences : this.audiences;
    const expirationSeconds = this.#shortened(spec.expirationSeconds ?? 3600, warn);
    const issuedAt = Math.floor(this.#deps.now().getTime() / 1000);
    const isExtended =
      bound.pod !== undefined &&
      expirationSeconds === EXTENDED_FROM_SECONDS &&
      audiences.every((audience) => this.audiences.includes(audience));
    const warnafter = isExtended ? { warnafter: issuedAt + expirationSeconds } : {};
    const id = randomUUID();
    const token = await this.#sign({
      aud: audiences,
      exp: issuedAt + (isExtended ? EXTENDED_SECONDS : expirationSeconds),
      iat: issuedAt,
      iss: this.issuers[0]!,
      jti: id,
      'kubernetes.io': { namespace, ...bound, serviceaccount: { name, uid }, ...warnafter },
      nbf: issuedAt,
      sub: `system:serviceaccount:${namespace}:${name}`,
    });
    const expirationTimestamp = formatTime(new Date((issuedAt + expirationSeconds) * 1000));
    return { token, id, expirationTimestamp, expirationSeconds, audiences };
  }

  async #sign(claims: TokenClaims): Promise<string> {
    const { CompactSign } = await import('jose');
    return new CompactSign(Buffer.from(JSON.stringify(sorted(claims))))
      .setProtectedHeader({ alg: this.#signedBy.algorithm, kid: this.#signedBy.id })
      .sign(this.#signingKey);
  }

  #shortened(seconds: number, warn: (text: string) => void): number {
    const most = this.#options.maxExpirationSeconds ?? 0;
    if (most <= 0 || seconds <= most) return seconds;
    warn(`requested expiration of ${seconds} seconds shortened to ${most} seconds`);
    return most;
  }

  async #boundClaims(
    account: KubeObject,
    { boundObjectRef: ref }: TokenRequestSpec,
  ): Promise<Pick<KubernetesClaims, 'pod' | 'secret' | 'node'>> {
    if (ref === undefined || ref === null) return {};
    const { kind = '', apiVersion = '', name = '' } = ref;
    const plural = BOUND_KINDS[kind];
    if (plural === undefined || apiVersion.includes('/'))
      throw newBadRequest(`cannot bind token to object of type ${formatGroupVersionKind(apiVersion, kind)}`);
    const resource = this.#deps.resources.builtin('', 'v1', plural);
    const bound = await this.#find(plural, account.metadata.namespace ?? '', name);
    if (bound === undefined) throw newNotFound(groupResource(resource), name);
    if (kind === 'Pod' && bound.spec.serviceAccountName !== account.metadata.name)
      throw newBadRequest(
        `cannot bind token for serviceaccount "${account.metadata.name}" to pod running with different serviceaccount name.`,
      );
    const uid = bound.metadata.uid ?? '';
    if (ref.uid && ref.uid !== uid)
      throw newConflict(
        { group: '', resource: kind },
        name,
        `the UID in the bound object reference (${ref.uid}) does not match the UID in record. The object might have been deleted and then recreated`,
      );
    const node = kind === 'Pod' ? await this.#nodeOf(bound) : undefined;
    return { [kind.toLowerCase()]: { name, uid }, ...(node && { node }) };
  }

  /** The node that a pod runs on; without a uid if there is no such node. */
  async #nodeOf({ spec }: KubeObject): Promise<KubernetesClaims['node']> {
    const name: string = spec.nodeName ?? '';
    if (name === '') return undefined;
    const uid = (await this.#find('nodes', '', name))?.metadata.uid;
    return { name, ...(uid && { uid }) };
  }

  #find(plural: string, namespace: string, name: string): Promise<KubeObject | undefined> {
    const resource = this.#deps.resources.builtin('', 'v1', plural);
    return this.#deps.store.known(resource, resource.namespaced ? namespace : '', name);
  }
}

/** The same with the keys of all objects in order, as Go writes maps. */
function sorted<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)])) as T;
}
