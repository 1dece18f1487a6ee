import { jsonEqual, type KubeObject, nameIsDnsSubdomain, type Path } from 'nekube/apimachinery';
import { checkClaimTemplateMeta } from '../core/persistent-volume-claim-spec.ts';
import { invalidGo } from '../go-struct.ts';
import type { ResourceRules } from '../resource-rules.ts';
import { type Checks, fields, type Loose, type RuleContext, validateWith } from '../rule.ts';
import { ignoresStatus, prepare, writesStatusOnly } from '../strategy.ts';
import { checkClaimStatus } from './claim-status.ts';
import { checkDeviceClaim, defaultDeviceClaim, defaultTolerations, deviceId } from './device-claim.ts';

const checkSpec = fields({ devices: checkDeviceClaim });
const claimChecks: Checks = fields({ spec: checkSpec });
const templateChecks: Checks = fields({
  spec: fields({ metadata: checkClaimTemplateMeta, spec: checkSpec }),
});

function checkSameSpec(type: string) {
  return ({ spec }: Loose, path: Path, { errors, old }: RuleContext): void => {
    if (jsonEqual(spec ?? null, old.spec ?? null)) return;
    errors.push(invalidGo(path.child('spec'), type, spec, 'field is immutable'));
  };
}

/** Claims of devices, whose wishes do not change. */
export const claimRules: ResourceRules = {
  returnsDeletedObject: true,
  ...prepare(ignoresStatus),
  defaults: { '*': defaultClaim },
  nameCheck: nameIsDnsSubdomain,
  validate: (claim) => validateWith(claimChecks, claim),
  validateUpdate: (claim, old) => validateWith(checkSameSpec('ResourceClaimSpec'), claim, old),
  subresources: {
    status: {
      ...prepare(writesStatusOnly, { prepareForUpdate: dropFreedDevices }),
      validateUpdate: (claim, old) => validateWith(checkClaimStatus, claim, old),
    },
  },
};

function defaultClaim({ spec, status }: KubeObject): void {
  defaultDeviceClaim(spec?.devices);
  for (const result of status?.allocation?.devices?.results ?? []) defaultTolerations(result);
}

/** Templates of claims. */
export const claimTemplateRules: ResourceRules = {
  returnsDeletedObject: true,
  defaults: { '*': ({ spec }: KubeObject) => defaultDeviceClaim(spec?.spec?.devices) },
  nameCheck: nameIsDnsSubdomain,
  validate: (template) => validateWith(templateChecks, template),
  validateUpdate: (template, old) =>
    validateWith([templateChecks, checkSameSpec('ResourceClaimTemplateSpec')].flat(), template, old),
};

/** Forgets the state of devices that are no longer allocated. */
function dropFreedDevices(claim: KubeObject, old: KubeObject): void {
  const allocated = ({ status }: KubeObject) => (status?.allocation?.devices?.results ?? []).map(deviceId);
  const kept = new Set(allocated(claim));
  const freed = new Set(allocated(old).filter((id: string) => !kept.has(id)));
  const devices: Loose[] = claim.status?.devices ?? [];
  const left = devices.filter((device) => !freed.has(deviceId(device)));
  if (left.length === devices.length) return;
  claim.status.devices = left;
  if (left.length === 0) delete claim.status.devices;
}
