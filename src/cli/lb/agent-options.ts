import { hostname } from 'node:os';
import { type Client, systemClock } from 'nekube/client';
import type { Logger } from 'nekube/controller';
import { type AgentOptions, seedOf } from 'nekube/loadbalancer';
import type { AgentFlags } from './agent-command.ts';

/** What the flags ask of an agent. */
export function agentOptions(flags: AgentFlags, client: Client, logger: Logger): AgentOptions {
  const { devices, mtu, tunnelSources, clampMss, cgroup, tableSize, slotsPerBackend, seed } = flags;
  return {
    client,
    logger,
    clock: systemClock,
    node: flags.node ?? hostname().toLowerCase(),
    mode: flags.mode,
    algorithm: flags.algorithm,
    attach: flags.attach,
    pins: flags.pins,
    ...(flags.hook !== 'auto' && { hook: flags.hook }),
    podDevices: flags.podDevices,
    capacities: { services: flags.maxFrontends, backends: flags.maxBackends, table: flags.maxSlots },
    flows: { flows: flags.maxFlows },
    tables: {
      ...(tableSize !== undefined && { size: tableSize }),
      ...(slotsPerBackend !== undefined && { slotsPerBackend }),
      ...(seed !== undefined && { seed: seedOf(seed) }),
    },
    ...(devices !== undefined && { devices }),
    ...(mtu !== undefined && { mtu }),
    ...(tunnelSources !== undefined && { tunnelSources }),
    ...(clampMss && { clampsSegments: true }),
    ...(cgroup !== 'none' && { cgroup }),
  };
}
