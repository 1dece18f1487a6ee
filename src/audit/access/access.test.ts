import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type KubeObject, parseYaml } from 'nekube/apimachinery';
import type { TrailRequest } from '../trail/request.ts';
import { grantedTo } from './granted.ts';
import type { JustifiedRule } from './grants.ts';
import { minimalRoles } from './minimal-roles.ts';
import { roleManifests } from './role-manifests.ts';
import { stableNames } from './stable-names.ts';
import { assess, ungranted } from './unused.ts';
import { usageOf } from './used.ts';

/** The operator of all cases, in a namespace of its own. */
const OPERATOR = 'system:serviceaccount:operators:shop';
const HOME = 'operators';

/** `VERB GROUP/RESOURCE[/SUBRESOURCE] [NAMESPACE]/[NAME] [CODE]`, of which `core` is the group without a name, or `VERB PATH`. */
type RequestText = string;

interface Case {
  readonly name: string;
  readonly requests: readonly (
    | RequestText
    | {
        readonly request: RequestText;
        readonly by?: string;
        readonly as?: string;
        readonly uid?: string;
        readonly extra?: Readonly<Record<string, readonly string[]>>;
        readonly body?: object;
      }
  )[];
  readonly anyNamespace?: readonly string[];
  readonly cluster?: readonly string[];
  readonly namespaces?: Readonly<Record<string, readonly string[]>>;
  readonly gaps?: readonly string[];
  readonly rbac?: readonly KubeObject[];
  readonly unused?: readonly string[];
  readonly ungranted?: readonly string[];
}

function casesOf(file: string): readonly Case[] {
  const path = fileURLToPath(new URL(`../../../src/audit/testdata/${file}`, import.meta.url));
  return parseYaml(readFileSync(path, 'utf8')) as unknown as readonly Case[];
}

describe('the smallest roles', () => {
  for (const one of casesOf('roles.yaml')) {
    test(one.name, () => {
      const requests = one.requests.map(requestOf);
      const usage = usageOf(requests, OPERATOR);
      const roles = minimalRoles(usage, {
        isAnyNamespace: (namespace) => one.anyNamespace?.includes(namespace) ?? false,
        isNameSound: stableNames(requests, OPERATOR, HOME),
      });
      const namespaces = [...roles.namespaces].map(([name, rules]) => [name, rules.map(ruleText)]);
      assert.deepEqual(
        { cluster: roles.cluster.map(ruleText), namespaces: Object.fromEntries(namespaces), gaps: usage.gaps },
        { cluster: one.cluster ?? [], namespaces: one.namespaces ?? {}, gaps: one.gaps ?? [] },
      );
    });
  }
});

test('what somebody wrote into a log stays within the comments of a role', () => {
  const hostile = requestOf('get core/no\ndes /a', 0);
  const roles = minimalRoles(usageOf([hostile, { ...hostile, verb: 'get\u001b[31m' }], OPERATOR), {
    isAnyNamespace: () => false,
    isNameSound: () => true,
  });
  const lines = roleManifests(roles, 'shop', { kind: 'User', name: 'shop' }).split('\n');
  assert.deepEqual(
    lines.filter((line) => /^(#|des)|\u001b/.test(line)),
    ['# no%0Ades get: get /core/no%0Ades//a', '# no%0Ades get%1B[31m: get%1B[31m /core/no%0Ades//a'],
  );
});

describe('what is granted and not used', () => {
  for (const one of casesOf('unused.yaml')) {
    test(one.name, () => {
      const usage = usageOf(one.requests.map(requestOf), OPERATOR);
      const { grants, problems } = grantedTo(one.rbac ?? [], {
        name: OPERATOR,
        groups: [`system:serviceaccounts:${HOME}`, 'system:authenticated'],
      });
      assert.deepEqual(problems, []);
      const shown = assess(grants, usage)
        .filter(({ isMore }) => isMore)
        .map(({ grant, risk, used }) => {
          const what =
            grant.path ?? `${grant.group || 'core'}/${grant.resource}${grant.name === '' ? '' : ` [${grant.name}]`}`;
          const where = grant.namespace === '' ? '' : ` in ${grant.namespace}`;
          return `${risk.level}: ${grant.verb} ${what}${where}${used.length === 0 ? '' : `, used ${used.length}`}`;
        });
      assert.deepEqual(shown, one.unused ?? []);
      assert.deepEqual(
        ungranted(grants, usage).map(({ first }) => `${first.verb} ${first.uri}`),
        one.ungranted ?? [],
      );
    });
  }
});

function ruleText({ apiGroups, resources, resourceNames, nonResourceURLs, verbs, evidence }: JustifiedRule): string {
  assert.ok(evidence.length > 0, 'each rule has what shows it');
  const what = nonResourceURLs?.join(',') ?? `${apiGroups![0] || 'core'}/${resources!.join(',')}`;
  return `${what}${resourceNames === undefined ? '' : ` [${resourceNames.join(',')}]`}: ${verbs.join(',')}`;
}

function requestOf(given: Case['requests'][number], i: number): TrailRequest {
  const { request, by = OPERATOR, as, uid, extra, body } = typeof given === 'string' ? { request: given } : given;
  const [verb = '', what = '', where = '/', code = '200'] = request.split(' ');
  const [of = '', resource = '', subresource = ''] = what.split('/');
  const group = of === 'core' ? '' : of;
  const [namespace = '', name = ''] = where.split('/');
  const isPath = what.startsWith('/');
  return {
    id: String(i),
    time: i,
    user: { name: by, groups: ['system:authenticated'] },
    ...(as !== undefined && {
      impersonated: {
        name: as,
        groups: ['system:authenticated', 'auditors'],
        ...(uid && { uid }),
        ...(extra && { extra }),
      },
    }),
    userAgent: 'shop/1.0',
    verb,
    target: isPath ? { path: what } : { group, version: 'v1', resource, subresource, namespace, name },
    code: Number.parseInt(code, 10),
    decision: code.endsWith('!') ? 'denied' : code.endsWith('?') ? 'unknown' : 'allowed',
    uri: isPath ? what : `/${what}/${where}`,
    ...(body !== undefined && { body: body as TrailRequest['body'] }),
  };
}
