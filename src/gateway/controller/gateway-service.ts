import type { GatewayConfig, Listener } from '../model/index.ts';
import type { Gateway, Service, Snapshot } from '../translate/index.ts';
import { infrastructureName } from './infrastructure.ts';

type Objects = Pick<Snapshot, 'gateways' | 'services'>;

/** The Service that was made for a Gateway; undefined where there is none yet, or that of its name is somebody else's. */
export function serviceOf(gateway: Gateway | undefined, { services }: Pick<Objects, 'services'>): Service | undefined {
  const { namespace = '', name = '', uid } = gateway?.metadata ?? {};
  const service = services.get(`${namespace}/${infrastructureName(name, gateway?.spec?.gatewayClassName ?? '')}`);
  const { ownerReferences = [] } = (service?.metadata ?? {}) as { ownerReferences?: readonly { uid: string }[] };
  return ownerReferences.some((owner) => owner.uid === uid) ? service : undefined;
}

/** What the load balancer of a Gateway's Service has: addresses and names. */
export function balancedAddresses(service: Service | undefined): readonly string[] {
  return (service?.status?.loadBalancer?.ingress ?? []).flatMap(({ ip, hostname }) => ip ?? hostname ?? []);
}

/** The port to which the Service of a gateway leads what comes to a listener. */
export function knownPort(objects: Objects): (gateway: GatewayConfig, listener: Listener) => number | undefined {
  return ({ key }, { port, transport }) => {
    const service = serviceOf(objects.gateways.get(key), objects);
    const found = service?.spec?.ports?.find((each) => each.port === port && (each.protocol ?? 'TCP') === transport);
    return typeof found?.targetPort === 'number' ? found.targetPort : undefined;
  };
}
