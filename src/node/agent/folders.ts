import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { podLogsDir } from '../logs/container-logs.ts';
import type { Pod } from '../pod/pod.ts';
import type { NodeParts } from './node-parts.ts';

/** The folder of a pod, below that of its node; all that it has there goes with it. */
export function podDir(nodeDir: string, uid: string): string {
  return join(nodeDir, 'pods', uid);
}

/** The file in which a container may say why it ends. */
export function terminationLog(dir: string): string {
  return join(dir, 'termination-log');
}

/** The folder of a container. */
export function containerDir(nodeDir: string, uid: string, container: string): string {
  return join(podDir(nodeDir, uid), 'containers', container);
}

/** Removes all that a pod has on its node, also its logs. */
export function removeFolders({ dir, logsDir }: Pick<NodeParts, 'dir' | 'logsDir'>, { metadata }: Pod): void {
  const { namespace = '', name = '', uid = '' } = metadata;
  for (const folder of [podDir(dir, uid), podLogsDir(logsDir, { namespace, name, uid })]) {
    rmSync(folder, { recursive: true, force: true });
  }
}
