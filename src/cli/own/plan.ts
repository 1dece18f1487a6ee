import { type JsonObject, stringifyJson, stringifyYaml } from 'nekube/apimachinery';
import { type ManifestPlan, planData, planManifests } from 'nekube/ownership';
import { withCluster } from '../cluster.ts';
import { painterFor } from '../color.ts';
import { CliError, type Io, NegativeFinding } from '../io.ts';
import { showProgress } from './apply-progress.ts';
import { decideIn, givenDecisions } from './decision-flags.ts';
import { manifestsOf, placedManifests } from './manifest-files.ts';
import type { PlanFlags } from './plan-command.ts';
import { formatPlan } from './plan-text.ts';

const CONSEQUENCE = 'nothing was planned';

/**
 * Prints what an apply of files would do.
 *
 * @throws CliError for wrong files and flags, and when the server refuses an object
 * @throws NegativeFinding when nothing decides conflicts
 */
export async function plan(flags: PlanFlags, io: Io): Promise<void> {
  const parallel = Number(flags.parallel);
  if (!Number.isInteger(parallel) || parallel < 1 || parallel > 256)
    throw new CliError(`--parallel ${flags.parallel}: it must be a number from 1 to 256`);
  const given = await givenDecisions(flags, io);
  const print = printerFor(flags, io);
  const manifests = await manifestsOf(flags, io, CONSEQUENCE);
  const plans = await withCluster(flags, io, async (client) => {
    const placed = await placedManifests(client, manifests, flags, CONSEQUENCE);
    const { manager: fieldManager, subresource } = flags;
    const decide = await decideIn(client, given, io);
    const show = io.columns === undefined ? undefined : showProgress(io);
    const how = {
      fieldManager,
      decide,
      parallel,
      signal: io.signal,
      ...(subresource && { subresource }),
      ...(show && { onProgress: (done: number, total: number) => show({ phase: 'looking', done, total }) }),
    };
    return await planManifests(client, placed, how);
  });
  print(plans);
  end(plans);
}

/** @throws CliError for colours that there are not, before anything is read */
function printerFor(flags: PlanFlags, io: Io): (plans: readonly ManifestPlan[]) => void {
  const { output, manager, all = false, color } = flags;
  const style = { painter: painterFor(color, io), all };
  if (output === 'json') return (plans) => io.stdout(`${stringifyJson(listOf(plans, manager))}\n`);
  if (output === 'yaml') return (plans) => io.stdout(stringifyYaml(listOf(plans, manager)));
  return (plans) => io.stdout(plans.map((one) => formatPlan(one, style)).join('\n'));
}

function listOf(plans: readonly ManifestPlan[], manager: string): JsonObject {
  const summary: JsonObject = {};
  for (const { outcome } of plans) summary[outcome] = Number(summary[outcome] ?? 0) + 1;
  return {
    apiVersion: 'ownership.nekube.dev/v1alpha1',
    kind: 'ApplyPlanList',
    manager,
    summary,
    items: plans.map((plan) => planData(plan, plan.place)),
  };
}

function end(plans: readonly ManifestPlan[]): void {
  const refused = plans.filter(({ outcome }) => outcome === 'error');
  if (refused.length > 0) throw new CliError(`Cannot apply ${refused.length} of ${plans.length} objects`);
  const conflicts = plans.filter(({ outcome }) => outcome === 'conflict').length;
  if (conflicts > 0)
    throw new NegativeFinding(`${conflicts} of ${plans.length} objects are in conflict over fields that others own`);
}
