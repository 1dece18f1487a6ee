import { aggregateErrors, type FieldError, type KubeObject, newFailure, notSupported, Path } from 'nekube/apimachinery';
import { admissionForbidden, type AdmissionAttributes, type AdmissionPlugin } from '../admission.ts';
import { isPod } from './is-pod.ts';

const ALWAYS = 'Always';
const KINDS = ['initContainers', 'containers', 'ephemeralContainers'] as const;

interface Container {
  readonly image?: string;
  imagePullPolicy?: string;
}

/** Images are pulled each time, so that nobody runs one that he may not pull. */
export const alwaysPullImages: AdmissionPlugin = {
  name: 'AlwaysPullImages',
  mutate(attributes) {
    if (!isNewPod(attributes)) return;
    const { spec } = attributes.object!;
    for (const container of containersOf(attributes.object!)) container.imagePullPolicy = ALWAYS;
    for (const { image } of (spec.volumes ?? []) as Volume[]) if (image !== undefined) image.pullPolicy = ALWAYS;
  },
  validate(attributes) {
    if (!isNewPod(attributes)) return;
    const messages = problemsOf(attributes.object!).map(
      (problem) => admissionForbidden(attributes, aggregateErrors([problem])).message,
    );
    if (messages.length > 0)
      throw newFailure(500, '', messages.length === 1 ? messages[0]! : `[${messages.join(', ')}]`);
  },
};

interface Volume {
  readonly image?: { pullPolicy?: string };
}

/** Whether images come with the operation that were not there before. */
function isNewPod(attributes: AdmissionAttributes): boolean {
  const { operation, object, old } = attributes;
  if (!isPod(attributes) || (operation !== 'CREATE' && operation !== 'UPDATE')) return false;
  if (operation === 'CREATE') return true;
  const before = new Set(containersOf(old!).map(({ image = '' }) => image));
  return containersOf(object!).some(({ image = '' }) => !before.has(image));
}

function containersOf({ spec }: KubeObject): Container[] {
  return KINDS.flatMap((kind) => spec[kind] ?? []);
}

function problemsOf({ spec }: KubeObject): FieldError[] {
  const problems: FieldError[] = [];
  const check = (path: Path, policy: string | undefined): void => {
    if (policy !== ALWAYS) problems.push(notSupported(path, policy ?? '', [ALWAYS]));
  };
  for (const kind of KINDS)
    for (const [i, container] of ((spec[kind] ?? []) as Container[]).entries())
      check(Path.of('spec', kind).index(i).child('imagePullPolicy'), container.imagePullPolicy);
  for (const [i, { image }] of ((spec.volumes ?? []) as Volume[]).entries())
    if (image !== undefined) check(Path.of('spec', 'volumes').index(i).child('image', 'pullPolicy'), image.pullPolicy);
  return problems;
}
