import { normalImageName } from '../cluster/images.ts';
import { MAX_SCORE, type ScorePlugin } from './plugin.ts';

const MIB = 1024 * 1024;
/** Below so many bytes it is the same whether images are there. */
const LEAST = 23 * MIB;
/** And above so many for each container. */
const MOST_OF_ONE = 1000 * MIB;

/** The more of the pod's images a node has, the better; less so for images that few nodes have, so that these stay few. */
export const imageLocalityScore: ScorePlugin = {
  name: 'ImageLocality',
  weight: 1,
  prepare({ pod }, _nodes, { cluster }) {
    const { containers, initContainers = [], volumes = [] } = pod.spec;
    const images = [
      ...[...initContainers, ...containers].map(({ image = '' }) => image),
      ...volumes.flatMap(({ image }) => (image === undefined ? [] : [image.reference ?? ''])),
    ].map((name) => cluster.images.get(normalImageName(name)));
    const most = MOST_OF_ONE * (containers.length + initContainers.length);
    const all = cluster.nodes.length;
    return {
      score({ name }) {
        let sum = 0;
        for (const image of images) sum += Math.trunc((image?.sizes.get(name) ?? 0) * ((image?.nodes ?? 0) / all));
        return Math.trunc((MAX_SCORE * (Math.min(Math.max(sum, LEAST), most) - LEAST)) / (most - LEAST));
      },
    };
  },
};
