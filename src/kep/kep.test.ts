import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import fc from 'fast-check';
import { load } from 'js-yaml';
import { readKep } from './document/read-kep.ts';
import {
  type Finding,
  type Kep,
  parseFilter,
  fits,
  patchOf,
  folderTree,
  readCheckout,
  staleness,
  statsOf,
} from './index.ts';
import { References, type Resolved } from './relations/references.ts';

interface DocumentCase {
  readonly name: string;
  readonly yaml: string;
  readonly kep?: Readonly<Record<string, unknown>>;
  readonly findings?: readonly string[];
}

function table<T>(name: string): T {
  return load(readFileSync(new URL(`../../src/kep/testdata/${name}.yaml`, import.meta.url), 'utf8')) as T;
}

/** A finding as the tables have it. */
function shown({ level, rule, line, edit }: Finding): string {
  return [level, rule, ...(line ? [line] : []), ...(edit ? [`=> ${edit.text}`] : [])].join(' ');
}

describe('a kep.yaml', () => {
  for (const { name, yaml, kep = {}, findings = [] } of table<readonly DocumentCase[]>('documents'))
    test(name, () => {
      const read = readKep('keps/sig-x/1-one', yaml);
      const own = read.kep as unknown as Readonly<Record<string, unknown>>;
      assert.deepEqual(Object.fromEntries(Object.keys(kep).map((key) => [key, own[key] ?? null])), kep);
      const told = read.findings.filter(({ rule }) => rule !== 'field-missing').map(shown);
      assert.deepEqual(told, findings);
    });

  test('is read to a KEP and findings, whatever it is', () => {
    const texts = fc.array(
      fc.constantFrom(
        'title',
        'status',
        ':',
        ' ',
        '\n',
        '- ',
        '{',
        '}',
        '[',
        ']',
        '"',
        "'",
        '&a',
        '*a',
        '|',
        '#',
        '\t',
        '---',
      ),
    );
    fc.assert(
      fc.property(texts, (parts) => {
        const { kep, findings } = readKep('keps/sig-x/1-one', parts.join(''));
        assert.equal(kep.name, '1-one');
        assert.ok(findings.length > 0, 'what lacks a title is told of');
      }),
    );
  });
});

const folders: string[] = [];
after(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

function checkoutWith(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'nekube-kep-'));
  folders.push(root);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

describe('a reference', () => {
  const { keps, cases } = table<{
    keps: readonly string[];
    cases: readonly (Record<string, unknown> & { text: string })[];
  }>('references');
  const root = checkoutWith(Object.fromEntries(keps.map((folder) => [`${folder}/README.md`, ''])));
  const references = new References(
    folderTree(root),
    keps.map((folder) => readKep(folder, `kep-number: ${/\d+/.exec(folder)![0]}`).kep),
  );
  for (const { text, kep, url, ...flags } of cases)
    test(`${text} means ${kep ?? url ?? 'no KEP'}`, () => {
      const expected = {
        reference: { text, ...(kep !== undefined && { kep }), ...(url !== undefined && { url }) },
        ...flags,
      };
      assert.deepEqual(withoutFalse(references.resolve(text)), expected);
    });
});

function withoutFalse(resolved: Resolved): object {
  return Object.fromEntries(Object.entries(resolved).filter(([, value]) => value !== false));
}

describe('a filter', () => {
  const { keps, newest, cases } = table<{
    keps: string;
    newest: string;
    cases: readonly { filter: string; numbers?: readonly number[]; error?: string }[];
  }>('filters');
  const all = keps
    .trim()
    .split('\n')
    .map((line, i) => readKep(`keps/sig-x/${i + 1}-x`, line).kep);
  for (const { filter, numbers, error } of cases)
    test(`${filter || '(none)'} ${error === undefined ? `lets ${JSON.stringify(numbers)} through` : 'is refused'}`, () => {
      if (error !== undefined)
        return assert.throws(() => parseFilter(filter), { message: new RegExp(`^${escaped(error)}`) });
      const parsed = parseFilter(filter);
      const reasonOf = staleness({ release: newest });
      const found = all.filter((kep) => fits(kep, parsed, (one) => reasonOf(one) !== undefined));
      assert.deepEqual(
        found.map(({ number }) => number),
        numbers,
      );
    });

  test('of a day of change is of what the commits say, which not all KEPs have', () => {
    const dated = all.map((kep, i) => (i < 2 ? { ...kep, changed: { day: `202${5 + i}-01-01` } } : kep));
    const found = (filter: string): readonly (number | undefined)[] =>
      dated.filter((kep) => fits(kep, parseFilter(filter), () => false)).map(({ number }) => number);
    assert.deepEqual(found('changed:>=2025-06-01'), [2]);
    assert.deepEqual(found('changed:<2025-06-01'), [1]);
    assert.throws(() => parseFilter('changed:2025'), /must have a day/);
  });

  test('of what is stale tells why, and a KEP that names no release is so if it did not change for a year', () => {
    const bare = { name: 'x', status: 'provisional', milestones: {} } as const;
    const on = (day?: string): string | undefined =>
      staleness({ release: 'v1.36', today: '2026-07-24', changed: () => day })(bare);
    assert.equal(on('2025-07-23'), 'unchanged');
    assert.equal(on('2025-07-24'), undefined);
    assert.equal(on(), 'unnamed');
    assert.equal(staleness({ release: 'v1.36' })({ ...bare, latestMilestone: 'v1.33' }), 'milestone');
    assert.equal(staleness({ release: 'v1.36' })({ ...bare, latestMilestone: 'v1.34' }), undefined);
  });
});

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

describe('a checkout', () => {
  const one =
    'title: One\nkep-number: 1\nowning-sig: sig-node\nstatus: imlpemented\nstage: alpha\nlatest-milestone: "1.36"\n';
  const files = {
    'keps/NNNN-kep-template/kep.yaml': 'title: KEP Template\n',
    'keps/sig-node/1-one/kep.yaml': one,
    'keps/sig-node/1-one/README.md': '# One',
    'keps/sig-cli/kubeadm/2-Two_x/kep.yaml':
      'title: Two\nkep-number: 3\nowning-sig: sig-node\nsee-also: [/keps/sig-node/old.md]\n',
    'keps/sig-cli/broken/kep.yaml': 'title: [',
    'keps/prod-readiness/sig-node/1.yaml': 'kep-number: 7\nalpha: {approver: wojtek-t}\n',
    'keps/prod-readiness/sig-node/9.yaml': 'kep-number: 9\nalpha: {approver: "@deads2k"}\n',
    'keps/prod-readiness/template/nnnn.yaml': 'kep-number: NNNN\n',
    'pkg/repo/testdata/keps/sig-x/1-x/kep.yaml': one,
  };
  const root = checkoutWith(files);
  symlinkSync('1-one/README.md', join(root, 'keps/sig-node/old.md'));
  symlinkSync('..', join(root, 'keps/sig-node/round'));
  const { keps, findings } = readCheckout(folderTree(root));
  const rulesOf = (file: string): readonly string[] =>
    findings.filter((finding) => finding.file === file).map(({ rule }) => rule);
  const named = (name: string): Kep => keps.find((kep) => kep.name === name)!;

  test('has the KEPs below keps/, also nested ones and those that do not parse', () => {
    assert.deepEqual(
      keps.map(({ path }) => path),
      ['keps/sig-node/1-one', 'keps/sig-cli/kubeadm/2-Two_x', 'keps/sig-cli/broken'],
    );
    assert.deepEqual(
      keps.map(({ name }) => name),
      ['1-one', '2-two-x', 'broken'],
    );
  });

  test('tells of what is no KEP, and of links, which are not followed', () => {
    assert.deepEqual(rulesOf('keps/NNNN-kep-template/kep.yaml'), ['template']);
    assert.deepEqual(rulesOf('pkg/repo/testdata/keps/sig-x/1-x/kep.yaml'), ['test-data']);
    assert.deepEqual(rulesOf('keps/sig-node/round'), ['link']);
  });

  test('knows who approved production readiness, by the name of the file', () => {
    assert.deepEqual(named('1-one').readinessApprovers, [{ stage: 'alpha', approver: '@wojtek-t' }]);
    assert.deepEqual(rulesOf('keps/prod-readiness/sig-node/1.yaml'), ['readiness-number']);
    assert.deepEqual(rulesOf('keps/prod-readiness/sig-node/9.yaml'), ['readiness-without-kep']);
  });

  test('knows of two KEPs of one number who approved which, by the SIG of the folder', () => {
    const root = checkoutWith({
      'keps/sig-a/5-one/kep.yaml': 'kep-number: 5\n',
      'keps/sig-b/5-two/kep.yaml': 'kep-number: 5\n',
      'keps/prod-readiness/sig-b/5.yaml': 'alpha: {approver: "@deads2k"}\n',
    });
    assert.deepEqual(
      readCheckout(folderTree(root)).keps.map(({ readinessApprovers }) => readinessApprovers),
      [[], [{ stage: 'alpha', approver: '@deads2k' }]],
    );
  });

  test('finds the KEP that a link leads to', () => {
    assert.deepEqual(named('2-two-x').seeAlso, [{ text: '/keps/sig-node/old.md', kep: '1-one' }]);
  });

  test('tells where numbers and owners differ from folders', () => {
    const told = rulesOf('keps/sig-cli/kubeadm/2-Two_x/kep.yaml');
    for (const rule of ['nested', 'number-differs', 'owner-differs', 'readme-missing'])
      assert.ok(told.includes(rule), rule);
  });

  test('has no two KEPs of one name', () => {
    const files = Object.fromEntries(
      ['sig-a/1-x', 'sig-b/1-x', 'sig-c/1-x', 'sig-a/1-x-2'].map((folder) => [`keps/${folder}/kep.yaml`, '']),
    );
    const names = readCheckout(folderTree(checkoutWith(files))).keps.map(({ name }) => name);
    assert.deepEqual(names, ['1-x', '1-x-2', '1-x-3', '1-x-4']);
  });

  test('counts what is no status apart', () => {
    const { total, status, invalid } = statsOf(keps);
    assert.deepEqual([total, status['invalid'], invalid.status], [3, 3, { imlpemented: 1 }]);
    const odd = readKep('keps/sig-x/1-x', 'title: x\nowning-sig: constructor\nstatus: __proto__\n').kep;
    assert.deepEqual(statsOf([odd]).owningSig, { constructor: 1 });
    assert.deepEqual(Object.entries(statsOf([odd]).invalid.status), [['__proto__', 1]]);
  });

  test('is mended by the patch, of which nothing is left then', () => {
    const patch = patchOf(findings, (file) => readFileSync(join(root, file), 'utf8'));
    assert.match(patch, /^--- a\/keps\/sig-node\/1-one\/kep.yaml$/m);
    assert.deepEqual(
      patch.split('\n').filter((line) => /^[-+][a-z]/.test(line)),
      [
        '-kep-number: 7',
        '+kep-number: 1',
        '-status: imlpemented',
        '+status: implemented',
        '-latest-milestone: "1.36"',
        '+latest-milestone: "v1.36"',
      ],
    );
  });

  test('is mended also where lines end otherwise, files without an end, and names have to be quoted', () => {
    const line = 'creation-date: 2024-1-2';
    const root = checkoutWith({
      'keps/sig-x/1-crlf/kep.yaml': `${line}\r\ntitle: One\r\n`,
      'keps/sig-x/2-no-end/kep.yaml': `title: Two\n${line}`,
      'keps/sig-x/3-"quoted"\t/kep.yaml': `${line}\n`,
    });
    const read = (): readonly Finding[] => readCheckout(folderTree(root)).findings;
    const patch = patchOf(read(), (file) => readFileSync(join(root, file), 'utf8'));
    execFileSync('git', ['apply', '-'], { cwd: root, input: patch, stdio: ['pipe', 'pipe', 'pipe'] });
    assert.deepEqual(
      read().filter(({ edit }) => edit !== undefined),
      [],
    );
    const mended = 'creation-date: "2024-01-02"';
    assert.equal(readFileSync(join(root, 'keps/sig-x/1-crlf/kep.yaml'), 'utf8'), `${mended}\r\ntitle: One\r\n`);
    assert.equal(readFileSync(join(root, 'keps/sig-x/2-no-end/kep.yaml'), 'utf8'), `title: Two\n${mended}`);
  });

  test('is mended in all places of a line that are sure, and nowhere else', () => {
    const root = checkoutWith({
      'keps/sig-x/1-one/kep.yaml': 'kep-number: 1\nsee-also: [/keps/sig-x/2-two/, "keps/sig-x/3-three", "#2"]\n',
      'keps/sig-x/2-two/kep.yaml': 'kep-number: 2\nmilestone: {alpha: 1.29, beta: v1.29, stable: 1.30}\n',
      'keps/sig-x/3-three/kep.yaml': 'kep-number: 3\nmilestone: {alpha: 1.29, beta: 1.29}\n',
    });
    const patch = patchOf(readCheckout(folderTree(root)).findings, (file) => readFileSync(join(root, file), 'utf8'));
    assert.deepEqual(
      patch.split('\n').filter((line) => /^\+[a-z]/.test(line)),
      [
        '+see-also: [/keps/sig-x/2-two, "/keps/sig-x/3-three", "/keps/sig-x/2-two"]',
        '+milestone: {alpha: v1.29, beta: v1.29, stable: v1.30}',
      ],
    );
  });

  test('may have bytes that are no text in names and files, of which it tells and mends nothing', () => {
    const root = checkoutWith({ 'keps/sig-x/1-one/kep.yaml': 'title: One' });
    const folders = [0xe8, 0xe9].map((byte) =>
      Buffer.concat([Buffer.from(`${root}/keps/sig-x/2-caf`), Buffer.of(byte)]),
    );
    for (const folder of folders) {
      mkdirSync(folder);
      const file = Buffer.concat([folder, Buffer.from('/kep.yaml')]);
      writeFileSync(file, Buffer.from('creation-date: 2024-1-2\ntitle: caf\xe9\n', 'latin1'));
    }
    const { keps, findings } = readCheckout(folderTree(root));
    assert.deepEqual(
      keps.map(({ path }) => path),
      ['keps/sig-x/1-one', 'keps/sig-x/2-caf\\350', 'keps/sig-x/2-caf\\351'],
    );
    const own = findings.filter(({ file }) => file === 'keps/sig-x/2-caf\\351/kep.yaml');
    assert.ok(own.some(({ rule, line }) => rule === 'yaml' && line === 2));
    assert.ok(own.every(({ edit }) => edit === undefined));
    writeFileSync(Buffer.concat([folders[1]!, Buffer.from('/kep.yaml')]), 'creation-date: 2024-1-2\n');
    const again = readCheckout(folderTree(root));
    const patch = patchOf(again.findings, () => 'creation-date: 2024-1-2\n');
    execFileSync('git', ['apply', '-'], { cwd: root, input: patch, stdio: ['pipe', 'pipe', 'pipe'] });
  });

  test('has its KEPs wherever they lie below keps/, each with a name that an object may have', () => {
    const folders = [
      'keps',
      'keps/sig-x/vendor',
      'keps/sig-x/.a..-b-',
      'keps/sig-x/提案',
      `keps/sig-x/${'a.'.repeat(125)}`,
    ];
    const files = Object.fromEntries(
      [...folders, 'vendor/keps/sig-x/1-x'].map((folder) => [`${folder}/kep.yaml`, 'title: x']),
    );
    const { keps } = readCheckout(folderTree(checkoutWith(files)));
    assert.equal(keps.length, folders.length);
    for (const { name } of keps) {
      assert.match(name, /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/);
      assert.ok(name.length <= 253);
    }
  });
});
