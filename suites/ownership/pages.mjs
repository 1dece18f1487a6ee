// Pages of docs/ whose examples are run: fenced blocks of `yaml`, whose first line `# NAME.yaml` names the file that they
// are, and of `console`, with lines `$ command` and what each prints on a terminal. A command is nekube or kubectl; one that
// ends in `&` goes on in the background once it has printed a line; `$ kill %1` ends it, and prints the rest.
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** Runs all blocks of a page on a cluster, in their order; gives the page with what was printed now. */
export async function runPage(page, cluster, { kubectl }) {
  const background = [];
  const blocks = [...page.matchAll(/^```(yaml|console)\n(.*?)^```$/gms)];
  let out = '';
  let end = 0;
  for (const { 0: block, 1: kind, 2: text, index } of blocks) {
    const name = /^# (\S+\.yaml)\n/.exec(text)?.[1];
    if (kind === 'yaml' && name !== undefined) writeFileSync(join(cluster.dir, name), text);
    if (kind === 'yaml') continue;
    const lines = [];
    for (const [, line] of text.matchAll(/^\$ (.*)$/gm)) {
      lines.push(
        `$ ${line}\n`,
        line === 'kill %1' ? await restOf(background) : await printedBy(line, cluster, kubectl, background),
      );
    }
    out += `${page.slice(end, index)}\`\`\`console\n${lines.join('')}\`\`\``;
    end = index + block.length;
  }
  return out + page.slice(end);
}

async function printedBy(line, cluster, kubectl, background) {
  const words = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain);
  if (words.at(-1) !== '&') return await started(words, cluster, kubectl).ended;
  const running = started(words.slice(0, -1), cluster, kubectl);
  background.push(running);
  return await running.begun;
}

async function restOf(background) {
  const running = background.pop();
  running.end();
  return (await running.ended).replace(/^.*\n/, '');
}

/** `begun` is the first line, `ended` gives all that was printed, results and diagnostics in their order. */
function started([command, ...args], { dir, kubeconfig }, kubectl) {
  const argv = command === 'nekube' ? [process.execPath, program, ...args] : [kubectl, ...args];
  const env = { ...process.env, KUBECONFIG: kubeconfig, NO_COLOR: '1' };
  const child = spawn(argv[0], argv.slice(1), { cwd: dir, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  const closed = new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  const begun = new Promise((resolve) => {
    const take = (chunk) => {
      printed += chunk;
      if (printed.includes('\n')) resolve(printed.slice(0, printed.indexOf('\n') + 1));
    };
    child.stdout.setEncoding('utf8').on('data', take);
    child.stderr.setEncoding('utf8').on('data', take);
    closed.then(() => resolve(printed));
  });
  return { begun, ended: closed.then(() => printed), end: () => child.kill('SIGTERM') };
}

/** A page without what no two runs have in common: times, ages, versions, and the width of columns that hold them. */
export function timeless(page) {
  return page
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, 'TIME')
    .replace(/\b\d+(\.\d+)?(ms|s|m|h)\b/g, 'AGE')
    .replace(/\b\d+ writes an hour/g, 'N writes an hour')
    .replace(/ +/g, ' ');
}
