// A pod of a test of services: on port 8080 it says who it is and who has asked, by HTTP and by UDP, and asks others when it is told to.
//
//   /                       "NAME PEER"
//   /get?url=URL            what another says, and from where, or the error's code
//   /udp?host=H&port=P      the same by UDP
import { createSocket } from 'node:dgram';
import { createServer, get as httpGet } from 'node:http';
import { get as httpsGet } from 'node:https';
import { hostname } from 'node:os';

const PORT = 8080;
const WAIT_MS = 2000;
const plain = (address = '') => address.replace('::ffff:', '');

const orders = {
  '/': (query, { socket }) => `${hostname()} ${plain(socket.remoteAddress)}`,
  '/get': (query) => ask(query.get('url')),
  '/udp': (query) => askUdp(query.get('host'), Number(query.get('port'))),
};

createServer(async (request, response) => {
  const { pathname, searchParams } = new URL(request.url, 'http://pod');
  response.end(await orders[pathname](searchParams, request));
}).listen(PORT);

const udp = createSocket('udp4');
udp.on('message', (data, { address, port }) => udp.send(`${hostname()} ${address}`, port, address));
udp.bind(PORT);

function ask(url) {
  const get = url.startsWith('https:') ? httpsGet : httpGet;
  return new Promise((done) => {
    const request = get(url, { agent: false, timeout: WAIT_MS }, (answer) => {
      const from = plain(answer.socket.remoteAddress);
      let text = '';
      answer.on('data', (data) => (text += data));
      answer.on('end', () => done(`${text} ${from}`));
    });
    request.on('timeout', () => request.destroy(Object.assign(new Error(), { code: 'no answer' })));
    request.on('error', ({ code }) => done(code));
  });
}

function askUdp(host, port) {
  return new Promise((done) => {
    const socket = createSocket('udp4');
    const end = (text) => {
      clearTimeout(timer);
      socket.close();
      done(text);
    };
    const timer = setTimeout(() => end('no answer'), WAIT_MS);
    socket.on('error', ({ code }) => end(code));
    socket.on('message', (data, { address }) => end(`${data} ${address}`));
    // connected, so that it hears of errors
    socket.connect(port, host, () => socket.send('hello'));
  });
}
