import assert from 'node:assert/strict';
import { test } from 'node:test';
import { requestFraming, responseFraming } from './framing.ts';
import { HttpSyntaxError, parseRequestHead, parseResponseHead } from './head-parser.ts';
import { takeConnectionWords } from './hop-by-hop.ts';
import { HeaderList } from './header-list.ts';
import { requestTarget } from './request-target.ts';

const lines = (...all: string[]): string => all.join('\r\n');

/** What becomes of a head: its status if it is refused, else how its body is framed. */
function outcome(text: string): number | string {
  try {
    const head = parseRequestHead(text);
    requestTarget(head, undefined);
    const framing = requestFraming(head.headers, head.minor);
    return framing.type === 'length' ? `length ${framing.length}` : framing.type;
  } catch (error) {
    if (error instanceof HttpSyntaxError) return error.status;
    throw error;
  }
}

const heads: readonly (readonly [string, string, number | string])[] = [
  ['a request without a body', lines('GET / HTTP/1.1', 'Host: a'), 'length 0'],
  ['a length', lines('POST / HTTP/1.1', 'Host: a', 'Content-Length: 12'), 'length 12'],
  ['chunks', lines('POST / HTTP/1.1', 'Host: a', 'Transfer-Encoding: Chunked'), 'chunked'],
  ['spaces around a value', lines('POST / HTTP/1.1', 'Host: a', 'Content-Length:\t 3 \t'), 'length 3'],
  ['an absolute target', lines('GET http://b.example:81/x HTTP/1.1', 'Host: a'), 'length 0'],
  ['a length and chunks', lines('POST / HTTP/1.1', 'Host: a', 'Content-Length: 1', 'Transfer-Encoding: chunked'), 400],
  ['two lengths', lines('POST / HTTP/1.1', 'Host: a', 'Content-Length: 1', 'Content-Length: 2'), 400],
  ['the same length twice', lines('POST / HTTP/1.1', 'Host: a', 'Content-Length: 1', 'Content-Length: 1'), 400],
  ['lengths in a list', lines('POST / HTTP/1.1', 'Host: a', 'Content-Length: 1, 1'), 400],
  ['a length with a sign', lines('POST / HTTP/1.1', 'Host: a', 'Content-Length: +1'), 400],
  ['a length in hexadecimal', lines('POST / HTTP/1.1', 'Host: a', 'Content-Length: 0x1'), 400],
  ['an empty length', lines('POST / HTTP/1.1', 'Host: a', 'Content-Length: '), 400],
  ['a length beyond numbers', lines('POST / HTTP/1.1', 'Host: a', 'Content-Length: 9999999999999999'), 400],
  ['another coding', lines('POST / HTTP/1.1', 'Host: a', 'Transfer-Encoding: gzip, chunked'), 501],
  [
    'chunks twice',
    lines('POST / HTTP/1.1', 'Host: a', 'Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'),
    501,
  ],
  ['identity', lines('POST / HTTP/1.1', 'Host: a', 'Transfer-Encoding: identity'), 501],
  ['chunks in quotes', lines('POST / HTTP/1.1', 'Host: a', 'Transfer-Encoding: "chunked"'), 501],
  ['a vertical tab before chunked', lines('POST / HTTP/1.1', 'Host: a', 'Transfer-Encoding: \x0bchunked'), 400],
  ['chunks of HTTP/1.0', lines('POST / HTTP/1.0', 'Host: a', 'Transfer-Encoding: chunked'), 400],
  ['a space before the colon', lines('POST / HTTP/1.1', 'Host: a', 'Content-Length : 1'), 400],
  ['a line that goes on', lines('GET / HTTP/1.1', 'Host: a', 'X-One: 1', ' 2'), 400],
  ['a space before the first header', lines('GET / HTTP/1.1', ' Host: a'), 400],
  ['a line feed alone', lines('GET / HTTP/1.1', 'Host: a\nX: b'), 400],
  ['a carriage return alone', lines('GET / HTTP/1.1', 'Host: a', 'X: b\rContent-Length: 5'), 400],
  ['a zero byte', lines('GET / HTTP/1.1', 'Host: a', 'X: b\0'), 400],
  ['a name with a space', lines('GET / HTTP/1.1', 'Host: a', 'X Y: b'), 400],
  ['a name with bytes beyond ASCII', lines('GET / HTTP/1.1', 'Host: a', 'X\xe9: b'), 400],
  ['a header without a name', lines('GET / HTTP/1.1', 'Host: a', ': b'), 400],
  ['a header without a colon', lines('GET / HTTP/1.1', 'Host: a', 'nonsense'), 400],
  ['no host', 'GET / HTTP/1.1', 400],
  ['two hosts', lines('GET / HTTP/1.1', 'Host: a', 'Host: b'), 400],
  ['a host with a path', lines('GET / HTTP/1.1', 'Host: a/b'), 400],
  ['a host with a user', lines('GET / HTTP/1.1', 'Host: me@a'), 400],
  ['a target that is relative', lines('GET x HTTP/1.1', 'Host: a'), 400],
  ['a target with a space', lines('GET /a b HTTP/1.1', 'Host: a'), 400],
  ['a target with a tab', lines('GET /a\tb HTTP/1.1', 'Host: a'), 400],
  ['no target', lines('GET HTTP/1.1', 'Host: a'), 400],
  ['two spaces', lines('GET  / HTTP/1.1', 'Host: a'), 400],
  ['a method that is none', lines('G(T / HTTP/1.1', 'Host: a'), 400],
  ['HTTP/2 in words', lines('GET / HTTP/2.0', 'Host: a'), 505],
  ['a version that is none', lines('GET / HTTP/1.1x', 'Host: a'), 400],
  ['a version in lower case', lines('GET / http/1.1', 'Host: a'), 400],
  ['more headers than are taken', lines('GET / HTTP/1.1', 'Host: a', ...Array<string>(100).fill('X: y')), 431],
];
for (const [name, text, expected] of heads) {
  test(`the head of a request with ${name}: ${expected}`, () => assert.equal(outcome(text), expected));
}

const answers: readonly (readonly [string, string, string, string | number])[] = [
  ['a length', 'GET', lines('HTTP/1.1 200 OK', 'content-length: 3'), 'length 3'],
  ['nothing about its length', 'GET', 'HTTP/1.1 200', 'until-close'],
  ['chunks', 'GET', lines('HTTP/1.1 200 ', 'transfer-encoding: chunked'), 'chunked'],
  ['a length, for HEAD', 'HEAD', lines('HTTP/1.1 200 OK', 'content-length: 3'), 'length 0'],
  ['no content', 'GET', lines('HTTP/1.1 204 No Content', 'content-length: 3'), 'length 0'],
  ['both', 'GET', lines('HTTP/1.1 200 OK', 'content-length: 3', 'transfer-encoding: chunked'), 400],
  ['a status of two digits', 'GET', 'HTTP/1.1 20 OK', 400],
];
for (const [name, method, text, expected] of answers) {
  test(`an answer that says ${name}: ${expected}`, () => {
    const frame = (): string | number => {
      try {
        const { headers, minor, status } = parseResponseHead(text);
        const framing = responseFraming(headers, minor, method, status);
        return framing.type === 'length' ? `length ${framing.length}` : framing.type;
      } catch (error) {
        return (error as HttpSyntaxError).status;
      }
    };
    assert.equal(frame(), expected);
  });
}

test('what is about a connection alone goes, also what Connection names, and nothing that makes the request', () => {
  const headers = new HeaderList(
    'connection|close, x-own, host, content-length, upgrade|x-own|1|keep-alive|timeout=5|te|gzip|upgrade|websocket|x-two|2'.split(
      '|',
    ),
  );
  headers.append('content-length', '3');
  const words = takeConnectionWords(headers);
  assert.deepEqual(words, { close: true, keepAlive: false, upgrade: 'websocket' });
  assert.deepEqual(headers.flat, ['x-two', '2', 'content-length', '3']);
});

test('a list of headers keeps its order, and a name that is set has one value where its first stood', () => {
  const headers = new HeaderList(['a', '1', 'b', '2', 'a', '3', 'c', '4']);
  assert.equal(headers.get('a'), '1,3');
  headers.set('a', '5');
  headers.delete('b');
  headers.append('b', '6');
  assert.deepEqual(headers.flat, ['a', '5', 'c', '4', 'b', '6']);
  assert.equal(headers.get('x'), undefined);
});
