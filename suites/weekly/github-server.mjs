// GitHub's REST API on loopback, as far as a newsroom asks it: what docs.github.com/rest says of releases, pull requests, issues and their
// timelines, with ETags, the headers of rate limits, and the redirects of a repository that was renamed.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';

/** A GitHub whose answers can be changed while it runs. */
export class GitHubServer {
  /** What each path answers, without its query. */
  answers = new Map();
  /** `{path, status, authorization, etag}` of each request. */
  requests = [];
  /** In seconds since 1970, until when nothing is answered but that the limit is reached. */
  #limitedUntil = 0;
  #limitSeconds;
  #server = createServer((request, response) => this.#answer(request, response));

  async start() {
    await new Promise((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  /** From the next request on nothing is answered for so long but that the limit is reached, however long that request is waited for. */
  limit(seconds) {
    this.#limitSeconds = seconds;
  }

  get url() {
    return `http://127.0.0.1:${this.#server.address().port}`;
  }

  async stop() {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(request, response) {
    const path = new URL(request.url, this.url).pathname;
    const send = (status, headers = {}, body = '') => {
      const { authorization, 'if-none-match': etag } = request.headers;
      this.requests.push({ path, status, authorization, etag });
      response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers }).end(body);
    };
    if (this.#limitSeconds !== undefined) this.#limitedUntil = Math.ceil(Date.now() / 1000) + this.#limitSeconds;
    this.#limitSeconds = undefined;
    if (Date.now() / 1000 < this.#limitedUntil) {
      const reset = `${this.#limitedUntil}`;
      const headers = { 'x-ratelimit-limit': '60', 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset };
      return send(403, headers, JSON.stringify({ message: 'API rate limit exceeded for 127.0.0.1.' }));
    }
    const found = this.answers.get(path);
    if (found === undefined) return send(404, {}, JSON.stringify({ message: 'Not Found' }));
    if (typeof found === 'string') return send(301, { location: `${this.url}${found}` });
    const body = JSON.stringify(found);
    const etag = `W/"${createHash('sha256').update(body).digest('hex')}"`;
    const headers = { etag, 'x-ratelimit-limit': '60', 'x-ratelimit-remaining': '42' };
    if (request.headers['if-none-match'] === etag) send(304, headers);
    else send(200, headers, body);
  }
}

const PAGE = 'https://github.com';

/** A pull request as the API has it. */
export function pull(repository, number, { title, state = 'open', merged, body = '', closed = merged }) {
  return {
    html_url: `${PAGE}/${repository}/pull/${number}`,
    number,
    title,
    state,
    draft: false,
    user: { login: 'captain' },
    labels: [{ name: 'kind/feature' }],
    body,
    created_at: '2031-02-01T08:00:00Z',
    updated_at: merged ?? closed ?? '2031-02-02T08:00:00Z',
    closed_at: closed ?? null,
    merged_at: merged ?? null,
  };
}

/** A release as the API has it. */
export function release(repository, tag, published) {
  return {
    html_url: `${PAGE}/${repository}/releases/tag/${tag}`,
    tag_name: tag,
    name: `Pilot ${tag}`,
    draft: false,
    prerelease: false,
    author: { login: 'captain' },
    body: '',
    created_at: published,
    published_at: published,
  };
}

/** An event of a timeline: a pull request that names the subject. */
export function mention(repository, source) {
  const { html_url: url, merged_at: merged, ...rest } = source;
  const issue = {
    ...rest,
    html_url: url,
    pull_request: { merged_at: merged, html_url: url },
    repository: { full_name: repository },
  };
  return { event: 'cross-referenced', created_at: '2031-02-03T08:00:00Z', source: { type: 'issue', issue } };
}
