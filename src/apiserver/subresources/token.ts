import { formatTime, type KubeObject, invalid, newConflict, newInvalid, newNotFound, Path } from 'nekube/apimachinery';
import { normalizeObject, tokenRequestRules, typeOf } from 'nekube/api';
import { decodeBody, readBody } from '../body.ts';
import { annotate, type RequestContext, warn } from '../context.ts';
import type { FieldManager } from '../field-manager/index.ts';
import { admitPosted, managerOf, type Posted } from '../handlers/write.ts';
import { parseMutateOptions } from '../options.ts';
import { subresourceFieldManager } from '../registry/field-managers.ts';
import { sendObject } from '../respond.ts';
import { groupResource, type ServedResource } from '../registry/served.ts';
import { matchNamespace } from '../registry/prepare.ts';
import type { ServerDeps } from '../server-deps.ts';
import { bodyTypeOfKind } from './body-types.ts';

const API_VERSION = 'authentication.k8s.io/v1';
const KIND = 'TokenRequest';
const TOKEN_KIND = { group: 'authentication.k8s.io', version: 'v1', kind: KIND };
const TOKEN_REQUEST = { group: 'authentication.k8s.io', resource: KIND };

/** POST of a TokenRequest: a new token for a service account. A dry run gets one too, since nothing is stored. */
export async function handleToken(context: RequestContext, deps: ServerDeps, resource: ServedResource): Promise<void> {
  const { namespace } = context.info;
  const options = parseMutateOptions('Create', context.query);
  const type = bodyTypeOfKind(API_VERSION, KIND);
  const request = decodeBody(context, await readBody(context.request), type, options.fieldValidation);
  matchNamespace(resource, namespace, request);
  tokenRequestRules.defaults?.['*']?.(request);
  managerOfRequests(context.now).update(undefined, request, managerOf(context, options));
  const account = await admitRequest(context, deps, { resource, kind: TOKEN_KIND, object: request, options });
  const issued = await deps.accounts.issue(account, request.spec, (text) => warn(context, text));
  const { token, id, expirationTimestamp, expirationSeconds, audiences } = issued;
  annotate(context, 'authentication.kubernetes.io/issued-credential-id', `JTI=${id}`);
  Object.assign(request.spec, { audiences: [...audiences], expirationSeconds });
  request.status = { token, expirationTimestamp };
  sendObject(context, 201, normalizeObject(typeOf(API_VERSION, KIND)!, request));
}

/** @returns the account that the token will be for */
async function admitRequest(context: RequestContext, deps: ServerDeps, posted: Posted): Promise<KubeObject> {
  const { name, namespace } = context.info;
  const { resource, object: request } = posted;
  let account: KubeObject | undefined;
  await admitPosted(context, deps, posted, async () => {
    account = await deps.store.head(resource, namespace, name);
    if (account === undefined) throw newNotFound(groupResource(resource), name);
    checkAccount(request, account);
    request.metadata.creationTimestamp = formatTime(context.now);
    const errors = tokenRequestRules.validate?.(request) ?? [];
    if (errors.length > 0) throw newInvalid(TOKEN_REQUEST, '', errors);
  });
  return account!;
}

/** Made for each request, since the entries have its time; what it costs is compiled once. */
function managerOfRequests(now: Date): FieldManager {
  return subresourceFieldManager(API_VERSION, KIND, 'token', () => now);
}

/** Gives the request the name and uid of the account, where it does not say whose they are. */
function checkAccount({ metadata }: KubeObject, account: KubeObject): void {
  const { name = '', uid = '' } = account.metadata;
  metadata.name ||= name;
  metadata.uid ||= uid;
  if (metadata.name !== name)
    throw newInvalid(TOKEN_REQUEST, name, [
      invalid(Path.of('metadata', 'name'), metadata.name, 'must match the service account name if specified'),
    ]);
  if (metadata.uid !== uid)
    throw newConflict(
      TOKEN_REQUEST,
      name,
      `the UID in the token request (${metadata.uid}) does not match the UID of the service account (${uid})`,
    );
}
