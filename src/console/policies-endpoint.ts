import { isStatusError, type JsonValue, type KubeObject } from 'nekube/apimachinery';
import { isNoMatchError } from 'nekube/client';
import { API_VERSION, compilePolicy } from 'nekube/fieldpolicy';
import { readPolicies } from 'nekube/ownership';
import type { Endpoints, PageRequest } from './endpoint.ts';

const PARKED = { apiVersion: API_VERSION, kind: 'ApplyConflict' };

/** What decides conflicts of applies, and what waits for a person. `unread` are kinds that the user may not list. */
export const policiesEndpoint: Endpoints = {
  'GET /console/policies': async (request) => {
    const unread: string[] = [];
    const { client, signal } = request;
    const policies = await readPolicies(client, { signal, onForbidden: (kind) => unread.push(kind) });
    const waiting = await waitingApplies(request, () => unread.push(PARKED.kind));
    return {
      policies: policies.map((policy) => ({
        policy: policy as unknown as JsonValue,
        problems: [...compilePolicy(policy).problems],
      })),
      waiting: waiting as unknown as JsonValue[],
      ...(unread.length > 0 && { unread }),
    };
  },
};

async function waitingApplies({ client, signal }: PageRequest, onForbidden: () => void): Promise<KubeObject[]> {
  const found: KubeObject[] = [];
  try {
    for await (const one of client.pages(PARKED, { signal })) found.push({ ...one, ...PARKED });
  } catch (error) {
    if (isStatusError(error, 'Forbidden')) onForbidden();
    else if (!isNoMatchError(error)) throw error;
  }
  return found;
}
