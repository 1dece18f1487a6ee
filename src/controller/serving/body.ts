import type { IncomingMessage } from 'node:http';

/**
 * Reads the body of a request, of one that is too long only one byte more than may be. What is left of it is thrown away,
 * so that the one who sends it gets to see the answer.
 */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let left = maxBytes + 1;
  return new Promise((resolve, reject) => {
    const done = (): void => resolve(Buffer.concat(chunks));
    request.on('data', (chunk: Buffer) => {
      if (left === 0) return;
      chunks.push(chunk.subarray(0, left));
      left -= Math.min(left, chunk.length);
      if (left === 0) done();
    });
    request.on('end', done);
    request.on('error', reject);
    request.on('close', () => reject(new Error('the connection was closed')));
  });
}
