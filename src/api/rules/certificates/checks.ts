import {
  byteLength,
  duplicate,
  type FieldError,
  invalid,
  isDns1123Label,
  isDns1123Subdomain,
  notSupported,
  type Path,
  required as requiredError,
  tooLong,
} from 'nekube/apimachinery';
import { type Check, type Checks, fields, type Loose, required, type RuleContext } from '../rule.ts';
import { certificateFault, requestFault } from './pem.ts';

/** What an update may keep although it is invalid, since it is stored. */
export interface Kept {
  readonly usages?: boolean;
  readonly duplicateUsages?: boolean;
  readonly legacySigner?: boolean;
  readonly emptyTypes?: boolean;
  readonly approvedAndDenied?: boolean;
  readonly duplicateTypes?: boolean;
  readonly certificate?: boolean;
}

/** Key usages, sorted. */
export const knownUsages: readonly string[] = [
  ...['any', 'cert sign', 'client auth', 'code signing', 'content commitment', 'crl sign', 'data encipherment'],
  ...['decipher only', 'digital signature', 'email protection', 'encipher only', 'ipsec end system', 'ipsec tunnel'],
  ...['ipsec user', 'key agreement', 'key encipherment', 'microsoft sgc', 'netscape sgc', 'ocsp signing', 's/mime'],
  ...['server auth', 'signing', 'timestamping'],
];

/** The name of the signer of requests from before signers had names. */
export const legacySigner = 'kubernetes.io/legacy-unknown';
const leastSeconds = 600;
/** A domain, and a path that can hold a whole DNS subdomain and one more label. */
const maxSignerBytes = 253 + (253 + 63 + 1) + 1;

/** Everything that is checked of a certificate signing request, but for what a stored one may keep. */
export function csrChecks(kept: Kept): Checks {
  return fields({
    spec: fields({
      request: checkRequest,
      usages: [required(), checkUsages(kept)],
      signerName: checkSigner(kept),
      expirationSeconds: (seconds, path, { errors }) => {
        if (seconds === undefined || seconds === null || seconds >= leastSeconds) return;
        const detail = 'may not specify a duration less than 600 seconds (10 minutes)';
        errors.push(invalid(path, seconds, detail));
      },
    }),
    status: fields({
      conditions: checkConditions(kept),
      certificate: (text, path, { errors }) => {
        const fault = kept.certificate ? undefined : certificateFault(text ?? '');
        if (fault !== undefined) errors.push(invalid(path, '<certificate data>', fault));
      },
    }),
  });
}

const checkRequest: Check = (request, path, { errors }) => {
  const fault = requestFault(request ?? '');
  if (fault !== undefined) errors.push(invalid(path, request, fault));
};

function checkUsages(kept: Kept): Check {
  return (usages, path, { errors }) => {
    const list: string[] = usages ?? [];
    list.forEach((usage, i) => {
      if (!kept.usages && !knownUsages.includes(usage)) errors.push(notSupported(path.index(i), usage, knownUsages));
    });
    list.forEach((usage, i) => {
      if (!kept.duplicateUsages && list.indexOf(usage) !== i) errors.push(duplicate(path.index(i), usage));
    });
  };
}

function checkSigner(kept: Kept): Check {
  return (name = '', path, context) => {
    if (name === legacySigner && !kept.legacySigner) {
      const detail = 'the legacy signerName is not allowed via this API version';
      context.errors.push(invalid(path, name, detail));
    } else checkSignerName(name, path, context);
  };
}

/** The name of a signer: `example.com/name`. */
function checkSignerName(name: string, path: Path, { errors }: RuleContext): void {
  const segments = name.split('/');
  if (name === '') errors.push(requiredError(path));
  else if (segments.length !== 2) {
    const detail = "must be a fully qualified domain and path of the form 'example.com/signer-name'";
    errors.push(invalid(path, name, detail));
  } else checkSignerParts(name, segments as [string, string], path, errors);
}

/** Only the first faulty label of each part is reported. */
function checkSignerParts(name: string, [domain, rest]: [string, string], path: Path, errors: FieldError[]): void {
  if (byteLength(domain) > 253) errors.push(tooLong(path, 253));
  const labels = domain.split('.');
  const badLabel = labels.find((label) => isDns1123Label(label).length > 0);
  if (badLabel !== undefined) {
    for (const message of isDns1123Label(badLabel)) {
      errors.push(invalid(path, domain, `validating label "${badLabel}": ${message}`));
    }
  }
  if (labels.length < 2) {
    errors.push(invalid(path, domain, 'should be a domain with at least two segments separated by dots'));
  }
  const badPart = rest.split('.').find((part) => isDns1123Subdomain(part).length > 0);
  if (badPart !== undefined) {
    for (const message of isDns1123Subdomain(badPart)) {
      errors.push(invalid(path, rest, `validating label "${badPart}": ${message}`));
    }
  }
  if (byteLength(name) > maxSignerBytes) errors.push(tooLong(path, maxSignerBytes));
}

const trueOnly = ['Approved', 'Denied', 'Failed'];

function checkConditions(kept: Kept): Check {
  return (conditions, path, { errors }) => {
    const list: Loose[] = conditions ?? [];
    const types = list.map(({ type = '' }) => type as string);
    types.forEach((type, i) => {
      const at = path.index(i);
      if (type === '' && !kept.emptyTypes) errors.push(requiredError(at.child('type')));
      checkConditionStatus(list[i], at.child('status'), errors);
      const other = type === 'Approved' ? 'Denied' : type === 'Denied' ? 'Approved' : undefined;
      if (!kept.approvedAndDenied && other !== undefined && types.slice(0, i).includes(other)) {
        errors.push(invalid(path, type, 'Approved and Denied conditions are mutually exclusive'));
      }
      if (!kept.duplicateTypes && types.indexOf(type) !== i) errors.push(duplicate(at.child('type'), type));
    });
  };
}

function checkConditionStatus({ type, status = '' }: Loose, path: Path, errors: FieldError[]): void {
  const allowed = trueOnly.includes(type) ? ['True'] : ['False', 'True', 'Unknown'];
  if (status === '') errors.push(requiredError(path));
  else if (!allowed.includes(status)) errors.push(notSupported(path, status, allowed));
}
