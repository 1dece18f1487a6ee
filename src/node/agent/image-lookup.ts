import type { Image } from '../images/image-map.ts';
import type { Container } from '../pod/container.ts';
import type { Pod } from '../pod/pod.ts';
import type { NodeParts } from './node-parts.ts';
import { StartError } from './start-error.ts';

/** What the status says of an image that could not be had once, and since then. */
const FIRST = 'ErrImagePull';
const LATER = 'ImagePullBackOff';

/**
 * The image of a container, with the events of the kubelet.
 *
 * @param waitsFor What the container's status says by now that it waits for
 * @throws StartError that says where it would have to be known
 */
export function imageFor(
  { images, events }: NodeParts,
  pod: Pod,
  { name, image, imagePullPolicy }: Container,
  waitsFor: string | undefined,
): Image {
  const found = images.find(image);
  const text = JSON.stringify(image);
  const fieldPath = `spec.containers{${name}}`;
  if (found !== undefined) {
    if (found.fake !== undefined) return found;
    const message = `Container image ${text} already present on machine and can be accessed by the pod`;
    events.record(pod, 'Normal', 'Pulled', message, { fieldPath });
    return found;
  }
  const missing = `no command is known for image ${text}: add an entry with its name to ${images.source}`;
  if (imagePullPolicy === 'Never') {
    throw new StartError(
      'ErrImageNeverPull',
      `Container image ${text} is not present with pull policy of Never: ${missing}`,
    );
  }
  if (waitsFor === FIRST) events.record(pod, 'Normal', 'BackOff', `Back-off pulling image ${text}`, { fieldPath });
  if (waitsFor === FIRST || waitsFor === LATER) {
    throw new StartError(LATER, `Back-off pulling image ${text}: ${FIRST}: ${missing}`);
  }
  events.record(pod, 'Normal', 'Pulling', `Pulling image ${text}`, { fieldPath });
  events.record(pod, 'Warning', 'Failed', `Failed to pull image ${text}: ${missing}`, { fieldPath });
  throw new StartError(FIRST, missing);
}
