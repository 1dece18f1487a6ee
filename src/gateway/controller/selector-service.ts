import type { KubeObject } from 'nekube/apimachinery';
import { XBACKEND_LABEL, type XBackend, xBackendLabel } from '../translate/index.ts';

/** A Service that is there for the slices of an XBackend's pods. */
export interface SelectorService extends KubeObject {
  readonly spec: {
    readonly clusterIP?: string;
    readonly selector?: Readonly<Record<string, string>>;
    readonly ports?: readonly { readonly port: number; readonly targetPort?: number | string }[];
  };
}

/** The labels of what is made for an XBackend, by which it is found. */
export function selectorLabels(name: string): Readonly<Record<string, string>> {
  return { [XBACKEND_LABEL]: xBackendLabel(name) };
}

/**
 * The Service by which the pods of an XBackend get EndpointSlices: without an address, under a name that nobody can rely on. Its
 * slices have its labels.
 *
 * @returns undefined where no pods are selected
 */
export function selectorServiceOf(backend: XBackend & KubeObject): SelectorService | undefined {
  const { metadata, spec } = backend;
  const { name, namespace, uid = '' } = metadata;
  const port = spec?.port?.number;
  const selector = spec?.endpointSelector?.matchLabels;
  if (spec?.type !== 'EndpointSelector' || port === undefined || selector === undefined) return undefined;
  const owner = { apiVersion: 'gateway.networking.x-k8s.io/v1alpha1', kind: 'XBackend', name, uid, controller: true };
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      generateName: `${name.slice(0, 40)}-`,
      ...(namespace === undefined ? {} : { namespace }),
      labels: selectorLabels(name),
      ownerReferences: [owner],
    },
    spec: { clusterIP: 'None', selector, ports: [{ port, targetPort: port }] },
  } as SelectorService;
}

/** What is to be changed of one that is there; undefined: nothing. */
export function selectorChange(
  { spec: before }: SelectorService,
  { spec: wanted }: SelectorService,
): Readonly<Record<string, unknown>> | undefined {
  const [port, asked] = [before.ports?.[0], wanted.ports?.[0]];
  const isSame = sameLabels(before.selector, wanted.selector) && port?.port === asked?.port;
  if (isSame && port?.targetPort === asked?.targetPort) return undefined;
  const gone = Object.keys(before.selector ?? {}).filter((key) => wanted.selector?.[key] === undefined);
  const selector = { ...Object.fromEntries(gone.map((key) => [key, null])), ...wanted.selector };
  return { spec: { selector, ports: wanted.ports } };
}

function sameLabels(a: SelectorService['spec']['selector'] = {}, b: SelectorService['spec']['selector'] = {}): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}
