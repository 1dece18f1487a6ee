// Bytes that clients and servers should not say: messages of HTTP/1.1, HTTP/2, TLS and the PROXY protocol, nearly right.

/** What a client says, as pieces that are sent one after the other. */
export function clientBytes(random, kind) {
  const makers = { http1: http1Requests, http2: http2Frames, tls: clientHello, proxy: proxied, noise };
  const bytes = makers[kind](random);
  return pieces(random, random.chance(0.6) ? mutated(random, bytes) : bytes);
}

/** What a server answers instead of what it should. */
export function serverBytes(random) {
  const maker = random.pick([http1Answers, http1Answers, http2Frames, noise]);
  const bytes = maker(random);
  return random.chance(0.5) ? mutated(random, bytes) : bytes;
}

const LINES = ['GET / HTTP/1.1', 'GET /h2?key=k HTTP/1.1', 'POST /policies HTTP/1.1', 'PUT /%2f..//é HTTP/1.1'];
const MORE_LINES = [
  'OPTIONS * HTTP/1.1',
  'CONNECT a:1 HTTP/1.1',
  'HEAD /h2 HTTP/1.0',
  'GET http://a/\xff HTTP/1.1',
  'PRI * HTTP/2.0',
];
const HEADERS = [
  'Host: a',
  'Host: [::1]:80',
  'Content-Length: 5',
  'Content-Length: 99999999999999999999',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: chunked, chunked',
  'Connection: upgrade, keep-alive, x-one',
  'Upgrade: websocket',
  'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
  'Expect: 100-continue',
  'Content-Type: application/grpc',
  'TE: trailers',
  'Accept-Encoding: gzip, br;q=0, *;q=9',
  'Authorization: Basic bWU6cHc=',
  'Authorization: Bearer e30.e30.e30',
  'Cookie: key=k; sid=MTI3LjAuMC4xOjE; =; ;;',
  'Origin: https://a.example',
  'Access-Control-Request-Method: GET',
  'X-Forwarded-For: 1.1.1.1, ::, unknown',
  'x-one: \xff\x80\t',
  'x-nekube-debug: 1',
];
const BODIES = [
  '',
  'hello',
  '5\r\nhello\r\n0\r\n\r\n',
  '5;a=b\r\nhello\r\n0\r\nx-t: 1\r\nconnection: x\r\n\r\n',
  'fffffffff\r\n',
  '\0',
];

function http1Requests(random) {
  const all = Array.from({ length: 1 + random.below(4) }, () => {
    const line = random.chance(0.7) ? random.pick(LINES) : random.pick(MORE_LINES);
    const headers = random.some(HEADERS, 0.25);
    if (random.chance(0.8)) headers.unshift('Host: a.example');
    return `${[line, ...headers].join('\r\n')}\r\n\r\n${random.pick(BODIES)}`;
  });
  return Buffer.from(all.join(''), 'latin1');
}

const STATUSES = [
  'HTTP/1.1 200 OK',
  'HTTP/1.1 101 Switching',
  'HTTP/1.1 100 Continue',
  'HTTP/1.1 999',
  'HTTP/1.0 204 No',
  'HTTP/1.1 600 x',
];
const ANSWER_HEADERS = [
  ...HEADERS,
  'Set-Cookie: a=b',
  'Content-Encoding: gzip',
  'Date: x',
  'Date: y',
  'ETag: "x"',
  'Trailer: x',
  'Location: \xff',
  'Connection: close',
  'Keep-Alive: 1',
  'Proxy-Connection: x',
  'HTTP2-Settings: AAAA',
];

function http1Answers(random) {
  const all = Array.from({ length: 1 + random.below(3) }, () => {
    const lines = [random.pick(STATUSES), ...random.some(ANSWER_HEADERS, 0.2)];
    return `${lines.join('\r\n')}\r\n\r\n${random.pick(BODIES)}`;
  });
  return Buffer.from(all.join(''), 'latin1');
}

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');
/** Types of frames by their numbers, with one that there is not. */
const [DATA, HEADERS_FRAME, PRIORITY, RST, SETTINGS, PUSH, PING, GOAWAY, WINDOW, CONTINUATION] = [...Array(10).keys()];

function http2Frames(random) {
  const frames = [PREFACE, frame(SETTINGS, 0, 0, random.chance(0.5) ? Buffer.alloc(0) : settings(random))];
  let stream = 1;
  for (let i = random.below(12); i >= 0; i--) {
    const type = random.weighted([
      [6, HEADERS_FRAME],
      [4, DATA],
      [1, random.pick([PRIORITY, RST, SETTINGS, PUSH, PING, GOAWAY, WINDOW, CONTINUATION, 77])],
    ]);
    if (type === HEADERS_FRAME) stream += 2;
    const flags = random.chance(0.8)
      ? type === HEADERS_FRAME
        ? random.pick([4, 5])
        : random.pick([0, 1])
      : random.below(256);
    const id = random.chance(0.9)
      ? type === SETTINGS || type === PING || type === GOAWAY
        ? 0
        : stream
      : random.below(9);
    frames.push(frame(type, flags, id, payload(random, type)));
  }
  return Buffer.concat(frames);
}

function payload(random, type) {
  if (type === HEADERS_FRAME || type === CONTINUATION) return headerBlock(random);
  if (type === DATA) return Buffer.alloc(random.pick([0, 1, 5, 16_384, 20_000]), 1);
  if (type === SETTINGS) return settings(random);
  if (random.chance(0.2)) return Buffer.alloc(random.below(20), random.below(256));
  return Buffer.alloc({ [RST]: 4, [PING]: 8, [GOAWAY]: 8, [WINDOW]: 4, [PRIORITY]: 5 }[type] ?? 3, random.below(256));
}

function settings(random) {
  const body = Buffer.alloc(6);
  body.writeUInt16BE(1 + random.below(8), 0);
  body.writeUInt32BE(random.pick([0, 1, 100, 16_384, 0x7f_ff_ff_ff, 0xff_ff_ff_ff]), 2);
  return body;
}

/** Literal headers without indexes, so that they can be anything. */
function headerBlock(random) {
  const pseudo = [
    [':method', random.pick(['GET', 'POST', 'CONNECT', 'g t', ''])],
    [':path', random.pick(['/', '/h2', '/policies?key=k', '*', '', '/\xff', '/ '])],
    [':scheme', random.pick(['http', 'https', 'x'])],
    [':authority', random.pick(['a', 'a:80', 'a b', '', '[::1'])],
  ];
  const more = random.some(HEADERS, 0.2).map((line) => {
    const colon = line.indexOf(':');
    return [random.chance(0.9) ? line.slice(0, colon).toLowerCase() : line.slice(0, colon), line.slice(colon + 2)];
  });
  const all = [...(random.chance(0.9) ? pseudo : random.shuffled(random.some(pseudo, 0.8))), ...more];
  return Buffer.concat(all.flatMap(([name, value]) => [Buffer.from([0]), text(name), text(value)]));
}

function text(value) {
  const bytes = Buffer.from(value, 'latin1');
  return Buffer.concat([Buffer.from([Math.min(bytes.length, 126)]), bytes.subarray(0, 126)]);
}

function frame(type, flags, stream, body) {
  const head = Buffer.alloc(9);
  head.writeUIntBE(body.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, body]);
}

/** A ClientHello with a name and protocols, its lengths right before it is mutated. */
function clientHello(random) {
  const name = Buffer.from(random.pick(['a.example', '*.example', '', 'x'.repeat(255), '\xff\0']), 'latin1');
  const sni = extension(0, list(Buffer.concat([Buffer.from([0]), list(name)])));
  const alpn = extension(16, list(Buffer.from('\x02h2\x08http/1.1', 'latin1')));
  const versions = extension(43, Buffer.from([2, 3, 4]));
  const extensions = list(Buffer.concat(random.shuffled([sni, alpn, versions]).slice(random.below(2))));
  const head = Buffer.concat([Buffer.from([3, 3]), Buffer.alloc(32, 7), Buffer.from([0, 0, 2, 0x13, 0x01, 1, 0])]);
  const body = Buffer.concat([head, extensions]);
  const handshake = Buffer.concat([Buffer.from([1, 0, body.length >> 8, body.length & 255]), body]);
  const records = [];
  const size = random.chance(0.3) ? 1 + random.below(40) : handshake.length;
  for (let at = 0; at < handshake.length; at += size) {
    records.push(Buffer.from([22, 3, 1]), list(handshake.subarray(at, at + size)));
  }
  return Buffer.concat([...records, random.chance(0.3) ? noise(random) : Buffer.alloc(0)]);
}

function extension(type, body) {
  return Buffer.concat([Buffer.from([type >> 8, type & 255]), list(body)]);
}

function list(body) {
  return Buffer.concat([Buffer.from([body.length >> 8, body.length & 255]), body]);
}

const SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');

function proxied(random) {
  const v1 = random.pick([
    'TCP4 1.1.1.1 2.2.2.2 1 2',
    'TCP6 ::1 :: 1 65535',
    'UNKNOWN',
    'TCP4 1.1.1.1 ::1 1 2',
    'TCP4 1.1.1.1 2.2.2.2 1 99999',
  ]);
  const body = Buffer.alloc(random.pick([12, 36, 0, 5, 40]), 9);
  const v2 = Buffer.concat([
    SIGNATURE,
    Buffer.from([random.pick([0x20, 0x21, 0x11, 0x2f]), random.pick([0x11, 0x21, 0, 0x31])]),
    list(body),
  ]);
  const header = random.chance(0.5) ? Buffer.from(`PROXY ${v1}\r\n`, 'latin1') : v2;
  return Buffer.concat([header, random.pick([http1Requests, http2Frames, clientHello])(random)]);
}

function noise(random) {
  return Buffer.from(Array.from({ length: random.below(400) }, () => random.below(256)));
}

function mutated(random, bytes) {
  let out = Buffer.from(bytes);
  for (let i = random.below(3); i >= 0 && out.length > 0; i--) {
    const at = random.below(out.length);
    const way = random.below(5);
    if (way === 0) out[at] = random.below(256);
    else if (way === 1) out = out.subarray(0, at);
    else if (way === 2) out = Buffer.concat([out.subarray(0, at), noise(random).subarray(0, 8), out.subarray(at)]);
    else if (way === 3) out = Buffer.concat([out.subarray(0, at), out.subarray(at + random.below(8))]);
    else out = Buffer.concat([out, out.subarray(at)]);
  }
  return out;
}

function pieces(random, bytes) {
  const all = [];
  for (let at = 0; at < bytes.length; ) {
    const size = random.chance(0.6) ? bytes.length : 1 + random.below(64);
    all.push(bytes.subarray(at, at + size));
    at += size;
  }
  return all;
}
