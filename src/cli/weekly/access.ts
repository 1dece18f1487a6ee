import { isStatusError, type KubeObject } from 'nekube/apimachinery';
import type { Client } from 'nekube/client';
import { WEEKLY_API } from 'nekube/weekly';
import { CliError } from '../io.ts';

/** What may be done with a resource, as a rule of RBAC. */
interface Rule {
  readonly group: string;
  /** With its subresource: `feeds/status`. */
  readonly resource: string;
  readonly verbs: readonly string[];
}

const [GROUP = ''] = WEEKLY_API.split('/');

/** What the newsroom's controllers do; the Role of docs/weekly-newsroom.md says the same. */
const NEEDED: readonly Rule[] = [
  ...['feeds', 'stories', 'votes', 'issues', 'publications'].map((resource) => ({
    group: GROUP,
    resource,
    verbs: ['list', 'watch'],
  })),
  { group: GROUP, resource: 'stories', verbs: ['create'] },
  ...['feeds/status', 'stories/status', 'issues/status', 'publications/status'].map((resource) => ({
    group: GROUP,
    resource,
    verbs: ['patch'],
  })),
];
const OF_ELECTION: Rule = { group: 'coordination.k8s.io', resource: 'leases', verbs: ['get', 'create', 'update'] };

/**
 * Asks whether a client may do what the newsroom's controllers do, so that what is missing is told at once and together, instead of one
 * failure after the other.
 *
 * @throws CliError that names each verb and resource that is missing
 */
export async function requireAccess(client: Client, elects: boolean, signal: AbortSignal): Promise<void> {
  const rules = [...NEEDED, ...(elects ? [OF_ELECTION] : [])];
  const asked = rules.flatMap((rule) => rule.verbs.map((verb) => ({ ...rule, verb })));
  const answers = await Promise.all(asked.map(async (one) => ({ ...one, may: await may(client, one, signal) })));
  const missing = answers.filter(({ may }) => !may).map(({ verb, resource, group }) => `${verb} ${resource}.${group}`);
  if (missing.length === 0) return;
  throw new CliError(
    `The newsroom of namespace ${client.defaultNamespace} cannot run: this user may not ${missing.join(', ')}`,
    {
      hint: 'give it the Role of docs/weekly-newsroom.md, or a user who may with --context or --kubeconfig',
    },
  );
}

interface Review extends KubeObject {
  readonly spec: object;
  readonly status?: { readonly allowed?: boolean };
}

async function may(
  client: Client,
  { group, resource: path, verb }: Rule & { readonly verb: string },
  signal: AbortSignal,
): Promise<boolean> {
  const [resource, subresource] = path.split('/');
  const resourceAttributes = {
    namespace: client.defaultNamespace,
    group,
    resource,
    verb,
    ...(subresource !== undefined && { subresource }),
  };
  const review = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', metadata: {} };
  try {
    const { status } = await client.create<Review>({ ...review, spec: { resourceAttributes } }, { signal });
    return status?.allowed === true;
  } catch (error) {
    // where no reviews are answered the requests themselves tell
    if (isStatusError(error, 'NotFound') || isStatusError(error, 'Forbidden')) return true;
    throw error;
  }
}
