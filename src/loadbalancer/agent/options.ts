import type { Client, Clock } from 'nekube/client';
import type { Logger } from 'nekube/controller';
import type { Attach } from '../datapath/fast-attach.ts';
import type { Hook } from '../datapath/node-datapath.ts';
import type { FlowCapacities } from '../datapath/maps.ts';
import type { TableOptions } from '../maps/compile.ts';
import type { Capacities } from '../maps/service-maps.ts';
import type { Algorithm } from '../model/config.ts';
import type { PlanOptions } from './plan.ts';

/** What a node's agent is to do. */
export interface AgentOptions extends PlanOptions {
  readonly client: Client;
  /** The name of its Node. */
  readonly node: string;
  readonly algorithm: Algorithm;
  readonly tables: TableOptions;
  readonly capacities: Capacities;
  readonly flows: FlowCapacities;
  /** Whether requests are taken by XDP as well. */
  readonly attach: Attach;
  /** Where programs of traffic control are. Default: where the kernel can. */
  readonly hook?: Hook;
  /** A folder of a bpffs, or one where a bpffs is mounted. */
  readonly pins: string;
  /** Names of devices towards pods, with * for any letters. */
  readonly podDevices: readonly string[];
  /** The folder of a cgroup v2 whose sockets are balanced at connect time; absent: none. */
  readonly cgroup?: string;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Is told once that all that was there is in the maps, and programs are attached. */
  readonly onReady?: () => void;
}
