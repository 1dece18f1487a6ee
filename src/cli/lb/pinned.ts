import { PinnedMaps } from 'nekube/loadbalancer';
import { CliError, messageOf } from '../io.ts';
import type { NamedFrontend } from 'nekube/loadbalancer';

/** So long the agent is waited for. */
const AGENT_MS = 5000;

/**
 * Hands the maps that are pinned to `use`, and closes them.
 *
 * @throws CliError there are none, or no rights to see them
 */
export async function withPinned<T>(pins: string, use: (maps: PinnedMaps) => T | Promise<T>): Promise<T> {
  let maps: PinnedMaps;
  try {
    maps = new PinnedMaps(pins);
  } catch (cause) {
    throw new CliError(messageOf(cause), {
      hint: 'run "nekube lb agent" on this node, or name its --pins; it takes the rights of root; "ip netns exec" has a /sys of its own, nsenter --net=FILE has not',
      cause,
    });
  }
  try {
    return await use(maps);
  } finally {
    maps.close();
  }
}

/** What the agent of this node answers, or undefined if there is none to ask. */
export async function askAgent<T>(agent: string, path: string): Promise<T | undefined> {
  try {
    const response = await fetch(`http://${agent}${path}`, { signal: AbortSignal.timeout(AGENT_MS) });
    return response.ok ? ((await response.json()) as T) : undefined;
  } catch {
    return undefined;
  }
}

/** The names of Services' ports by the place where they are counted; none if no agent tells. */
export async function namesOf(agent: string): Promise<ReadonlyMap<number, string>> {
  const frontends = (await askAgent<readonly NamedFrontend[]>(agent, '/frontends')) ?? [];
  return new Map(frontends.map(({ counter, name }) => [counter, name]));
}
