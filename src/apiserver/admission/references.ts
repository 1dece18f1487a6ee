/** The fields of a pod's spec, at any depth, whose presence is a reference to an object. */
const FIELDS = {
  secrets: ['secret', 'secretRef', 'secretKeyRef', 'nodePublishSecretRef'],
  configmaps: ['configMap', 'configMapRef', 'configMapKeyRef'],
};

/** Fields that refer to secrets unless they are empty. */
const NAMES = ['secretName', 'imagePullSecrets'];

/** Whether anything in a pod's spec names a secret or a config map. */
export function refersTo(kind: keyof typeof FIELDS, spec: unknown): boolean {
  if (typeof spec !== 'object' || spec === null) return false;
  return Object.entries(spec).some(
    ([key, value]) =>
      FIELDS[kind].includes(key) ||
      (kind === 'secrets' && NAMES.includes(key) && value.length > 0) ||
      refersTo(kind, value),
  );
}
