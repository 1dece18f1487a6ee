import { isStatusError } from 'nekube/apimachinery';
import { isNoMatchError, systemClock } from 'nekube/client';
import { type Environment, start } from 'nekube/envtest';
import { type Channel, installGatewayApi } from 'nekube/gateway';
import type { SavedObject } from '../object-files.ts';
import { identityOf } from './resources.ts';
import type { Trouble } from './troubles.ts';

/** So many objects are checked at once. */
const AT_ONCE = 32;

/**
 * What an API server would refuse of these objects: one without a socket, in this process, to which the definitions of a channel
 * are installed. Objects of kinds that it does not know are not checked.
 */
export async function refusalsOfServer(saved: readonly SavedObject[], channel: Channel): Promise<readonly Trouble[]> {
  const environment = await start({ level: 'fake', name: 'nekube gateway check' });
  try {
    await installGatewayApi(environment.client, { channel, clock: systemClock });
    await makeNamespaces(environment, saved);
    const troubles: Trouble[] = [];
    const waiting = [...saved];
    const check = async (): Promise<void> => {
      for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
        troubles.push(...(await refusalsOf(environment, one)));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, check));
    return troubles;
  } finally {
    await environment.stop();
  }
}

async function makeNamespaces({ client }: Environment, saved: readonly SavedObject[]): Promise<void> {
  const names = new Set(saved.flatMap(({ object }) => object.metadata.namespace ?? []));
  for (const name of names) {
    if (name === 'default') continue;
    await client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  }
}

async function refusalsOf({ client }: Environment, { object }: SavedObject): Promise<readonly Trouble[]> {
  // what a server gives cannot be given to it
  const { resourceVersion: _, uid: __, ...metadata } = object.metadata;
  try {
    await client.create({ ...object, metadata }, { fieldValidation: 'Strict' });
    return [];
  } catch (error) {
    if (isNoMatchError(error) || isStatusError(error, 'AlreadyExists')) return [];
    if (!isStatusError(error)) throw error;
    const { reason = 'Invalid', message = '', details } = error.status;
    const of = { identity: identityOf(object), object: `${object.kind} ${object.metadata.name ?? ''}`, reason };
    const causes = details?.causes ?? [];
    if (causes.length === 0) return [{ ...of, field: fieldIn(message), message }];
    return causes.map((cause) => ({
      ...of,
      field: cause.field ?? '',
      message: `${cause.field ?? ''}: ${cause.message ?? ''}`,
    }));
  }
}

/** The field that a text names: errors of decoding have no causes. */
function fieldIn(message: string): string {
  return /(?:unknown|duplicate) field "([^"]+)"/.exec(message)?.[1] ?? '';
}
