import type { JsonObject } from 'nekube/apimachinery';
import type { IngressContext } from './ingress.ts';
import type { Reading } from './reading.ts';

/** The match of a path. */
export interface PathOfRule extends JsonObject {
  readonly type: 'Exact' | 'PathPrefix' | 'RegularExpression';
  readonly value: string;
}

/** A filter of a rule. */
export interface FilterOfRule extends JsonObject {
  readonly type: string;
}

/** What a path of an Ingress matches. */
export function pathOf(path: Reading, value: string, { annotations, collector, source }: IngressContext): PathOfRule {
  const type = path.at('pathType').text() ?? 'ImplementationSpecific';
  const isExpression =
    annotations.useRegex.flag() === true || (annotations.rewriteTarget.isThere && /[(*\\$]/.test(value));
  if (isExpression) {
    // nginx matches from the beginning and leaves the end open
    const whole = value.endsWith('$') ? value.slice(0, -1) : `${value}.*`;
    if (simplePrefix(value) === undefined) {
      collector.find(
        source,
        path.at('path').path,
        'changed',
        `${value} becomes the expression ${whole}, in which case counts`,
      );
    }
    return { type: 'RegularExpression', value: whole };
  }
  if (type === 'Exact') return { type: 'Exact', value };
  if (type === 'ImplementationSpecific') {
    collector.find(
      source,
      path.at('pathType').path,
      'changed',
      'ImplementationSpecific becomes PathPrefix, which is by whole elements',
    );
  }
  return { type: 'PathPrefix', value: value.length > 1 ? value.replace(/\/+$/, '') || '/' : value };
}

/** The prefix of the usual expressions `/foo(/|$)(.*)` and `/foo/?(.*)`. */
function simplePrefix(value: string): string | undefined {
  return /^(\/[A-Za-z0-9._~/-]*?)\/?(?:\(\/\|\$\)|\/\?|\/)?\(\.\*\)\$?$/.exec(value)?.[1];
}

/** Filters for annotations, and the path where another match says the same. */
export function ruleFilters(
  value: string,
  context: IngressContext,
): { readonly filters: readonly FilterOfRule[]; readonly replaced?: PathOfRule } {
  const redirect = redirectFilter(context);
  if (redirect !== undefined) return { filters: [redirect] };
  const hostname = context.annotations.upstreamVhost.text();
  const rewrite = rewriteOf(value, context);
  const path = rewrite?.path;
  if (hostname === undefined && path === undefined)
    return { filters: [], ...(rewrite?.match && { replaced: rewrite.match }) };
  const urlRewrite = { ...(hostname !== undefined && { hostname }), ...(path && { path }) };
  return { filters: [{ type: 'URLRewrite', urlRewrite }], ...(rewrite?.match && { replaced: rewrite.match }) };
}

function rewriteOf(
  value: string,
  context: IngressContext,
): { readonly path?: JsonObject; readonly match?: PathOfRule } | undefined {
  const { annotations, collector, source } = context;
  const target = annotations.rewriteTarget.text();
  if (target === undefined) return undefined;
  if (!target.includes('$')) return { path: { type: 'ReplaceFullPath', replaceFullPath: target } };
  const prefix = simplePrefix(value);
  const group = /\$(\d)/.exec(target)?.[1];
  if (
    prefix !== undefined &&
    group !== undefined &&
    target.endsWith(`$${group}`) &&
    target.indexOf('$') === target.length - 2
  ) {
    const replacePrefixMatch = target.slice(0, -2).replace(/\/$/, '') || '/';
    return {
      path: { type: 'ReplacePrefixMatch', replacePrefixMatch },
      match: { type: 'PathPrefix', value: prefix === '' ? '/' : prefix },
    };
  }
  const path = 'metadata.annotations[nginx.ingress.kubernetes.io/rewrite-target]';
  collector.find(
    source,
    path,
    'dropped',
    `${target} takes parts of the path ${value}: only a prefix can be replaced, as of /foo(/|$)(.*)`,
  );
  return undefined;
}

function redirectFilter({ annotations, collector, source }: IngressContext): FilterOfRule | undefined {
  const permanent = annotations.permanentRedirect.text();
  const target = permanent ?? annotations.temporalRedirect.text();
  if (target === undefined) return undefined;
  if (!URL.canParse(target)) {
    collector.find(
      source,
      'metadata.annotations',
      'error',
      `a redirect must go to a whole URL, not ${JSON.stringify(target)}`,
    );
    return undefined;
  }
  const { protocol, hostname, port, pathname } = new URL(target);
  const code = annotations.permanentRedirectCode.number();
  const statusCode =
    permanent === undefined ? 302 : code !== undefined && [301, 302, 303, 307, 308].includes(code) ? code : 301;
  return {
    type: 'RequestRedirect',
    requestRedirect: {
      scheme: protocol.replace(':', ''),
      hostname,
      ...(port !== '' && { port: Number(port) }),
      path: { type: 'ReplaceFullPath', replaceFullPath: pathname },
      statusCode,
    },
  };
}
