// `nekube kep … --as-of DAY` with a server, which knows what its histories say.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { start } from 'nekube/envtest';
import { syncKeps } from 'nekube/kep';
import { nekube } from '../ownership/servers.mjs';

let env;
let dir;
before(async () => {
  dir = mkdtempSync(join(tmpdir(), 'nekube-kep-as-of-'));
  env = await start({ level: 'envtest' });
});
after(async () => {
  await env?.stop();
  rmSync(dir, { recursive: true });
});

const LISTS = { participatingSigs: [], authors: [], reviewers: [], approvers: [], readinessApprovers: [] };
const MORE = { featureGates: [], metrics: [], seeAlso: [], replaces: [], supersededBy: [], written: {} };
const contentOf = (name, status, history) => ({
  kep: {
    ...LISTS,
    ...MORE,
    name,
    path: `keps/sig-node/${name}`,
    title: name,
    owningSig: 'sig-node',
    status,
    milestones: {},
    readme: `keps/sig-node/${name}/README.md`,
  },
  findings: [],
  text: `${name} is about naps.`,
  ...(history && { history }),
});
const change = (day, field, from, to) => ({
  ...{ commit: 'a'.repeat(40), time: `${day}T10:00:00Z`, field },
  ...(from && { from }),
  ...(to && { to }),
});
const proposed = (day) => [change(day, 'kep', undefined, 'proposed'), change(day, 'status', undefined, 'provisional')];
const CONTENTS = [
  contentOf('1-one', 'implemented', {
    changed: '2024-01-01T10:00:00Z',
    changes: [...proposed('2022-01-01'), change('2024-01-01', 'status', 'provisional', 'implemented')],
  }),
  contentOf('2-two', 'provisional', { changed: '2023-06-01T10:00:00Z', changes: proposed('2023-06-01') }),
  contentOf('3-three', 'provisional'),
];
const sync = (contents) => syncKeps(env.client, contents, { source: 'test' });
const run = (...words) =>
  nekube(['kep', ...words, '--kubeconfig', env.kubeconfig()], {
    dir,
    kubeconfig: undefined,
  });

test('a list, a search and a KEP of a server are as they were on a day, and what is not known of it is said', async () => {
  await sync(CONTENTS);
  const { stdout, stderr } = await run('list', '--as-of', '2023-01-31');
  assert.match(stdout, /1-one +node +provisional/);
  assert.doesNotMatch(stdout, /2-two|3-three/);
  assert.match(stderr, /all else is as now/);
  assert.match(stderr, /of 1 of 3 KEPs nothing is known of that day/);
  const { stdout: now } = await run('list');
  assert.match(now, /1-one +node +implemented[^]*3-three/);
  const { stdout: found } = await run('search', 'naps', '--as-of', '2023-06-30', '-o', 'json');
  assert.deepEqual(
    JSON.parse(found).hits.map(({ kep }) => [kep.metadata.name, kep.spec.status]),
    [
      ['1-one', 'provisional'],
      ['2-two', 'provisional'],
    ],
  );
  const { code, stderr: none } = await run('show', '2-two', '--as-of', '2023-05-31');
  assert.equal(code, 2);
  assert.match(none, /There is no KEP "2-two"/);
});

test('a revision of git is refused, as a day that there is none of and a server without histories', async () => {
  for (const moment of ['v1.30', '2023-02-30']) {
    const { code, stderr } = await run('list', '--as-of', moment);
    assert.equal(code, 2);
    assert.match(stderr, /a server knows days, as 2023-01-31/);
  }
  await sync(CONTENTS.slice(2));
  const { code, stderr } = await run('list', '--as-of', '2023-01-31');
  assert.equal(code, 2);
  assert.match(stderr, /have no histories/);
});
