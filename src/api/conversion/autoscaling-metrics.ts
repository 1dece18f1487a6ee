import { parseQuantity } from 'nekube/apimachinery';

/** A part of an autoscaler in either version. */
// biome-ignore lint: the objects have been decoded by their types
export type Loose = any;

/** The struct without members that are undefined. */
export function struct(members: Readonly<Record<string, Loose>>): Loose {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}

/** A target of one type or the other, as the amounts tell. */
function targetOf(type: string, amounts: Readonly<Record<string, Loose>>): Loose {
  return struct({ type, ...amounts });
}

function isZero(amount: string | undefined): boolean {
  return amount === undefined || parseQuantity(amount).sign() === 0;
}

/** A metric of autoscaling/v1 in the form of v2. */
export function metricFromV1({ type, object, pods, resource, containerResource, external }: Loose): Loose {
  return struct({
    type: type ?? '',
    object: object && objectFromV1(object),
    pods: pods && {
      metric: struct({ name: pods.metricName ?? '', selector: pods.selector }),
      target: targetOf('AverageValue', { averageValue: pods.targetAverageValue ?? '0' }),
    },
    resource: resource && resourceFromV1(resource),
    containerResource: containerResource && {
      ...resourceFromV1(containerResource),
      container: containerResource.container ?? '',
    },
    external: external && {
      metric: struct({ name: external.metricName ?? '', selector: external.metricSelector }),
      target: targetOf(external.targetValue === undefined ? 'AverageValue' : 'Value', {
        value: external.targetValue,
        averageValue: external.targetAverageValue,
      }),
    },
  });
}

/** v1 cannot leave out the value; a zero next to an average means none. */
function objectFromV1({ target, metricName, targetValue = '0', selector, averageValue }: Loose): Loose {
  const value = averageValue !== undefined && isZero(targetValue) ? undefined : targetValue;
  return {
    describedObject: target ?? {},
    target: targetOf(averageValue === undefined ? 'Value' : 'AverageValue', { value, averageValue }),
    metric: struct({ name: metricName ?? '', selector }),
  };
}

function resourceFromV1({ name, targetAverageUtilization, targetAverageValue }: Loose): Loose {
  const type = targetAverageUtilization === undefined ? 'AverageValue' : 'Utilization';
  const amounts = { averageValue: targetAverageValue, averageUtilization: targetAverageUtilization };
  return { name: name ?? '', target: targetOf(type, amounts) };
}

/** A metric of autoscaling/v2 in the form of v1. */
export function metricToV1({ type, object, pods, resource, containerResource, external }: Loose): Loose {
  return struct({
    type: type ?? '',
    object:
      object &&
      struct({
        target: referenceOf(object.describedObject),
        metricName: object.metric?.name ?? '',
        targetValue: object.target?.value ?? '0',
        selector: object.metric?.selector,
        averageValue: object.target?.averageValue,
      }),
    pods:
      pods &&
      struct({
        metricName: pods.metric?.name ?? '',
        targetAverageValue: pods.target?.averageValue ?? '0',
        selector: pods.metric?.selector,
      }),
    resource: resource && resourceToV1(resource),
    containerResource: containerResource && {
      ...resourceToV1(containerResource),
      container: containerResource.container ?? '',
    },
    external:
      external &&
      struct({
        metricName: external.metric?.name ?? '',
        metricSelector: external.metric?.selector,
        targetValue: external.target?.value,
        targetAverageValue: external.target?.averageValue,
      }),
  });
}

function referenceOf({ kind, name, apiVersion }: Loose = {}): Loose {
  return struct({ kind: kind ?? '', name: name ?? '', apiVersion });
}

function resourceToV1({ name, target = {} }: Loose): Loose {
  const { averageUtilization, averageValue } = target;
  return struct({ name: name ?? '', targetAverageUtilization: averageUtilization, targetAverageValue: averageValue });
}

/** A metric's current value of autoscaling/v1 in the form of v2. */
export function statusFromV1({ type, object, pods, resource, containerResource, external }: Loose): Loose {
  return struct({
    type: type ?? '',
    object: object && {
      metric: struct({ name: object.metricName ?? '', selector: object.selector }),
      current: struct({ value: object.currentValue ?? '0', averageValue: object.averageValue }),
      describedObject: object.target ?? {},
    },
    pods: pods && {
      metric: struct({ name: pods.metricName ?? '', selector: pods.selector }),
      current: { averageValue: pods.currentAverageValue ?? '0' },
    },
    resource: resource && resourceStatusFromV1(resource),
    containerResource: containerResource && {
      ...resourceStatusFromV1(containerResource),
      container: containerResource.container ?? '',
    },
    external: external && {
      metric: struct({ name: external.metricName ?? '', selector: external.metricSelector }),
      current: struct({ value: external.currentValue ?? '0', averageValue: external.currentAverageValue }),
    },
  });
}

function resourceStatusFromV1({ name, currentAverageUtilization, currentAverageValue = '0' }: Loose): Loose {
  const current = struct({ averageValue: currentAverageValue, averageUtilization: currentAverageUtilization });
  return { name: name ?? '', current };
}

/** A metric's current value of autoscaling/v2 in the form of v1. */
export function statusToV1({ type, object, pods, resource, containerResource, external }: Loose): Loose {
  return struct({
    type: type ?? '',
    object:
      object &&
      struct({
        target: referenceOf(object.describedObject),
        metricName: object.metric?.name ?? '',
        currentValue: object.current?.value ?? '0',
        selector: object.metric?.selector,
        averageValue: object.current?.averageValue,
      }),
    pods:
      pods &&
      struct({
        metricName: pods.metric?.name ?? '',
        currentAverageValue: pods.current?.averageValue ?? '0',
        selector: pods.metric?.selector,
      }),
    resource: resource && resourceStatusToV1(resource),
    containerResource: containerResource && {
      ...resourceStatusToV1(containerResource),
      container: containerResource.container ?? '',
    },
    external:
      external &&
      struct({
        metricName: external.metric?.name ?? '',
        metricSelector: external.metric?.selector,
        currentValue: external.current?.value ?? '0',
        currentAverageValue: external.current?.averageValue,
      }),
  });
}

function resourceStatusToV1({ name, current = {} }: Loose): Loose {
  const { averageUtilization, averageValue = '0' } = current;
  return struct({ name: name ?? '', currentAverageUtilization: averageUtilization, currentAverageValue: averageValue });
}
