import { type FieldError, invalid, isQualifiedName, nameIsDnsLabel, Path } from 'nekube/apimachinery';
import type { ResourceRules } from '../resource-rules.ts';
import type { Loose } from '../rule.ts';
import { takeOver } from '../strategy.ts';

const FINALIZERS = Path.of('spec', 'finalizers');
const KNOWN_FINALIZERS = ['kubernetes', 'orphan', 'foregroundDeletion'];

/** Every namespace has its name as a label. */
function labelWithName({ metadata }: Loose): void {
  if (metadata.name) metadata.labels = { ...metadata.labels, 'kubernetes.io/metadata.name': metadata.name };
}

function defaultNamespace(namespace: Loose): void {
  labelWithName(namespace);
  namespace.status = { ...namespace.status, phase: namespace.status?.phase || 'Active' };
}

function finalizerErrors(name: string, path: Path): FieldError[] {
  const known = name.includes('/') || KNOWN_FINALIZERS.includes(name);
  return [
    ...isQualifiedName(name).map((message) => invalid(path, name, message)),
    ...(known ? [] : [invalid(path, name, 'name is neither a standard finalizer name nor is it fully qualified')]),
  ];
}

/** All finalizers of the spec; on create and update the error is at the list. */
function validateFinalizers({ spec }: Loose): FieldError[] {
  return (spec?.finalizers ?? []).flatMap((name: string) => finalizerErrors(name, FINALIZERS));
}

function validateStatusUpdate({ metadata, status }: Loose): FieldError[] {
  const [phase, when] = metadata.deletionTimestamp ? ['Terminating', 'not empty'] : ['Active', 'empty'];
  if (status?.phase === phase) return [];
  const detail = `may only be '${phase}' if \`deletionTimestamp\` is ${when}`;
  return [invalid(Path.of('status', 'Phase'), status?.phase ?? '', detail)];
}

/** The rules of namespaces; `finalize` is where their finalizers can be taken away. */
export const namespaceRules: ResourceRules = {
  defaults: { '*': defaultNamespace },
  nameCheck: nameIsDnsLabel,
  prepareForCreate: (namespace) => {
    const finalizers: string[] = namespace.spec?.finalizers ?? [];
    const kubernetes = finalizers.includes('kubernetes') ? [] : ['kubernetes'];
    namespace.spec = { ...namespace.spec, finalizers: [...finalizers, ...kubernetes] };
    namespace.status = { phase: 'Active' };
    labelWithName(namespace);
  },
  prepareForUpdate: (namespace, old) => {
    const finalizers = old.spec?.finalizers;
    const { finalizers: _, ...spec } = namespace.spec ?? {};
    namespace.spec = finalizers === undefined ? spec : { ...spec, finalizers };
    takeOver(namespace, old, 'status');
    labelWithName(namespace);
  },
  validate: validateFinalizers,
  validateUpdate: (namespace) => validateFinalizers(namespace),
  resetFields: [['status']],
  subresources: {
    status: {
      prepareForUpdate: (namespace, old) => takeOver(namespace, old, 'spec'),
      validateUpdate: validateStatusUpdate,
      resetFields: [['spec']],
    },
    finalize: {
      prepareForUpdate: (namespace, old) => takeOver(namespace, old, 'status'),
      validateUpdate: ({ spec }) =>
        (spec?.finalizers ?? []).flatMap((name: string, i: number) => finalizerErrors(name, FINALIZERS.index(i))),
      resetFields: [['status']],
    },
  },
  selectableFields: ({ status }) => ({ 'status.phase': status?.phase ?? '' }),
  returnsDeletedObject: true,
  twoPhaseDeletion: {
    begin: (namespace) => {
      namespace.status = { ...namespace.status, phase: 'Terminating' };
    },
    isFinished: ({ spec }) => (spec?.finalizers?.length ?? 0) === 0,
  },
};
