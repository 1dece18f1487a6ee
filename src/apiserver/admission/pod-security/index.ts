/**
 * Pod security: what pods may do in a namespace is what its `pod-security.kubernetes.io/` labels say.
 *
 * Without a configuration nobody is exempt, and namespaces without labels are privileged.
 */
import { aggregateErrors, type KubeObject, newForbidden, newInvalid } from 'nekube/apimachinery';
import type { AdmissionAttributes, AdmissionPlugin } from '../../admission.ts';
import type { PluginDeps } from '../plugin-deps.ts';
import { groupResource } from '../../registry/served.ts';
import { inDetail, inShort, violationsOf } from './checks.ts';
import { type PodSecurityConfiguration, podSecurityConfiguration } from './configuration.ts';
import type { Container, PodLike, PodSpec, Violation } from './pod.ts';
import {
  compareLevels,
  isFullyPrivileged,
  type LevelVersion,
  type Policy,
  policyOf,
  PREFIX,
  printLevel,
} from './policy.ts';

/** So many pods of a namespace are looked at when its level changes. */
const MAX_PODS = 3000;

/** Subresources of pods that change nothing of what may run. */
const IGNORED = new Set(['exec', 'attach', 'binding', 'eviction', 'log', 'portforward', 'proxy', 'status']);

/** Where the template of pods stands in what makes pods. */
const TEMPLATES: ReadonlyMap<string, (object: KubeObject) => PodLike | undefined> = new Map([
  ['/podtemplates', (object: KubeObject) => object.template],
  ['/replicationcontrollers', (object: KubeObject) => object.spec.template],
  ['apps/replicasets', (object: KubeObject) => object.spec.template],
  ['apps/deployments', (object: KubeObject) => object.spec.template],
  ['apps/statefulsets', (object: KubeObject) => object.spec.template],
  ['apps/daemonsets', (object: KubeObject) => object.spec.template],
  ['batch/jobs', (object: KubeObject) => object.spec.template],
  ['batch/cronjobs', (object: KubeObject) => object.spec.jobTemplate.spec.template],
]);

/** What the namespace asks for. */
type Found = ReturnType<typeof policyOf>;

/** The plugin PodSecurity. @throws Error for a configuration that cannot be used */
export function podSecurity(deps: PluginDeps): AdmissionPlugin {
  const configuration = podSecurityConfiguration(deps.configurations);
  const namespaces = deps.informers.of('', 'v1', 'namespaces');
  const policyFor = async ({ namespace }: AdmissionAttributes): Promise<Found> => {
    const resource = deps.resources.builtin('', 'v1', 'namespaces');
    const found = namespaces.get('', namespace) ?? (await deps.store.known(resource, '', namespace));
    return policyOf(found?.metadata.labels, configuration.defaults);
  };
  const isExempt = (attributes: AdmissionAttributes): boolean => {
    const { namespace, user, annotate } = attributes;
    const { namespaces: names, users } = configuration.exempt;
    const why = names.has(namespace) ? 'namespace' : users.has(user.name) ? 'user' : undefined;
    if (why !== undefined) annotate(`${PREFIX}exempt`, why);
    return why !== undefined;
  };
  return {
    name: 'PodSecurity',
    async validate(attributes) {
      const { operation, resource, subresource } = attributes;
      if (operation !== 'CREATE' && operation !== 'UPDATE') return;
      const key = `${resource.group}/${resource.resource}`;
      if (key === '/namespaces')
        return subresource === '' ? checkNamespace(deps, configuration, attributes) : undefined;
      if (key === '/pods') {
        if (!IGNORED.has(subresource) && !isExempt(attributes))
          checkPod(attributes, configuration, await policyFor(attributes));
        return;
      }
      const template = subresource === '' ? TEMPLATES.get(key)?.(attributes.object!) : undefined;
      if (template && !isExempt(attributes))
        checkTemplate(attributes, configuration, template, await policyFor(attributes));
    },
  };
}

/** Some classes of runtimes keep their pods in by themselves. */
function isExemptRuntime(
  { annotate }: AdmissionAttributes,
  { exempt }: PodSecurityConfiguration,
  { runtimeClassName }: PodSpec,
): boolean {
  if (runtimeClassName === undefined || !exempt.runtimeClasses.has(runtimeClassName)) return false;
  annotate(`${PREFIX}exempt`, 'runtimeClass');
  return true;
}

function checkPod(
  attributes: AdmissionAttributes,
  configuration: PodSecurityConfiguration,
  { policy, errors }: Found,
): void {
  const { object, old, annotate } = attributes;
  if (errors.length === 0 && isFullyPrivileged(policy)) {
    annotate(`${PREFIX}enforce-policy`, 'privileged:latest');
    return;
  }
  const pod = object as unknown as PodLike;
  if (attributes.operation === 'UPDATE' && !runsSomethingElse(pod.spec, old!.spec)) return;
  if (isExemptRuntime(attributes, configuration, pod.spec)) return;
  if (errors.length > 0) annotate(`${PREFIX}error`, `Failed to parse policy: ${aggregateErrors(errors)}`);
  annotate(`${PREFIX}enforce-policy`, printLevel(policy.enforce));
  const violations = violationsOf(policy.enforce, pod);
  tellAudit(attributes, policy, pod);
  if (violations.length > 0) {
    const why = violates('violates', policy.enforce, violations);
    throw newForbidden(groupResource(attributes.resource), attributes.name, why);
  }
  tellClient(attributes, policy, pod);
}

/** What makes pods is not refused, only its pods will be. */
function checkTemplate(
  attributes: AdmissionAttributes,
  configuration: PodSecurityConfiguration,
  template: PodLike,
  { policy, errors }: Found,
): void {
  if (errors.length === 0 && policy.warn.level === 'privileged' && policy.audit.level === 'privileged') return;
  if (isExemptRuntime(attributes, configuration, template.spec)) return;
  if (errors.length > 0) attributes.annotate(`${PREFIX}error`, `Failed to parse policy: ${aggregateErrors(errors)}`);
  tellAudit(attributes, policy, template);
  tellClient(attributes, policy, template);
}

function tellAudit({ annotate }: AdmissionAttributes, { audit }: Policy, pod: PodLike): void {
  const violations = violationsOf(audit, pod);
  if (violations.length > 0) annotate(`${PREFIX}audit-violations`, violates('would violate', audit, violations));
}

function tellClient({ warn: tell }: AdmissionAttributes, { warn }: Policy, pod: PodLike): void {
  const violations = violationsOf(warn, pod);
  if (violations.length > 0) tell(violates('would violate', warn, violations));
}

function violates(verb: string, level: LevelVersion, violations: readonly Violation[]): string {
  return `${verb} PodSecurity "${printLevel(level)}": ${inDetail(violations)}`;
}

/** Of an update only new containers and images matter: nothing else of a pod that is secured can change. */
function runsSomethingElse(spec: PodSpec, old: PodSpec): boolean {
  return (
    imagesDiffer(spec.containers, old.containers) ||
    imagesDiffer(spec.initContainers, old.initContainers) ||
    (spec.ephemeralContainers ?? []).some(
      ({ name, image }) => (old.ephemeralContainers ?? []).find((one) => one.name === name)?.image !== image,
    )
  );
}

function imagesDiffer(now: readonly Container[] = [], before: readonly Container[] = []): boolean {
  return now.length !== before.length || now.some(({ image }, i) => image !== before[i]!.image);
}

/** Labels must be valid, and a stricter level tells of the pods that it would not let in. */
async function checkNamespace(
  deps: PluginDeps,
  { defaults, exempt }: PodSecurityConfiguration,
  attributes: AdmissionAttributes,
): Promise<void> {
  const { object, old, kind, name, namespace, warn } = attributes;
  const { labels } = object!.metadata;
  const { policy, errors } = policyOf(labels, defaults);
  const before = old && policyOf(old.metadata.labels, defaults);
  const known = before !== undefined && JSON.stringify(errors) === JSON.stringify(before.errors);
  if (errors.length > 0 && !known) throw newInvalid({ group: kind.group, resource: kind.kind }, name, errors);
  const isExempt = exempt.namespaces.has(namespace);
  if (before === undefined) return isExempt ? warn(exemptWarning(namespace, policy, defaults, labels)) : undefined;
  const [now, then] = [policy.enforce, before.policy.enforce];
  if (now.level === 'privileged' || (now.minor === then.minor && compareLevels(now.level, then.level) <= 0)) return;
  if (isExempt) return warn(exemptWarning(namespace, policy, defaults, labels));
  const classes = exempt.runtimeClasses;
  for (const text of await existingViolations(deps, object!.metadata.name!, now, classes)) warn(text);
}

/** Which labels of an exempt namespace are in vain; empty if none is. */
function exemptWarning(
  name: string,
  policy: Policy,
  defaults: Policy,
  labels: Readonly<Record<string, string>> = {},
): string {
  const modes = ['enforce', 'audit', 'warn'] as const;
  const isSame = modes.every((mode) => {
    const [a, b] = [policy[mode], defaults[mode]];
    return (a.level === 'privileged' && b.level === 'privileged') || (a.level === b.level && a.minor === b.minor);
  });
  if (isSame || isFullyPrivileged(policy)) return '';
  const set = modes.filter((mode) => {
    const named = labels[PREFIX + mode] !== undefined || labels[`${PREFIX}${mode}-version`] !== undefined;
    return named && policy[mode].level !== 'privileged';
  });
  const text = set.map((mode) => `${mode}=${printLevel(policy[mode])}`).join(', ');
  return `namespace "${name}" is exempt from Pod Security, and the policy (${text}) will be ignored`;
}

async function existingViolations(
  { store, storage, resources }: PluginDeps,
  namespace: string,
  level: LevelVersion,
  exempt: ReadonlySet<string>,
): Promise<string[]> {
  const resource = resources.builtin('', 'v1', 'pods');
  const { entries } = await storage.range(`${resource.keyPrefix}${namespace}/`);
  const all = entries.map((entry) => store.decode(resource, entry));
  const pods = oneOfEachController(all.filter(({ spec }) => !exempt.has(spec.runtimeClassName ?? '')));
  const found = new Map<string, string[]>();
  for (const pod of pods.slice(0, MAX_PODS)) {
    const violations = violationsOf(level, pod as unknown as PodLike);
    if (violations.length === 0) continue;
    const text = inShort(violations);
    found.set(text, [...(found.get(text) ?? []), pod.metadata.name!]);
  }
  const warnings: string[] = [];
  if (pods.length > MAX_PODS)
    warnings.push(
      `new PodSecurity enforce level only checked against the first ${MAX_PODS} of ${pods.length} existing pods`,
    );
  if (found.size > 0)
    warnings.push(
      `existing pods in namespace "${namespace}" violate the new PodSecurity enforce level "${printLevel(level)}"`,
    );
  return [...warnings, ...[...found].map(([text, names]) => `${podsText(names)}: ${text}`).sort()];
}

/** First one pod of each controller, since the others are alike, then the rest. */
function oneOfEachController(pods: readonly KubeObject[]): KubeObject[] {
  const seen = new Set<string>();
  const [first, rest]: [KubeObject[], KubeObject[]] = [[], []];
  for (const pod of pods) {
    const controller = (pod.metadata.ownerReferences ?? []).find((owner) => owner.controller)?.uid;
    const again = controller !== undefined && seen.has(controller);
    if (controller !== undefined) seen.add(controller);
    (again ? rest : first).push(pod);
  }
  return [...first, ...rest];
}

function podsText(names: readonly string[]): string {
  const first = [...names].sort()[0]!;
  const others = names.length - 1;
  return others === 0 ? first : `${first} (and ${others} other ${others === 1 ? 'pod' : 'pods'})`;
}
