import {
  invalid,
  isValidCidr,
  nameIsDnsSubdomain,
  type Path,
  parseCidr,
  required as requiredError,
} from 'nekube/apimachinery';
import { invalidGo } from '../go-struct.ts';
import type { ResourceRules } from '../resource-rules.ts';
import { fields, type Loose, type RuleContext, validateWith } from '../rule.ts';
import { ignoresStatus, prepare, writesStatusOnly } from '../strategy.ts';

const checks = fields({ spec: fields({ cidrs: checkCidrs }) });
const updateChecks = fields({ spec: fields({ cidrs: checkCidrsUpdate }) });
const unchangeable = 'field is immutable';

/** Ranges of cluster addresses. A second range, of the other family, may be added later. */
export const serviceCidrRules: ResourceRules = {
  ...prepare(ignoresStatus),
  nameCheck: nameIsDnsSubdomain,
  validate: (range) => validateWith(checks, range),
  validateUpdate: (range, old) => validateWith(updateChecks, range, old),
  subresources: { status: writesStatusOnly },
};

function checkCidrs(cidrs: Loose, path: Path, { errors, object }: RuleContext): void {
  const given: string[] = cidrs ?? [];
  if (given.length === 0) errors.push(requiredError(path, 'at least one CIDR required'));
  else if (given.length > 2)
    errors.push(invalidGo(path, 'ServiceCIDRSpec', object.spec, 'may only hold up to 2 values'));
  if (given.length === 0 || given.length > 2) return;
  given.forEach((text, i) => {
    for (const message of isValidCidr(text)) errors.push(invalid(path.index(i), text, message));
  });
  const [first, second] = given.map((text) => parseCidr(text)?.network.family);
  if (given.length < 2 || first !== second || first === undefined) return;
  const detail = 'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64';
  errors.push(invalid(path, given, detail));
}

function checkCidrsUpdate(cidrs: Loose, path: Path, context: RuleContext): void {
  const { errors, old } = context;
  const [now, before]: string[][] = [cidrs ?? [], old.spec.cidrs ?? []];
  const added = before!.length === 1 && now!.length === 2;
  if (now!.length !== before!.length && !added) {
    errors.push(invalid(path, cidrs, unchangeable));
    return;
  }
  before!.forEach((text, i) => {
    if (text !== now![i]) errors.push(invalid(path.index(i), now![i], unchangeable));
  });
  if (added) checkCidrs(cidrs, path, context);
}
