import { stringifyJson, stringifyYaml } from 'nekube/apimachinery';
import type { Client } from 'nekube/client';
import { isDecisionWarning } from 'nekube/fieldpolicy';
import { explainApply, identityOf } from 'nekube/ownership';
import { withCluster } from '../cluster.ts';
import { CliError, type Io, NegativeFinding } from '../io.ts';
import { givenDecisions, policiesIn } from './decision-flags.ts';
import type { ExplainFlags } from './explain-command.ts';
import { type ExplainedObject, explainedData, explainedText } from './explain-text.ts';
import { manifestsOf, placedManifests } from './manifest-files.ts';

const CONSEQUENCE = 'nothing was explained';

/**
 * Prints how the conflicts of applies would be decided.
 *
 * @throws NegativeFinding when one fails, or waits for a person
 */
export async function explain(flags: ExplainFlags, io: Io): Promise<void> {
  const given = await givenDecisions(flags, io);
  const manifests = await manifestsOf(flags, io, CONSEQUENCE);
  const explained = await withCluster(
    flags,
    io,
    async (client) => {
      const placed = await placedManifests(client, manifests, flags, CONSEQUENCE);
      const policies = await policiesIn(client, given, io);
      const options = {
        fieldManager: flags.manager,
        policies,
        decisions: given.decisions,
        force: given.force,
        user: await userOf(client, flags, io),
        now: () => new Date(),
        signal: io.signal,
      };
      const objects: ExplainedObject[] = [];
      for (const { configuration } of placed) {
        const conflicts = await explainApply(client, configuration, options);
        objects.push({ configuration, conflicts });
      }
      return objects;
      // what the server says of dry runs is what is explained, perhaps with other policies
    },
    (warning) => !isDecisionWarning(warning),
  );
  io.stdout(formatted(explained, flags));
  const failing = explained.flatMap(({ conflicts }) => conflicts).filter(({ verdict }) => isRefused(verdict.decision));
  if (failing.length > 0)
    throw new NegativeFinding(`${failing.length} ${failing.length === 1 ? 'conflict fails' : 'conflicts fail'}`);
}

function isRefused(decision: string): boolean {
  return decision === 'fail' || decision === 'ask';
}

async function userOf(client: Client, { as, asGroup = [] }: ExplainFlags, io: Io) {
  if (as === undefined && asGroup.length > 0)
    throw new CliError('--as-group requires --as', { hint: 'name the user whose groups they are' });
  return as === undefined ? await identityOf(client, io.signal) : { name: as, groups: asGroup };
}

function formatted(objects: readonly ExplainedObject[], { output }: ExplainFlags): string {
  if (output === 'text') return explainedText(objects);
  const data = explainedData(objects);
  return output === 'json' ? `${stringifyJson(data)}\n` : stringifyYaml(data);
}
