import {
  duplicate,
  forbidden,
  invalid,
  isDns1123Label,
  notFound,
  notSupported,
  type Path,
  required as requiredError,
  tooMany,
} from 'nekube/apimachinery';
import {
  type Check,
  type Checks,
  fields,
  isEmpty,
  type Loose,
  matches,
  required,
  requiredAnd,
  requiredOneOf,
  type RuleContext,
  run,
} from '../rule.ts';
import { checkContainerPorts, checkHostPortConflicts } from './container-ports.ts';
import { checkEnv, checkEnvFrom } from './env.ts';
import type { PodCheckOptions } from './pod-options.ts';
import { checkLifecycleAndProbes } from './probes.ts';
import { checkPullPolicy } from './pull-policy.ts';
import { checkContainerResourceName, checkResourceRequirements } from './resources.ts';
import { checkContainerSecurityContext } from './security-context.ts';
import { checkVolumeDevices, checkVolumeMounts, type Volumes } from './volume-mounts.ts';

/** What the containers of a pod need to know of it. */
export interface PodFacts {
  readonly spec: Loose;
  readonly options: PodCheckOptions;
  readonly volumes: Volumes;
  readonly claimNames: ReadonlySet<string>;
  /** False when the pod has a user namespace of its own. */
  readonly hostUsers: boolean;
}

/** What is the same for all containers of a pod. */
function checkContainerCommon(pod: PodFacts): Check {
  const checkResources = checkResourceRequirements(checkContainerResourceName, pod.claimNames, pod.options);
  const checkResizing = checkResizePolicy(pod.spec.restartPolicy);
  const checkSecurity = checkContainerSecurityContext(pod.hostUsers);
  return (container, path, context) => {
    const rules: Record<string, Checks> = {
      name: requiredAnd('', matches(isDns1123Label)),
      image: required(),
      terminationMessagePolicy: requiredOneOf('File', 'FallbackToLogsOnError'),
      ports: checkContainerPorts,
      env: checkEnv,
      envFrom: checkEnvFrom,
      volumeMounts: checkVolumeMounts(pod.volumes, container),
      volumeDevices: checkVolumeDevices(pod.volumes, container),
      imagePullPolicy: checkPullPolicy,
      resources: checkResources,
      resizePolicy: checkResizing,
      securityContext: checkSecurity,
    };
    fields(rules)(container, path, context);
  };
}

/** Whether a container restarts when its resources change; reports at the list, as kube-apiserver does. */
function checkResizePolicy(podRestartPolicy: string): Check {
  const checkResource = requiredOneOf('cpu', 'memory');
  const checkRestart = requiredOneOf('NotRequired', 'RestartContainer');
  return (policies, path, context) => {
    const seen = new Set<string>();
    (policies ?? []).forEach(({ resourceName = '', restartPolicy = '' }: Loose, i: number) => {
      if (seen.has(resourceName)) context.errors.push(duplicate(path.index(i), resourceName));
      seen.add(resourceName);
      checkResource(resourceName, path, context);
      checkRestart(restartPolicy, path, context);
      if (podRestartPolicy === 'Never' && restartPolicy !== 'NotRequired') {
        const detail = "must be 'NotRequired' when pod `restartPolicy` is 'Never'";
        context.errors.push(invalid(path, restartPolicy, detail));
      }
    });
  };
}

const NO_POLICY = 'must specify restartPolicy when restart rules are used';

/** The restart policy of a single container with its rules by exit code. */
const checkContainerRestartPolicy: Check = (container, path, context) => {
  const { restartPolicy, restartPolicyRules: rules = [] } = container;
  const { errors } = context;
  const at = path.child('restartPolicy');
  if (restartPolicy === undefined) {
    if (rules.length === 0) return;
    errors.push(requiredError(at, NO_POLICY));
  } else if (!['Always', 'Never', 'OnFailure'].includes(restartPolicy)) {
    errors.push(notSupported(at, restartPolicy, ['Always', 'Never', 'OnFailure']));
  }
  const rulesPath = path.child('restartPolicyRules');
  if (rules.length > 20) errors.push(tooMany(rulesPath, rules.length, 20));
  rules.forEach((rule: Loose, i: number) => checkRestartRule(rule, rulesPath.index(i), context));
};

/** The same of an init container, whose rules are not looked at without a policy. */
const checkInitRestartPolicy: Check = (container, path, context) => {
  if (container.restartPolicy !== undefined) return checkContainerRestartPolicy(container, path, context);
  if (isEmpty(container.restartPolicyRules)) return;
  context.errors.push(requiredError(path.child('restartPolicy'), NO_POLICY));
};

function checkRestartRule({ action = '', exitCodes }: Loose, path: Path, { errors }: RuleContext): void {
  const actions = ['Restart', 'RestartAllContainers'];
  if (!actions.includes(action)) errors.push(notSupported(path.child('action'), action, actions));
  const at = path.child('exitCodes');
  if (!exitCodes) return void errors.push(requiredError(at, 'must be specified'));
  const { operator = '', values = [] } = exitCodes;
  if (operator !== 'In' && operator !== 'NotIn')
    errors.push(notSupported(at.child('operator'), operator, ['In', 'NotIn']));
  if (values.length > 255) errors.push(tooMany(at.child('values'), values.length, 255));
}

/** The containers of a pod; there is at least one. */
export function checkContainers(pod: PodFacts): Check {
  const checkCommon = checkContainerCommon(pod);
  const checkLifecycle = checkLifecycleAndProbes(pod.spec.terminationGracePeriodSeconds);
  return (containers, path, context) => {
    if (isEmpty(containers)) return void context.errors.push(requiredError(path));
    const names = new Set<string>();
    containers.forEach((container: Loose, i: number) => {
      const at = path.index(i);
      checkCommon(container, at, context);
      const { name = '' } = container;
      if (names.has(name)) context.errors.push(duplicate(at.child('name'), name));
      names.add(name);
      run([checkLifecycle, checkContainerRestartPolicy], container, at, context);
    });
    checkHostPortConflicts(containers, path, context);
  };
}

/** True for a sidecar: an init container that goes on running. */
export function isSidecar(container: Loose): boolean {
  return container.restartPolicy === 'Always';
}

/** The init containers of a pod. */
export function checkInitContainers(pod: PodFacts): Check {
  const checkCommon = checkContainerCommon(pod);
  const checkLifecycle = checkLifecycleAndProbes(pod.spec.terminationGracePeriodSeconds);
  return (containers, path, context) => {
    const names = new Set<string>((pod.spec.containers ?? []).map((c: Loose) => c.name ?? ''));
    (containers ?? []).forEach((container: Loose, i: number) => {
      const at = path.index(i);
      run([checkCommon, checkInitRestartPolicy], container, at, context);
      const { name = '' } = container;
      if (names.has(name)) context.errors.push(duplicate(at.child('name'), name));
      else if (name !== '') names.add(name);
      checkHostPortConflicts([container], path, context);
      if (isSidecar(container)) checkLifecycle(container, at, context);
      else checkPlainInitContainer(container, at, pod.options, context);
    });
  };
}

function checkPlainInitContainer(container: Loose, at: Path, options: PodCheckOptions, { errors }: RuleContext): void {
  for (const field of ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe']) {
    if (container[field] === undefined) continue;
    errors.push(forbidden(at.child(field), 'may not be set for init containers without restartPolicy=Always'));
  }
  if (options.allowRestartContainerForInitContainer) return;
  (container.resizePolicy ?? []).forEach(({ restartPolicy }: Loose, i: number) => {
    if (restartPolicy !== 'RestartContainer') return;
    const path = at.child('resizePolicy').index(i).child('restartPolicy');
    const detail = "must not be set to 'RestartContainer' for non-sidecar initContainers";
    errors.push(invalid(path, restartPolicy, detail));
  });
}

/** Fields an ephemeral container may not have, in the order in which they are reported. */
const NOT_FOR_EPHEMERAL = [
  ...['ports', 'resources', 'resizePolicy', 'restartPolicy', 'restartPolicyRules'],
  ...['livenessProbe', 'readinessProbe', 'startupProbe', 'lifecycle'],
];

/** The ephemeral containers of a pod. */
export function checkEphemeralContainers(pod: PodFacts): Check {
  const checkCommon = checkContainerCommon(pod);
  return (containers, path, context) => {
    const { errors } = context;
    const others = [...(pod.spec.containers ?? []), ...(pod.spec.initContainers ?? [])].map((c: Loose) => c.name ?? '');
    const names = new Set<string>(others);
    (containers ?? []).forEach((container: Loose, i: number) => {
      const at = path.index(i);
      run([checkCommon, checkImagePadding], container, at, context);
      const { name = '', targetContainerName: target } = container;
      if (names.has(name)) errors.push(duplicate(at.child('name'), name));
      names.add(name);
      if (target && !others.includes(target)) errors.push(notFound(at.child('targetContainerName'), target));
      checkEphemeralFields(container, at, context);
    });
  };
}

function checkEphemeralFields(container: Loose, at: Path, { errors }: RuleContext): void {
  const detail = 'cannot be set for an Ephemeral Container';
  for (const field of NOT_FOR_EPHEMERAL) {
    const unset = field === 'resources' ? isEmpty(container[field]) : container[field] === undefined;
    if (!unset) errors.push(forbidden(at.child(field), detail));
  }
  (container.volumeMounts ?? []).forEach((mount: Loose, i: number) => {
    for (const field of ['subPath', 'subPathExpr']) {
      if (mount[field]) errors.push(forbidden(at.child('volumeMounts').index(i).child(field), detail));
    }
  });
}

/** An image without spaces around it, which templates may have. */
export const checkImagePadding: Check = ({ image = '' }, path, { errors }) => {
  if (image.trim() === image) return;
  errors.push(invalid(path.child('image'), image, 'must not have leading or trailing whitespace'));
};
