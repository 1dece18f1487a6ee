import { type AdmissionAttributes, admissionForbidden, type AdmissionPlugin } from '../admission.ts';

/** Refuses nothing. */
export const alwaysAdmit: AdmissionPlugin = { name: 'AlwaysAdmit' };

function refuse(attributes: AdmissionAttributes): void {
  throw admissionForbidden(attributes, 'admission control is denying all modifications');
}

/** Refuses everything. */
export const alwaysDeny: AdmissionPlugin = { name: 'AlwaysDeny', mutate: refuse, validate: refuse };
