import type { KubeObject } from 'nekube/apimachinery';
import type { Client, Clock, Kind } from 'nekube/client';
import type { Pod } from '../pod/pod.ts';
import type { Projection } from '../pod/volume.ts';

/** What asks for a token, and is answered with one. */
interface TokenRequest extends KubeObject {
  readonly spec: object;
  readonly status?: { readonly token: string; readonly expirationTimestamp: string };
}

/** A token that was issued. */
interface Issued {
  readonly token: string;
  readonly issuedAt: number;
  readonly expiresAt: number;
}

const SERVICE_ACCOUNT: Kind = { apiVersion: 'v1', kind: 'ServiceAccount' };
/** A token is replaced when it has lived for four fifths of its time, or for a day. */
const LONGEST_MS = 24 * 3600 * 1000;
const FRACTION = 0.8;

/** Tokens of service accounts, each for one pod, which are replaced before they expire. */
export class TokenCache {
  readonly #client: Client;
  readonly #clock: Clock;
  readonly #issued = new Map<string, Issued>();

  constructor(client: Client, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
  }

  /** A token that a volume shows. @throws what the server refuses it with */
  async token(pod: Pod, source: NonNullable<Projection['serviceAccountToken']>): Promise<string> {
    const { audience, expirationSeconds = 3600 } = source;
    const key = JSON.stringify([audience, expirationSeconds]);
    const now = this.#clock.now();
    const known = this.#issued.get(key);
    if (known !== undefined && !isDue(known, now)) return known.token;
    const { namespace = '', name, uid } = pod.metadata;
    const account = { namespace, name: pod.spec.serviceAccountName || 'default' };
    const { status } = await this.#client.createSubresource<TokenRequest>(SERVICE_ACCOUNT, account, 'token', {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      metadata: {},
      spec: {
        audiences: audience === undefined ? [] : [audience],
        expirationSeconds,
        boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid },
      },
    });
    const { token, expirationTimestamp } = status!;
    this.#issued.set(key, { token, issuedAt: now, expiresAt: Date.parse(expirationTimestamp) });
    return token;
  }
}

function isDue({ issuedAt, expiresAt }: Issued, now: number): boolean {
  return now >= issuedAt + Math.min(LONGEST_MS, (expiresAt - issuedAt) * FRACTION);
}
