import type { Image } from '../images/image-map.ts';
import type { Container } from '../pod/container.ts';
import type { Pod } from '../pod/pod.ts';
import type { NodeParts } from './node-parts.ts';
import { StartError } from './start-error.ts';

/**
 * The image of a container, with the events of the kubelet.
 *
 * @throws StartError that says where it would have to be known
 */
export function imageFor({ images, events }: NodeParts, pod: Pod, { name, image, imagePullPolicy }: Container): Image {
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
  events.record(pod, 'Warning', 'Failed', `Failed to pull image ${text}: ${missing}`, { fieldPath });
  throw new StartError('ImagePullBackOff', `Back-off pulling image ${text}: ErrImagePull: ${missing}`);
}
