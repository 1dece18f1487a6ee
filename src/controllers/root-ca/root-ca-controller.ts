import { isStatusError, type KubeObject } from 'nekube/apimachinery';
import { type EventHandler, matching } from 'nekube/controller';
import type { BuiltinController } from '../builtin-controller.ts';
import { isNamespaceTerminating } from '../terminating.ts';

const NAMESPACE = { apiVersion: 'v1', kind: 'Namespace' };
const CONFIG_MAP = { apiVersion: 'v1', kind: 'ConfigMap' };
const NAME = 'kube-root-ca.crt';
const KEY = 'ca.crt';
const DESCRIPTION_KEY = 'kubernetes.io/description';
const DESCRIPTION =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal ' +
  'service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.';

/** Keeps the ConfigMap `kube-root-ca.crt` in every namespace: whom its pods trust to be the API server. */
export const rootCaController: BuiltinController = {
  name: 'root-ca-certificate-publisher-controller',
  setUp({ manager, client, rootCa }) {
    if (rootCa === undefined) {
      manager.logger.info('The CA is not published: none was handed in', { controller: this.name });
      return;
    }
    manager
      .controller(this.name)
      .watches(NAMESPACE, enqueueNamespace)
      .watches(CONFIG_MAP, enqueueNamespaceOf, { predicates: [matching(({ metadata }) => metadata.name === NAME)] })
      .reconcile(async ({ name: namespace }, { reader, signal }) => {
        const key = { namespace, name: NAME };
        const found = await reader.get(CONFIG_MAP, key, { signal });
        const wanted = published(found ?? { ...CONFIG_MAP, metadata: key }, rootCa);
        if (found !== undefined) {
          if (wanted !== undefined) await client.update(wanted, { signal });
          return;
        }
        await client.create(wanted!, { signal }).catch((error: unknown) => {
          if (!isStatusError(error, 'NotFound') && !isNamespaceTerminating(error)) throw error;
        });
      });
  },
};

const enqueueNamespace: EventHandler = {
  handle({ type, object }, queue) {
    if (type === 'deleted' || (type === 'updated' && object.status?.phase !== 'Active')) return;
    queue.add({ name: object.metadata.name! });
  },
};

const enqueueNamespaceOf: EventHandler = {
  handle({ type, object }, queue) {
    if (type !== 'created') queue.add({ name: object.metadata.namespace! });
  },
};

/** The ConfigMap with the CA and nothing else in it; undefined if it is that already, however it is described. */
export function published(object: KubeObject, rootCa: string): KubeObject | undefined {
  const { metadata, data = {} } = object;
  const isRight = Object.keys(data).length === 1 && data[KEY] === rootCa;
  if (isRight && (metadata.annotations?.[DESCRIPTION_KEY] ?? '') !== '') return undefined;
  const annotations = { ...metadata.annotations, [DESCRIPTION_KEY]: DESCRIPTION };
  return { ...object, metadata: { ...metadata, annotations }, data: { [KEY]: rootCa } };
}
