import { jsonEqual } from 'nekube/apimachinery';
import type { Client } from 'nekube/client';
import { type Decision, emptySet, type FieldSet, valueAt } from 'nekube/smd';
import { contextOf, type Decide } from './apply-decided.ts';
import type { DecidedConflict } from './decided-configuration.ts';
import type { Configuration, ConflictsFound, FieldConflict, FindOptions } from './field-conflicts.ts';
import { readOwnership } from './owners.ts';
import { stockConflicts } from './policies/stock-conflicts.ts';

/**
 * The conflicts that a server which heeds policies has decided itself, so that a dry run did not meet them: what became of
 * each is read from what the server made of the object. Who decided is what `decide` says, if it says the same.
 *
 * Without a conflict that stock would find, nothing is asked. What was forced is told only if `decide` forces it, too:
 * there are servers that let go of an owner for other reasons.
 */
export async function decidedByServer(
  client: Client,
  configuration: Configuration,
  found: ConflictsFound,
  options: FindOptions & { readonly decide: Decide },
): Promise<readonly DecidedConflict[]> {
  const { live, result } = found;
  const { fieldManager, subresource = '', decide } = options;
  if (live === undefined || result === undefined || subresource !== '') return [];
  const conflicts = stockConflicts(configuration, found, fieldManager);
  if (conflicts.length === 0) return [];
  const verdicts = await decide(conflicts, contextOf(client, configuration, live, options));
  const owned = ownedBy(fieldManager, result);
  return conflicts.flatMap((conflict, i): DecidedConflict[] => {
    const decision = decisionSeen(conflict, found, owned);
    const verdict = verdicts[i]!;
    if (verdict.decision === decision) return [{ ...conflict, ...verdict }];
    return decision === 'force' ? [] : [{ ...conflict, decision, by: 'the server' }];
  });
}

function ownedBy(manager: string, object: NonNullable<ConflictsFound['result']>): FieldSet {
  const { owners } = readOwnership(object);
  const own = owners.find((one) => one.operation === 'Apply' && one.manager === manager && one.subresource === '');
  return own?.fields ?? emptySet;
}

function decisionSeen({ path, live }: FieldConflict, { result, type }: ConflictsFound, owned: FieldSet): Decision {
  const after = valueAt(result as never, path, type.type.type);
  const stays = live === undefined ? after === undefined : after !== undefined && jsonEqual(live, after);
  if (!stays) return 'force';
  return owned.has(path) ? 'share' : 'yield';
}
