import { asm } from 'nekube/bpf';
import { type Client, InformerSet } from 'nekube/client';
import { silentLogger } from 'nekube/controller';
import {
  addressesOf,
  DEFAULT_DATAPATH,
  type AgentOptions,
  type AgentPlan,
  HeldServices,
  nodeProgramsFor,
  planAgent,
  outerOf,
  readDevices,
  ServiceMaps,
  startServiceBalancing,
  tunnelAbilities,
  viewContents,
  viewFrontends,
} from 'nekube/loadbalancer';
import { NODE } from 'nekube/network';
import { withCluster } from '../cluster.ts';
import { CliError, type Io, messageOf } from '../io.ts';
import { formatTable } from '../table.ts';
import type { AgentFlags } from './agent-command.ts';
import { agentOptions } from './agent-options.ts';
import { frontendRows } from './frontend-rows.ts';

/** What an agent would do. */
interface DryRun {
  readonly plan: AgentPlan;
  readonly held: HeldServices;
  /** What is not served as it asks, by Service. */
  readonly problems: ReadonlyMap<string, readonly string[]>;
}

/** Prints what an agent would attach and write. It needs no rights, and no Linux. */
export async function printPlan(flags: AgentFlags, io: Io): Promise<void> {
  await withCluster(flags, io, async (client) => {
    const options = agentOptions(flags, client, silentLogger);
    const run = await dryRun(options, client, io.signal);
    if (flags.output === 'json') io.stdout(`${JSON.stringify(asJson(run, options), null, 2)}\n`);
    else io.stdout(asText(run, options));
  });
}

async function dryRun(options: AgentOptions, client: Client, signal: AbortSignal): Promise<DryRun> {
  const { mode, algorithm, node, capacities, tables, tunnelSources = [] } = options;
  const { carriesPort } = tunnelAbilities({ ...DEFAULT_DATAPATH, nodeAddresses: {}, outer: outerOf(tunnelSources) });
  const informers = new InformerSet(client);
  const end = new AbortController();
  const held = new HeldServices();
  const problems = new Map<string, readonly string[]>();
  const nodes = informers.informer(NODE);
  const synced = new Promise<void>((done) => {
    startServiceBalancing({
      ...{ informers, node, maps: new ServiceMaps({ capacities, tables }) },
      settings: { mode, algorithm, tunnels: { carriesPort } },
      apply: (writes) => held.apply(writes),
      onProblems: ({ metadata }, all) => problems.set(`${metadata.namespace}/${metadata.name}`, all),
      onSynced: done,
    });
  });
  const running = informers.run(AbortSignal.any([signal, end.signal]));
  try {
    await Promise.race([synced, running]);
    signal.throwIfAborted();
    const own = nodes.store.get({ name: node });
    return { plan: planned(options, own ? addressesOf(own) : []), held, problems };
  } finally {
    end.abort(new Error('Done'));
    await running;
  }
}

function planned(options: AgentOptions, addresses: readonly string[]): AgentPlan {
  try {
    return planAgent(options, { addresses, devices: readDevices() });
  } catch (cause) {
    throw new CliError(messageOf(cause), { hint: 'name them with --devices', cause });
  }
}

function asJson(
  { plan, held, problems }: DryRun,
  { mode, algorithm, node, pins, capacities, flows }: AgentOptions,
): unknown {
  const { specs, programs } = nodeProgramsFor({ ...DEFAULT_DATAPATH, ...plan }, { capacities, flows });
  const entries = viewContents(held.contents, specs);
  return {
    ...{ node, mode, algorithm, pins },
    ...plan,
    problems: Object.fromEntries(problems),
    frontends: viewFrontends(held.contents).map(({ key: _key, ...frontend }) => frontend),
    maps: specs.map(({ name, type, key, value, maxEntries }) => ({
      ...{ name, type, keyBytes: key.size, valueBytes: value.size, maxEntries },
      entries: entries.get(name) ?? [],
    })),
    programs: programs.map(({ program, direction, faces }) => ({
      ...{ name: program.name, attached: `tcx ${direction}`, faces },
      listing: asm.listing(asm.assemble(program.name, program.code)).split('\n'),
    })),
  };
}

function asText(
  { plan, held, problems }: DryRun,
  { mode, algorithm, node, pins, capacities, flows }: AgentOptions,
): string {
  const { specs, programs } = nodeProgramsFor({ ...DEFAULT_DATAPATH, ...plan }, { capacities, flows });
  const told = [...problems].flatMap(([service, all]) => all.map((problem) => `  ${service}: ${problem}\n`));
  const rows = specs.map(({ name, type, key, value, maxEntries }) => [
    name,
    type,
    `${key.size}`,
    `${value.size}`,
    `${maxEntries}`,
  ]);
  return [
    `node ${node}: ${mode}, ${algorithm}; maps and links at ${pins}\n`,
    ...plan.notes.map((note) => `${note}\n`),
    '\n',
    formatTable(frontendRows(viewFrontends(held.contents), { isWide: false })),
    ...(told.length > 0 ? ['\nnot served as asked:\n', ...told] : []),
    '\n',
    formatTable([['MAP', 'TYPE', 'KEY', 'VALUE', 'ENTRIES'], ...rows], { right: [2, 3, 4] }),
    '\n',
    formatTable([
      ['PROGRAM', 'ATTACHED', 'FACES', 'INSTRUCTIONS'],
      ...programs.map(({ program, direction, faces }) => [
        ...[program.name, `tcx ${direction}`, faces],
        `${asm.assemble(program.name, program.code).bytes.length / 8}`,
      ]),
    ]),
  ].join('');
}
