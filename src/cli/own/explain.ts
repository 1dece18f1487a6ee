import { stringifyJson, stringifyYaml } from 'nekube/apimachinery';
import type { Client } from 'nekube/client';
import { type FieldDecision, isMalformedDecision, parseFieldDecision } from 'nekube/fieldpolicy';
import { explainApply, identityOf } from 'nekube/ownership';
import { withCluster } from '../cluster.ts';
import { CliError, type Io, NegativeFinding } from '../io.ts';
import type { ExplainFlags } from './explain-command.ts';
import { type ExplainedObject, explainedData, explainedText } from './explain-text.ts';
import { manifestsOf, placedManifests } from './manifest-files.ts';
import { policiesFor } from './policy-files.ts';

const CONSEQUENCE = 'nothing was explained';

/**
 * Prints how the conflicts of applies would be decided.
 *
 * @throws NegativeFinding when one fails, or waits for a person
 */
export async function explain(flags: ExplainFlags, io: Io): Promise<void> {
  const decisions = decisionsOf(flags.decide ?? []);
  const manifests = await manifestsOf(flags, io, CONSEQUENCE);
  const explained = await withCluster(flags, io, async (client) => {
    const placed = await placedManifests(client, manifests, flags, CONSEQUENCE);
    const policies = await policiesFor(client, flags.policy ?? [], io);
    const options = {
      fieldManager: flags.manager,
      policies,
      decisions,
      force: flags.forceConflicts === true,
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
  });
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

/** What `--decide` says. @throws CliError */
export function decisionsOf(texts: readonly string[]): FieldDecision[] {
  return texts.map((text) => {
    const read = parseFieldDecision(text);
    if (isMalformedDecision(read)) throw new CliError(`--decide ${read.malformed}`, { hint: read.fix });
    return read;
  });
}

function formatted(objects: readonly ExplainedObject[], { output }: ExplainFlags): string {
  if (output === 'text') return explainedText(objects);
  const data = explainedData(objects);
  return output === 'json' ? `${stringifyJson(data)}\n` : stringifyYaml(data);
}
