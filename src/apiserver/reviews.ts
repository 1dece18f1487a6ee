import { decodeObject, findResource, typeOf } from 'nekube/api';
import {
  apiVersionOf,
  formatTime,
  type JsonValue,
  type KubeObject,
  newBadRequest,
  newInvalid,
} from 'nekube/apimachinery';
import { questionOf, reviewStatus } from './authorization/review-attributes.ts';
import { aggregate } from './authorization/union.ts';
import { type BodyType, decodeBody, readBody } from './body.ts';
import type { RequestContext } from './context.ts';
import { methodNotAllowed, notFound } from './errors.ts';
import { parseMutateOptions } from './options.ts';
import { admitPosted, managerOf } from './handlers/write.ts';
import { registeredKind } from './registry/builtin.ts';
import { subresourceFieldManager } from './registry/field-managers.ts';
import { sendObject } from './respond.ts';
import type { ServerDeps } from './server-deps.ts';
import type { UserInfo } from './user.ts';

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
    review: (context, review, deps) => reviewAccess(context.user, review, deps),
  },
  'authorization.k8s.io/v1/subjectaccessreviews': {
    kind: 'SubjectAccessReview',
    review: (_, review, deps) => reviewAccess(subjectOf(review), review, deps),
  },
  'authorization.k8s.io/v1/localsubjectaccessreviews': {
    kind: 'LocalSubjectAccessReview',
    review: (_, review, deps) => reviewAccess(subjectOf(review), review, deps),
  },
  'authorization.k8s.io/v1/selfsubjectrulesreviews': { kind: 'SelfSubjectRulesReview', review: reviewRules },
};

/**
 * The handler of a review (a resource that is asked, and not stored); undefined for all others.
 *
 * @throws StatusError NotFound for a path that is not that of the whole collection: what may be asked in a namespace, or
 *   of one name, is not what may be asked of the cluster
 */
export function findReview(context: RequestContext, deps: ServerDeps): (() => Promise<void>) | undefined {
  const { group, version, resource, verb, namespace, name } = context.info;
  const found = REVIEWERS[`${group}/${version}/${resource}`];
  if (found === undefined) return undefined;
  const isNamespaced = found.kind === 'LocalSubjectAccessReview';
  if (name !== '' || isNamespaced !== (namespace !== '') || verb === 'watch') throw notFound();
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
    await admitPosted(context, deps, posted, () => checkReview(context, review, found.kind));
    review.status = await found.review(context, review, deps);
    // its answer is a new object, which does not repeat the question
    if (found.kind === 'SelfSubjectRulesReview') Object.assign(review, { metadata: {}, spec: {} });
    if (found.kind === 'SelfSubjectReview') review.metadata.creationTimestamp = formatTime(context.now);
    sendObject(context, 201, decodeObject(type, review as unknown as JsonValue).object);
  };
}

/** What a review must not be, beside what the rules of its kind say. @throws StatusError BadRequest, Invalid */
function checkReview(context: RequestContext, review: KubeObject, kind: string): void {
  const { group, resource, version, namespace } = context.info;
  if (kind === 'TokenReview' && !review.spec?.token)
    throw newBadRequest('token is required for TokenReview in authentication');
  const errors = findResource(group, version, resource)?.rules.validate?.(review) ?? [];
  if (errors.length > 0) throw newInvalid({ group, resource: '' }, '', errors);
  if (kind === 'LocalSubjectAccessReview' && namespace !== review.metadata.namespace)
    throw newBadRequest(`spec.resourceAttributes.namespace must match namespace: ${namespace}`);
  if (kind === 'SelfSubjectRulesReview' && !review.spec?.namespace) throw newBadRequest('no namespace on request');
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

/** What is said of a token that nobody knows, and before what is wrong with one. */
const INVALID_TOKEN = 'invalid bearer token';

async function reviewToken(_: RequestContext, review: KubeObject, deps: ServerDeps): Promise<JsonValue> {
  const { token = '', audiences } = review.spec ?? {};
  const wanted: readonly string[] = audiences?.length > 0 ? audiences : deps.accounts.audiences;
  const answer = await deps.authenticateToken(firstWord(token), wanted, review);
  if (answer !== undefined && 'user' in answer)
    return { authenticated: true, user: userInfo(answer.user), audiences: [...answer.audiences] };
  return { user: {}, error: aggregate([INVALID_TOKEN, answer?.error ?? INVALID_TOKEN]) };
}

/** A token is read as if it came in a header, where what follows a space is not of it. */
function firstWord(token: string): string {
  return token.trim().split(' ')[0]!;
}

async function reviewAccess(user: UserInfo, review: KubeObject, deps: ServerDeps): Promise<JsonValue> {
  const { attributes, ignored } = questionOf(user, review.spec);
  return reviewStatus(await deps.authorizer.authorize(attributes), ignored);
}

/** Whom a review asks about: nothing is added to what it says, not even the groups that everybody is in. */
function subjectOf({ spec }: KubeObject): UserInfo {
  const { user = '', groups, uid, extra } = spec;
  return { name: user, groups: groups ?? [], ...(uid && { uid }), ...(extra && { extra }) };
}

function reviewRules(context: RequestContext, { spec }: KubeObject, deps: ServerDeps): JsonValue {
  const { resourceRules, nonResourceRules, incomplete, error } = deps.rules.rulesFor(context.user, spec.namespace);
  return {
    resourceRules: [...resourceRules],
    nonResourceRules: [...nonResourceRules],
    incomplete,
    ...(error !== undefined && { evaluationError: error }),
  };
}
