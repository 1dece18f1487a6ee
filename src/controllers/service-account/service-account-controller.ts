import { isStatusError } from 'nekube/apimachinery';
import type { EventHandler } from 'nekube/controller';
import type { BuiltinController } from '../builtin-controller.ts';
import { isNamespaceTerminating } from '../terminating.ts';

const NAMESPACE = { apiVersion: 'v1', kind: 'Namespace' };
const SERVICE_ACCOUNT = { apiVersion: 'v1', kind: 'ServiceAccount' };
/** What pods run as that name no account. */
const DEFAULT = 'default';

/** Makes the account `default` in every namespace, again if it is deleted. */
export const serviceAccountController: BuiltinController = {
  name: 'serviceaccount-controller',
  setUp({ manager, client }) {
    manager
      .controller(this.name)
      .for(NAMESPACE)
      .watches(SERVICE_ACCOUNT, enqueueNamespaceOfDeleted)
      .reconcile(async ({ name: namespace }, { object, reader, signal }) => {
        if (object?.status?.phase !== 'Active') return;
        const key = { namespace, name: DEFAULT };
        if ((await reader.get(SERVICE_ACCOUNT, key, { signal })) !== undefined) return;
        await client.create({ ...SERVICE_ACCOUNT, metadata: key }, { signal }).catch((error: unknown) => {
          if (!isStatusError(error, 'AlreadyExists') && !isNamespaceTerminating(error)) throw error;
        });
      });
  },
};

const enqueueNamespaceOfDeleted: EventHandler = {
  handle({ type, object }, queue) {
    if (type === 'deleted') queue.add({ name: object.metadata.namespace! });
  },
};
