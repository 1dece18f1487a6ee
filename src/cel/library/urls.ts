import { defineFunction, type FunctionDeclaration, globalOverload, memberOverload } from '../function.ts';
import { BOOL, type CelType, listType, mapType, objectType, STRING } from '../type.ts';
import { ArrayList, CelError, type CelValue, EntryMap, TypeValue } from '../value.ts';
import { fromByteText } from './byte-text.ts';
import { escapedPath, formatUrl, type GoUrl, parseRequestUri, parseUrl, queryOf, splitHost } from './go-url.ts';
import { LibraryValue } from './library-value.ts';

const URL_TYPE: CelType = objectType('kubernetes.URL');

/** A URL. */
class UrlValue extends LibraryValue {
  readonly type: TypeValue = new TypeValue(URL_TYPE.name);
  readonly url: GoUrl;

  constructor(url: GoUrl) {
    super();
    this.url = url;
  }

  isSame(other: this): boolean {
    return formatUrl(this.url) === formatUrl(other.url);
  }
}

/** `url()`, `isURL()` and the parts of a URL. */
export const URL_LIBRARY: readonly FunctionDeclaration[] = [
  defineFunction('url', [globalOverload('string_to_url', [STRING], URL_TYPE, (text) => toUrl(text as string))]),
  defineFunction('isURL', [
    globalOverload('is_url_string', [STRING], BOOL, (text) => parseRequestUri(text as string).error === undefined),
  ]),
  part('getScheme', 'url_get_scheme', (url) => url.scheme),
  part('getHost', 'url_get_host', (url) => fromByteText(url.host)),
  part('getHostname', 'url_get_hostname', (url) => splitHost(url).hostname),
  part('getPort', 'url_get_port', (url) => splitHost(url).port),
  part('getEscapedPath', 'url_get_escaped_path', escapedPath),
  part('getQuery', 'url_get_query', queryMap, mapType(STRING, listType(STRING))),
];

function part(name: string, id: string, read: (url: GoUrl) => CelValue, result = STRING): FunctionDeclaration {
  return defineFunction(name, [memberOverload(id, [URL_TYPE], result, (url) => read((url as UrlValue).url))]);
}

/** Must be absolute or a path; only then is a fragment looked for. */
function toUrl(text: string): CelValue {
  const request = parseRequestUri(text);
  const parsed = request.error === undefined ? parseUrl(text) : request;
  if (parsed.error === undefined) return new UrlValue(parsed.value);
  return new CelError(`URL parse error during conversion from string: ${parsed.error}`);
}

function queryMap(url: GoUrl): CelValue {
  return new EntryMap([...queryOf(url)].map(([key, values]): [CelValue, CelValue] => [key, new ArrayList(values)]));
}
