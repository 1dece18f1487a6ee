import type { JsonObject, KubeObject } from 'nekube/apimachinery';
import type { CellPrinter } from '../rules/resource-rules.ts';
import { admissionRegistrationCells } from './admissionregistration.ts';
import { appsCells } from './apps.ts';
import { autoscalingCells } from './autoscaling.ts';
import { batchCells } from './batch.ts';
import { certificatesCells } from './certificates.ts';
import { coreCells } from './core.ts';
import { discoveryCells } from './discovery.ts';
import { eventCells } from './events.ts';
import { compareFlowSchemas, flowControlCells } from './flowcontrol.ts';
import { nameAnd } from './format.ts';
import { networkingCells } from './networking.ts';
import { podRowConditions } from './pods.ts';
import { rbacCells } from './rbac.ts';
import { resourceCells } from './resource.ts';
import {
  apiExtensionsCells,
  apiRegistrationCells,
  coordinationCells,
  nodeCells,
  policyCells,
  schedulingCells,
} from './small-groups.ts';
import { storageCells } from './storage.ts';

export { scaleCells } from './autoscaling.ts';
export { nameAndCreation } from './format.ts';

const CELLS: Readonly<Record<string, Readonly<Record<string, CellPrinter>>>> = {
  '': coreCells,
  'admissionregistration.k8s.io': admissionRegistrationCells,
  'apiextensions.k8s.io': apiExtensionsCells,
  'apiregistration.k8s.io': apiRegistrationCells,
  apps: appsCells,
  autoscaling: autoscalingCells,
  batch: batchCells,
  'certificates.k8s.io': certificatesCells,
  'coordination.k8s.io': coordinationCells,
  'discovery.k8s.io': discoveryCells,
  'events.k8s.io': { events: eventCells },
  'flowcontrol.apiserver.k8s.io': flowControlCells,
  'networking.k8s.io': networkingCells,
  'node.k8s.io': nodeCells,
  policy: policyCells,
  'rbac.authorization.k8s.io': rbacCells,
  'resource.k8s.io': resourceCells,
  'scheduling.k8s.io': schedulingCells,
  'storage.k8s.io': storageCells,
};

const nameAndAge = nameAnd();

/**
 * The printer of a resource's Table cells: of all columns in their order, for objects of the stored version.
 *
 * A resource that is not known gets its name and age.
 */
export function tableCells(group: string, resource: string): CellPrinter {
  const cells = CELLS[group];
  return cells && Object.hasOwn(cells, resource) ? cells[resource]! : nameAndAge;
}

/** The `conditions` of an object's row in a Table: pods that have ended have one. */
export function tableRowConditions(group: string, resource: string, object: KubeObject): JsonObject[] {
  return group === '' && resource === 'pods' ? podRowConditions(object) : [];
}

/** How the rows of a Table are sorted where that is not the order of the list; undefined where it is. */
export function tableOrder(group: string, resource: string): ((a: KubeObject, b: KubeObject) => number) | undefined {
  return group === 'flowcontrol.apiserver.k8s.io' && resource === 'flowschemas' ? compareFlowSchemas : undefined;
}
