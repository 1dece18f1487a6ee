// A kube-apiserver and its etcd as envtest starts them: the same flags, certificates of two CAs with one subject, ports
// that were free a moment ago.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get as getHttp } from 'node:http';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { issueCertificate } from 'nekube/pki';

import { freePorts } from '../../tools/free-ports.mjs';

export { freePorts };

const SUBJECT = { commonName: 'envtest-environment', organizations: ['envtest'] };
const readyMs = 120_000;

/** Certificates as envtest makes them: one CA for the server, one for clients. */
export class Certificates {
  #now = Date.now();
  serving = this.#issue({ subject: SUBJECT, use: 'ca' });
  clients = this.#issue({ subject: SUBJECT, use: 'ca' });

  #issue(request, issuer) {
    const terms = { notBefore: new Date(this.#now - 60_000), notAfter: new Date(this.#now + 86_400_000) };
    return issueCertificate({ ...request, ...terms }, issuer);
  }

  client(commonName, organizations = [], ca = this.clients) {
    return this.#issue({ subject: { commonName, organizations }, use: 'client' }, { subject: SUBJECT, key: ca.key });
  }

  /** Writes what kube-apiserver reads. */
  write(dir) {
    mkdirSync(dir);
    const names = { hosts: ['localhost'], ips: ['127.0.0.1'] };
    const issuer = { subject: SUBJECT, key: this.serving.key };
    const server = this.#issue({ subject: { commonName: 'localhost' }, use: 'server', names }, issuer);
    const signer = this.#issue({ subject: SUBJECT, use: 'ca' });
    const files = {
      'apiserver.crt': server.cert,
      'apiserver.key': server.key,
      'client-cert-auth-ca.crt': this.clients.cert,
      'sa-signer.crt': signer.cert,
      'sa-signer.key': signer.key,
    };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text, { mode: 0o640 });
  }
}

/** A program that was started, and what it has said. */
class Program {
  said = '';

  constructor(path, args) {
    this.child = spawn(path, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.child.stdout, this.child.stderr]) stream.on('data', (text) => (this.said += text));
    this.ended = new Promise((resolve) => this.child.once('exit', (code, signal) => resolve(code ?? signal)));
  }

  /** The exit code, or the signal that ended it. */
  end(signal) {
    this.child.kill(signal);
    return this.ended;
  }
}

/** A pair with data of its own. */
export class Pair {
  certificates = new Certificates();

  /**
   * @param folder of the programs
   * @param pollMs how often they are asked whether they are healthy; envtest does so every 100 ms
   */
  constructor(folder, { pollMs = 20 } = {}) {
    this.folder = folder;
    this.pollMs = pollMs;
    this.dir = mkdtempSync(join(tmpdir(), 'nekube-pair-'));
    this.certDir = join(this.dir, 'certs');
    this.certificates.write(this.certDir);
  }

  /** Starts both, and waits until they are healthy. */
  async start() {
    await this.startEtcd();
    await this.startServer();
  }

  async startEtcd() {
    const [client, peer] = await freePorts(2);
    this.etcdUrl = `http://127.0.0.1:${client}`;
    const args = [
      `--advertise-client-urls=${this.etcdUrl}`,
      `--data-dir=${join(this.dir, 'etcd')}`,
      `--listen-client-urls=${this.etcdUrl}`,
      `--listen-peer-urls=http://127.0.0.1:${peer}`,
      '--unsafe-no-fsync=true',
    ];
    this.etcd = new Program(join(this.folder, 'etcd'), args);
    await this.#healthy(this.etcd, () => statusOf(getHttp(`${this.etcdUrl}/health`, { agent: false })));
  }

  async startServer(port) {
    this.server = this.newServer(port ?? (await freePorts(1))[0]);
    await this.#healthy(this.server, async () => (await this.get('/healthz')).code);
  }

  newServer(port) {
    const file = (name) => join(this.certDir, name);
    this.url = `https://127.0.0.1:${port}`;
    const args = [
      '--allow-privileged=true',
      '--authorization-mode=RBAC',
      '--bind-address=127.0.0.1',
      `--cert-dir=${this.certDir}`,
      `--client-ca-file=${file('client-cert-auth-ca.crt')}`,
      '--disable-admission-plugins=ServiceAccount',
      `--etcd-servers=${this.etcdUrl}`,
      `--secure-port=${port}`,
      `--service-account-issuer=${this.url}/`,
      `--service-account-key-file=${file('sa-signer.crt')}`,
      `--service-account-signing-key-file=${file('sa-signer.key')}`,
      '--service-cluster-ip-range=10.0.0.0/24',
    ];
    return new Program(join(this.folder, 'kube-apiserver'), args);
  }

  get admin() {
    return (this.#admin ??= this.certificates.client('admin', ['system:masters']));
  }
  #admin;

  get(path, user) {
    return this.send('GET', path, user);
  }

  /** The answer's code and body; code 0 when there is none. */
  async send(method, path, user, body) {
    const req = this.open(method, path, user);
    req.end(body === undefined ? undefined : JSON.stringify(body));
    try {
      const response = await responseTo(req);
      const text = (await response.toArray()).join('');
      return { code: response.statusCode, body: text.startsWith('{') ? JSON.parse(text) : text };
    } catch {
      return { code: 0, body: '' };
    }
  }

  open(method, path, user) {
    const headers = { 'content-type': 'application/json' };
    const options = { method, headers, agent: false, rejectUnauthorized: false, ...user };
    return request(this.url + path, options);
  }

  async #healthy(program, ask) {
    let isOver = false;
    void program.ended.then(() => (isOver = true));
    const deadline = performance.now() + readyMs;
    for (; performance.now() < deadline && !isOver; await sleep(this.pollMs)) if ((await ask()) === 200) return;
    throw new Error(`it is not healthy: ${program.said}`);
  }

  /** Ends what still runs, and removes the data. */
  async stop() {
    await Promise.all([this.server?.end('SIGKILL'), this.etcd?.end('SIGKILL')]);
    rmSync(this.dir, { recursive: true, force: true });
  }
}

export function responseTo(req) {
  return new Promise((resolve, reject) => req.on('response', resolve).on('error', reject));
}

async function statusOf(req) {
  try {
    const response = await responseTo(req);
    response.resume();
    return response.statusCode;
  } catch {
    return 0;
  }
}
