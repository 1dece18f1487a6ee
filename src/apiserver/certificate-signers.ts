import { errorText, formatTime, type KubeObject } from 'nekube/apimachinery';
import { isSigner, type SigningCa, signForSigner } from 'nekube/pki';
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

/** The field manager, that of the component which has the signers elsewhere. */
const MANAGER = 'kube-controller-manager';

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
  return isSigner(spec.signerName) && has('Approved') && !has('Denied') && !has('Failed') && !status.certificate;
}

async function handle(object: KubeObject, deps: SignerDeps): Promise<void> {
  const { certificate, problem } = signForSigner(object.spec as never, deps.ca, {
    longestMs: deps.longestMs,
    now: deps.now(),
  });
  if (problem !== undefined) return change(object, deps, (status) => addFailure(status, problem, deps.now()));
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
