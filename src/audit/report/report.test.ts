import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { stringifyJson, type JsonObject } from 'nekube/apimachinery';
import { html } from './html.ts';
import { operatorAudit } from './operator-audit.ts';
import { reportPage } from './page.ts';
import type { OperatorReport } from './report.ts';

/** What somebody might write into a name, a message or a path to do harm to who reads of it. */
const HOSTILE = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  '</pre></style></script><script>alert(1)</script>',
  'javascript:alert(1)',
  '&lt;script&gt;',
  '\u202Egnp.exe\u2066',
  '\u001b[2J\u0000',
];

/** A report of so many kinds in which each text is this one. */
function reportWith(text: string, times = 1, kinds = 1): OperatorReport {
  const texts = Array.from({ length: times }, (_, i) => (i === 0 ? text : `${text} ${i}`));
  const finding = { kind: text, aspect: 'heals', probe: text, evidence: texts, requests: texts } as const;
  const grant = {
    verb: text,
    group: text,
    resource: text,
    name: text,
    namespace: text,
    role: text,
    level: 'high',
    why: text,
  } as const;
  const rule = { apiGroups: [text], resources: [text], verbs: [text], evidence: texts };
  const granted = texts.flatMap(() => [
    { ...grant, used: [], usedPermissions: [] },
    { ...grant, used: texts, usedPermissions: texts },
  ]);
  const judgement = {
    verdict: 'heal',
    because: [finding],
    confidence: 'high',
    capability: 2,
    capabilityBecause: texts,
    declaredCapability: text,
  } as const;
  const coverage = {
    leaves: { all: 1, exercised: 1, refused: texts, withoutEffect: texts, untried: texts },
    influence: Object.fromEntries(texts.map((one) => [one, [`${text}: ${text}`]])),
    steps: [{ name: text, tookMs: 1 }],
    gaps: texts,
    cutOff: texts,
    limits: texts,
    neverTried: texts,
  };
  const kind = { kind: text, ...judgement, isSampleMade: true, tookMs: 1, coverage, reads: texts, requests: 3 };
  return {
    apiVersion: 'audit.nekube.dev/v1alpha1',
    kind: 'OperatorAuditReport',
    operator: { command: texts, user: text },
    startedAt: '2026-01-02T03:04:05.000Z',
    tookMs: 12_000,
    ...judgement,
    decidedBy: [text],
    kinds: Array.from({ length: kinds }, () => kind),
    findings: [finding, { ...finding, aspect: text as never }],
    coverage: { kinds: { probed: text, others: [{ kind: text, isAskedFor: true, why: text }] }, ...coverage },
    reads: texts,
    requests: { all: 3, denied: texts },
    denied: texts,
    clusterRules: [rule],
    namespaceRules: { [text]: [rule] },
    roles: text,
    rolesLack: texts,
    granted,
    unused: granted,
    verification: { isSame: false, denied: texts, differences: texts, compared: 1, gaps: texts },
  };
}

describe('the page of a report', () => {
  const tags = (page: string): string[] =>
    [...page.matchAll(/<([a-z!][^\s>]*)/gi)].map((found) => found[1]!.toLowerCase()).sort();
  const harmless = reportPage(reportWith('harmless'));
  const several = reportPage(reportWith('harmless', 1, 3));

  for (const text of HOSTILE)
    test(`has no other elements and attributes for ${JSON.stringify(text)}`, () => {
      const page = reportPage(reportWith(text));
      assert.deepEqual(tags(page), tags(harmless));
      assert.deepEqual(tags(reportPage(reportWith(text, 1, 3))), tags(several));
      assert.doesNotMatch(page, /<[^>]*\son[a-z]+=/i);
      assert.doesNotMatch(page, /[\u202a-\u202e\u2066-\u2069\u0000\u001b]/);
    });

  test('asks nobody for anything, and allows no script but its own', () => {
    assert.doesNotMatch(harmless, /\b(src|href|action|srcset|poster)\s*=/i);
    assert.doesNotMatch(several, /\b(src|action|srcset|poster)\s*=|href="(?!#kind-\d+")/i);
    assert.doesNotMatch(harmless, /url\(|@import|https?:/i);
    assert.match(
      harmless,
      /http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;; style-src &#39;sha256-[^;]+;; script-src &#39;sha256-/,
    );
    assert.equal(harmless.match(/<script>/g)!.length, 1);
  });

  test('has a section for each of several kinds, to which the table of kinds leads', () => {
    const ids = [...several.matchAll(/<h2 id="(kind-\d+)"/g)].map((found) => found[1]);
    const links = [...several.matchAll(/href="#([^"]+)"/g)].map((found) => found[1]);
    assert.deepEqual([ids, links], [['kind-1', 'kind-2', 'kind-3'], ids]);
    assert.doesNotMatch(harmless, /id="kinds"/);
  });

  test('lists leaves that are too many for a matrix', () => {
    assert.doesNotMatch(reportPage(reportWith('leaf', 30)), /class="matrix"/);
    assert.match(harmless, /class="matrix"/);
  });
});

test('what is put into HTML is text, unless it is HTML', () => {
  assert.equal(html`<b title="${'"'}">${['<', html`<i>`, undefined, 1]}</b>`.text, '<b title="&quot;">&lt;<i>1</b>');
});

describe('a report that is kept as an object', () => {
  const now = new Date('2026-01-02T03:05:00.000Z');

  test('has conditions, and what matters', () => {
    const { metadata, spec, status } = operatorAudit(
      { ...reportWith('x', 3), verification: undefined as never },
      'shop',
      now,
    );
    assert.deepEqual(
      [metadata.name, spec, status.verdict],
      ['shop', { command: ['x', 'x 1', 'x 2'], user: 'x' }, 'heal'],
    );
    assert.deepEqual(
      status.conditions.map((one: JsonObject) => [one.type, one.status, one.reason]),
      [
        ['Judged', 'True', 'Observed'],
        ['Covered', 'False', 'Gaps'],
        ['LeastPrivilege', 'False', 'MoreThanUsed'],
      ],
    );
    const { kind, verdict } = status.kinds[0];
    assert.deepEqual([kind, verdict, status.decidedBy], ['x', 'heal', ['x']]);
    assert.deepEqual(status.findings[0], {
      kind: 'x',
      aspect: 'heals',
      probe: 'x',
      decided: true,
      evidence: ['x', 'x 1', 'x 2'],
    });
    assert.equal(status.truncated, undefined);
  });

  test('is cut to what an object may hold, and says so', () => {
    const object = operatorAudit(reportWith('long '.repeat(200), 400), 'shop', now);
    assert.ok(Buffer.byteLength(stringifyJson(object as unknown as JsonObject)) <= 512 * 1024);
    assert.ok(object.status.truncated.length > 0);
  });
});
