import { type KubeObject, invalid, newBadRequest, newInvalid, newNotFound, Path } from 'nekube/apimachinery';
import { decodeBody, readBody } from '../body.ts';
import type { RequestContext } from '../context.ts';
import { parseMutateOptions } from '../options.ts';
import { sendObject } from '../respond.ts';
import type { ServedResource } from '../registry/served.ts';
import { groupResource } from '../registry/store.ts';
import type { ServerDeps } from '../routes.ts';
import { bodyTypeOfKind } from './body-types.ts';

const MIN_SECONDS = 600;
const MAX_SECONDS = 2 ** 32;

/** POST of a TokenRequest: a new token for a service account. */
export async function handleToken(context: RequestContext, deps: ServerDeps, resource: ServedResource): Promise<void> {
  const { name, namespace } = context.info;
  const options = parseMutateOptions('Create', context.query);
  const type = bodyTypeOfKind('authentication.k8s.io/v1', 'TokenRequest');
  const request = decodeBody(context, await readBody(context.request), type, options.fieldValidation);
  if (request.metadata.name && request.metadata.name !== name)
    throw newBadRequest(
      `the name of the object (${request.metadata.name}) does not match the name on the URL (${name})`,
    );
  const account = await deps.store.head(resource, namespace, name);
  if (account === undefined) throw newNotFound(groupResource(resource), name);
  request.spec.expirationSeconds ??= 3600;
  checkExpiration(request);
  const { token, expirationTimestamp, audiences } = await deps.accounts.issue(account, request.spec);
  const issued = options.dryRun ? '' : token;
  sendObject(context, 201, {
    kind: 'TokenRequest',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: { name, namespace, creationTimestamp: `${context.now.toISOString().slice(0, 19)}Z` },
    spec: {
      audiences: [...audiences],
      expirationSeconds: request.spec.expirationSeconds,
      boundObjectRef: request.spec.boundObjectRef ?? null,
    },
    status: { token: issued, expirationTimestamp },
  });
}

function checkExpiration(request: KubeObject): void {
  const seconds = request.spec.expirationSeconds;
  const path = Path.of('spec', 'expirationSeconds');
  const errors =
    seconds < MIN_SECONDS
      ? [invalid(path, seconds, 'may not specify a duration less than 10 minutes')]
      : seconds > MAX_SECONDS
        ? [invalid(path, seconds, 'may not specify a duration larger than 2^32 seconds')]
        : [];
  if (errors.length > 0)
    throw newInvalid({ group: 'authentication.k8s.io', resource: 'TokenRequest' }, request.metadata.name ?? '', errors);
}
