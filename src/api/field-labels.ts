import { goQuote } from 'nekube/apimachinery';

/** How the objects of a kind may be selected by field. */
interface FieldLabels {
  /** Labels in selectors, and what they stand for in the stored version. */
  readonly labels: Readonly<Record<string, string>>;
  /** The message for any other label. */
  unsupported(label: string): string;
}

/** What a label of a field selector stands for, or why a kind cannot be selected by it. */
export type FieldLabel = { readonly label: string; readonly error?: undefined } | { readonly error: string };

const common = ['metadata.name', 'metadata.namespace'];

const unsupported = (label: string) => `field label not supported: ${label}`;

function labels(...names: string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(names.map((name) => [name, name]));
}

const references = ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'];

/** Kinds with labels of their own, by apiVersion and kind. */
const kinds: Readonly<Record<string, FieldLabels>> = {
  'v1/Pod': {
    labels: {
      ...labels(
        ...common,
        'spec.nodeName',
        'spec.restartPolicy',
        'spec.schedulerName',
        'spec.serviceAccountName',
        'spec.hostNetwork',
        'status.phase',
        'status.podIP',
        'status.podIPs',
        'status.nominatedNodeName',
      ),
      'spec.host': 'spec.nodeName',
    },
    unsupported,
  },
  'v1/Node': { labels: labels('metadata.name', 'spec.unschedulable'), unsupported },
  'v1/Namespace': { labels: labels('metadata.name', 'status.phase'), unsupported },
  'v1/Secret': { labels: labels(...common, 'type'), unsupported },
  'v1/Service': { labels: labels(...common, 'spec.clusterIP', 'spec.type'), unsupported },
  'v1/ReplicationController': { labels: labels(...common, 'status.replicas'), unsupported },
  'v1/Event': {
    labels: labels(
      ...common,
      ...references.map((name) => `involvedObject.${name}`),
      'reason',
      'reportingComponent',
      'source',
      'type',
    ),
    unsupported,
  },
  'events.k8s.io/v1/Event': {
    labels: {
      ...labels(...common, 'reason', 'type'),
      ...Object.fromEntries(references.map((name) => [`regarding.${name}`, `involvedObject.${name}`])),
      reportingController: 'reportingComponent',
    },
    unsupported,
  },
  'batch/v1/Job': {
    labels: labels(...common, 'status.successful'),
    unsupported: (label) => `field label ${goQuote(label)} not supported for Job`,
  },
  'certificates.k8s.io/v1/CertificateSigningRequest': {
    labels: labels('metadata.name', 'spec.signerName'),
    unsupported,
  },
  'resource.k8s.io/v1/ResourceSlice': {
    labels: labels('metadata.name', 'spec.nodeName', 'spec.driver'),
    unsupported: (label) => `field label not supported for resource.k8s.io/v1, Kind=ResourceSlice: ${label}`,
  },
};

const others: FieldLabels = {
  labels: labels(...common),
  unsupported: (label) => `${goQuote(label)} is not a known field selector: only "metadata.name", "metadata.namespace"`,
};

/** The label of the stored version that a label of a field selector stands for, for objects of a built-in kind. */
export function fieldLabel(apiVersion: string, kind: string, label: string): FieldLabel {
  const known = kinds[`${apiVersion}/${kind}`] ?? others;
  if (!Object.hasOwn(known.labels, label)) return { error: known.unsupported(label) };
  return { label: known.labels[label]! };
}
