// Authorities of certificates for tests.
import { issueCertificate } from '../../dist/pki/index.js';
import { PrivateText } from '../../dist/gateway/index.js';

const DAY = 86_400_000;

/** An authority: `cert`, and `issue(commonName, hosts)` for a server, without hosts for a client. */
export function newAuthority(name) {
  const times = { notBefore: new Date(Date.now() - DAY), notAfter: new Date(Date.now() + DAY) };
  const subject = { commonName: name };
  const ca = issueCertificate({ subject, ...times, use: 'ca' });
  const issue = (commonName, hosts) => {
    const names = hosts && { names: { hosts, ips: [] } };
    const request = { subject: { commonName }, ...times, use: hosts ? 'server' : 'client', ...names };
    const { cert, key } = issueCertificate(request, { subject, key: ca.key });
    return { cert, key: new PrivateText(key) };
  };
  return { cert: ca.cert, issue };
}
