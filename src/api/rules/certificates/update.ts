import { forbidden, jsonEqual, type KubeObject, type Path } from 'nekube/apimachinery';
import { goDiff } from '../go-struct.ts';
import type { Check, Loose } from '../rule.ts';
import { type Kept, knownUsages, legacySigner } from './checks.ts';
import { certificateFault } from './pem.ts';

/** What an endpoint may write beside what all may. */
export interface UpdateRights {
  /** Conditions of approval and denial. */
  readonly decides?: boolean;
  /** The certificate, once. */
  readonly issues?: boolean;
}

/** What the stored request has already may stay. */
export function keptOf(csr: KubeObject, { spec, status }: KubeObject): Kept {
  const usages: string[] = spec?.usages ?? [];
  const types: string[] = (status?.conditions ?? []).map(({ type = '' }: Loose) => type);
  const certificate: string = status?.certificate ?? '';
  return {
    usages: usages.some((usage) => !knownUsages.includes(usage)),
    duplicateUsages: new Set(usages).size < usages.length,
    legacySigner: spec?.signerName === legacySigner,
    emptyTypes: types.includes(''),
    approvedAndDenied: types.includes('Approved') && types.includes('Denied'),
    duplicateTypes: new Set(types).size < types.length,
    certificate: (csr.status?.certificate ?? '') === certificate || certificateFault(certificate) !== undefined,
  };
}

/** Checks what an update changes: decisions and the certificate are written once, by those who may. */
export function checkCsrUpdate(rights: UpdateRights): Check {
  return (csr, path, { errors, old }) => {
    const at = path.child('status', 'conditions');
    const [now, before] = [conditionsByType(csr), conditionsByType(old)];
    for (const type of ['Approved', 'Denied', 'Failed']) {
      if (now(type).length >= before(type).length) continue;
      errors.push(forbidden(at, `updates may not remove a condition of type "${type}"`));
    }
    for (const type of rights.decides ? [] : ['Approved', 'Denied']) {
      const detail = decisionFault(type, now(type), before(type));
      if (detail !== undefined) errors.push(forbidden(at, detail));
    }
    checkCertificate(csr, old, path.child('status', 'certificate'), rights, errors);
  };
}

function conditionsByType({ status }: Loose): (type: string) => Loose[] {
  return (type) => (status?.conditions ?? []).filter((condition: Loose) => condition.type === type);
}

function decisionFault(type: string, now: Loose[], before: Loose[]): string | undefined {
  if (now.length > before.length) return `updates may not add a condition of type "${type}"`;
  if (now.length < before.length || jsonEqual(now, before)) return undefined;
  const diff = goDiff('[]CertificateSigningRequestCondition', before, now);
  return `updates may not modify a condition of type "${type}"\n${diff}`;
}

function checkCertificate(csr: Loose, old: Loose, path: Path, rights: UpdateRights, errors: Loose[]): void {
  const stored = old.status?.certificate ?? '';
  if ((csr.status?.certificate ?? '') === stored) return;
  if (!rights.issues) errors.push(forbidden(path, 'updates may not set certificate content'));
  else if (stored !== '') errors.push(forbidden(path, 'updates may not modify existing certificate content'));
}
