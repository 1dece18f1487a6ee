import { parseCertificateRequest } from 'nekube/pki';
/**
 * What kubelets may write: their own node, its lease and what runs on it. Which requests they may make at all is for the
 * authorizer to say.
 */
import { type AdmissionAttributes, admissionForbidden, type AdmissionPlugin } from '../../admission.ts';
import type { UserInfo } from '../../user.ts';
import type { PluginDeps } from '../plugin-deps.ts';
import { checkClaimStatus } from './claims.ts';
import { checkNode } from './nodes.ts';
import { checkEviction, checkPod, checkPodStatus } from './pods.ts';
import { checkToken } from './tokens.ts';

const PREFIX = 'system:node:';
const SIGNERS = ['kubernetes.io/kubelet-serving', 'kubernetes.io/kube-apiserver-client-kubelet'];

/** The plugin NodeRestriction. */
export function nodeRestriction(deps: PluginDeps): AdmissionPlugin {
  return {
    name: 'NodeRestriction',
    async mutate(attributes) {
      const { operation, user } = attributes;
      const node = nodeOf(user);
      if (node === undefined || operation === 'CONNECT') return;
      if (node === '') throw admissionForbidden(attributes, `could not determine node from user "${user.name}"`);
      await check(deps, node, attributes);
    },
  };
}

/** The name of the node that a user is; undefined for all others. */
function nodeOf({ name, groups }: UserInfo): string | undefined {
  return name.startsWith(PREFIX) && groups.includes('system:nodes') ? name.slice(PREFIX.length) : undefined;
}

async function check(deps: PluginDeps, node: string, attributes: AdmissionAttributes): Promise<void> {
  const { resource, subresource, operation } = attributes;
  switch (`${resource.group}/${resource.resource}`) {
    case '/pods':
      return checkPods(deps, node, attributes);
    case '/nodes':
      return checkNode(node, attributes);
    case '/persistentvolumeclaims':
      if (subresource !== 'status') throw admissionForbidden(attributes, 'may only update PVC status');
      return checkClaimStatus(node, attributes);
    case '/serviceaccounts':
      return operation === 'CREATE' && subresource === 'token' ? checkToken(deps, node, attributes) : undefined;
    case 'coordination.k8s.io/leases':
      return checkLease(node, attributes);
    case 'storage.k8s.io/csinodes':
      return checkOwnName(node, attributes, 'can only access CSINode with the same name as the requesting node');
    case 'resource.k8s.io/resourceslices':
      return checkSlice(node, attributes);
    case 'certificates.k8s.io/certificatesigningrequests':
      return operation === 'CREATE' ? checkSigningRequest(node, attributes) : undefined;
    default:
      return undefined;
  }
}

function checkPods(deps: PluginDeps, node: string, attributes: AdmissionAttributes): Promise<void> | void {
  const { subresource } = attributes;
  if (subresource === '') return checkPod(deps, node, attributes);
  if (subresource === 'status') return checkPodStatus(node, attributes);
  if (subresource === 'eviction') return checkEviction(deps, node, attributes);
  const why = `unexpected pod subresource "${subresource}", only 'status' and 'eviction' are allowed`;
  throw admissionForbidden(attributes, why);
}

function checkLease(node: string, attributes: AdmissionAttributes): void {
  if (attributes.namespace !== 'kube-node-lease')
    throw admissionForbidden(attributes, 'can only access leases in the "kube-node-lease" system namespace');
  checkOwnName(node, attributes, 'can only access node lease with the same name as the requesting node');
}

function checkOwnName(node: string, attributes: AdmissionAttributes, why: string): void {
  const { operation, name, object } = attributes;
  if ((operation === 'CREATE' ? object!.metadata.name : name) !== node) throw admissionForbidden(attributes, why);
}

/** Updates are checked by the authorizer, which does not see what is made, nor each of a collection that goes. */
function checkSlice(node: string, attributes: AdmissionAttributes): void {
  const { operation, object, old } = attributes;
  if (operation === 'UPDATE') return;
  const slice = operation === 'CREATE' ? object : old;
  if (slice?.spec?.nodeName === node) return;
  const verb = operation === 'CREATE' ? 'create' : 'delete';
  throw admissionForbidden(attributes, `can only ${verb} ResourceSlice with the same NodeName as the requesting node`);
}

function checkSigningRequest(node: string, attributes: AdmissionAttributes): void {
  const { signerName, request } = attributes.object!.spec;
  if (!SIGNERS.includes(signerName) || parseCertificateRequest(request)?.commonName === PREFIX + node) return;
  throw admissionForbidden(attributes, `can only create a node CSR with CN=${PREFIX}${node}`);
}
