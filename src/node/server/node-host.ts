import type { NodeHost, ServedContainer, ServedPod } from 'nekube/nodeserver';
import { surroundingsOf } from '../agent/container-starter.ts';
import type { NodeParts } from '../agent/node-parts.ts';
import type { PodWorker } from '../agent/pod-worker.ts';
import { containerLogPath } from '../logs/container-logs.ts';
import type { NodeAgent } from '../nodes/node-agent.ts';
import { allContainers } from '../pod/pod.ts';
import { CONTAINER_VARIABLE } from '../runtime/process-container.ts';
import { RUN_VARIABLE } from '../runtime/reaper.ts';

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
    running: (container) => servedContainer(node, worker, container),
    dial(port) {
      const { attachment } = worker;
      if (attachment === undefined) return Promise.reject(new Error('the pod has no network'));
      return attachment.dial(port);
    },
  };
}

function servedContainer(node: NodeParts, worker: PodWorker, name: string): ServedContainer | undefined {
  const running = worker.running(name);
  if (running === undefined) return undefined;
  const { pid, stdin, exited } = running;
  return {
    exited,
    ...(pid !== undefined && { pid }),
    ...(stdin !== undefined && { stdin }),
    async command(argv) {
      const { pod, attachment } = worker;
      const container = allContainers(pod).find((one) => one.name === name);
      const image = container && node.images.find(container.image);
      if (container === undefined || pid === undefined || image === undefined || attachment === undefined)
        throw new Error(`container ${name} is no process, so nothing can be run in it`);
      const restartCount = worker.record.containers.get(name)?.restartCount ?? 0;
      const { env, cwd } = await surroundingsOf(node, { pod, container, image, attachment, restartCount });
      // it ends with its container, and with this process
      const marks = { [RUN_VARIABLE]: node.reaper().mark, [CONTAINER_VARIABLE]: running.id };
      return { argv: attachment.within(argv), env: { ...env, ...marks }, cwd };
    },
  };
}
