import { asm } from 'nekube/bpf';
import { type Client, InformerSet } from 'nekube/client';
import { silentLogger } from 'nekube/controller';
import {
  addressesOf,
  DEFAULT_DATAPATH,
  type AgentOptions,
  type AgentPlan,
  HeldServices,
  nearlyFull,
  nodeProgramsFor,
  planAgent,
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
  /** Which maps have little room left. */
  readonly fullMaps: readonly string[];
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
  const end = new AbortController();
  let fail: (error: Error) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => (fail = reject));
  // it may fail when it is no longer waited for
  failed.catch(() => undefined);
  const informers = new InformerSet(client, {
    onError: ({ message }, { kind }) => fail(new CliError(`Cannot read ${kind}s of the cluster: ${message}`)),
  });
  const nodes = informers.informer(NODE);
  const running = informers.run(AbortSignal.any([signal, end.signal]));
  try {
    await Promise.race([nodes.synced(end.signal), failed, running]);
    signal.throwIfAborted();
    const own = nodes.store.get({ name: options.node });
    const plan = planned(options, own ? addressesOf(own) : []);
    const balanced = await Promise.race([balance(informers, plan, options), failed, running]);
    signal.throwIfAborted();
    if (balanced === undefined) throw new CliError('Cannot read the cluster: its informers have ended');
    return { plan, ...balanced };
  } finally {
    end.abort(new Error('Done'));
    await running;
  }
}

/** What Services come to in the maps, when all of them are there. */
function balance(
  informers: InformerSet,
  plan: AgentPlan,
  { mode, algorithm, node, capacities, tables }: AgentOptions,
): Promise<Omit<DryRun, 'plan'>> {
  const held = new HeldServices();
  const problems = new Map<string, readonly string[]>();
  const maps = new ServiceMaps({ capacities, tables });
  return new Promise((done) => {
    startServiceBalancing({
      ...{ informers, node, maps },
      settings: { mode, algorithm, tunnels: tunnelAbilities({ ...DEFAULT_DATAPATH, ...plan }) },
      apply: (writes) => held.apply(writes),
      onProblems: ({ metadata }, all) => problems.set(`${metadata.namespace}/${metadata.name}`, all),
      onSynced: () => done({ held, problems, fullMaps: [...nearlyFull(maps.used, capacities).values()] }),
    });
  });
}

function planned(options: AgentOptions, addresses: readonly string[]): AgentPlan {
  try {
    return planAgent(options, { addresses, devices: readDevices() });
  } catch (cause) {
    throw new CliError(messageOf(cause), { hint: 'name them with --devices', cause });
  }
}

function asJson(
  { plan, held, problems, fullMaps }: DryRun,
  { mode, algorithm, node, pins, capacities, flows, hook = 'tcx' }: AgentOptions,
): unknown {
  const { specs, programs } = nodeProgramsFor({ ...DEFAULT_DATAPATH, ...plan }, { capacities, flows });
  const entries = viewContents(held.contents, specs);
  return {
    ...{ node, mode, algorithm, pins },
    ...plan,
    problems: Object.fromEntries(problems),
    fullMaps,
    frontends: viewFrontends(held.contents).map(({ key: _key, ...frontend }) => frontend),
    maps: specs.map(({ name, type, key, value, maxEntries }) => ({
      ...{ name, type, keyBytes: key.size, valueBytes: value.size, maxEntries },
      entries: entries.get(name) ?? [],
    })),
    programs: programs.map(({ program, direction, faces }) => ({
      ...{ name: program.name, attached: `${hook} ${direction}`, faces },
      listing: asm.listing(asm.assemble(program.name, program.code)).split('\n'),
    })),
  };
}

function asText(
  { plan, held, problems, fullMaps }: DryRun,
  { mode, algorithm, node, pins, capacities, flows, hook = 'tcx' }: AgentOptions,
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
    ...[...plan.notes, ...fullMaps].map((note) => `${note}\n`),
    '\n',
    formatTable(frontendRows(viewFrontends(held.contents), { isWide: false })),
    ...(told.length > 0 ? ['\nnot served as asked:\n', ...told] : []),
    '\n',
    formatTable([['MAP', 'TYPE', 'KEY', 'VALUE', 'ENTRIES'], ...rows], { right: [2, 3, 4] }),
    '\n',
    formatTable([
      ['PROGRAM', 'ATTACHED', 'FACES', 'INSTRUCTIONS'],
      ...programs.map(({ program, direction, faces }) => [
        ...[program.name, `${hook} ${direction}`, faces],
        `${asm.assemble(program.name, program.code).bytes.length / 8}`,
      ]),
    ]),
  ].join('');
}
