import { type Grant, grantedTo, type Identity, type ReportedGrant, RISK_LEVELS, type RiskLevel } from 'nekube/audit';
import type { KubeObject } from 'nekube/apimachinery';
import { type Io, NegativeFinding } from '../io.ts';
import { printable } from '../printable.ts';

/** What RBAC objects grant to somebody; of bindings to what there is not is told on stderr. */
export function grantsIn(objects: readonly KubeObject[], identity: Identity, io: Pick<Io, 'stderr'>): readonly Grant[] {
  const { grants, problems } = grantedTo(objects, identity);
  for (const problem of problems) io.stderr(`warning: ${printable(problem)}\n`);
  return grants;
}

/** `--fail-on LEVEL`. @throws NegativeFinding: a grant that is more than was used is of that level, or a worse one */
export function failForRisk(unused: readonly Pick<ReportedGrant, 'level'>[], failOn: RiskLevel | undefined): void {
  if (failOn === undefined) return;
  const worst = RISK_LEVELS.slice(0, RISK_LEVELS.indexOf(failOn) + 1);
  const found = unused.filter(({ level }) => worst.includes(level)).length;
  if (found === 0) return;
  const [noun, verb] = found === 1 ? ['grant', 'is'] : ['grants', 'are'];
  throw new NegativeFinding(`${found} ${noun} of the level ${failOn} or worse ${verb} more than was used`);
}
