import { createHash } from 'node:crypto';
import { goQuote, type KubeObject } from 'nekube/apimachinery';
import type { TokenAnswer } from '../authentication/authentication.ts';
import { goList } from '../authorization/rbac/policy-rule.ts';
import type { UserInfo } from '../user.ts';
import { type ClaimedObject, peek, readClaims, type TokenClaims } from './claims.ts';
import type { TokenKey } from './keys.ts';

/** How far clocks may be apart, and how long what is deleted still counts. */
const LEEWAY_S = 60;
/** So many tokens are known to be signed well, by their digest. */
const MOST_REMEMBERED = 1000;

/** What tokens are checked against. */
export interface AuthenticatorOptions {
  readonly keys: readonly TokenKey[];
  /** Whose tokens are accepted. */
  issuers(): readonly string[];
  /** Whom tokens without an audience are for. */
  audiences(): readonly string[];
  /** The newest version of an object: the plural of its resource, its namespace and name. */
  find(resource: string, namespace: string, name: string): Promise<KubeObject | undefined>;
  readonly now: () => Date;
}

/** Tells whose a service account's token is, as long as the account, and what the token is bound to, are there. */
export class AccountAuthenticator {
  readonly #options: AuthenticatorOptions;
  readonly #verified = new Map<string, TokenClaims>();

  constructor(options: AuthenticatorOptions) {
    this.#options = options;
  }

  /** Undefined for what is no token of a service account of ours; an error for one that does not hold. */
  async authenticate(token: string, audiences: readonly string[]): Promise<TokenAnswer> {
    const seen = peek(token);
    if (seen === undefined || !this.#options.issuers().includes(String(seen.issuer))) return undefined;
    const claims = await this.#verify(token, seen.header.kid);
    if ('error' in claims) return claims;
    const own = claims.aud.length > 0 ? claims.aud : this.#options.audiences();
    const served = own.filter((audience) => audiences.includes(audience));
    if (served.length === 0)
      return { error: `token audiences ${goList(own)} is invalid for the target audiences ${goList(audiences)}` };
    const error = this.#expired(claims) ?? (await this.#gone(claims));
    return error === undefined ? { user: userOf(claims), audiences: served } : { error };
  }

  /** The claims of a token that one of the keys has signed. */
  async #verify(token: string, kid: unknown): Promise<TokenClaims | { readonly error: string }> {
    const digest = createHash('sha256').update(token).digest('base64url');
    const before = this.#verified.get(digest);
    if (before !== undefined) return before;
    const keys = this.#options.keys.filter(({ id }) => !kid || id === kid);
    if (keys.length === 0) return { error: 'invalid signature, no keys found' };
    const { compactVerify } = await import('jose');
    for (const { publicKey, algorithm } of keys) {
      try {
        const { payload } = await compactVerify(token, publicKey, { algorithms: [algorithm] });
        const claims = readClaims(JSON.parse(Buffer.from(payload).toString('utf8')));
        this.#remember(digest, claims);
        return claims;
      } catch {
        // another key may have signed it
      }
    }
    return { error: 'go-jose/go-jose: error in cryptographic primitive' };
  }

  #remember(digest: string, claims: TokenClaims): void {
    this.#verified.set(digest, claims);
    if (this.#verified.size <= MOST_REMEMBERED) return;
    const [oldest] = this.#verified.keys();
    this.#verified.delete(oldest!);
  }

  #expired({ exp, nbf, iat }: TokenClaims): string | undefined {
    const now = this.#options.now().getTime() / 1000;
    if (nbf > now + LEEWAY_S) return 'service account token is not valid yet';
    if (exp < now - LEEWAY_S) return 'service account token has expired';
    return iat > now + LEEWAY_S ? 'service account token is issued in the future' : undefined;
  }

  /** Why the account, or what the token is bound to, is not there any more. */
  async #gone({ 'kubernetes.io': claims }: TokenClaims): Promise<string | undefined> {
    const { namespace, serviceaccount, secret, pod, node } = claims;
    const account = await this.#options.find('serviceaccounts', namespace, serviceaccount.name);
    if (account === undefined) return `serviceaccounts ${goQuote(serviceaccount.name)} not found`;
    const uid = account.metadata.uid ?? '';
    if (uid !== serviceaccount.uid)
      return `service account UID (${uid}) does not match claim (${serviceaccount.uid ?? ''})`;
    if (this.#isDeleted(account)) return `service account ${namespace}/${serviceaccount.name} has been deleted`;
    return (
      (await this.#unbound('secret', namespace, secret)) ??
      (await this.#unbound('pod', namespace, pod)) ??
      // the node of a pod is told, and may go
      (pod === undefined ? await this.#unbound('node', '', node) : undefined)
    );
  }

  async #unbound(kind: string, namespace: string, claimed: ClaimedObject | undefined): Promise<string | undefined> {
    if (claimed === undefined) return undefined;
    const object = await this.#options.find(`${kind}s`, namespace, claimed.name);
    if (object === undefined) return 'service account token has been invalidated';
    const uid = object.metadata.uid ?? '';
    if (uid !== (claimed.uid ?? ''))
      return `${kind} UID (${uid}) does not match service account ${kind} ref claim (${claimed.uid ?? ''})`;
    return this.#isDeleted(object) ? 'service account token has been invalidated' : undefined;
  }

  #isDeleted({ metadata }: KubeObject): boolean {
    const { deletionTimestamp } = metadata;
    if (!deletionTimestamp) return false;
    return Date.parse(deletionTimestamp) < this.#options.now().getTime() - LEEWAY_S * 1000;
  }
}

function userOf({ jti, 'kubernetes.io': { namespace, serviceaccount, pod, node } }: TokenClaims): UserInfo {
  const prefix = 'authentication.kubernetes.io';
  const extra: Record<string, string[]> = {
    ...(jti !== '' && { [`${prefix}/credential-id`]: [`JTI=${jti}`] }),
    ...(node?.name && { [`${prefix}/node-name`]: [node.name] }),
    ...(node?.name && node.uid && { [`${prefix}/node-uid`]: [node.uid] }),
    ...(pod?.name && pod.uid && { [`${prefix}/pod-name`]: [pod.name], [`${prefix}/pod-uid`]: [pod.uid] }),
  };
  return {
    name: `system:serviceaccount:${namespace}:${serviceaccount.name}`,
    uid: serviceaccount.uid ?? '',
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`],
    ...(Object.keys(extra).length > 0 && { extra }),
  };
}
