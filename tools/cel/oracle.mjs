// Starts tools/cel-oracle, the CEL of kube-apiserver; it is built with Go, once, when it is not there.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const source = fileURLToPath(new URL('../cel-oracle', import.meta.url));
const binaries = process.env.ORACLES ?? join(homedir(), '.cache', 'nekube-oracles');

function build() {
  const program = join(binaries, 'cel-oracle');
  if (existsSync(program)) return program;
  console.error('cel-oracle: building, once');
  mkdirSync(binaries, { recursive: true });
  const { status } = spawnSync('go', ['build', '-o', program, '.'], { cwd: source, stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error('Cannot build cel-oracle: go build failed, or there is no Go');
  return program;
}

/** {ask(lines): answers of as many requests, each a line of JSON; stop()} */
export function startCelOracle() {
  const child = spawn(build(), { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async ask(requests) {
      child.stdin.write(requests.map((request) => `${request}\n`).join(''));
      const answers = [];
      for (const _ of requests) {
        const { value, done } = await lines.next();
        if (done) throw new Error(`cel-oracle ended at one of these requests:\n${requests.join('\n')}`);
        answers.push(JSON.parse(value));
      }
      return answers;
    },
    stop: () => child.stdin.end(),
  };
}
