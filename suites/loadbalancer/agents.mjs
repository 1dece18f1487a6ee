// Agents of `nekube lb` in the nodes of a topology, with an API server that is in none of its namespaces.
import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { removePins } from 'nekube/loadbalancer';
import { joinSockets } from './join.mjs';

const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const relay = fileURLToPath(new URL('relay.mjs', import.meta.url));
const run = promisify(execFile);

/** Maps of this size are made and read in no time. */
const SMALL = ['--max-slots', '65536', '--max-frontends', '1024', '--max-backends', '4096', '--max-flows', '8192'];

/** Where agents run, until it is closed; nothing of them is left then. */
export class Agents {
  #network;
  #kubeconfig;
  #folder = mkdtempSync(join(tmpdir(), `nekube-agents-${process.pid}-`));
  #port;
  #server;
  #relays = new Map();
  #agents = new Set();

  constructor(network, kubeconfig) {
    removeDead();
    this.#network = network;
    this.#kubeconfig = kubeconfig;
    const [, server] = /"?server"?: "?([^"\s,]+)/.exec(readFileSync(kubeconfig, 'utf8'));
    this.#port = Number(new URL(server).port);
    this.#server = createServer((near) => {
      const far = connect(this.#port, '127.0.0.1');
      joinSockets(near, far);
    });
    this.#server.listen(this.#socket);
  }

  /** Starts an agent in a node; resolves when it is ready, rejects when it ends before. */
  async start(name, ...flags) {
    await this.#reach(name);
    const words = [
      'agent',
      '--kubeconfig',
      this.#kubeconfig,
      '--node',
      name,
      '--pins',
      this.pins(name),
      '--pod-devices',
      'p*',
    ];
    const agent = new Agent(this.#spawn(name, [program, 'lb', ...words, ...SMALL, ...flags]));
    this.#agents.add(agent);
    await agent.said(/load balancer ready/);
    return agent;
  }

  /** Runs a command of `nekube lb` in a node, to its end; gives `{code, stdout, stderr}`. */
  async run(name, ...words) {
    await this.#reach(name);
    const args = [`--net=${this.#network.namespace(name)}`, process.execPath, program, 'lb', ...words];
    try {
      return { code: 0, ...(await run('nsenter', args, { maxBuffer: 1 << 26 })) };
    } catch ({ code, stdout, stderr }) {
      return { code, stdout, stderr };
    }
  }

  /** What the agent of a node serves at a path. */
  async get(name, path) {
    const script = `process.stdout.write(await (await fetch('http://127.0.0.1:10449${path}')).text())`;
    const args = [`--net=${this.#network.namespace(name)}`, process.execPath, '--input-type=module', '-e', script];
    return (await run('nsenter', args, { maxBuffer: 1 << 26 })).stdout;
  }

  /** The value of a metric, with its labels: `nekube_lb_packets_total{what="forwarded_snat"}`. */
  async metric(name, metric) {
    const line = (await this.get(name, '/metrics')).split('\n').find((one) => one.startsWith(`${metric} `));
    return Number(line?.split(' ')[1]);
  }

  /** Does something while a node's agent cannot reach the API server; gives what that gives. */
  async withoutApi(name, work) {
    const relay = this.#relays.get(name);
    const end = new Promise((done) => relay.once('close', done));
    relay.kill('SIGKILL');
    await end;
    this.#relays.delete(name);
    try {
      return await work();
    } finally {
      await this.#reach(name);
    }
  }

  get kubeconfig() {
    return this.#kubeconfig;
  }

  /** Where what a node's agent attaches is pinned. */
  pins(name) {
    return join(this.#folder, name);
  }

  async close() {
    for (const agent of this.#agents) await agent.end('SIGKILL');
    for (const child of this.#relays.values()) child.kill('SIGKILL');
    await new Promise((done) => this.#server.close(done));
    for (const name of this.#relays.keys()) if (existsSync(this.pins(name))) removePins(this.pins(name));
    rmSync(this.#folder, { recursive: true });
  }

  get #socket() {
    return join(this.#folder, 'api');
  }

  /** The API server is at its own address in the node's namespace too. */
  async #reach(name) {
    if (this.#relays.has(name)) return;
    const child = this.#spawn(name, [relay, `${this.#port}`, this.#socket], ['pipe', 'pipe', 'inherit']);
    this.#relays.set(name, child);
    await new Promise((done, fail) => {
      child.stdout.once('data', done);
      child.once('exit', (code, signal) => fail(new Error(`The relay of ${name} has ended by ${signal ?? code}`)));
    });
  }

  #spawn(name, args, stdio = ['ignore', 'ignore', 'pipe']) {
    return spawn('nsenter', [`--net=${this.#network.namespace(name)}`, process.execPath, ...args], { stdio });
  }
}

/** What a run that was killed has left: a bpffs for each node. */
function removeDead() {
  for (const folder of readdirSync(tmpdir())) {
    const [, pid] = /^nekube-agents-(\d+)-/.exec(folder) ?? [];
    if (pid === undefined || existsSync(`/proc/${pid}`)) continue;
    const whole = join(tmpdir(), folder);
    for (const { name } of readdirSync(whole, { withFileTypes: true }).filter((one) => one.isDirectory()))
      removePins(join(whole, name));
    rmSync(whole, { recursive: true });
  }
}

/** The process of an agent. */
class Agent {
  #child;
  #lines = [];
  #waiting = new Set();
  #hasSaidAll = false;

  constructor(child) {
    this.#child = child;
    const look = () => {
      for (const wait of this.#waiting) wait();
    };
    createInterface({ input: child.stderr })
      .on('line', (line) => {
        this.#lines.push(line);
        look();
      })
      // its last words may be read after it has ended
      .on('close', () => {
        this.#hasSaidAll = true;
        if (this.hasEnded) look();
        else child.once('exit', look);
      });
  }

  get hasEnded() {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** All that it has said. */
  get log() {
    return this.#lines.join('\n');
  }

  /** Resolves when it says so. */
  said(pattern) {
    return new Promise((done, fail) => {
      const wait = () => {
        const line = this.#lines.find((one) => pattern.test(one));
        const isOver = this.#hasSaidAll && this.hasEnded;
        if (line === undefined && !isOver) return;
        this.#waiting.delete(wait);
        const { exitCode, signalCode } = this.#child;
        if (line !== undefined) done(line);
        else fail(new Error(`The agent has ended by ${signalCode ?? `exit code ${exitCode}`}:\n${this.log}`));
      };
      this.#waiting.add(wait);
      wait();
    });
  }

  /** Ends it by a signal; gives its exit code. */
  async end(signal) {
    if (!this.hasEnded) {
      const end = new Promise((done) => this.#child.once('close', done));
      this.#child.kill(signal);
      await end;
    }
    return this.#child.exitCode;
  }
}
