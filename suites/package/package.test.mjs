// What is published works where it is installed: the program runs, and every subpath can be imported.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

describe('the published package, installed into an empty project', () => {
  let project;
  const npm = (...args) => execFileSync('npm', ['--loglevel=error', ...args], { cwd: project, encoding: 'utf8' });

  before(() => {
    project = mkdtempSync(join(tmpdir(), 'nekube-package-'));
    const packed = execFileSync('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', project], {
      cwd: root,
      maxBuffer: 64 << 20,
    });
    const [{ filename, files }] = JSON.parse(packed);
    const strange = files
      .map(({ path }) => path)
      .filter(
        (path) => !/^(dist\/|package\.json$|README|LICENSE|NOTICE)/.test(path) || /\.test\.(?!ts\.tmpl$)/.test(path),
      );
    assert.deepEqual(strange, []);
    npm('init', '-y');
    npm('install', `./${filename}`, '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts');
  });
  after(() => rmSync(project, { recursive: true, force: true }));

  test('every subpath can be imported', () => {
    const subpaths = Object.keys(manifest.exports)
      .filter((path) => path !== './package.json')
      .map((path) => path.replace('/*', '/apps/v1'));
    const lines = subpaths.map(
      (path) => `console.log(Object.keys(await import('nekube/${path.slice(2)}')).length > 0);`,
    );
    writeFileSync(join(project, 'all.mjs'), lines.join('\n'));
    const printed = execFileSync(process.execPath, ['all.mjs'], { cwd: project, encoding: 'utf8' });
    assert.equal(printed, 'true\n'.repeat(subpaths.length));
  });

  test('npx nekube version says what is installed', () => {
    assert.equal(JSON.parse(npm('exec', '--', 'nekube', 'version', '-o', 'json')).nekube, manifest.version);
  });

  test('npx nekube init writes what it writes in this checkout', () => {
    const init = ['init', 'controller', 'web-operator', '--dir'];
    const here = execFileSync(process.execPath, [join(root, manifest.bin.nekube), ...init, 'here'], { cwd: project });
    const there = npm('exec', '--', 'nekube', ...init, 'there');
    assert.equal(there.replaceAll(/^there/gm, 'here'), here.toString());
    assert.match(there, /test\.ts$/m);
  });

  test('npx nekube init takes nekube from a file that is named from the current folder', () => {
    const { nekube } = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8')).dependencies;
    npm('exec', '--', 'nekube', 'init', 'controller', 'web', '--dir', 'new/web', '--nekube', nekube);
    const begun = JSON.parse(readFileSync(join(project, 'new/web/package.json'), 'utf8'));
    assert.equal(begun.dependencies.nekube, nekube.replace('file:', 'file:../../'));
  });

  for (const storage of ['memory', 'lmdb:data']) {
    test(`npx nekube up --storage ${storage} becomes ready and ends when told`, async (t) => {
      const args = ['--listen', '127.0.0.1:0', '--storage', storage, '--kubeconfig', 'kubeconfig'];
      // in a group of its own, as in a terminal: npx does not pass SIGTERM on
      const stdio = ['ignore', 'ignore', 'pipe'];
      const server = spawn('npx', ['nekube', 'up', ...args], { cwd: project, stdio, detached: true });
      const stop = () => process.kill(-server.pid, 'SIGTERM');
      t.after(() => server.exitCode === null && server.signalCode === null && stop());
      let said = '';
      const ended = new Promise((resolve) => server.on('close', resolve));
      await new Promise((resolve, reject) => {
        ended.then(() => reject(new Error(`it ended: ${said}`)));
        server.stderr.setEncoding('utf8').on('data', (text) => {
          said += text;
          if (/^nekube: ready https:/m.test(said)) resolve();
        });
      });
      assert.match(readFileSync(join(project, 'kubeconfig'), 'utf8'), /^ {4}server: https:\/\/127\.0\.0\.1:\d+$/m);
      stop();
      await ended;
    });
  }
});
