// Webhook servers for scenarios: they answer as the scenario says, and remember what they were asked.
import { createServer } from 'node:https';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadOrCreatePki } from '../../dist/pki/pki.js';
import { convertReview } from './convert.mjs';
import { fill } from './template.mjs';

const HOSTS = ['localhost'];
const IPS = ['127.0.0.1'];

/**
 * Starts a server on loopback for the `hooks` of a scenario: `{NAME: SCRIPT}`, served at `/NAME`. A list of scripts is gone
 * through call by call, and its last one stays. A script has
 *
 * - `response`: fields of an AdmissionResponse, `allowed: true` by default; `patch` may be a list of operations
 * - `review`: fields of the AdmissionReview around it
 * - or `text` instead, with `{{uid}}` for the uid of the question, `code`, `headers`
 * - or `convert` instead, for a conversion webhook (see `convert.mjs`)
 * - `delayMs`, `hangUp` (ends the connection), `silent` (never answers), `padBytes` (of spaces after the answer)
 */
export async function startHooks(scripts, vars) {
  const pki = loadOrCreatePki(undefined, { hosts: HOSTS, ips: IPS, now: () => new Date() });
  const current = { ...scripts };
  const calls = new Map(Object.keys(scripts).map((name) => [name, []]));
  const server = createServer({ cert: pki.servingCert, key: pki.servingKey }, (request, response) => {
    const name = request.url.split(/[?/]/).filter((part) => part !== '')[0] ?? '';
    void text(request).then((body) => {
      const call = { method: request.method, path: request.url, headers: headersOf(request), body: parsed(body) };
      const before = calls.get(name)?.push(call) ?? 0;
      return answer(scriptOf(fill(current[name], vars), before - 1), call, response);
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  return {
    url: `https://127.0.0.1:${port}`,
    ca: Buffer.from(pki.caCert).toString('base64'),
    leaf: Buffer.from(pki.servingCert).toString('base64'),
    /** What a hook was asked since this was last called, at most the last `last` times. */
    asked: (name, last) =>
      calls
        .get(name)
        ?.splice(0)
        .slice(last ? -last : 0) ?? [],
    /** Gives a hook another script, from its next call on. */
    change: (name, script) => {
      current[name] = script;
      return null;
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function headersOf({ headers }) {
  const shown = ['content-type', 'accept', 'user-agent'];
  return Object.fromEntries(shown.map((name) => [name, headers[name]]));
}

function parsed(body) {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}

function scriptOf(script = { text: 'no such hook', code: 404 }, turn) {
  return Array.isArray(script) ? script[Math.min(turn, script.length - 1)] : script;
}

async function answer(script, { body }, response) {
  if (script.hangUp) return response.socket.destroy();
  if (script.silent) return undefined;
  if (script.delayMs) await sleep(script.delayMs, undefined, { ref: false });
  const headers = { 'content-type': 'application/json', ...script.headers };
  for (const [name, value] of Object.entries(headers)) if (value === null) delete headers[name];
  response.writeHead(script.code ?? 200, headers);
  const uid = body?.request?.uid ?? '';
  const said =
    script.text ?? JSON.stringify(script.convert ? convertReview(script.convert, body) : reviewOf(script, body, uid));
  response.end(said.replaceAll('{{uid}}', uid) + ' '.repeat(script.padBytes ?? 0));
}

function reviewOf({ response, review }, question, uid) {
  const { patch, ...said } = response ?? {};
  const patched = patch === undefined ? {} : patchOf(patch);
  const { apiVersion, kind } = question ?? {};
  return { apiVersion, kind, response: { uid, allowed: true, ...patched, ...said }, ...review };
}

/** A patch of a scenario: operations, or a text that is sent as it is. */
function patchOf(patch) {
  const text = typeof patch === 'string' ? patch : JSON.stringify(patch);
  return { patch: Buffer.from(text).toString('base64'), patchType: 'JSONPatch' };
}
