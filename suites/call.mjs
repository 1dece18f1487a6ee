// One request to a server, and its whole answer: what suites and recorders use that need no more than that.
import { request } from 'node:https';

/**
 * Sends a request to a server `{url, token, ca?, agent?}`; without `ca` its certificate is not verified. A body that is no
 * text is sent as JSON.
 *
 * @returns `{code, headers, text, body}`; `body` is undefined where the answer is no object of JSON
 */
export function call({ url, token, ca, agent }, method, path, body, contentType = 'application/json') {
  const text = typeof body === 'string' ? body : body === undefined ? '' : JSON.stringify(body);
  const headers = {
    authorization: `Bearer ${token}`,
    'content-type': contentType,
    'content-length': Buffer.byteLength(text),
  };
  const options = { method, headers, agent, ca, rejectUnauthorized: ca !== undefined };
  return new Promise((resolve, reject) => {
    const sent = request(new URL(path, url), options, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => resolve({ code: response.statusCode, headers: response.headers, ...read(chunks) }));
    });
    sent.on('error', reject);
    sent.end(text);
  });
}

function read(chunks) {
  const text = Buffer.concat(chunks).toString('utf8');
  return { text, body: text.startsWith('{') ? JSON.parse(text) : undefined };
}
