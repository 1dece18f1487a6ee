import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { changesBetween } from './changes.ts';
import { type ApplyReport, exitCodeOf, type ObjectReport, ordered, type ReportedConflict } from './report.ts';
import { reportMarkdown } from './report-markdown.ts';
import { reportText } from './report-text.ts';

function object(kind: string, name: string, more: Partial<ObjectReport> = {}): ObjectReport {
  const type = kind === 'Deployment' ? { apiVersion: 'apps/v1', group: 'apps' } : { apiVersion: 'v1', group: '' };
  const stage = kind === 'Deployment' ? 'workloads' : 'identities';
  const place = `"${name}.yaml", document 1`;
  return {
    ...type,
    kind,
    namespace: 'shop',
    name,
    place,
    stage,
    action: 'created',
    changes: [],
    conflicts: [],
    ...more,
  };
}

const replicas: ReportedConflict = {
  path: '.spec.replicas',
  manager: 'hpa',
  operation: 'Update',
  subresource: 'scale',
  since: '2026-01-02T03:04:05Z',
  live: '10',
  applied: '3',
  decision: 'fail',
  by: undefined,
};

function report(more: Partial<ApplyReport>): ApplyReport {
  return { mode: 'apply', manager: 'ci', outcome: 'applied', objects: [], pruned: [], notes: [], ...more };
}

test('conflicts are carried to people: who owns what since when, both values, and how to decide', () => {
  const text = reportText(
    report({
      outcome: 'conflicts',
      objects: [
        object('ConfigMap', 'web', { action: 'not applied' }),
        object('Deployment', 'web', { action: 'conflict', conflicts: [replicas] }),
      ],
    }),
  );
  assert.equal(
    text,
    `ConfigMap shop/web not applied
Deployment.apps shop/web in conflict
  in "web.yaml", document 1
  conflict: .spec.replicas is 10 by "hpa" (Update scale, since 2026-01-02T03:04:05Z), wanted 3
conflicts: 1 in conflict, 1 not applied; nothing was written
To decide a conflict:
  take the field over      --decide 'force=.spec.replicas', or all of them: --force-conflicts
  leave it to its owner    remove it from the file, or --decide 'yield=.spec.replicas'
  own it together          state the live value, or --decide 'share=.spec.replicas'
  decide it once for all   a FieldPolicy in the cluster, or --policy FILE
`,
  );
});

test('against a policy no flag is offered', () => {
  const by = 'policy FieldPolicy shop/p';
  const refused = { ...replicas, path: '.spec.paused', by };
  const textOf = (...conflicts: ReportedConflict[]): string =>
    reportText(
      report({ outcome: 'conflicts', objects: [object('Deployment', 'web', { action: 'conflict', conflicts })] }),
    );
  const alone = textOf(refused);
  assert.match(alone, /, wanted 3, refused by policy FieldPolicy shop\/p\n/);
  assert.match(alone, /\nTo decide a conflict:\n {2}where a policy refuses /);
  assert.doesNotMatch(alone, /--decide|--force-conflicts/);
  const both = textOf(refused, replicas);
  assert.match(both, /--decide 'force=\.spec\.replicas'/);
  assert.match(both, /where a policy refuses/);
  // what cannot be carried out is refused by nobody
  assert.match(textOf({ ...replicas, by: 'cannot yield' }), /, refused: cannot yield\nconflicts: [^]*--decide/);
});

test('a report does not depend on the order in which things came', () => {
  const objects = [object('Deployment', 'b'), object('Deployment', 'a'), object('ConfigMap', 'c')];
  const pruned = ['Namespace', 'Service'].map((kind) => ({
    group: '',
    kind,
    namespace: '',
    name: 'x',
    action: 'pruned' as const,
  }));
  const one = ordered(report({ objects, pruned, notes: ['b', 'a'] }));
  const other = ordered(report({ objects: [...objects].reverse(), pruned: [...pruned].reverse(), notes: ['a', 'b'] }));
  assert.deepEqual(one, other);
  assert.deepEqual(
    [...one.objects, ...one.pruned].map(({ kind, name }) => `${kind} ${name}`),
    ['ConfigMap c', 'Deployment a', 'Deployment b', 'Service x', 'Namespace x'],
  );
});

test('the exit code says how it ended', () => {
  const codes = (['planned', 'applied', 'not ready', 'conflicts', 'failed', 'interrupted'] as const).map((outcome) =>
    exitCodeOf({ outcome }),
  );
  assert.deepEqual(codes, [0, 0, 1, 1, 2, 2]);
});

describe('a report as Markdown', () => {
  test('has a table of conflicts, and a part for each object that can be opened', () => {
    const text = reportMarkdown(
      report({
        outcome: 'conflicts',
        objects: [
          object('Deployment', 'web', {
            action: 'conflict',
            conflicts: [
              replicas,
              { ...replicas, path: '.spec.paused', decision: 'yield', by: 'policy FieldPolicy shop/p' },
            ],
            changes: [{ path: '.spec.replicas', from: '10', to: '3' }],
          }),
        ],
      }),
    );
    assert.match(text, /^### ⚠️ Conflicts\n\nField manager `ci`\. Conflicts: 1 in conflict; nothing was written\.\n/);
    assert.match(
      text,
      /\n\| `Deployment\.apps shop\/web` \| `\.spec\.replicas` \| "hpa" \(Update scale, since 2026-01-02T03:04:05Z\) \| `10` \| `3` \|\n/,
    );
    assert.match(text, /<details><summary>Deployment.apps shop\/web: <b>in conflict<\/b><\/summary>/);
    assert.match(text, /- yield `\.spec\.paused` of "hpa" .*, by policy FieldPolicy shop\/p\n/);
    assert.match(text, /\n```diff\n@@ \.spec\.replicas @@\n- 10\n\+ 3\n```\n/);
  });

  test('is never longer than a comment may be, and says how much is missing', () => {
    const changes = Array.from({ length: 60 }, (_, i) => ({ path: `.data.k${i}`, from: 'x'.repeat(150), to: 'y' }));
    const objects = Array.from({ length: 500 }, (_, i) =>
      object('ConfigMap', `c${i}`, { action: 'conflict', changes, conflicts: [replicas] }),
    );
    const text = reportMarkdown(report({ outcome: 'conflicts', objects }));
    assert.ok(text.length < 65_536, String(text.length));
    assert.match(text, /_\d+ more are left out, since a comment has no room for them\._\n$/);
  });

  test('text of others stays text', () => {
    const evil = '"|</summary></details><img src=x> ![a](http://e) @all `x` ``` https://e.example www.e.example\n# h';
    const text = reportMarkdown(
      report({
        outcome: 'failed',
        notes: [evil],
        objects: [
          object('ConfigMap', 'a', {
            action: 'failed',
            reason: evil,
            place: evil,
            changes: [{ path: '.data.a', from: evil, to: undefined }],
            conflicts: [{ ...replicas, manager: evil, live: evil }],
          }),
        ],
      }),
    );
    const outside = text.replaceAll(/(`{4,})diff\n[^]*?\n\1/g, '').replaceAll(/(`{4}) .*? \1/g, '');
    assert.doesNotMatch(outside, /<img|<\/details><|[^\\]!\[a]|[^\\]!\[|(?<!\\)`x|@all|https:\/\/|www\.|^# h/m);
    // a row has as many cells as its head
    const row = text.split('\n').find((line) => line.startsWith('| `ConfigMap shop/a` | `.spec'))!;
    assert.equal(row.match(/(?<!\\)\|/g)!.length, 6);
  });
});

describe('what an apply changes', () => {
  const secret = (data: object) => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'a' }, data });

  test('items of lists are told apart by their names', () => {
    const pod = (image: string, more: object[] = []) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'a', resourceVersion: image },
      spec: { containers: [{ name: 'app', image }, ...more], args: ['x'] },
      status: { phase: image },
    });
    assert.deepEqual(changesBetween(pod('a:1', [{ name: 'log' }]), pod('a:2')), [
      { path: '.spec.containers[name="app"].image', from: '"a:1"', to: '"a:2"' },
      { path: '.spec.containers[name="log"]', from: '{"name":"log"}', to: undefined },
    ]);
  });

  test('values of a Secret are masked, whatever is replaced', () => {
    assert.deepEqual(changesBetween(secret({ a: 'aHVudGVyMg==' }), secret({ a: 'eA==', b: 'eQ==' })), [
      { path: '.data.a', from: '***', to: '***' },
      { path: '.data.b', from: undefined, to: '***' },
    ]);
    const { data: _, ...none } = secret({});
    assert.deepEqual(changesBetween(none, secret({ a: 'eA==' })), [{ path: '.data', from: undefined, to: '***' }]);
  });

  test('keys that are no names are quoted, and long values are cut', () => {
    const labelled = (value: string) => ({ kind: 'A', metadata: { labels: { 'a.b/c': value } } });
    const [change] = changesBetween(labelled(''), labelled('x'.repeat(1000)));
    assert.equal(change!.path, '.metadata.labels["a.b/c"]');
    assert.equal(change!.to!.length, 201);
  });
});
