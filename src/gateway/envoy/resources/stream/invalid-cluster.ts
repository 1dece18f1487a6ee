import type { Cluster } from '../messages.ts';

/** The name of a cluster where nobody is: what goes there is closed, or dropped with UDP. */
export const INVALID_CLUSTER = 'nekube/invalid';

/** That cluster. */
export const invalidCluster: Cluster = {
  name: INVALID_CLUSTER,
  type: 'STATIC',
  connect_timeout: '1s',
  load_assignment: { cluster_name: INVALID_CLUSTER },
};
