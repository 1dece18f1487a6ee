import { expandVariables } from '../images/expand.ts';
import type { NodeParts } from '../agent/node-parts.ts';
import type { StartRequest } from '../agent/container-starter.ts';

/** What processes have of the environment of this one: what programs are found and run by, and no more. */
const KEPT = ['PATH', 'HOME', 'USER', 'LANG', 'TZ', 'TMPDIR'] as const;

/** The environment of a container's process: of the machine, the image, the network, and the container, the later before. */
export async function environmentOf(
  node: NodeParts,
  { pod, container, image, attachment }: StartRequest,
): Promise<Record<string, string>> {
  const kept = KEPT.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]));
  const env: Record<string, string> = {
    ...Object.fromEntries(kept),
    HOSTNAME: pod.spec.hostNetwork ? node.name : (pod.spec.hostname ?? pod.metadata.name ?? ''),
    ...image.env,
    ...attachment.environment,
  };
  for (const { name, value = '' } of container.env ?? []) env[name] = expandVariables(value, env);
  return env;
}
