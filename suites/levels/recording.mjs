// A transport that remembers every answer as it came, but for what a client asks to find its way (discovery).

const DISCOVERY = /^\/(?:api|apis|apis\/[^/]+|api\/v1|apis\/[^/]+\/[^/]+)(?:\?.*)?$/;

/** What a transport answered, and what was sent; `exchanges` may be cut by whoever asks again. */
export class Recording {
  exchanges = [];
  /** All that was sent, since values that came from here are not replaced. */
  sent = '';

  /** A transport around another. Answers are read whole, so watches must not go through it. */
  over(transport) {
    return {
      url: transport.url,
      send: async (request) => {
        const answer = await transport.send(request);
        if (request.method === 'GET' && DISCOVERY.test(request.path)) return answer;
        const body = await whole(answer.body);
        this.#keep(request, answer, body);
        return { ...answer, body: [body] };
      },
      close: async () => {},
    };
  }

  /** Something that is no answer: what a program of the test found. */
  note(what, value) {
    this.exchanges.push({ noted: what, value });
  }

  /** The events of a watch, as far as they were waited for. */
  watched(path, events) {
    this.exchanges.push({ did: `watch ${path}`, answer: { code: 200, rawHeaders: {}, warnings: [], events } });
  }

  #keep(request, answer, body) {
    this.sent += `${request.path}\n${request.body ?? ''}\n`;
    const { 'content-type': contentType, warning, ...rest } = answer.headers;
    const rawHeaders = { ...rest, ...(contentType && { 'content-type': [contentType].flat()[0] }) };
    const warnings = [warning ?? []].flat();
    const text = Buffer.from(body).toString('utf8');
    this.exchanges.push({
      did: `${request.method} ${decodeURIComponent(request.path)}`,
      answer: { code: answer.status, rawHeaders, warnings, text },
    });
  }
}

async function whole(body) {
  const pieces = [];
  for await (const piece of body) pieces.push(piece);
  return Buffer.concat(pieces);
}
