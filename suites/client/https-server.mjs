// A small https server on loopback that says what it is told to, with certificates of its own; and proxies before it.
import { createServer as createHttp } from 'node:http';
import { createSecureServer } from 'node:http2';
import { connect, createServer as createTcp } from 'node:net';
import { issueCertificate } from 'nekube/pki';

const from = new Date(Date.now() - 3_600_000);
const to = new Date(Date.now() + 3_600_000);

/** An authority, and what it certifies. */
export function authority(commonName = 'test-ca') {
  const subject = { commonName };
  const ca = issueCertificate({ subject, notBefore: from, notAfter: to, use: 'ca' });
  const issue = (use, name, names) =>
    issueCertificate(
      { subject: { commonName: name }, notBefore: from, notAfter: to, use, ...(names && { names }) },
      { subject, key: ca.key },
    );
  return {
    ca: ca.cert,
    server: (hosts = [], ips = ['127.0.0.1']) => issue('server', 'server', { hosts, ips }),
    client: (name) => issue('client', name),
  };
}

/** Listens on a free port of loopback. @returns `{url, port, sockets, stop()}` */
export async function listening(server) {
  const sockets = new Set();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => {});
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  const stop = () => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  };
  return { url: `https://127.0.0.1:${port}`, port, sockets, stop };
}

/** A server of HTTP/1.1 and HTTP/2 that `answer(request, response)` speaks for. */
export function httpsServer({ cert, key }, answer, options = {}) {
  return listening(createSecureServer({ cert, key, allowHTTP1: true, ...options }, answer));
}

/** Breaks the connection of a request. */
export function breakOff(request) {
  if (request.httpVersionMajor === 2) request.stream.session.destroy();
  else request.socket.destroy();
}

/** Who a client's certificate says that it is. */
export function peerOf(request) {
  const { socket } = request.httpVersionMajor === 2 ? request.stream.session : request;
  return socket.getPeerCertificate().subject.CN;
}

/** A proxy for CONNECT that leads every name to one port; `said` are the targets and the logins. */
export async function httpProxy(port, { refuse } = {}) {
  const said = [];
  const server = createHttp();
  server.on('connect', (request, socket, head) => {
    said.push({ target: request.url, login: request.headers['proxy-authorization'] });
    if (refuse) return socket.end(`HTTP/1.1 ${refuse}\r\n\r\n`);
    const upstream = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      if (head.length > 0) upstream.write(head);
      upstream.pipe(socket).pipe(upstream);
    });
    for (const one of [upstream, socket])
      one.on('error', () => {}).on('close', () => (upstream.destroy(), socket.destroy()));
  });
  return { ...(await listening(server)), said };
}

/** A SOCKS5 proxy that leads every name to one port, and wants a user if one is given. */
export async function socksProxy(port, { user } = {}) {
  const said = [];
  const server = createTcp(async (socket) => {
    const take = takerOf(socket);
    const [, methods] = await take(2);
    await take(methods);
    socket.write(Buffer.from([5, user ? 2 : 0]));
    if (user) {
      const [, length] = await take(2);
      const name = (await take(length)).toString();
      const password = (await take((await take(1))[0])).toString();
      const right = `${name}:${password}` === user;
      socket.write(Buffer.from([1, right ? 0 : 1]));
      if (!right) return socket.end();
    }
    const [, , , type] = await take(4);
    const host = type === 3 ? (await take((await take(1))[0])).toString() : [...(await take(4))].join('.');
    said.push(`${host}:${(await take(2)).readUInt16BE()}`);
    const upstream = connect(port, '127.0.0.1', () => {
      socket.write(Buffer.from([5, 0, 0, 1, 127, 0, 0, 1, 0, 0]));
      upstream.pipe(socket).pipe(upstream);
    });
    for (const one of [upstream, socket])
      one.on('error', () => {}).on('close', () => (upstream.destroy(), socket.destroy()));
  });
  return { ...(await listening(server)), said };
}

function takerOf(socket) {
  return async (length) => {
    for (;;) {
      const bytes = socket.read(length);
      if (bytes !== null) return bytes;
      await new Promise((resolve) => socket.once('readable', resolve));
    }
  };
}
