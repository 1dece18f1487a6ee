import {
  isJsonObject,
  type JsonObject,
  type KubeObject,
  type ServiceReference,
  type WebhookClientConfig,
  webhookService,
} from 'nekube/apimachinery';
import { type OperatorService, USUAL_WEBHOOK_PORT } from 'nekube/audit';

/**
 * The Services that webhooks of an operator name, with the ports of its own that they stand for. Where the manifests lack the Service, it is
 * a port of a container that is called as one for webhooks, or the usual one.
 */
export function operatorServices(
  objects: readonly KubeObject[],
  workloads: readonly KubeObject[],
): readonly OperatorService[] {
  const ports = workloads.flatMap(portsOf);
  const named = new Map(objects.flatMap(referencesIn).map((one) => [`${one.namespace}/${one.name}:${one.port}`, one]));
  return [...named.values()].map((reference) => ({ ...reference, targetPort: targetOf(reference, objects, ports) }));
}

/** Whether an object has webhooks, and says of each where it is. */
export function namesWebhooks(object: KubeObject): boolean {
  const configs = configsIn(object);
  return configs.length > 0 && configs.every(({ service, url }) => isJsonObject(service) || typeof url === 'string');
}

function referencesIn(object: KubeObject): ServiceReference[] {
  return configsIn(object).flatMap((config) => {
    const service = isJsonObject(config.service) ? webhookService(config as WebhookClientConfig) : undefined;
    return service?.namespace === undefined || service.name === undefined ? [] : [service];
  });
}

/** What says where webhooks are: of admission, and of the conversion of custom resources. */
function configsIn({ kind, spec, webhooks }: KubeObject): JsonObject[] {
  const holders: unknown[] =
    kind === 'CustomResourceDefinition' ? [spec?.conversion?.webhook] : Array.isArray(webhooks) ? webhooks : [];
  return holders
    .filter((one): one is JsonObject => isJsonObject(one as JsonObject))
    .map(({ clientConfig }) => clientConfig)
    .filter((one) => isJsonObject(one));
}

interface ContainerPort {
  readonly name?: string;
  readonly containerPort: number;
}

function portsOf({ spec }: KubeObject): ContainerPort[] {
  const containers = (spec?.template?.spec?.containers ?? []) as readonly {
    readonly ports?: readonly ContainerPort[];
  }[];
  return containers.flatMap(({ ports = [] }) => ports);
}

function targetOf(
  { namespace, name, port }: ServiceReference,
  objects: readonly KubeObject[],
  ports: readonly ContainerPort[],
): number {
  const isIt = ({ kind, metadata }: KubeObject): boolean =>
    kind === 'Service' && metadata.name === name && (metadata.namespace ?? 'default') === namespace;
  const own = (objects.find(isIt)?.spec?.ports ?? []) as readonly { port: number; targetPort?: number | string }[];
  const target = own.find((one) => one.port === port);
  if (target === undefined)
    return ports.find((one) => /webhook/.test(one.name ?? ''))?.containerPort ?? USUAL_WEBHOOK_PORT;
  const { targetPort = target.port } = target;
  if (typeof targetPort === 'number') return targetPort;
  return ports.find((one) => one.name === targetPort)?.containerPort ?? USUAL_WEBHOOK_PORT;
}
