import type { Client, Clock } from 'nekube/client';
import type { CoreEventRecorder } from 'nekube/controller';
import type { LinkedService } from '../environment/service-variables.ts';
import type { ImageMap } from '../images/image-map.ts';
import type { PodNetwork } from 'nekube/network';
import type { Backoff } from '../plan/backoff.ts';
import type { Reaper } from '../runtime/reaper.ts';

/** What all pods of one node have in common. */
export interface NodeParts {
  readonly name: string;
  /** Acts as the node, and may do what a kubelet may. */
  readonly client: Client;
  readonly clock: Clock;
  readonly events: CoreEventRecorder;
  readonly images: ImageMap;
  readonly network: PodNetwork;
  readonly backoff: Backoff;
  /** `status.hostIPs` */
  readonly addresses: readonly string[];
  /** What the node has for pods. */
  readonly allocatable: Readonly<Record<string, string>>;
  /** All services, of which processes are told. */
  readonly services: () => readonly LinkedService[];
  /** Where pods have their folders: `pods/UID` below it. */
  readonly dir: string;
  /** Where logs are, by pod (`podLogsDir`). */
  readonly logsDir: string;
  /** Made when the first process is. */
  readonly reaper: () => Reaper;
  /** What went wrong without being anybody's answer. */
  readonly onError: (error: unknown, what: string) => void;
}
