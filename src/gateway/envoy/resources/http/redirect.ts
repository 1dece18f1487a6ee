import type { Message } from 'nekube/xds';
import type { PathMatch, Redirect } from '../../../model/index.ts';
import { pathRewrite } from './rewrite.ts';

type RedirectAction = Message<'envoy.config.route.v3.RedirectAction'>;

const CODES: Readonly<Record<number, RedirectAction['response_code']>> = {
  301: 'MOVED_PERMANENTLY',
  302: 'FOUND',
  303: 'SEE_OTHER',
  307: 'TEMPORARY_REDIRECT',
  308: 'PERMANENT_REDIRECT',
};

/**
 * Where a client is sent.
 *
 * @param domains of the virtual host: a port that the client named goes only with the host, so where there is one domain and no
 *   port to be told, that domain is the host
 */
export function redirectAction(redirect: Redirect, match: PathMatch, domains: readonly string[]): RedirectAction {
  const { scheme, hostname, port, path, statusCode } = redirect;
  const host = hostname ?? (port === undefined ? onlyHost(domains) : undefined);
  return {
    ...(scheme && { scheme_redirect: scheme }),
    ...(host && { host_redirect: host }),
    ...(port !== undefined && { port_redirect: port }),
    ...(path?.type === 'ReplaceFullPath' ? { path_redirect: path.value || '/' } : pathRewrite(match, path)),
    ...(CODES[statusCode] && { response_code: CODES[statusCode] }),
  };
}

function onlyHost(domains: readonly string[]): string | undefined {
  const [domain, ...others] = domains;
  return domain !== undefined && others.length === 0 && !domain.startsWith('*') ? domain : undefined;
}
