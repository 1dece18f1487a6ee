import type { KubeObject } from 'nekube/apimachinery';
import type { Client } from 'nekube/client';

/** Who a client is for its cluster. */
export interface Identity {
  readonly name: string;
  readonly groups: readonly string[];
}

/** Who the client is, by a SelfSubjectReview; undefined where the cluster does not tell. */
export async function identityOf(client: Client, signal?: AbortSignal): Promise<Identity | undefined> {
  const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview', metadata: {} };
  try {
    const { status } = await client.create<Review>(review as never, signal && { signal });
    const { username = '', groups = [] } = status?.userInfo ?? {};
    return username === '' ? undefined : { name: username, groups };
  } catch {
    signal?.throwIfAborted();
    return undefined;
  }
}

interface Review extends KubeObject {
  readonly status?: { readonly userInfo?: { readonly username?: string; readonly groups?: readonly string[] } };
}
