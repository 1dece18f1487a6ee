import { createPrivateKey, createPublicKey, type KeyObject, randomUUID } from 'node:crypto';
import { formatTime, type KubeObject, newBadRequest, newConflict, newNotFound } from 'nekube/apimachinery';
import type { RequestContext } from './context.ts';
import { formatGroupVersionKind } from './field-manager/versions.ts';
import { sendBytes } from './respond.ts';
import type { Resources } from './registry/resources.ts';
import { groupResource, type Store } from './registry/store.ts';
import type { UserInfo } from './user.ts';

/** What tokens are made and checked with. */
export interface TokenOptions {
  /** PEM of the signing key (EC P-256). */
  readonly key: string;
  /** The issuer, which is also the default audience. */
  readonly issuer: () => string;
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
  readonly expirationTimestamp: string;
  readonly audiences: readonly string[];
}

/** The claims that are Kubernetes' own. */
interface KubernetesClaims {
  readonly namespace: string;
  readonly serviceaccount: { readonly name: string; readonly uid: string };
  readonly pod?: { readonly name: string; readonly uid: string };
  readonly secret?: { readonly name: string; readonly uid: string };
  readonly node?: { readonly name: string; readonly uid?: string };
}

/** Kinds that a token can be bound to, with their resource. */
const BOUND_KINDS: Readonly<Record<string, string>> = { Pod: 'pods', Secret: 'secrets', Node: 'nodes' };

/** Tokens of service accounts (KEP-1205): signed JWTs that end when their account, or what they are bound to, does. */
export class ServiceAccountTokens {
  readonly #options: TokenOptions;
  readonly #privateKey: KeyObject;
  readonly #publicKey: KeyObject;

  constructor(options: TokenOptions) {
    this.#options = options;
    this.#privateKey = createPrivateKey(options.key);
    this.#publicKey = createPublicKey(this.#privateKey);
  }

  /** The audience of tokens that name none: this server. */
  get audience(): string {
    return this.#options.issuer();
  }

  /** A new token for an account. @throws StatusError if what it is to be bound to is not there */
  async issue(account: KubeObject, spec: TokenRequestSpec): Promise<IssuedToken> {
    const { SignJWT } = await import('jose');
    const issuer = this.#options.issuer();
    const audiences = spec.audiences?.length ? spec.audiences : [issuer];
    const issuedAt = Math.floor(this.#options.now().getTime() / 1000);
    const expires = issuedAt + (spec.expirationSeconds ?? 3600);
    const { name = '', namespace = '', uid = '' } = account.metadata;
    const claims: KubernetesClaims = {
      namespace,
      serviceaccount: { name, uid },
      ...(await this.#boundClaims(account, spec)),
    };
    const token = await new SignJWT({ 'kubernetes.io': claims })
      .setProtectedHeader({ alg: 'ES256', kid: await this.#keyId() })
      .setAudience([...audiences])
      .setExpirationTime(expires)
      .setIssuedAt(issuedAt)
      .setIssuer(issuer)
      .setJti(randomUUID())
      .setNotBefore(issuedAt)
      .setSubject(`system:serviceaccount:${namespace}:${name}`)
      .sign(this.#privateKey);
    return { token, expirationTimestamp: formatTime(new Date(expires * 1000)), audiences };
  }

  async #boundClaims(
    account: KubeObject,
    { boundObjectRef: ref }: TokenRequestSpec,
  ): Promise<Partial<KubernetesClaims>> {
    if (ref === undefined || ref === null) return {};
    const plural = BOUND_KINDS[ref.kind ?? ''];
    if (plural === undefined || ref.apiVersion !== 'v1')
      throw newBadRequest(`cannot bind token to object of type ${formatGroupVersionKind(ref.apiVersion, ref.kind)}`);
    const resource = this.#options.resources.builtin('', 'v1', plural);
    const name = ref.name ?? '';
    const bound = await this.#options.store.head(resource, account.metadata.namespace ?? '', name);
    if (bound === undefined) throw newNotFound(groupResource(resource), name);
    const uid = bound.metadata.uid ?? '';
    if (ref.uid && ref.uid !== uid)
      throw newConflict(
        groupResource(resource),
        name,
        `the UID in the bound object reference (${ref.uid}) does not match the UID in record. The object might have been deleted and then recreated`,
      );
    if (ref.kind === 'Pod' && bound.spec.serviceAccountName !== account.metadata.name)
      throw newBadRequest(
        `cannot bind token for serviceaccount "${account.metadata.name}" to pod running with different serviceaccount name.`,
      );
    return { [ref.kind!.toLowerCase()]: { name, uid } };
  }

  /** Whose a token is; undefined if it is not one of ours, has ended, or its account is gone. */
  async authenticate(token: string, audiences?: readonly string[]): Promise<UserInfo | undefined> {
    if (token.split('.').length !== 3) return undefined;
    const { jwtVerify } = await import('jose');
    try {
      const issuer = this.#options.issuer();
      const { payload } = await jwtVerify(token, this.#publicKey, {
        issuer,
        audience: [...(audiences ?? [issuer])],
        currentDate: this.#options.now(),
      });
      return await this.#userOf(payload['kubernetes.io'] as KubernetesClaims, payload.jti ?? '');
    } catch {
      return undefined;
    }
  }

  async #userOf(claims: KubernetesClaims, jti: string): Promise<UserInfo | undefined> {
    const { namespace, serviceaccount, pod } = claims;
    const { resources, store } = this.#options;
    const account = await store.head(resources.builtin('', 'v1', 'serviceaccounts'), namespace, serviceaccount.name);
    if (account === undefined || account.metadata.uid !== serviceaccount.uid) return undefined;
    for (const [kind, plural] of Object.entries(BOUND_KINDS)) {
      const bound = claims[kind.toLowerCase() as 'pod' | 'secret' | 'node'];
      if (bound === undefined) continue;
      const object = await store.head(resources.builtin('', 'v1', plural), namespace, bound.name);
      if (object === undefined || (bound.uid && object.metadata.uid !== bound.uid)) return undefined;
    }
    const extra = {
      'authentication.kubernetes.io/credential-id': [`JTI=${jti}`],
      ...(pod && {
        'authentication.kubernetes.io/pod-name': [pod.name],
        'authentication.kubernetes.io/pod-uid': [pod.uid],
      }),
    };
    return {
      name: `system:serviceaccount:${namespace}:${serviceaccount.name}`,
      uid: serviceaccount.uid,
      groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`],
      extra,
    };
  }

  async #keyId(): Promise<string> {
    const { calculateJwkThumbprint, exportJWK } = await import('jose');
    return calculateJwkThumbprint(await exportJWK(this.#publicKey));
  }

  /** `/.well-known/openid-configuration` */
  sendConfiguration(context: RequestContext): void {
    const issuer = this.#options.issuer();
    const document = {
      issuer,
      jwks_uri: `${issuer.replace(/\/$/, '')}/openid/v1/jwks`,
      response_types_supported: ['id_token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['ES256'],
    };
    sendBytes(context, 200, 'application/json', Buffer.from(JSON.stringify(document)));
  }

  /** `/openid/v1/jwks` */
  async sendKeys(context: RequestContext): Promise<void> {
    const { exportJWK } = await import('jose');
    const key = { use: 'sig', alg: 'ES256', kid: await this.#keyId(), ...(await exportJWK(this.#publicKey)) };
    sendBytes(context, 200, 'application/jwk-set+json', Buffer.from(JSON.stringify({ keys: [key] })));
  }
}
