import { type FieldError, invalid, type Path } from 'nekube/apimachinery';
import { semanticEqual } from '../core/semantic-equal.ts';
import { invalidGo } from '../go-struct.ts';
import { type Check, checkImmutable, type Loose } from '../rule.ts';

/** What of a job's spec may change; `mutableTemplate`: it is suspended and has no pods. */
export function checkJobSpecUpdate(mutableTemplate: boolean): Check {
  return (spec, path, context) => {
    const old = context.old.spec ?? {};
    const { errors } = context;
    checkCompletions(spec, old, path, errors);
    checkImmutable(spec.selector, old.selector, path.child('selector'), errors);
    checkTemplate(spec, old, path, mutableTemplate, errors);
    checkImmutable(spec.completionMode, old.completionMode, path.child('completionMode'), errors);
    checkImmutableGo(spec, old, 'podFailurePolicy', '*PodFailurePolicy', path, errors);
    checkImmutable(spec.backoffLimitPerIndex, old.backoffLimitPerIndex, path.child('backoffLimitPerIndex'), errors);
    checkImmutable(spec.managedBy, old.managedBy, path.child('managedBy'), errors);
    checkImmutableGo(spec, old, 'successPolicy', '*SuccessPolicy', path, errors);
  };
}

/** `field is immutable`, with the value as the internal Go struct. */
function checkImmutableGo(
  spec: Loose,
  old: Loose,
  field: string,
  type: string,
  path: Path,
  errors: FieldError[],
): void {
  if (semanticEqual(spec[field], old[field])) return;
  errors.push(invalidGo(path.child(field), type, spec[field], 'field is immutable'));
}

/** An indexed job is scaled by its completions and its parallelism together. */
function checkCompletions(spec: Loose, old: Loose, path: Path, errors: FieldError[]): void {
  const field = path.child('completions');
  if (spec.completionMode !== 'Indexed') return checkImmutable(spec.completions, old.completions, field, errors);
  const { completions, parallelism } = spec;
  if (completions === undefined || completions === old.completions || completions === parallelism) return;
  errors.push(invalid(field, completions, 'can only be modified in tandem with spec.parallelism'));
}

function checkTemplate(spec: Loose, old: Loose, path: Path, mutable: boolean, errors: FieldError[]): void {
  const { template } = spec;
  const before = mutable ? withSchedulingOf(old.template, template) : old.template;
  if (!mutable) {
    if (semanticEqual(template, before)) return;
    errors.push(invalidGo(path.child('template'), 'PodTemplateSpec', template, 'field is immutable'));
    return;
  }
  if (semanticEqual(template.spec, withResourcesOf(before.spec, template.spec))) return;
  errors.push(invalidGo(path.child('template.spec'), 'PodSpec', template.spec, 'field is immutable'));
}

/** The stored template with everything of the new one that says where its pods run. */
function withSchedulingOf(old: Loose, template: Loose): Loose {
  const { nodeSelector, tolerations, schedulingGates } = template.spec;
  const { annotations, labels } = template.metadata ?? {};
  return {
    ...old,
    metadata: { ...old.metadata, annotations, labels },
    spec: { ...old.spec, affinity: affinityOf(old.spec, template.spec), nodeSelector, tolerations, schedulingGates },
  };
}

/** The stored affinity with the node affinity of the new one. */
function affinityOf({ affinity: old }: Loose, { affinity }: Loose): Loose {
  if (!affinity && !old) return undefined;
  const merged = { ...old, nodeAffinity: affinity?.nodeAffinity };
  const empty = Object.values(merged).every((part) => part === undefined);
  return !affinity && empty ? undefined : merged;
}

/** The stored spec with the resources of the new one's containers, where these have the same names. */
function withResourcesOf(old: Loose, spec: Loose): Loose {
  const take = (field: 'containers' | 'initContainers') => {
    const [before, after]: Loose[][] = [old[field] ?? [], spec[field] ?? []];
    if (before!.length !== after!.length) return old[field];
    return before!.map((container, i) =>
      container.name === after![i].name ? { ...container, resources: after![i].resources } : container,
    );
  };
  return { ...old, containers: take('containers'), initContainers: take('initContainers') };
}
