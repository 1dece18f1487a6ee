import { newForbidden } from 'nekube/apimachinery';
import type { RequestInfo } from './request-info.ts';
import { SYSTEM_MASTERS, type UserInfo } from './user.ts';

/** What everyone may read, authenticated or not (cluster role system:public-info-viewer). */
const PUBLIC_PATHS = new Set(['/healthz', '/livez', '/readyz', '/version', '/version/']);

/** What everyone authenticated may read (cluster role system:discovery). */
const DISCOVERY_PATHS = ['/api', '/apis', '/healthz', '/livez', '/openapi', '/readyz', '/version'];

/** Decides whether a user may do what a request asks for. @throws StatusError Forbidden */
export type Authorizer = (user: UserInfo, info: RequestInfo) => void;

/** Allows everything, to everyone. */
export const alwaysAllow: Authorizer = () => {};

/** Allows members of system:masters everything, and the rest what the bootstrap roles give them by path. */
export const mastersOnly: Authorizer = (user, info) => {
  if (user.groups.includes(SYSTEM_MASTERS)) return;
  if (!info.isResource && info.verb === 'get' && mayRead(user, info.path)) return;
  if (isSelfReview(info) && user.groups.includes('system:authenticated')) return;
  throw forbiddenRequest(user, info);
};

/** What users may ask about themselves (cluster role system:basic-user). */
function isSelfReview({ group, resource, verb }: RequestInfo): boolean {
  return (
    verb === 'create' &&
    (group === 'authorization.k8s.io' || group === 'authentication.k8s.io') &&
    resource.startsWith('selfsubject')
  );
}

function mayRead(user: UserInfo, path: string): boolean {
  if (PUBLIC_PATHS.has(path)) return true;
  if (!user.groups.includes('system:authenticated')) return false;
  return DISCOVERY_PATHS.some((prefix) => path === prefix || path.startsWith(`${prefix}/`));
}

/** 403 with the words of kube-apiserver. */
export function forbiddenRequest(user: UserInfo, info: RequestInfo): Error {
  if (!info.isResource)
    return newForbidden({ group: '', resource: '' }, '', `User "${user.name}" cannot ${info.verb} path "${info.path}"`);
  const resource = info.subresource === '' ? info.resource : `${info.resource}/${info.subresource}`;
  const scope = info.namespace === '' ? 'at the cluster scope' : `in the namespace "${info.namespace}"`;
  const why = `User "${user.name}" cannot ${info.verb} resource "${resource}" in API group "${info.group}" ${scope}`;
  return newForbidden({ group: info.group, resource: info.resource }, info.name, why);
}
