import { newBadRequest } from 'nekube/apimachinery';

const MOST_CHARACTERS = 8192;
/** What stands in a URL as it is. */
const ESCAPED = /^\/[A-Za-z0-9\-._~!$&'()*+,;=:@%/]*$/;
const ESCAPED_QUERY = /^[\x21-\x7e]*$/;
/** Pages of pods and services, which would be pages of the console. */
const OF_A_PROXY =
  /^\/api\/[^/]+\/(?:proxy|(?:namespaces\/[^/]+\/(?:pods|services)|nodes|pods|services)\/[^/]+\/proxy)(?:\/|$)/;

/**
 * Checks a path with its query that a browser wants of the cluster. It is passed on as it is or not at all, so that
 * nobody on the way reads another one: no part is empty, `.` or `..`, in whatever way it is written. Names of roles have
 * any character but `/` and `%`; those with a backslash go through where it stands for no way upwards to who takes it for
 * a slash.
 *
 * @throws StatusError `BadRequest`
 */
export function checkClusterPath(target: string): string {
  const [path = '', query = ''] = target.split(/\?(.*)/s, 2);
  if (target.length > MOST_CHARACTERS) throw refused('is too long');
  if (!ESCAPED.test(path) || !ESCAPED_QUERY.test(query)) throw refused('has characters that must be escaped');
  const parts = path.slice(1).split('/').map(decoded);
  // that the last is empty is a slash at the end
  if (parts.some((part, i) => part === '' && i < parts.length - 1)) throw refused('has an empty part');
  if (parts.some((part) => /[/%\0]/.test(part)) || parts[0]!.includes('\\'))
    throw refused('has an escaped character that no name has');
  const plain = parts.map(asLoosely);
  if (plain.some((part) => /(?:^|\/)\.{1,2}(?:$|\/)/.test(part))) throw refused('has . or .. as a part');
  if (OF_A_PROXY.test(`/${plain.join('/')}`)) throw refused('is of a proxy, which the console does not hand on');
  return target;
}

/** As who reads it most loosely: a backslash is a slash, and what is not seen is not there. */
function asLoosely(part: string): string {
  // oxlint-disable-next-line no-control-regex -- which are what is not seen
  return part.replaceAll('\\', '/').replace(/[\x00-\x20]/g, '');
}

/** Objects of a kind, all of them or those of a namespace; the group of `/api` has no name. */
const OF_A_COLLECTION = /^\/(?:api|apis\/[^/]+)\/[^/]+\/(?:namespaces\/[^/]+\/)?[^/]+$/;
/** Parts of one namespace, which look like kinds in it. */
const OF_A_NAMESPACE = /^\/api\/[^/]+\/namespaces\/[^/]+\/(?:status|finalize)$/;

/**
 * Checks a path that a browser wants to watch: all else that an API server answers with a stream, or at great length, as
 * logs or a list, is no watch of objects.
 *
 * @throws StatusError `BadRequest`
 */
export function checkWatchPath(target: string): string {
  const [path = '', query = ''] = target.split(/\?(.*)/s, 2);
  checkClusterPath(target);
  checkCollectionPath(path);
  const watch = new URLSearchParams(query).getAll('watch');
  if (watch.length !== 1 || !['1', 'true'].includes(watch[0]!)) throw refused('must have watch=1, once');
  return target;
}

/**
 * Checks the path of a collection, without a query.
 *
 * @throws StatusError `BadRequest`
 */
export function checkCollectionPath(path: string): string {
  const plain = asLoosely(decodeURIComponent(checkClusterPath(path)));
  if (!OF_A_COLLECTION.test(plain) || OF_A_NAMESPACE.test(plain) || path.includes('?'))
    throw refused('is not that of a collection of the API, as /api/v1/pods');
  return path;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw refused('has a percent sign that escapes nothing');
  }
}

function refused(why: string): Error {
  return newBadRequest(`the path ${why}`);
}
