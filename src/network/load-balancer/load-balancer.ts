import { isStatusError, namespacedName } from 'nekube/apimachinery';
import type { Client, ObjectStore } from 'nekube/client';
import { addFinalizer, CoreEventRecorder, type Manager, removeFinalizer } from 'nekube/controller';
import type { PodNetwork } from '../pod-network.ts';
import { SERVICE, type Service } from '../routing/service.ts';
import { CLEANUP_FINALIZER, planBalancer } from './plan-balancer.ts';

/** What the controller works with. */
export interface LoadBalancerOptions {
  readonly client: Client;
  readonly network: PodNetwork;
}

/** As that of clouds names itself in events. */
const NAME = 'service-controller';

/**
 * Adds the controller that gives services of the type LoadBalancer an address, on which routing listens; with the finalizer
 * and the events that the service controllers of clouds have.
 */
export function addLoadBalancers(manager: Manager, { client, network }: LoadBalancerOptions): void {
  const services = manager.cache.informer(SERVICE).store;
  /** What was given and may not be seen yet. */
  const given = new Map<string, string>();
  const events = new CoreEventRecorder(client, NAME, manager.clock);
  const balancers = new Balancers({ client, services, given, events, range: network.loadBalancerRange });
  manager
    .controller(NAME)
    .for(SERVICE)
    .reconcile(async (request, { object }) => {
      if (object === undefined) given.delete(`${request.namespace}/${request.name}`);
      else await balancers.see(object);
    });
}

/** What load balancers are made with. */
interface BalancerParts {
  readonly client: Client;
  readonly services: ObjectStore<Service>;
  readonly given: Map<string, string>;
  readonly events: CoreEventRecorder;
  readonly range: string;
}

class Balancers {
  readonly #parts: BalancerParts;

  constructor(parts: BalancerParts) {
    this.#parts = parts;
  }

  async see(service: Service): Promise<void> {
    const { range, given } = this.#parts;
    const plan = planBalancer(service, range, this.#takenByOthers(service));
    if (plan.do === 'refuse') {
      const message = `Error syncing load balancer: failed to ensure load balancer: ${plan.why}`;
      this.#parts.events.record(service, 'Warning', 'SyncLoadBalancerFailed', message);
      throw new Error(message);
    }
    if (plan.do === 'remove') await this.#remove(service);
    if (plan.do === 'ensure') {
      given.set(namespacedName(service.metadata), plan.ip);
      await this.#ensure(service, plan.ip);
    }
  }

  async #ensure(service: Service, ip: string): Promise<void> {
    const { client, events } = this.#parts;
    events.record(service, 'Normal', 'EnsuringLoadBalancer', 'Ensuring load balancer');
    const held = await addFinalizer(client, service, CLEANUP_FINALIZER);
    events.record(service, 'Normal', 'EnsuredLoadBalancer', 'Ensured load balancer');
    await this.#writeStatus(held, { ingress: [{ ip }] });
  }

  async #remove(service: Service): Promise<void> {
    const { client, given, events } = this.#parts;
    events.record(service, 'Normal', 'DeletingLoadBalancer', 'Deleting load balancer');
    given.delete(namespacedName(service.metadata));
    const free = await removeFinalizer(client, service, CLEANUP_FINALIZER);
    events.record(service, 'Normal', 'DeletedLoadBalancer', 'Deleted load balancer');
    if (service.status?.loadBalancer?.ingress !== undefined) await this.#writeStatus(free, { ingress: null });
  }

  async #writeStatus({ metadata: { namespace, name = '' } }: Service, loadBalancer: object): Promise<void> {
    const merge = { status: { loadBalancer } };
    try {
      await this.#parts.client.patch(SERVICE, { namespace, name }, { merge } as never, { subresource: 'status' });
    } catch (error) {
      // it may go with its finalizer
      if (!isStatusError(error, 'NotFound')) throw error;
    }
  }

  #takenByOthers(service: Service): ReadonlySet<string> {
    const { services, given } = this.#parts;
    const mine = namespacedName(service.metadata);
    const seen = services
      .list()
      .filter((other) => namespacedName(other.metadata) !== mine)
      .flatMap(({ status }) => (status?.loadBalancer?.ingress ?? []).flatMap(({ ip }) => ip ?? []));
    return new Set([...seen, ...[...given].filter(([key]) => key !== mine).map(([, ip]) => ip)]);
  }
}
