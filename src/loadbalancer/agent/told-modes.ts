import { namespacedName } from 'nekube/apimachinery';
import type { Client, Clock, Informer, InformerSet } from 'nekube/client';
import type { Logger } from 'nekube/controller';
import { NODE, type Node, SERVICE, type Service } from 'nekube/network';
import { writeModeCondition } from '../controller/mode-conditions.ts';
import type { ModeCondition } from '../services/modes.ts';

/** What modes are told with. */
export interface ToldModesOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly node: string;
  readonly informers: InformerSet;
}

/**
 * Tells Services by which mode this node serves them. Of nodes that serve one otherwise than it asks one says so; when that takes it back,
 * another does, which is why what this node has to say is kept.
 */
export class ToldModes {
  readonly #options: ToldModesOptions;
  readonly #fallen = new Map<string, ModeCondition>();
  readonly #nodes: Informer<Node>;
  readonly #remove: () => void;

  constructor(options: ToldModesOptions) {
    this.#options = options;
    this.#nodes = options.informers.informer(NODE);
    this.#remove = options.informers.informer(SERVICE).handle({
      added: () => undefined,
      updated: (service) => this.#again(service),
      deleted: (service) => void this.#fallen.delete(namespacedName(service.metadata)),
    });
  }

  /** The condition of a Service at this node is this from now on. */
  tell(service: Service, condition: ModeCondition): void {
    const key = namespacedName(service.metadata);
    if (condition.status === 'False') this.#fallen.set(key, condition);
    else this.#fallen.delete(key);
    const { client, clock, node, logger } = this.#options;
    const isNode = (name: string): boolean => this.#nodes.store.get({ name }) !== undefined;
    writeModeCondition(service, condition, { client, now: () => clock.now(), node, isNode }).catch((error: Error) =>
      logger.warn('Cannot write the status of a Service', { service: key, error: error.message }),
    );
  }

  close(): void {
    this.#remove();
  }

  #again(service: Service): void {
    const condition = this.#fallen.get(namespacedName(service.metadata));
    if (condition !== undefined) this.tell(service, condition);
  }
}
