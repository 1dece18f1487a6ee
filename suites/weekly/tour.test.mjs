// The tour of docs/weekly-newsroom.md, typed as it stands there.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parseYaml } from 'nekube/apimachinery';
import { start } from 'nekube/envtest';
import { ISSUE } from 'nekube/weekly';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PROGRAM = join(ROOT, 'dist/bin/nekube.js');
const run = promisify(execFile);

/** The commands of the tour, and what is printed below each. */
function steps() {
  const tour = readFileSync(join(ROOT, 'docs/weekly-newsroom.md'), 'utf8').split('\n## ')[1];
  const found = [];
  for (const line of tour.split('\n').filter((each) => each.startsWith('    '))) {
    if (line.startsWith('    $ ')) found.push({ command: line.slice(6), printed: [] });
    else found.at(-1)?.printed.push(line.slice(4));
  }
  return found;
}

describe('the tour of the newsroom', () => {
  let env;
  let folder;
  let site;
  let port;

  before(async () => {
    env = await start({ level: 'envtest' });
    folder = mkdtempSync(join(tmpdir(), 'nekube-tour-'));
    copyFileSync(env.kubeconfig(), join(folder, 'kubeconfig'));
    mkdirSync(join(folder, 'bin'));
    writeFileSync(join(folder, 'bin/nekube'), `#!/bin/sh\nexec "${process.execPath}" "${PROGRAM}" "$@"\n`);
    chmodSync(join(folder, 'bin/nekube'), 0o755);
    site = spawn(process.execPath, [join(ROOT, 'examples/weekly/serve.mjs'), '0'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [said] = await once(site.stdout, 'data');
    port = new URL(`${said}`.trim()).port;
  });
  after(async () => {
    site?.kill();
    await env?.stop();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  const shell = async (command) => {
    const { stdout } = await run('sh', ['-c', command.replaceAll('127.0.0.1:8099', `127.0.0.1:${port}`)], {
      cwd: folder,
      timeout: 180_000,
      env: {
        ...process.env,
        USER: 'anna',
        KUBECONFIG: join(folder, 'kubeconfig'),
        PATH: `${join(folder, 'bin')}:${process.env.PATH}`,
      },
    });
    return stdout;
  };
  /** Names have a hash of the address, and the feed's port is another one. */
  const plain = (text) =>
    text
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line) =>
        line
          .replace(/127-0-0-1-[0-9a-f]{10}/g, 'STORY')
          .replace(/127\.0\.0\.1:\d+/g, 'HOST')
          .replace(/ +/g, ' ')
          .trimEnd(),
      );

  test('prints what the page says', async () => {
    for (const { command, printed } of steps()) {
      const said = plain(await shell(command));
      const expected = plain(printed.join('\n'));
      // stories of one moment are in the order of their names, which have the port in them
      if (command === 'nekube weekly list') assert.deepEqual(said.toSorted(), expected.toSorted(), command);
      else assert.deepEqual(said, expected, command);
    }
  });

  test('ends with a Publication that the server takes', async () => {
    const publication = parseYaml(readFileSync(join(ROOT, 'examples/weekly/publication.yaml'), 'utf8'));
    const { spec } = await env.client.create({
      ...publication,
      metadata: { ...publication.metadata, namespace: 'default' },
    });
    assert.deepEqual(spec, publication.spec);
    await env.client.get(ISSUE, { namespace: 'default', name: spec.issueRef.name });
  });

  test('has an issue that readers have by now, though its day is to come', async () => {
    const { status } = await env.client.get(ISSUE, { namespace: 'default', name: 'issue-1' });
    assert.ok(Date.parse(status.publishedTime) <= Date.now(), status.publishedTime);
  });

  test('leaves names that a shell completes', async () => {
    assert.match(
      await shell('nekube __complete weekly accept 127-'),
      /^127-0-0-1-[0-9a-f]{10}\tWho owns this field\?/m,
    );
    assert.equal(await shell("nekube __complete weekly render ''"), '1\tHarbor Weekly 1\n:0\n');
    assert.equal(await shell("nekube __complete weekly list --issue ''"), '1\tHarbor Weekly 1\n:4\n');
    const nowhere = await shell("nekube __complete weekly vote --kubeconfig nowhere ''");
    assert.equal(nowhere, ':4\n', 'without a server there is nothing to say');
  });

  test('an author who imports the text anew leaves translations to who made them, and is told which are stale', async () => {
    await shell("sed -i 's/^# Harbor Weekly 1$/# Harbor Weekly One/; s/^title: .*/title: Harbor Weekly One/' issue.md");
    const said = await shell('nekube weekly import issue.md --apply 2>&1');
    assert.match(said, /^issue\.weekly\.nekube\.dev\/issue-1 changed$/m);
    assert.match(said, /^note: issue-1: title: its translation to ja is stale$/m);
    const issue = await env.client.get(
      { apiVersion: 'weekly.nekube.dev/v1alpha1', kind: 'Issue' },
      {
        namespace: 'default',
        name: 'issue-1',
      },
    );
    assert.deepEqual(
      issue.spec.translations.map(({ text }) => text),
      ['ハーバー・ウィークリー 第1号'],
    );
    const owners = issue.metadata.managedFields.filter(({ fieldsV1 }) => fieldsV1['f:spec']?.['f:translations']);
    assert.deepEqual(
      owners.map(({ manager }) => manager),
      ['ken.translations'],
    );
    const behind = await shell('nekube weekly translate 1 --check || true');
    assert.match(behind, /^ja +stale +title +Harbor Weekly One$/m);
    assert.match(
      await shell('nekube weekly render 1 --language ja -o markdown 2>/dev/null'),
      /見出しの原文が更新されています/,
    );
  });

  test('goes on with an issue as the last one was', async () => {
    await shell('nekube weekly new');
    const { spec } = await env.client.get(ISSUE, { namespace: 'default', name: 'issue-2' });
    const { number, language, topics, sections } = spec;
    assert.deepEqual([number, language, topics], [2, 'en', ['kubernetes']]);
    assert.deepEqual(
      sections.map(({ id }) => id),
      ['articles', 'prs'],
    );
    await shell('nekube weekly new 3 --language ja --topic cncf');
    const third = await env.client.get(ISSUE, { namespace: 'default', name: 'issue-3' });
    assert.deepEqual([third.spec.language, third.spec.topics], ['ja', ['cncf']]);
  });
});
