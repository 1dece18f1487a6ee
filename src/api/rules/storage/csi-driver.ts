import {
  duplicate,
  invalid,
  jsonEqual,
  type KubeObject,
  nameIsDnsSubdomain,
  notSupported,
  type Path,
} from 'nekube/apimachinery';
import type { ResourceRules } from '../resource-rules.ts';
import {
  type Check,
  type Checks,
  checkImmutable,
  defined,
  fields,
  given,
  type Loose,
  oneOf,
  type RuleContext,
  validateWith,
} from '../rule.ts';
import { type Preparation, prepare, raiseGeneration } from '../strategy.ts';
import { checkTokenSeconds } from '../token-seconds.ts';

const leastPeriodSeconds = 10;
const tokenWarning =
  'spec.serviceAccountTokenInSecrets is unset; if supported by this CSI driver, set to true to prevent possible logging of tokens in volume attributes';

const checkModes: Check = (modes, path, { errors }) => {
  for (const mode of modes ?? []) {
    if (mode === 'Persistent' || mode === 'Ephemeral') continue;
    errors.push(notSupported(path, mode, ['Persistent', 'Ephemeral']));
  }
};

/** The first field is reported under another name, as in kube-apiserver. */
const checkSpec: Checks = [
  (spec, path, context) => given('')(spec.attachRequired, path.child('attachedRequired'), context),
  fields({
    podInfoOnMount: given(''),
    storageCapacity: given(''),
    fsGroupPolicy: defined(oneOf('File', 'None', 'ReadWriteOnceWithFSType')),
    tokenRequests: checkTokenRequests,
    volumeLifecycleModes: checkModes,
    seLinuxMount: given(''),
    nodeAllocatableUpdatePeriodSeconds: defined((seconds, path, { errors }) => {
      if (seconds >= leastPeriodSeconds) return;
      errors.push(invalid(path, seconds, `must be greater than or equal to ${leastPeriodSeconds} seconds`));
    }),
    serviceAccountTokenInSecrets: defined((inSecrets, path, { errors, object }) => {
      if (object.spec.tokenRequests?.length > 0) return;
      const detail = 'serviceAccountTokenInSecrets is set but no tokenRequests are specified';
      errors.push(invalid(path, inSecrets, detail));
    }),
  }),
];

const checks = fields({ spec: checkSpec });

const checkUnchanged: Check = ({ spec }, path, { errors, old }) => {
  const at = path.child('spec');
  checkImmutable(spec.attachRequired, old.spec.attachRequired, at.child('attachedRequired'), errors);
  checkImmutable(spec.volumeLifecycleModes, old.spec.volumeLifecycleModes, at.child('volumeLifecycleModes'), errors);
};

/** Fields of features that are off, and a generation that only updates count. */
const preparation: Preparation = {
  prepareForCreate: ({ spec }) => {
    delete spec?.preventPodSchedulingIfMissing;
  },
  prepareForUpdate: (driver, old) => {
    if ((old.spec.preventPodSchedulingIfMissing ?? null) === null) delete driver.spec.preventPodSchedulingIfMissing;
    raiseGeneration(driver, old, ['spec']);
  },
};

/** CSI drivers. */
export const csiDriverRules: ResourceRules = {
  ...prepare(preparation),
  defaults: { '*': defaultDriver },
  nameCheck: nameIsDnsSubdomain,
  validate: (driver) => validateWith(checks, driver),
  validateUpdate: (driver, old) => validateWith([checks, checkUnchanged], driver, old),
  warnings: driverWarnings,
  allowUnconditionalUpdate: false,
  returnsDeletedObject: true,
};

function defaultDriver(driver: KubeObject): void {
  driver.spec ??= {};
  const { spec } = driver;
  spec.attachRequired ??= true;
  spec.podInfoOnMount ??= false;
  spec.storageCapacity ??= false;
  spec.fsGroupPolicy ??= 'ReadWriteOnceWithFSType';
  if (!(spec.volumeLifecycleModes?.length > 0)) spec.volumeLifecycleModes = ['Persistent'];
  spec.requiresRepublish ??= false;
  spec.seLinuxMount ??= false;
}

/** Each audience once; of a repeated one the lifetime is not checked. */
function checkTokenRequests(requests: Loose, path: Path, { errors }: RuleContext): void {
  const audiences = new Set<string>();
  ((requests ?? []) as Loose[]).forEach(({ audience = '', expirationSeconds: seconds }, i) => {
    const at = path.index(i);
    if (audiences.has(audience)) {
      errors.push(duplicate(at.child('audience'), audience));
      return;
    }
    audiences.add(audience);
    if (seconds === undefined || seconds === null) return;
    checkTokenSeconds(seconds, at.child('expirationSeconds'), errors);
  });
}

function driverWarnings({ spec }: KubeObject, old: KubeObject | undefined): string[] {
  const changed = !old || !jsonEqual(spec.tokenRequests ?? [], old.spec.tokenRequests ?? []);
  const unset = (spec.serviceAccountTokenInSecrets ?? null) === null;
  return changed && unset && spec.tokenRequests?.length > 0 ? [tokenWarning] : [];
}
