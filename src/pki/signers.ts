import { parseCertificateRequest, type ParsedRequest } from './certificate-request.ts';
import { type SigningCa, signRequest } from './sign-request.ts';

/** What a signer is asked for: the spec of a CertificateSigningRequest. */
export interface SignerRequest {
  readonly signerName: string;
  /** Base64 of the request in PEM. */
  readonly request: string;
  readonly usages?: readonly string[];
  readonly expirationSeconds?: number;
}

/** The certificate (PEM), or why the signer does not sign it. */
export type SignerAnswer =
  | { readonly certificate: string; readonly problem?: undefined }
  | { readonly certificate?: undefined; readonly problem: string };

/** No certificate lives shorter. */
const SHORTEST_MS = 10 * 60 * 1000;

/** Says what is wrong with a request for a signer; undefined if nothing is. */
type Check = (request: ParsedRequest, usages: readonly string[]) => string | undefined;

/** The signers of Kubernetes, by name. */
const SIGNERS: Readonly<Record<string, Check>> = {
  'kubernetes.io/kube-apiserver-client': checkClient,
  'kubernetes.io/kube-apiserver-client-kubelet': checkKubeletClient,
  'kubernetes.io/kubelet-serving': checkKubeletServing,
  'kubernetes.io/legacy-unknown': () => undefined,
};

/** Whether a name is that of one of Kubernetes' signers, which are here. */
export function isSigner(name: string): boolean {
  return Object.hasOwn(SIGNERS, name);
}

/**
 * Signs a request as the signer that it names does, if it is what that one signs.
 *
 * @param longestMs what is asked to live longer lives so long
 * @throws Error for what holds no request, names no signer that is here or unknown usages, and for a CA that has ended
 */
export function signForSigner(
  { signerName, request, usages = [], expirationSeconds = Infinity }: SignerRequest,
  ca: SigningCa,
  { longestMs, now }: { readonly longestMs: number; readonly now: Date },
): SignerAnswer {
  const check = SIGNERS[signerName];
  if (check === undefined) throw new Error(`There is no signer ${JSON.stringify(signerName)}`);
  const parsed = parseCertificateRequest(request);
  if (parsed === undefined) throw new Error('it holds no certificate request');
  const problem = check(parsed, usages);
  if (problem !== undefined) return { problem };
  const lifetimeMs = Math.min(Math.max(expirationSeconds * 1000, SHORTEST_MS), longestMs);
  return { certificate: signRequest(parsed, ca, { usages, lifetimeMs, now }) };
}

/** Whether a request is for a kubelet's certificate as a client, which is approved by itself where its user may ask for it. */
export function isKubeletClientRequest(request: ParsedRequest, usages: readonly string[]): boolean {
  return checkKubeletClient(request, usages) === undefined;
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
