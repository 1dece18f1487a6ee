import { errorText, formatTime, type KubeObject } from 'nekube/apimachinery';
import { parseCertificateRequest, type ParsedRequest, type SigningCa, signRequest } from 'nekube/pki';
import { handleChanges } from './registry/handle-changes.ts';
import type { Informer } from './registry/informer.ts';
import { rulesOf, type ServedResource } from './registry/served.ts';
import type { Store } from './registry/store.ts';
import { systemWrite } from './system-objects.ts';

/** What signers work with. */
export interface SignerDeps {
  readonly ca: SigningCa;
  /** The longest that a certificate lives, in milliseconds. */
  readonly longestMs: number;
  readonly requests: Informer;
  readonly resource: ServedResource;
  readonly store: Store;
  readonly now: () => Date;
  readonly log: (line: string) => void;
}

/** No certificate lives shorter. */
const SHORTEST_MS = 10 * 60 * 1000;
/** The field manager, that of the component which has the signers elsewhere. */
const MANAGER = 'kube-controller-manager';

/** Says what is wrong with a request for a signer; undefined if nothing is. */
type Check = (request: ParsedRequest, usages: readonly string[]) => string | undefined;

/** The signers of Kubernetes, by name. */
const SIGNERS: Readonly<Record<string, Check>> = {
  'kubernetes.io/kube-apiserver-client': checkClient,
  'kubernetes.io/kube-apiserver-client-kubelet': checkKubeletClient,
  'kubernetes.io/kubelet-serving': checkKubeletServing,
  'kubernetes.io/legacy-unknown': () => undefined,
};

/**
 * Signs requests for certificates once they are approved, a second later at most: what kube-controller-manager's signers
 * do. Those that ask a signer for what it does not sign get the condition Failed.
 */
export function runSigners(deps: SignerDeps, signal: AbortSignal): Promise<void> {
  const failed = new Set<string>();
  const sign = async (request: KubeObject): Promise<void> => {
    if (isWaiting(request) && !failed.has(request.metadata.uid ?? '')) await handle(request, deps);
  };
  const complain = ({ metadata }: KubeObject, error: unknown): void => {
    failed.add(metadata.uid ?? '');
    const why = errorText(error);
    deps.log(`Cannot sign certificatesigningrequest "${metadata.name}": ${why}`);
  };
  return handleChanges(deps.requests, sign, complain, signal);
}

function isWaiting({ spec, status = {} }: KubeObject): boolean {
  const has = (type: string) =>
    ((status.conditions ?? []) as { type: string; status?: string }[]).some(
      (c) => c.type === type && c.status === 'True',
    );
  return spec.signerName in SIGNERS && has('Approved') && !has('Denied') && !has('Failed') && !status.certificate;
}

async function handle(object: KubeObject, deps: SignerDeps): Promise<void> {
  const { signerName, usages = [], request, expirationSeconds } = object.spec;
  const parsed = parseCertificateRequest(request);
  if (parsed === undefined) throw new Error('it holds no certificate request');
  const problem = SIGNERS[signerName]!(parsed, usages);
  if (problem !== undefined) return change(object, deps, (status) => addFailure(status, problem, deps.now()));
  const lifetimeMs = Math.min(Math.max((expirationSeconds ?? Infinity) * 1000, SHORTEST_MS), deps.longestMs);
  const certificate = signRequest(parsed, deps.ca, { usages, lifetimeMs, now: deps.now() });
  return change(object, deps, (status) => {
    status.certificate = Buffer.from(certificate).toString('base64');
  });
}

function addFailure(status: KubeObject['status'], message: string, now: Date): void {
  status.conditions.push({
    type: 'Failed',
    status: 'True',
    reason: 'SignerValidationFailure',
    message,
    lastUpdateTime: formatTime(now),
  });
}

/** Changes the status, unless somebody else has seen to the request meanwhile. */
async function change(
  { metadata }: KubeObject,
  { resource, store, now }: SignerDeps,
  alter: (status: KubeObject['status']) => void,
): Promise<void> {
  const transform = (current: KubeObject | undefined): KubeObject => {
    const live = structuredClone(current!);
    if (!isWaiting(live)) return live;
    const altered = structuredClone(live);
    alter(altered.status);
    return resource.toHub(resource.fieldManager('status').update(live, altered, MANAGER));
  };
  await store.update(resource, '', metadata.name ?? '', transform, {
    ...systemWrite(now(), rulesOf(resource, 'status')),
    ...(metadata.uid && { uid: metadata.uid }),
  });
}

function checkClient(_: ParsedRequest, usages: readonly string[]): string | undefined {
  const allowed = ['digital signature', 'key encipherment', 'client auth'];
  const other = usages.find((usage) => !allowed.includes(usage));
  if (other !== undefined) return `invalid usage for client certificate: ${other}`;
  return usages.includes('client auth') ? undefined : 'missing required usage for client certificate: client auth';
}

function checkKubeletClient(request: ParsedRequest, usages: readonly string[]): string | undefined {
  const { counts } = request;
  if (!isOfNodes(request)) return 'subject organization is not system:nodes';
  if (counts.dns > 0) return 'DNS subjectAltNames are not allowed';
  if (counts.email > 0) return 'Email subjectAltNames are not allowed';
  if (counts.ip > 0) return 'IP subjectAltNames are not allowed';
  if (counts.uri > 0) return 'URI subjectAltNames are not allowed';
  return checkNodeName(request) ?? checkUsages(usages, 'client auth');
}

function checkKubeletServing(request: ParsedRequest, usages: readonly string[]): string | undefined {
  const { counts } = request;
  if (!isOfNodes(request)) return 'subject organization is not system:nodes';
  if (counts.dns === 0 && counts.ip === 0) return 'DNS or IP subjectAltName is required';
  if (counts.email > 0) return 'Email subjectAltNames are not allowed';
  if (counts.uri > 0) return 'URI subjectAltNames are not allowed';
  return checkUsages(usages, 'server auth') ?? checkNodeName(request);
}

function isOfNodes({ organizations }: ParsedRequest): boolean {
  return organizations.length === 1 && organizations[0] === 'system:nodes';
}

function checkNodeName({ commonName }: ParsedRequest): string | undefined {
  return commonName.startsWith('system:node:') ? undefined : 'subject common name does not begin with system:node:';
}

/** These three, or without the encipherment, which keys other than RSA do not do. */
function checkUsages(usages: readonly string[], purpose: string): string | undefined {
  const all = [purpose, 'digital signature', 'key encipherment'].sort();
  const given = [...new Set(usages)].sort().join();
  if (given === all.join() || given === all.filter((usage) => usage !== 'key encipherment').join()) return undefined;
  return `usages did not match [${all.join(' ')}]`;
}
