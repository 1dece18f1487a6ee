/**
 * The authorizer of kubelets: a node may do to its own objects, and to those that its pods use, what a kubelet needs.
 *
 * What it leaves to admission (NodeRestriction): what stands in the objects that a node writes.
 */
import { bootstrapObjects } from 'nekube/api';
import { goQuote } from 'nekube/apimachinery';
import type { UserInfo } from '../../user.ts';
import { type AuthorizationAttributes, type Authorizer, type Decision, NO_OPINION } from '../authorizer.ts';
import { type PolicyRule, ruleAllows, rulesOfRole } from '../rbac/policy-rule.ts';
import type { RuleResolver } from '../rule-resolver.ts';
import { NodeRelations, type NodeSources, type RelatedResource } from './relations.ts';

const USER_PREFIX = 'system:node:';
const NODES_GROUP = 'system:nodes';
const LEASE_NAMESPACE = 'kube-node-lease';

const ALLOW: Decision = { decision: 'allow', reason: '' };
const refuse = (reason: string): Decision => ({ decision: 'no-opinion', reason });

/** The name of the node that a user is; undefined for other users. */
function nodeNameOf({ name, groups }: UserInfo): string | undefined {
  return name.startsWith(USER_PREFIX) && groups.includes(NODES_GROUP) ? name.slice(USER_PREFIX.length) : undefined;
}

/** Allows nodes what they need, and has no opinion of other users. */
export function nodeAuthorizer(sources: NodeSources): Authorizer & RuleResolver {
  const relations = new NodeRelations(sources);
  return {
    authorize(attributes) {
      const node = nodeNameOf(attributes.user);
      if (node === undefined) return NO_OPINION;
      if (node === '') return refuse(`unknown node for user ${goQuote(attributes.user.name)}`);
      const decide = attributes.resourceRequest ? BY_RESOURCE[keyOf(attributes)] : undefined;
      if (decide !== undefined) return decide(node, attributes, relations);
      return nodeRules().some((rule) => ruleAllows(rule, attributes)) ? ALLOW : NO_OPINION;
    },
    rulesFor(user) {
      const nothing = { resourceRules: [], nonResourceRules: [] };
      if (nodeNameOf(user) === undefined) return { ...nothing, incomplete: false };
      return { ...nothing, incomplete: true, error: 'node authorizer does not support user rule resolution' };
    },
  };
}

function keyOf({ apiGroup, resource }: AuthorizationAttributes): string {
  return apiGroup === '' ? resource : `${resource}.${apiGroup}`;
}

let rules: readonly PolicyRule[] | undefined;

/** What all nodes may do alike: the rules of the cluster role that nodes had before there was this authorizer. */
function nodeRules(): readonly PolicyRule[] {
  if (rules === undefined) {
    const roles = bootstrapObjects().find(({ resource }) => resource.resource === 'clusterroles')?.objects ?? [];
    const role = roles.find(({ metadata }) => metadata.name === 'system:node');
    rules = role === undefined ? [] : rulesOfRole(role);
  }
  return rules;
}

type Decide = (node: string, attributes: AuthorizationAttributes, relations: NodeRelations) => Decision;

const BY_RESOURCE: Readonly<Record<string, Decide>> = {
  secrets: readNamespaced('secrets'),
  configmaps: readNamespaced('configmaps'),
  persistentvolumeclaims(node, attributes, relations) {
    if (attributes.subresource !== 'status') return getOne('persistentvolumeclaims')(node, attributes, relations);
    if (!['update', 'patch'].includes(attributes.verb)) return refuse('can only get/update/patch this type');
    return related(node, 'persistentvolumeclaims', attributes, relations);
  },
  persistentvolumes: getOne('persistentvolumes'),
  'resourceclaims.resource.k8s.io': getOne('resourceclaims'),
  'volumeattachments.storage.k8s.io': getOne('volumeattachments'),
  serviceaccounts: serviceAccount,
  'leases.coordination.k8s.io': lease,
  'csinodes.storage.k8s.io': csiNode,
  'resourceslices.resource.k8s.io': resourceSlice,
  nodes: ownNode,
  pods: pod,
  // an alpha feature, which is off
  'podcertificaterequests.certificates.k8s.io': () => NO_OPINION,
};

/** Objects of the node are named, and known to have to do with it. */
function related(
  node: string,
  resource: RelatedResource,
  { namespace, name }: AuthorizationAttributes,
  relations: NodeRelations,
): Decision {
  if (name === '') return refuse('No Object name found');
  if (relations.areRelated(node, resource, namespace, name)) return ALLOW;
  return refuse(`no relationship found between node '${node}' and this object`);
}

function getOne(resource: RelatedResource): Decide {
  return (node, attributes, relations) => {
    if (attributes.verb !== 'get') return refuse('can only get individual resources of this type');
    if (attributes.subresource !== '') return refuse('cannot get subresource');
    return related(node, resource, attributes, relations);
  };
}

function readNamespaced(resource: RelatedResource): Decide {
  return (node, attributes, relations) => {
    if (!['get', 'list', 'watch'].includes(attributes.verb)) return refuse('can only read resources of this type');
    if (attributes.subresource !== '') return refuse('cannot read subresource');
    if (attributes.namespace === '') return refuse('can only read namespaced object of this type');
    return related(node, resource, attributes, relations);
  };
}

function serviceAccount(node: string, attributes: AuthorizationAttributes, relations: NodeRelations): Decision {
  const { verb, subresource, name } = attributes;
  if (verb === 'get' && subresource === '') return readNamespaced('serviceaccounts')(node, attributes, relations);
  if (verb !== 'create' || name === '') return refuse('can only create tokens for individual service accounts');
  if (subresource !== 'token') return refuse('can only create token subresource of serviceaccount');
  return related(node, 'serviceaccounts', attributes, relations);
}

const OWN_VERBS = ['get', 'create', 'update', 'patch', 'delete'];

/** The name is not known on create; admission looks at it then. */
function isOwn(node: string, { verb, name }: AuthorizationAttributes): boolean {
  return verb === 'create' || name === node;
}

function lease(node: string, attributes: AuthorizationAttributes): Decision {
  if (!OWN_VERBS.includes(attributes.verb))
    return refuse('can only get, create, update, patch, or delete a node lease');
  if (attributes.namespace !== LEASE_NAMESPACE)
    return refuse(`can only access leases in the "${LEASE_NAMESPACE}" system namespace`);
  if (!isOwn(node, attributes)) return refuse('can only access node lease with the same name as the requesting node');
  return ALLOW;
}

function csiNode(node: string, attributes: AuthorizationAttributes): Decision {
  if (!OWN_VERBS.includes(attributes.verb)) return refuse('can only get, create, update, patch, or delete a CSINode');
  if (attributes.subresource !== '') return refuse('cannot authorize CSINode subresources');
  if (!isOwn(node, attributes)) return refuse('can only access CSINode with the same name as the requesting node');
  return ALLOW;
}

/** Whether a list or watch is limited to what has this field of the node's name. */
function isLimitedTo(node: string, field: string, { fieldSelector }: AuthorizationAttributes): boolean {
  return fieldSelector?.requirements.some((r) => r.field === field && r.operator === '=' && r.value === node) ?? false;
}

function resourceSlice(node: string, attributes: AuthorizationAttributes, relations: NodeRelations): Decision {
  if (attributes.subresource !== '') return refuse('cannot authorize ResourceSlice subresources');
  switch (attributes.verb) {
    case 'create':
      return ALLOW;
    case 'get':
    case 'update':
    case 'patch':
    case 'delete':
      return related(node, 'resourceslices', attributes, relations);
    case 'watch':
    case 'list':
    case 'deletecollection':
      return isLimitedTo(node, 'spec.nodeName', attributes)
        ? ALLOW
        : refuse('can only list/watch/deletecollection resourceslices with nodeName field selector');
    default:
      return refuse(
        'only the following verbs are allowed for a ResourceSlice: get, watch, list, create, update, patch, delete, deletecollection',
      );
  }
}

function ownNode(node: string, { verb, subresource, name }: AuthorizationAttributes): Decision {
  const isWrite = verb === 'update' || verb === 'patch';
  if (subresource === 'status') return isWrite ? ALLOW : NO_OPINION;
  if (subresource !== '') return NO_OPINION;
  if (isWrite || verb === 'create') return ALLOW;
  if (!['get', 'list', 'watch'].includes(verb)) return NO_OPINION;
  if (name === node) return ALLOW;
  return refuse(
    name === ''
      ? `node '${node}' cannot read all nodes, only its own Node object`
      : `node '${node}' cannot read '${name}', only its own Node object`,
  );
}

function pod(node: string, attributes: AuthorizationAttributes, relations: NodeRelations): Decision {
  const { verb, subresource, name } = attributes;
  switch (`${subresource} ${verb}`) {
    case ' get':
      return related(node, 'pods', attributes, relations);
    case ' list':
    case ' watch':
      if (isLimitedTo(node, 'spec.nodeName', attributes)) return ALLOW;
      if (name !== '') return related(node, 'pods', attributes, relations);
      return refuse('can only list/watch pods with spec.nodeName field selector');
    case ' create':
    case ' delete':
    case 'status update':
    case 'status patch':
    case 'eviction create':
      return ALLOW;
    default:
      return NO_OPINION;
  }
}
