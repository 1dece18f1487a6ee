import { ORGANIZATION, readAttributes } from './client-subject.ts';
import { readAll } from './der.ts';

const PEM = /-----BEGIN CERTIFICATE REQUEST-----([^-]*)-----END CERTIFICATE REQUEST-----/;

/**
 * The groups that a certificate signing request asks for.
 *
 * @param request base64 of the request in PEM, as objects hold it; one that is none asks for no group
 */
export function requestedGroups(request: string): string[] {
  const pem = PEM.exec(Buffer.from(request, 'base64').toString('latin1'));
  if (pem === null) return [];
  try {
    const [whole] = readAll(Buffer.from(pem[1]!, 'base64'));
    const [info] = readAll(whole!.content);
    const [, subject] = readAll(info!.content);
    const attributes = readAttributes(subject!.content);
    return attributes.filter(({ type }) => type === ORGANIZATION).map(({ value }) => value);
  } catch (error) {
    if (error instanceof RangeError || error instanceof TypeError) return [];
    throw error;
  }
}
