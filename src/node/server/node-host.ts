import type { NodeHost, ServedContainer, ServedPod } from 'nekube/nodeserver';
import type { NodeParts } from '../agent/node-parts.ts';
import type { PodWorker } from '../agent/pod-worker.ts';
import { containerLogPath } from '../logs/container-logs.ts';
import type { NodeAgent } from '../nodes/node-agent.ts';

/** A node's pods, as its server sees them. */
export function hostOf(agent: NodeAgent): NodeHost {
  return {
    nodeName: agent.name,
    pods: () => [...agent.workers].map((worker) => worker.told),
    pod(namespace, name) {
      const worker = agent.find(namespace, name);
      return worker && servedPod(agent.parts, worker);
    },
  };
}

function servedPod(node: NodeParts, worker: PodWorker): ServedPod {
  return {
    get object() {
      return worker.told;
    },
    logPath(container, restartCount) {
      const { namespace = '', name = '', uid = '' } = worker.pod.metadata;
      return containerLogPath(node.logsDir, { namespace, name, uid }, container, restartCount);
    },
    running: (container) => servedContainer(worker, container),
    dial(port) {
      const { attachment } = worker;
      if (attachment === undefined) return Promise.reject(new Error('the pod has no network'));
      return attachment.dial(port);
    },
  };
}

function servedContainer(worker: PodWorker, name: string): ServedContainer | undefined {
  const running = worker.running(name);
  if (running === undefined) return undefined;
  const { pid, stdin, exited, beside } = running;
  return {
    exited,
    ...(pid !== undefined && { pid }),
    ...(stdin !== undefined && { stdin }),
    async command(argv) {
      if (beside === undefined) throw new Error(`container ${name} is no process, so nothing can be run in it`);
      return beside(argv);
    },
  };
}
