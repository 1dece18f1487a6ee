import { builtinResources } from 'nekube/api';
import type { Grant } from './granted.ts';

/** How much harm a grant can do in the wrong hands. */
export type RiskLevel = 'critical' | 'high' | 'medium' | 'low';

/** From the worst on. */
export const RISK_LEVELS: readonly RiskLevel[] = ['critical', 'high', 'medium', 'low'];

/** How risky a grant is, and why. */
export interface Risk {
  readonly level: RiskLevel;
  /** What one can do with it, as in "reads every password and token". */
  readonly why: string;
}

/** A kind of grants that does harm: by group and resources, and the verbs that do it. */
interface Danger {
  readonly level: RiskLevel;
  readonly groups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly why: string;
}

const READ = ['get', 'list', 'watch'];
const WRITE = ['create', 'update', 'patch'];
const RBAC = 'rbac.authorization.k8s.io';

/** The worst first: of the dangers that a grant has, the first one is told. By https://kubernetes.io/docs/concepts/security/rbac-good-practices. */
const DANGERS: readonly Danger[] = [
  {
    level: 'critical',
    groups: [RBAC],
    resources: ['roles', 'clusterroles'],
    verbs: ['escalate', 'bind'],
    why: 'gives itself any right',
  },
  {
    level: 'critical',
    groups: ['', 'authentication.k8s.io'],
    resources: ['users', 'groups', 'serviceaccounts', 'uids'],
    verbs: ['impersonate'],
    why: 'acts as somebody else',
  },
  {
    level: 'critical',
    groups: [''],
    resources: ['secrets'],
    verbs: READ,
    why: 'reads passwords, keys and tokens',
  },
  {
    level: 'critical',
    groups: [''],
    resources: ['serviceaccounts/token'],
    verbs: ['create'],
    why: 'gets tokens of service accounts, and so all that these may do',
  },
  {
    level: 'critical',
    groups: [''],
    resources: ['pods/exec', 'pods/attach', 'pods/ephemeralcontainers', 'nodes/proxy', 'pods/proxy'],
    verbs: [...WRITE, 'get'],
    why: 'runs commands in containers, with their rights',
  },
  {
    level: 'critical',
    groups: ['certificates.k8s.io'],
    resources: ['signers', 'certificatesigningrequests/approval'],
    verbs: ['approve', 'sign', 'update', 'patch'],
    why: 'makes certificates for any user',
  },
  {
    level: 'high',
    groups: ['admissionregistration.k8s.io'],
    resources: [
      'mutatingwebhookconfigurations',
      'validatingwebhookconfigurations',
      'mutatingadmissionpolicies',
      'validatingadmissionpolicies',
    ],
    verbs: WRITE,
    why: 'sees and changes what others write',
  },
  {
    level: 'high',
    groups: ['apiregistration.k8s.io'],
    resources: ['apiservices'],
    verbs: WRITE,
    why: 'answers in the place of the API server',
  },
  {
    level: 'high',
    groups: [RBAC],
    resources: ['roles', 'clusterroles', 'rolebindings', 'clusterrolebindings'],
    verbs: WRITE,
    why: 'hands on the rights that it has',
  },
  {
    level: 'high',
    groups: ['', 'apps', 'batch'],
    resources: [
      'pods',
      'replicationcontrollers',
      'deployments',
      'daemonsets',
      'statefulsets',
      'replicasets',
      'jobs',
      'cronjobs',
    ],
    verbs: WRITE,
    why: 'runs pods as any service account of the namespace, with its secrets',
  },
  { level: 'high', groups: [''], resources: ['secrets'], verbs: WRITE, why: 'changes passwords, keys and tokens' },
  {
    level: 'high',
    groups: [''],
    resources: ['persistentvolumes'],
    verbs: WRITE,
    why: "reaches a node's files by a volume",
  },
  {
    level: 'high',
    groups: [''],
    resources: ['nodes', 'nodes/status'],
    verbs: [...WRITE, 'delete'],
    why: 'moves all that runs there',
  },
  {
    level: 'high',
    groups: [''],
    resources: ['pods/portforward', 'services/proxy'],
    verbs: [...WRITE, 'get'],
    why: 'reaches what listens inside pods',
  },
  {
    level: 'high',
    groups: [''],
    resources: ['namespaces'],
    verbs: ['delete', 'deletecollection', 'update', 'patch'],
    why: 'removes all that is in a namespace, or what Pod Security holds in it',
  },
  {
    level: 'high',
    groups: ['apiextensions.k8s.io'],
    resources: ['customresourcedefinitions'],
    verbs: [...WRITE, 'delete'],
    why: 'changes what others can store, or removes it',
  },
];

/** How risky a grant is. What holds in one namespace only, or for named objects, is less so by one level each. */
export function riskOf(grant: Grant): Risk {
  const { level, why } = worst(grant);
  const less = Number(grant.namespace !== '') + Number(grant.name !== '');
  const at = Math.min(RISK_LEVELS.indexOf(level) + less, RISK_LEVELS.length - 1);
  return { level: RISK_LEVELS[at]!, why };
}

function worst(grant: Grant): Risk {
  if (grant.path !== undefined) return { level: 'low', why: 'reads what the server tells of itself' };
  if (isOfNothing(grant)) return { level: 'low', why: 'there is no such resource' };
  const danger = DANGERS.find((one) => hits(grant, one));
  if (grant.group === '*' && grant.resource === '*' && danger !== undefined)
    return { level: 'critical', why: `${doing(grant)} everything` };
  if (danger !== undefined) return danger;
  if (grant.verb === '*' || grant.resource === '*' || grant.group === '*')
    return { level: 'high', why: 'a wildcard also has what will be added' };
  if (READ.includes(grant.verb)) return { level: 'low', why: 'reads' };
  return { level: 'medium', why: 'writes' };
}

/** Of a built-in group, but no resource of it: a rule that names several groups and resources gives such. */
function isOfNothing({ group, resource }: Grant): boolean {
  const ofGroup = builtinResources().filter((one) => one.group === group);
  const [name = ''] = resource.split('/');
  const isKnown = name === '*' || SPECIAL.has(name) || ofGroup.some((one) => one.resource === name);
  return ofGroup.length > 0 && !isKnown;
}

/** What authorizers are asked about, and no server serves. */
const SPECIAL = new Set(['users', 'groups', 'uids', 'userextras', 'signers', 'podsecuritypolicies']);

function doing({ verb }: Grant): string {
  return verb === '*' ? 'does' : READ.includes(verb) ? 'reads' : `may ${verb}`;
}

function hits({ group, resource, verb }: Grant, danger: Danger): boolean {
  return (
    (group === '*' || danger.groups.includes(group)) &&
    (resource === '*' ||
      danger.resources.some(
        (one) => one === resource || (resource.startsWith('*/') && one.endsWith(resource.slice(1))),
      )) &&
    (verb === '*' || danger.verbs.includes(verb))
  );
}
