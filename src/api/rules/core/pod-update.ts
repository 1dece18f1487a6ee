import { forbidden, invalid, type JsonValue, Path, required as requiredError } from 'nekube/apimachinery';
import { goDiff, invalidGo } from '../go-struct.ts';
import type { Check, Loose, RuleContext } from '../rule.ts';
import { checkImagePadding } from './containers.ts';
import type { PodCheckOptions } from './pod-options.ts';
import { semanticEqual } from './semantic-equal.ts';
import { checkOnlyAddedTolerations } from './tolerations.ts';

const SPEC = Path.of('spec');

const UPDATABLE = [
  '`spec.containers[*].image`',
  '`spec.initContainers[*].image`',
  '`spec.activeDeadlineSeconds`',
  '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
].join(',');

/** What may change in the spec of a pod: images, a shorter deadline, further tolerations, fewer gates. */
export function checkPodSpecUpdate(options: PodCheckOptions): Check {
  return (spec, _, context) => {
    const old = context.old!.spec;
    if (!checkImages(spec, old, context) || !checkDeadline(spec, old, context)) return;
    checkOnlyAddedTolerations(old.tolerations, options)(spec.tolerations, SPEC.child('tolerations'), context);
    checkOnlyDeletedGates(spec.schedulingGates ?? [], old.schedulingGates ?? [], context);
    if (semanticEqual(spec, old)) return;
    const rest = withStoredFields(spec, old);
    if ((old.schedulingGates ?? []).length > 0) allowNarrowerPlacement(rest, old, context);
    if (semanticEqual(rest, old)) return;
    const detail = `pod updates may not change fields other than ${UPDATABLE}`;
    context.errors.push(forbidden(SPEC, `${detail}\n${goDiff('PodSpec', old, rest)}`));
  };
}

/** False when containers came or went, after which nothing else is looked at. */
function checkImages(spec: Loose, old: Loose, context: RuleContext): boolean {
  for (const list of ['containers', 'initContainers']) {
    const containers: Loose[] = spec[list] ?? [];
    const path = SPEC.child(list);
    if (containers.length !== (old[list] ?? []).length) {
      context.errors.push(forbidden(path, 'pod updates may not add or remove containers'));
      return false;
    }
    containers.forEach((container, i) => {
      if (!container.image) context.errors.push(requiredError(path.index(i).child('image')));
      checkImagePadding(container, path.index(i), context);
    });
  }
  return true;
}

/** False when the deadline is longer than before, after which nothing else is looked at. */
function checkDeadline({ activeDeadlineSeconds: now }: Loose, old: Loose, { errors }: RuleContext): boolean {
  const before = old.activeDeadlineSeconds;
  const path = SPEC.child('activeDeadlineSeconds');
  if (now === undefined) {
    const detail = 'must not update from a positive integer to nil value';
    if (before !== undefined) errors.push(invalid(path, null, detail));
    return true;
  }
  if (now < 0 || now > 2 ** 31 - 1) {
    errors.push(invalid(path, now, 'must be between 0 and 2147483647, inclusive'));
    return false;
  }
  if (before === undefined || before >= now) return true;
  errors.push(invalid(path, now, 'must be less than or equal to previous value'));
  return false;
}

function checkOnlyDeletedGates(gates: Loose[], old: Loose[], { errors }: RuleContext): void {
  const known = new Set(old.map((gate) => gate.name));
  const added = new Map(gates.map((gate, i) => [gate.name as string, i]));
  for (const [name, i] of added) {
    if (known.has(name)) continue;
    const detail = `only deletion is allowed, but found new scheduling gate '${name}'`;
    errors.push(forbidden(SPEC.child('schedulingGates').index(i).child('name'), detail));
  }
}

/** The new spec with the stored values of everything that may change. */
function withStoredFields(spec: Loose, old: Loose): Loose {
  const withImages = (list: string) =>
    spec[list]?.map((container: Loose, i: number) => ({ ...container, image: old[list][i].image }));
  const shortened = old.terminationGracePeriodSeconds < 0 && spec.terminationGracePeriodSeconds === 1;
  return {
    ...spec,
    containers: withImages('containers'),
    initContainers: withImages('initContainers'),
    activeDeadlineSeconds: old.activeDeadlineSeconds,
    schedulingGates: old.schedulingGates,
    tolerations: old.tolerations,
    ...(shortened && { terminationGracePeriodSeconds: old.terminationGracePeriodSeconds }),
  };
}

/** A pod that is not scheduled yet may get more conditions on its node; they are then taken as stored in `spec`. */
function allowNarrowerPlacement(spec: Loose, old: Loose, context: RuleContext): void {
  if (!semanticEqual(spec.nodeSelector, old.nodeSelector)) {
    checkSelectorAdditions(spec.nodeSelector ?? {}, old.nodeSelector ?? {}, context);
    spec.nodeSelector = old.nodeSelector;
  }
  const [now, before] = [spec.affinity?.nodeAffinity, old.affinity?.nodeAffinity];
  if (semanticEqual(now, before)) return;
  checkAffinityAdditions(now, before, context);
  const onlyNodes = spec.affinity && !spec.affinity.podAffinity && !spec.affinity.podAntiAffinity;
  if (onlyNodes && !old.affinity) delete spec.affinity;
  else spec.affinity = { ...spec.affinity, nodeAffinity: before };
  if (spec.affinity && before === undefined) delete spec.affinity.nodeAffinity;
}

function checkSelectorAdditions(now: Loose, before: Loose, { errors }: RuleContext): void {
  if (Object.keys(before).every((key) => now[key] === before[key])) return;
  const detail = 'only additions to spec.nodeSelector are allowed (no mutations or deletions)';
  errors.push(invalid(SPEC.child('nodeSelector'), Object.keys(now).length === 0 ? null : (now as JsonValue), detail));
}

function checkAffinityAdditions(now: Loose, before: Loose, { errors }: RuleContext): void {
  const required = 'requiredDuringSchedulingIgnoredDuringExecution';
  if (!before?.[required]) return;
  const oldTerms: Loose[] = before[required].nodeSelectorTerms ?? [];
  const terms: Loose[] | undefined = now?.[required]?.nodeSelectorTerms;
  const path = SPEC.child('affinity', 'nodeAffinity', required, 'nodeSelectorTerms');
  if (oldTerms.length > 0 && oldTerms.length !== (terms ?? []).length) {
    const detail = 'no additions/deletions to non-empty NodeSelectorTerms list are allowed';
    errors.push(invalidGo(path, '[]NodeSelectorTerm', terms, detail));
    return;
  }
  oldTerms.forEach((old, i) => {
    if (hasOnlyAdditions(terms![i], old)) return;
    const detail = 'only additions are allowed (no mutations or deletions)';
    errors.push(invalidGo(path.index(i), 'NodeSelectorTerm', terms![i], detail));
  });
}

function hasOnlyAdditions(term: Loose, old: Loose): boolean {
  const lists = ['matchExpressions', 'matchFields'];
  const length = (t: Loose, list: string): number => (t[list] ?? []).length;
  if (lists.every((list) => length(old, list) === 0)) return lists.every((list) => length(term, list) === 0);
  return lists.every((list) => semanticEqual((term[list] ?? []).slice(0, length(old, list)), old[list] ?? []));
}
