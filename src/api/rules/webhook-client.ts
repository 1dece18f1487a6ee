import {
  type FieldError,
  invalid,
  isDns1035Label,
  isDns1123Subdomain,
  isValidPortNum,
  type Path,
  required as requiredError,
} from 'nekube/apimachinery';
import type { Check, Loose, RuleContext } from './rule.ts';

/** How the server reaches a webhook: a URL or a service of the cluster, not both. */
export const checkWebhookClient: Check = (client, path, { errors }) => {
  const { url, service } = client ?? {};
  const hasUrl = (url ?? null) !== null;
  if (hasUrl === ((service ?? null) !== null)) {
    errors.push(requiredError(path, 'exactly one of url or service is required'));
  } else if (hasUrl) checkUrl(url, path.child('url'), errors);
  else checkService(service, path.child('service'), errors);
};

const form = '; desired format: https://host[/path]';

/** The parts of a URL as Go's net/url takes it apart. */
const urlPattern = /^(?:([A-Za-z][-+.A-Za-z0-9]*):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s;

function checkUrl(text: string, path: Path, errors: FieldError[]): void {
  const fault = urlFault(text);
  if (fault !== undefined) {
    errors.push(requiredError(path, `url must be a valid URL: parse ${JSON.stringify(text)}: ${fault}${form}`));
    return;
  }
  const [, scheme = '', authority = '', , query = '', fragment = ''] = urlPattern.exec(text)!;
  const at = authority.lastIndexOf('@');
  const host = authority.slice(at + 1);
  const lowerScheme = scheme.toLowerCase();
  if (lowerScheme !== 'https') {
    errors.push(invalid(path, lowerScheme, `'https' is the only allowed URL scheme${form}`));
  }
  if (host === '') errors.push(invalid(path, host, `host must be specified${form}`));
  if (at >= 0) errors.push(invalid(path, authority.slice(0, at), 'user information is not permitted in the URL'));
  if (fragment !== '') errors.push(invalid(path, fragment, 'fragments are not permitted in the URL'));
  if (query !== '') errors.push(invalid(path, query, 'query parameters are not permitted in the URL'));
}

/** What Go's parser says of a text that is no URL. */
function urlFault(text: string): string | undefined {
  if (/[\x00-\x1f\x7f]/.test(text)) return 'net/url: invalid control character in URL';
  if (text.startsWith(':')) return 'missing protocol scheme';
  const escape = /%(?![0-9A-Fa-f]{2}).{0,2}/.exec(text);
  if (escape) return `invalid URL escape ${JSON.stringify(escape[0])}`;
  if (!/^[A-Za-z][-+.A-Za-z0-9]*:/.test(text) && /^[^/?#]*:/.test(text)) {
    return 'first path segment in URL cannot contain colon';
  }
  const authority = /^[A-Za-z][-+.A-Za-z0-9]*:\/\/([^/?#]*)/.exec(text)?.[1] ?? '';
  if (authority.includes(' ')) return 'invalid character " " in host name';
  const port = /:([^:\]]*)$/.exec(authority.slice(authority.lastIndexOf('@') + 1))?.[1];
  return port !== undefined && !/^[0-9]*$/.test(port) ? `invalid port ":${port}" after host` : undefined;
}

/** Name and namespace are reported each as the other, as kube-apiserver does. */
function checkService(service: Loose, path: Path, errors: FieldError[]): void {
  const { name = '', namespace = '', port = 0, path: urlPath } = service;
  if (namespace === '') errors.push(requiredError(path.child('name')));
  if (name === '') errors.push(requiredError(path.child('namespace')));
  const messages = isValidPortNum(port);
  if (messages.length > 0) {
    errors.push(invalid(path.child('port'), port, `port is not valid: ${messages.join(', ')}`));
  }
  if (urlPath) checkServicePath(urlPath, path.child('path'), errors);
}

function checkServicePath(text: string, path: Path, errors: FieldError[]): void {
  if (text === '/') return;
  if (text === '//') {
    errors.push(invalid(path, text, 'segment[0] may not be empty'));
    return;
  }
  if (!text.startsWith('/')) errors.push(invalid(path, text, "must start with a '/'"));
  const steps = withoutFirstByte(text).replace(/\/$/, '').split('/');
  steps.forEach((step, i) => {
    if (step === '') errors.push(invalid(path, text, `segment[${i}] may not be empty`));
    else for (const m of isDns1123Subdomain(step)) errors.push(invalid(path, text, `segment[${i}]: ${m}`));
  });
}

/** Drops a slash, or what else takes one byte; of a longer character something remains. */
function withoutFirstByte(text: string): string {
  return text > '\x7f' ? `\ufffd${text.slice(1)}` : text.slice(1);
}

/** Versions of reviews a webhook understands. */
export interface ReviewVersions {
  /** One of them must be among the given, unless {@link lenient}. */
  readonly known: readonly string[];
  /** Text after `Required value` when there are none. */
  readonly none: string;
  /** The stored object names no known version either. */
  readonly lenient?: boolean;
}

/** Checks the versions of reviews that a webhook says it understands. */
export function checkReviewVersions({ known, none, lenient = false }: ReviewVersions): Check {
  return (versions, path, { errors }: RuleContext) => {
    const list: string[] = versions ?? [];
    if (list.length === 0) {
      errors.push(requiredError(path, none));
      return;
    }
    list.forEach((version, i) => {
      if (list.indexOf(version) !== i) errors.push(invalid(path.index(i), version, 'duplicate version'));
      else for (const message of isDns1035Label(version)) errors.push(invalid(path.index(i), version, message));
    });
    if (lenient || list.some((version) => known.includes(version))) return;
    errors.push(invalid(path, list, `must include at least one of ${known.join(', ')}`));
  };
}
