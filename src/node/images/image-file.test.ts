import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandOf } from './command.ts';
import { ImageFileError, parseImageFile } from './image-file.ts';

const FILE = `
images:
  - name: shop:*
    entrypoint: [./bin/shop, serve]
    cmd: [--port, "8080"]
    programs: {/manager: [node, manager.js]}
    workingDir: work
    env: {LEVEL: debug}
  - {name: busybox, entrypoint: [sh]}
  - {name: registry.example/exact, fake: true}
  - {name: "registry.example/*", fake: {exitCode: 1, afterSeconds: 2}}
`;
const images = parseImageFile(FILE, '/etc/nekube/images.yaml');

const found: readonly { readonly image: string; readonly name: string | undefined }[] = [
  { image: 'shop:1', name: 'shop:*' },
  { image: 'shop', name: undefined },
  { image: 'busybox', name: 'busybox' },
  { image: 'busybox:1.36', name: 'busybox' },
  { image: 'docker.io/library/busybox:1.36@sha256:0123', name: 'busybox' },
  { image: 'localhost:5000/busybox', name: undefined },
  { image: 'registry.example/exact:2', name: 'registry.example/exact' },
  { image: 'registry.example/other', name: 'registry.example/*' },
];
for (const { image, name } of found)
  test(`an image ${image} is ${name ?? 'not known'}`, () => {
    assert.equal(images.find(image)?.name, name);
  });

test('programs and folders are beside the file, words are not', () => {
  const { entrypoint, workingDir, programs, env } = images.find('shop:1')!;
  assert.deepEqual(entrypoint, ['/etc/nekube/bin/shop', 'serve']);
  assert.equal(workingDir, '/etc/nekube/work');
  assert.deepEqual(programs, { '/manager': ['node', 'manager.js'] });
  assert.deepEqual(env, { LEVEL: 'debug' });
});

const words: readonly { readonly name: string; readonly entry: string; readonly entrypoint: readonly string[] }[] = [
  {
    name: 'a script that an interpreter is handed',
    entry: 'entrypoint: [node, shop.mjs]',
    entrypoint: ['node', '/etc/nekube/shop.mjs'],
  },
  {
    name: 'a path that is not there yet',
    entry: 'entrypoint: [node, ./dist/x.mjs]',
    entrypoint: ['node', '/etc/nekube/dist/x.mjs'],
  },
  { name: 'a word that names no file', entry: 'entrypoint: [shop, serve]', entrypoint: ['shop', 'serve'] },
  {
    name: 'a script where there is a folder to work in',
    entry: 'entrypoint: [node, shop.mjs], workingDir: shop',
    entrypoint: ['node', 'shop.mjs'],
  },
];
for (const { name, entry, entrypoint } of words)
  test(`of an entrypoint ${name} is looked for where a user expects it`, () => {
    const isFile = (path: string): boolean => path === '/etc/nekube/shop.mjs';
    const map = parseImageFile(`images: [{name: a, ${entry}}]`, '/etc/nekube/images.yaml', isFile);
    assert.deepEqual(map.find('a')!.entrypoint, entrypoint);
  });

const commands: readonly {
  readonly name: string;
  readonly container: { readonly command?: string[]; readonly args?: string[] };
  readonly argv: readonly string[];
}[] = [
  {
    name: 'without command and args it is the image',
    container: {},
    argv: ['/etc/nekube/bin/shop', 'serve', '--port', '8080'],
  },
  { name: 'args stand for cmd', container: { args: ['-v'] }, argv: ['/etc/nekube/bin/shop', 'serve', '-v'] },
  { name: 'command stands for entrypoint and drops cmd', container: { command: ['ls'] }, argv: ['ls'] },
  {
    name: 'variables are replaced, what nobody knows and what is escaped stays',
    container: { command: ['echo'], args: ['$(A)/$(B) $$(A) $A'] },
    argv: ['echo', 'one/$(B) $(A) $A'],
  },
  {
    name: 'a program that the image maps is what runs here',
    container: { command: ['/manager'], args: ['--debug'] },
    argv: ['node', 'manager.js', '--debug'],
  },
];
for (const { name, container, argv } of commands)
  test(`the command of a container: ${name}`, () => {
    assert.deepEqual(commandOf(container, images.find('shop:1')!, { A: 'one' }), argv);
  });

const refused: readonly { readonly name: string; readonly text: string; readonly message: RegExp }[] = [
  { name: 'no YAML', text: 'images: [', message: /^Cannot read the images of "f\.yaml": yaml: line 1/ },
  { name: 'no list', text: 'a: 1', message: /^Cannot use the images of f\.yaml:1: the file\.a is not known/ },
  { name: 'nothing', text: 'images:', message: /^Cannot use the images of f\.yaml:1: images must be a list/ },
  {
    name: 'an unknown field',
    text: 'images:\n  - name: a\n    comand: [x]\n',
    message: /^Cannot use the images of f\.yaml:3: images\[0\]\.comand is not known/,
  },
  {
    name: 'a command that is no list',
    text: 'images:\n  - {name: a, entrypoint: [x]}\n  - name: b\n    entrypoint: run\n',
    message: /^Cannot use the images of f\.yaml:4: images\[1\]\.entrypoint must be a list of texts/,
  },
  {
    name: 'no name',
    text: 'images:\n  - cmd: [x]\n',
    message: /^Cannot use the images of f\.yaml:2: images\[0\]\.name is missing/,
  },
  {
    name: 'a number for a variable',
    text: 'images:\n  - name: a\n    env:\n      PORT: 80\n',
    message: /^Cannot use the images of f\.yaml:4: images\[0\]\.env\.PORT must be a text/,
  },
  {
    name: 'a signal that there is not',
    text: 'images:\n  - name: a\n    entrypoint: [x]\n    stopSignal: TERM\n',
    message: /^Cannot use the images of f\.yaml:4: images\[0\]\.stopSignal is no signal of this system/,
  },
  {
    name: 'an exit code that no process has',
    text: 'images:\n  - {name: a, fake: {exitCode: 0.5}}\n',
    message: /^Cannot use the images of f\.yaml:2: images\[0\]\.fake must have an exit code from 0 to 255/,
  },
  {
    name: 'an exit code that is too large',
    text: 'images:\n  - {name: a, fake: {exitCode: 256}}\n',
    message: /^Cannot use the images of f\.yaml:2: images\[0\]\.fake must have an exit code from 0 to 255/,
  },
  {
    name: 'both a process and none',
    text: 'images:\n  - {name: a, fake: true, entrypoint: [x]}\n',
    message: /^Cannot use the images of f\.yaml:2: images\[0\] has both fake and entrypoint/,
  },
];
for (const { name, text, message } of refused)
  test(`a file with ${name} is refused with its line and what would help`, () => {
    assert.throws(
      () => parseImageFile(text, 'f.yaml'),
      (error) => {
        assert.ok(error instanceof ImageFileError);
        assert.match(error.message, message);
        assert.notEqual(error.hint, '');
        return true;
      },
    );
  });
