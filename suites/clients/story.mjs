// A story: commands that are run one after another, what they print, and what that must look like.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';

/**
 * Runs programs and keeps a transcript of them.
 *
 * `env` is the whole environment of the programs but for PATH and HOME. `say` gets the transcript as it grows.
 */
export class Story {
  #env;
  #cwd;
  #say;

  constructor({ env = {}, cwd, say = () => {} }) {
    this.#env = { PATH: process.env.PATH, HOME: cwd, LANG: 'C', ...env };
    this.#cwd = cwd;
    this.#say = say;
  }

  /**
   * Runs a program to its end: `{stdout, stderr, exit}`. It must exit with `expect.exit` (0), and its output must match
   * `expect.stdout` and `expect.stderr` where these are given.
   */
  async run(command, { stdin, env, label, ...expect } = {}) {
    const shown = label ?? [command[0].split('/').pop(), ...command.slice(1)].map(quote).join(' ');
    this.#say(`$ ${shown}\n`);
    const child = this.start(command, env);
    child.stdin.on('error', () => {});
    child.stdin.end(stdin ?? '');
    const result = await child.ended;
    this.#say(result.stdout + result.stderr);
    const printed = `${shown}\n${result.stdout}${result.stderr}`;
    assert.equal(result.exit, expect.exit ?? 0, printed);
    for (const name of ['stdout', 'stderr'])
      if (expect[name] !== undefined) assert.match(result[name], expect[name], printed);
    return result;
  }

  /** Starts a program that goes on; its promise `ended` is kept at its end, `killAfter(ms)` ends it. */
  start([program, ...args], env = {}) {
    const child = spawn(program, args, { env: { ...this.#env, ...env }, cwd: this.#cwd, timeout: 300_000 });
    const out = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr']) {
      child[name].setEncoding('utf8').on('data', (text) => {
        out[name] += text;
      });
    }
    child.printed = out;
    child.ended = new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (exit) => resolve({ ...out, exit }));
    });
    return child;
  }

  note(text) {
    this.#say(`# ${text}\n`);
  }
}

function quote(word) {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word}'`;
}
