import type { AssessedGrant } from '../access/unused.ts';
import type { Usage } from '../access/used.ts';
import type { ProbedKinds } from '../verdict/finding.ts';
import { rolesWords } from '../verdict/words.ts';

/**
 * What roles lack that have what was seen and no more, as sentences: who takes them to a cluster may meet there what was not seen here.
 *
 * @param assessed what the manifests grant
 */
export function rolesLack(kinds: ProbedKinds, usage: Usage, assessed: readonly AssessedGrant[]): readonly string[] {
  const leases = assessed.filter(({ grant }) => grant.group === 'coordination.k8s.io' && grant.resource === 'leases');
  const isUnused = leases.length > 0 && leases.every(({ used }) => used.length === 0);
  const all = [
    rolesWords(kinds),
    usage.isWithoutList && 'It watched without list (WatchList): servers before Kubernetes 1.32 ask for list as well.',
    isUnused &&
      'Leases are not among these, since none was used here: if it elects a leader in a cluster alone, it needs what the manifests grant of them.',
  ];
  return all.filter((one) => typeof one === 'string');
}
