import { isStatusError, type KubeObject } from 'nekube/apimachinery';
import type { Client, Kind, ObjectKey } from 'nekube/client';
import { matching } from 'nekube/controller';
import type { BuiltinController } from '../builtin-controller.ts';
import { keyOf } from '../object-key.ts';
import { accountOf, completed, missingOf, SECRET, type Secret } from './token-secret.ts';

/** A ServiceAccount. */
interface Account extends KubeObject {
  secrets?: readonly { readonly name?: string }[];
}

const ACCOUNT: Kind<Account> = { apiVersion: 'v1', kind: 'ServiceAccount' };
/** The longest that a token may be asked for, which is 136 years. */
const LONGEST_S = 2 ** 32;

/** Fills the Secrets that hold tokens of service accounts, and deletes those whose account is gone. */
export const serviceAccountTokenController: BuiltinController = {
  name: 'serviceaccount-token-controller',
  setUp({ manager, client, rootCa }) {
    const accounts = manager.cache.informer(ACCOUNT);
    const secrets = manager.cache.informer(SECRET);
    secrets.handle({
      deleted(secret) {
        void forget(client, accounts.store.get(accountKeyOf(secret)), secret).catch(() => {});
      },
    });
    manager
      .controller(this.name, { maxConcurrentReconciles: 5 })
      .for(SECRET, { predicates: [matching<Secret>((secret) => accountOf(secret) !== undefined)] })
      .watches(ACCOUNT, {
        handle({ type, object }, queue) {
          if (type !== 'deleted') return;
          const { namespace, name } = object.metadata;
          const own = secrets.store.list(namespace).filter((secret) => accountOf(secret)?.name === name);
          for (const one of own) queue.add(keyOf(one));
        },
      })
      .reconcile(async (_key, { object: secret, signal }) => {
        if (secret === undefined || secret.metadata.deletionTimestamp !== undefined) return;
        const account = await find(client, secret);
        if (account === undefined) return remove(client, secret);
        const missing = missingOf(secret, rootCa);
        if (!missing.ca && !missing.namespace && !missing.token) return;
        const token = missing.token ? await tokenFor(client, account, secret) : undefined;
        const next = completed(secret, { account, rootCa, token });
        await client.update<Secret>({ ...SECRET, ...next }, { signal }).catch(unlessGone);
      });
  },
};

function accountKeyOf(secret: Secret): ObjectKey {
  return { namespace: secret.metadata.namespace, name: accountOf(secret)?.name ?? '' };
}

/** The very account that a Secret is about, as the server has it. */
async function find(client: Client, secret: Secret): Promise<Account | undefined> {
  const wanted = accountOf(secret)!;
  try {
    const account = await client.get(ACCOUNT, accountKeyOf(secret));
    return wanted.uid === undefined || wanted.uid === account.metadata.uid ? account : undefined;
  } catch (error) {
    if (isStatusError(error, 'NotFound')) return undefined;
    throw error;
  }
}

/** A token that holds for as long as the Secret is there. */
async function tokenFor(client: Client, account: Account, { metadata }: Secret): Promise<string> {
  const { namespace, name = '' } = account.metadata;
  const boundObjectRef = { kind: 'Secret', apiVersion: 'v1', name: metadata.name, uid: metadata.uid };
  const request = {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    metadata: {},
    spec: { audiences: [], expirationSeconds: LONGEST_S, boundObjectRef },
  };
  const answer = (await client.createSubresource<KubeObject>(
    ACCOUNT,
    { namespace, name },
    'token',
    request,
  )) as KubeObject;
  return (answer.status as { token: string }).token;
}

async function remove(client: Client, { metadata: { namespace, name = '', uid } }: Secret): Promise<void> {
  await client.delete(SECRET, { namespace, name }, { preconditions: { uid } }).catch(unlessGone);
}

/** Takes a Secret that is gone off the account that names it. */
async function forget(client: Client, account: Account | undefined, { metadata }: Secret): Promise<void> {
  const secrets = account?.secrets ?? [];
  if (account === undefined || !secrets.some(({ name }) => name === metadata.name)) return;
  const left = secrets.filter(({ name }) => name !== metadata.name);
  await client.update<Account>({ ...ACCOUNT, ...account, secrets: left }).catch(unlessGone);
}

/** Who wrote meanwhile is heard of, and then it is done again if need be. */
function unlessGone(error: unknown): void {
  if (!isStatusError(error, 'NotFound') && !isStatusError(error, 'Conflict')) throw error;
}
