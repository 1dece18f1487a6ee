import { type Usage, usageOfProcesses } from 'nekube/nodeserver';
import type { PodWorker } from '../agent/pod-worker.ts';
import type { NodeAgent } from '../nodes/node-agent.ts';
import type { Pod } from '../pod/pod.ts';

/** What a node's pods have used. */
export interface NodeUsage {
  readonly node: string;
  readonly pods: readonly PodUsage[];
}

/** What the containers of a pod that run have used. */
export interface PodUsage {
  readonly pod: Pod;
  readonly containers: readonly {
    readonly name: string;
    /** Milliseconds since 1970. */
    readonly startedAt: number;
    /** Absent for one that is no process. */
    readonly used?: Usage;
  }[];
}

/** What the pods of nodes have used, as of now. The machine's processes are looked at once, and only if there are some of pods. */
export function usageOf(agents: readonly NodeAgent[]): readonly NodeUsage[] {
  const nodes = agents.map((agent) => ({ node: agent.name, pods: [...agent.workers].map(runningIn) }));
  const pids = nodes.flatMap(({ pods }) => pods.flatMap(({ containers }) => containers.map(({ pid }) => pid)));
  const used = usageOfProcesses(new Set(pids.filter((pid) => pid !== undefined)));
  return nodes.map(({ node, pods }) => ({
    node,
    pods: pods.map(({ pod, containers }) => ({
      pod,
      containers: containers.flatMap(({ name, startedAt, pid }) => {
        if (pid === undefined) return [{ name, startedAt }];
        const own = used.get(pid);
        return own === undefined ? [] : [{ name, startedAt, used: own }];
      }),
    })),
  }));
}

function runningIn(worker: PodWorker): {
  readonly pod: Pod;
  readonly containers: readonly {
    readonly name: string;
    readonly startedAt: number;
    readonly pid: number | undefined;
  }[];
} {
  const { pod } = worker;
  const containers = pod.spec.containers.flatMap(({ name }) => {
    const running = worker.running(name);
    return running === undefined ? [] : [{ name, startedAt: running.startedAt, pid: running.pid }];
  });
  return { pod, containers };
}
