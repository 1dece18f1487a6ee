import type { KubeObject } from 'nekube/apimachinery';
import type { Client } from 'nekube/client';
import { API_VERSION, type FieldPolicy } from 'nekube/fieldpolicy';
import { orNothing } from './definitions.ts';

/** Who a client is for its cluster. */
export interface Identity {
  readonly name: string;
  readonly groups: readonly string[];
}

/** The policies of a cluster; undefined where their kinds are not installed. @throws StatusError who may not list them */
export async function clusterPolicies(client: Client, signal?: AbortSignal): Promise<FieldPolicy[] | undefined> {
  const all: FieldPolicy[] = [];
  let installed = false;
  for (const kind of ['ClusterFieldPolicy', 'FieldPolicy'] as const) {
    const found = await orNothing(async () => {
      const some: FieldPolicy[] = [];
      const pages = client.pages<FieldPolicy>({ apiVersion: API_VERSION, kind }, signal && { signal });
      for await (const policy of pages) some.push({ ...policy, apiVersion: API_VERSION, kind });
      return some;
    });
    installed ||= found !== undefined;
    all.push(...(found ?? []));
  }
  return installed ? all : undefined;
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
