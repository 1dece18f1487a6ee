/** The defects that a message of an invalid object tells, sorted: kube-apiserver tells several in an order of chance. */
export const defectsIn = (message) =>
  String(message)
    .split(/(?<="), (?=spec\.)|[[\]]/)
    .sort();
