/**
 * Kubernetes checks the metadata of every write once for all resources; most resources check it again by themselves,
 * each in its way, and so a defect is reported once or more often. This is the data of it, as the real server answers.
 */
export interface MetaChecks {
  /** What a create checks of names by the resource's own rule: generateName too, the name only, or neither. */
  readonly names: 'both' | 'name' | 'none';
  /** Finalizers of one word must be of the old, known ones. */
  readonly knownFinalizers: boolean;
  /** What the resource checks again of an update, in order: all of the metadata, or what changed. */
  readonly update: readonly ('whole' | 'changes')[];
}

const USUAL: MetaChecks = { names: 'both', knownFinalizers: true, update: ['changes'] };
const WHOLE: MetaChecks = { ...USUAL, update: ['whole'] };
const WHOLE_FIRST: MetaChecks = { ...USUAL, update: ['whole', 'changes'] };
const WHOLE_LAST: MetaChecks = { ...USUAL, update: ['changes', 'whole'] };
const NOTHING: MetaChecks = { names: 'none', knownFinalizers: false, update: [] };
const ANY_FINALIZER: MetaChecks = { ...WHOLE, knownFinalizers: false };

/** By `group/resource`, and by `group/resource/status` for what is written through subresources. */
const CHECKS: Readonly<Record<string, MetaChecks>> = {
  '/endpoints': WHOLE_LAST,
  '/events': NOTHING,
  '/limitranges': WHOLE,
  '/namespaces': WHOLE_FIRST,
  '/nodes': WHOLE_FIRST,
  '/persistentvolumes': { ...USUAL, update: ['whole', 'whole'] },
  '/replicationcontrollers': { ...USUAL, names: 'name' },
  'admissionregistration.k8s.io/mutatingadmissionpolicies': ANY_FINALIZER,
  'admissionregistration.k8s.io/mutatingadmissionpolicybindings': ANY_FINALIZER,
  'admissionregistration.k8s.io/mutatingwebhookconfigurations': ANY_FINALIZER,
  'admissionregistration.k8s.io/validatingadmissionpolicies': ANY_FINALIZER,
  'admissionregistration.k8s.io/validatingadmissionpolicies/status': NOTHING,
  'admissionregistration.k8s.io/validatingadmissionpolicybindings': ANY_FINALIZER,
  'admissionregistration.k8s.io/validatingwebhookconfigurations': ANY_FINALIZER,
  'apiextensions.k8s.io/customresourcedefinitions': { ...USUAL, knownFinalizers: false },
  'apiextensions.k8s.io/customresourcedefinitions/status': { ...USUAL, knownFinalizers: false },
  'apiregistration.k8s.io/apiservices': { ...WHOLE_LAST, knownFinalizers: false },
  'apps/controllerrevisions': WHOLE_LAST,
  'batch/cronjobs/status': NOTHING,
  'batch/jobs': WHOLE,
  'certificates.k8s.io/certificatesigningrequests': WHOLE_FIRST,
  'coordination.k8s.io/leases': { ...USUAL, knownFinalizers: false },
  'discovery.k8s.io/endpointslices': WHOLE,
  'events.k8s.io/events': NOTHING,
  'flowcontrol.apiserver.k8s.io/flowschemas': WHOLE,
  'flowcontrol.apiserver.k8s.io/prioritylevelconfigurations': WHOLE,
  'networking.k8s.io/ingressclasses': WHOLE_LAST,
  'networking.k8s.io/ingresses': WHOLE_LAST,
  'node.k8s.io/runtimeclasses': { ...WHOLE_FIRST, knownFinalizers: false },
  'policy/poddisruptionbudgets': NOTHING,
  'policy/poddisruptionbudgets/status': NOTHING,
  'rbac.authorization.k8s.io/clusterrolebindings': WHOLE,
  'rbac.authorization.k8s.io/clusterroles': WHOLE,
  'rbac.authorization.k8s.io/rolebindings': WHOLE,
  'rbac.authorization.k8s.io/roles': WHOLE,
  'resource.k8s.io/deviceclasses': { ...WHOLE_FIRST, names: 'name' },
  'resource.k8s.io/resourceclaims': WHOLE_FIRST,
  'resource.k8s.io/resourceclaimtemplates': WHOLE_FIRST,
  'storage.k8s.io/csinodes': WHOLE,
  'storage.k8s.io/csistoragecapacities': WHOLE_FIRST,
  'storage.k8s.io/storageclasses': WHOLE_FIRST,
  'storage.k8s.io/volumeattachments': WHOLE,
  'storage.k8s.io/volumeattachments/status': NOTHING,
  'storage.k8s.io/volumeattributesclasses': WHOLE_LAST,
};

/**
 * The checks of a resource (`group/resource`, with `/status` for its subresources); of one that is not known, and of
 * custom resources, the usual ones.
 *
 * Resources whose rules call `validateObjectMeta` or `validateMetaChanges` for an update themselves, at the place that
 * the real server does, have only what comes before here.
 */
export function metaChecksOf(resource: string | undefined): MetaChecks {
  return (resource !== undefined && Object.hasOwn(CHECKS, resource) && CHECKS[resource]) || USUAL;
}
