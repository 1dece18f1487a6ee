import { decodeObject, typeOf } from 'nekube/api';
import {
  apiVersionOf,
  type FieldError,
  formatTime,
  invalid,
  type JsonValue,
  type KubeObject,
  newBadRequest,
  newInvalid,
  Path,
} from 'nekube/apimachinery';
import { type BodyType, decodeBody, readBody } from './body.ts';
import type { RequestContext } from './context.ts';
import { methodNotAllowed } from './errors.ts';
import { parseMutateOptions } from './options.ts';
import { admitPosted, managerOf } from './handlers/write.ts';
import { registeredKind } from './registry/builtin.ts';
import { subresourceFieldManager } from './registry/field-managers.ts';
import { sendObject } from './respond.ts';
import type { ServerDeps } from './routes.ts';
import { authenticated, SYSTEM_MASTERS, type UserInfo } from './user.ts';

/** Fills in the status of a review. */
type Reviewer = (context: RequestContext, review: KubeObject, deps: ServerDeps) => Promise<JsonValue> | JsonValue;

const REVIEWERS: Readonly<Record<string, { readonly kind: string; readonly review: Reviewer }>> = {
  'authentication.k8s.io/v1/selfsubjectreviews': {
    kind: 'SelfSubjectReview',
    review: (context) => ({ userInfo: userInfo(context.user) }),
  },
  'authentication.k8s.io/v1/tokenreviews': { kind: 'TokenReview', review: reviewToken },
  'authorization.k8s.io/v1/selfsubjectaccessreviews': {
    kind: 'SelfSubjectAccessReview',
    review: (context) => access(context.user.groups),
  },
  'authorization.k8s.io/v1/subjectaccessreviews': {
    kind: 'SubjectAccessReview',
    review: (_, review) => access(review.spec?.groups ?? []),
  },
  'authorization.k8s.io/v1/localsubjectaccessreviews': {
    kind: 'LocalSubjectAccessReview',
    review: (_, review) => access(review.spec?.groups ?? []),
  },
  'authorization.k8s.io/v1/selfsubjectrulesreviews': {
    kind: 'SelfSubjectRulesReview',
    review: (context) => rules(context.user.groups),
  },
};

/** The handler of a review (a resource that is asked, and not stored); undefined for all others. */
export function findReview(context: RequestContext, deps: ServerDeps): (() => Promise<void>) | undefined {
  const { group, version, resource, verb } = context.info;
  const found = REVIEWERS[`${group}/${version}/${resource}`];
  if (found === undefined) return undefined;
  return async () => {
    if (verb !== 'create') throw methodNotAllowed();
    const type = typeOf(apiVersionOf({ group, version }), found.kind)!;
    const bodyType: BodyType = {
      group,
      version,
      kind: found.kind,
      goType: `${group.split('.')[0]}.${found.kind}`,
      isRegistered: registeredKind,
      decode: (value) => decodeObject(type, value),
    };
    const options = parseMutateOptions('Create', context.query);
    const review = decodeBody(context, await readBody(context.request), bodyType, options.fieldValidation);
    const manager = subresourceFieldManager(apiVersionOf({ group, version }), found.kind, '', () => context.now);
    manager.update(undefined, review, managerOf(context, options));
    const kind = { group, version, kind: found.kind };
    const posted = { resource: deps.resources.builtin(group, version, resource), kind, object: review, options };
    await admitPosted(context, deps, posted, () => checkReview(review, found.kind));
    review.status = await found.review(context, review, deps);
    // its answer is a new object, which does not repeat the question
    if (found.kind === 'SelfSubjectRulesReview') Object.assign(review, { metadata: {}, spec: {} });
    if (found.kind === 'SelfSubjectReview') review.metadata.creationTimestamp = formatTime(context.now);
    sendObject(context, 201, decodeObject(type, review as unknown as JsonValue).object);
  };
}

const ACCESS_REVIEWS = ['SelfSubjectAccessReview', 'SubjectAccessReview', 'LocalSubjectAccessReview'];

/** @throws StatusError BadRequest, Invalid for what asks nothing */
function checkReview({ spec = {} }: KubeObject, kind: string): void {
  if (kind === 'TokenReview' && !spec.token) throw newBadRequest('token is required for TokenReview in authentication');
  if (!ACCESS_REVIEWS.includes(kind)) return;
  const { resourceAttributes: resource, nonResourceAttributes: path } = spec;
  const at = Path.of('spec');
  const errors: FieldError[] = [];
  if (resource && path)
    errors.push(
      invalid(at.child('nonResourceAttributes'), path, 'cannot be specified in combination with resourceAttributes'),
    );
  if (!resource && !path)
    errors.push(
      invalid(
        at.child('resourceAttributes'),
        null,
        'exactly one of nonResourceAttributes or resourceAttributes must be specified',
      ),
    );
  if (kind !== 'SelfSubjectAccessReview' && !spec.user && !spec.groups?.length)
    errors.push(invalid(at.child('user'), '', 'at least one of user or group must be specified'));
  if (errors.length > 0) throw newInvalid({ group: 'authorization.k8s.io', resource: '' }, '', errors);
}

function userInfo(user: UserInfo): JsonValue {
  return {
    username: user.name,
    ...(user.uid && { uid: user.uid }),
    groups: [...user.groups],
    ...(user.extra && {
      extra: Object.fromEntries(Object.entries(user.extra).map(([key, values]) => [key, [...values]])),
    }),
  };
}

async function reviewToken(_: RequestContext, review: KubeObject, deps: ServerDeps): Promise<JsonValue> {
  const { token = '', audiences } = review.spec ?? {};
  const account = await deps.accounts.authenticate(token, audiences);
  if (account !== undefined) return { authenticated: true, user: userInfo(account), ...(audiences && { audiences }) };
  // a static token is for this server, whoever asks
  const known = await deps.authenticateStatic(token, review);
  const served = deps.accounts.audience;
  if (known === undefined || (audiences?.length > 0 && !audiences.includes(served)))
    return { user: {}, error: 'invalid bearer token' };
  return { authenticated: true, user: userInfo(authenticated(known)), audiences: [served] };
}

function access(groups: readonly string[]): JsonValue {
  return { allowed: groups.includes(SYSTEM_MASTERS) };
}

/** The rules of the bootstrap roles that users have by their groups: of themselves, of discovery, of the whole. */
function rules(groups: readonly string[]): JsonValue {
  const known = groups.includes('system:authenticated');
  const all = groups.includes(SYSTEM_MASTERS);
  const resourceRules: JsonValue[] = [];
  const nonResourceRules: JsonValue[] = [{ verbs: ['get'], nonResourceURLs: [...PUBLIC_PATHS] }];
  if (known) resourceRules.push(...SELF_REVIEWS);
  if (all) resourceRules.push({ verbs: ['*'], apiGroups: ['*'], resources: ['*'] });
  if (all) nonResourceRules.push({ verbs: ['*'], nonResourceURLs: ['*'] });
  if (known) nonResourceRules.push({ verbs: ['get'], nonResourceURLs: [...DISCOVERY_URLS] });
  return { resourceRules, nonResourceRules, incomplete: false };
}

const SELF_REVIEWS: readonly JsonValue[] = [
  {
    verbs: ['create'],
    apiGroups: ['authorization.k8s.io'],
    resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'],
  },
  { verbs: ['create'], apiGroups: ['authentication.k8s.io'], resources: ['selfsubjectreviews'] },
];

const PUBLIC_PATHS = ['/healthz', '/livez', '/readyz', '/version', '/version/'];

const DISCOVERY_URLS = [
  '/api',
  '/api/*',
  '/apis',
  '/apis/*',
  '/healthz',
  '/livez',
  '/openapi',
  '/openapi/*',
  '/readyz',
  '/version',
  '/version/',
];
