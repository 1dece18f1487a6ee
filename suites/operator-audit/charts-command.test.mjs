// `nekube audit chart` with an operator that is a program.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const dir = mkdtempSync(join(tmpdir(), 'nekube-chart-command-'));
after(() => rmSync(dir, { recursive: true }));

/** Runs the command with one of the operators. */
function chart(name, ...flags) {
  const few = ['--examples', '24', '--held-out', '20', '--quiet', '300ms', '--helm', 'none'];
  const args = ['audit', 'chart', '--manifests', here('config'), ...few, ...flags, '--', process.execPath];
  return new Promise((resolve) =>
    execFile(
      process.execPath,
      [here('../../dist/cli/main.js'), ...args, here('main.mjs'), name],
      { timeout: 240_000, cwd: dir },
      (error, stdout, stderr) => resolve({ code: error?.code ?? 0, stdout, stderr }),
    ),
  );
}

describe('a chart is made of an operator that is a program', { concurrency: 2 }, () => {
  test('its folder has all that a chart has, and how sure it is is told', async () => {
    const { code, stdout, stderr } = await chart('renderer');
    assert.equal(code, 0, stderr);
    assert.match(
      stdout,
      /^0 of 20 wrong: at most 13\.9 % at 95 % confidence\n.*48 examples; as the templates are evaluated/,
    );
    const files = readdirSync(join(dir, 'shop'), { recursive: true }).sort();
    const templates = ['templates', 'templates/NOTES.txt', 'templates/_helpers.tpl', 'templates/configmap.yaml'];
    assert.deepEqual(files, ['Chart.yaml', 'MIGRATION.md', ...templates, 'values.schema.json', 'values.yaml']);
    const again = await chart('renderer');
    assert.deepEqual([again.code, again.stdout], [2, '']);
    assert.match(again.stderr, /error: .*shop is there already/);
  });

  test('as JSON it is on stdout, and nothing is written', async () => {
    const { code, stdout, stderr } = await chart('password', '-o', 'json', '--name', 'login');
    assert.equal(code, 0, stderr);
    const { found, madeOnce, heldOut, files } = JSON.parse(stdout);
    assert.deepEqual([found, heldOut.tried, heldOut.failures, heldOut.by], [true, 20, 0, 'evaluation']);
    assert.deepEqual(
      madeOnce.map(({ secret, key }) => [secret, key]),
      [['‹name›', 'password']],
    );
    assert.match(files['templates/secret.yaml'], /lookup/);
    assert.equal(existsSync(join(dir, 'login')), false);
  });
});
