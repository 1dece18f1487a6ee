import { isStatusError } from 'nekube/apimachinery';
import type { Client } from 'nekube/client';
import type { CoreEventRecorder } from 'nekube/controller';
import { isPodReady, POD, type Pod, type PodTemplate } from '../pods/pod.ts';
import { isNamespaceTerminating, PodControl } from '../pods/pod-control.ts';
import type { Expectations } from '../workload/expectations.ts';
import { slowStart } from '../workload/slow-start.ts';
import type { JobCounts } from './counts.ts';
import { type Job, TRACKING } from './job.ts';
import { failureCountsAfter, INDEX, isTracked } from './job-pod.ts';
import type { ReleasedPods } from './released-pods.ts';

const INDEX_VARIABLE = 'JOB_COMPLETION_INDEX';
/** A name that the server completes may have so many characters before its ending. */
const MAX_GENERATED = 58;

/** How many pods went, of which so many were ready, and what went wrong. */
export interface Removal {
  readonly count: number;
  readonly ready: number;
  readonly error: unknown;
}

/** What of pods the sync of Jobs writes. */
export class JobPods {
  readonly #client: Client;
  readonly #control: PodControl;
  readonly #expectations: Expectations;
  readonly #released: ReleasedPods;

  constructor(
    client: Client,
    events: CoreEventRecorder,
    { expectations, released }: { readonly expectations: Expectations; readonly released: ReleasedPods },
  ) {
    this.#client = client;
    this.#control = new PodControl(client, events);
    this.#expectations = expectations;
    this.#released = released;
  }

  /** Makes so many pods, or one for each index; how many were made, and what went wrong. */
  async create(
    job: Job,
    wanted: number | readonly number[],
    counts: JobCounts,
  ): Promise<{ readonly count: number; readonly error: unknown }> {
    const indexes = typeof wanted === 'number' ? undefined : [...wanted];
    const count = indexes?.length ?? (wanted as number);
    const owner = job.metadata.uid!;
    this.#expectations.expectCreations(owner, count);
    const { succeeded, error } = await slowStart(count, async () => {
      const index = indexes?.shift();
      const template = templateFor(job, index, counts);
      try {
        await this.#control.create(job, template, index === undefined ? undefined : prefixFor(job, index));
      } catch (failure) {
        if (!isNamespaceTerminating(failure)) throw failure;
      }
    });
    for (let left = count - succeeded; left > 0; left--) this.#expectations.creationObserved(owner);
    return { count: succeeded, error };
  }

  /** Deletes pods that are too many: they are released first, for they do not count. */
  async remove(job: Job, pods: readonly Pod[]): Promise<Removal> {
    const owner = job.metadata.uid!;
    this.#expectations.expectDeletions(
      owner,
      pods.map(({ metadata }) => metadata.uid!),
    );
    return this.#each(pods, async (pod) => {
      try {
        if (isTracked(pod)) await this.#removeFinalizer(pod);
        await this.#control.delete(job, pod);
      } catch (error) {
        this.#expectations.deletionObserved(owner, pod.metadata.uid!);
        throw error;
      }
    });
  }

  /** Deletes the pods of a Job that is at its end; they stay until they are counted. */
  end(job: Job, pods: readonly Pod[]): Promise<Removal> {
    return this.#each(pods, (pod) => this.#control.delete(job, pod));
  }

  /** Removes the finalizer of pods; those of which it is gone, and what went wrong. */
  async release(
    job: Job,
    pods: readonly Pod[],
  ): Promise<{ readonly gone: ReadonlySet<string>; readonly error: unknown }> {
    const gone = new Set<string>();
    const failures: unknown[] = [];
    const owner = job.metadata.uid!;
    this.#released.expect(
      owner,
      pods.map(({ metadata }) => metadata.uid!),
    );
    await Promise.all(
      pods.map(async (pod) => {
        const uid = pod.metadata.uid!;
        try {
          await this.#removeFinalizer(pod);
          gone.add(uid);
        } catch (error) {
          this.#released.observed(owner, uid);
          if (isStatusError(error, 'NotFound')) gone.add(uid);
          else failures.push(error);
        }
      }),
    );
    return { gone, error: failures[0] };
  }

  /** Removes the finalizer of a pod that no Job counts. */
  async releaseOrphan(pod: Pod): Promise<void> {
    try {
      await this.#removeFinalizer(pod);
    } catch (error) {
      if (!isStatusError(error, 'NotFound')) throw error;
    }
  }

  async #each(pods: readonly Pod[], call: (pod: Pod) => Promise<void>): Promise<Removal> {
    let [count, ready, error] = [0, 0, undefined as unknown];
    await Promise.all(
      pods.map(async (pod) => {
        try {
          await call(pod);
          count++;
        } catch (failure) {
          if (isStatusError(failure, 'NotFound')) count++;
          else error ??= failure;
        }
        if (isPodReady(pod)) ready++;
      }),
    );
    return { count, ready, error };
  }

  async #removeFinalizer({ metadata: { namespace, name = '' } }: Pod): Promise<void> {
    const strategic = { metadata: { '$deleteFromPrimitiveList/finalizers': [TRACKING] } };
    await this.#client.patch(POD, { namespace, name }, { strategic: strategic as never });
  }
}

/** The template of a pod, and if it has an index, what tells it. */
function templateFor(job: Job, index: number | undefined, { indexes }: JobCounts): PodTemplate {
  const { metadata = {}, spec = {} } = job.spec.template;
  const finalizers = [...(metadata.finalizers ?? [])];
  if (!finalizers.includes(TRACKING)) finalizers.push(TRACKING);
  if (index === undefined) return { metadata: { ...metadata, finalizers }, spec };
  const perIndex = job.spec.backoffLimitPerIndex !== undefined;
  const failures = perIndex ? failureCountsAfter(job, indexes?.awaitReplacement.get(index)) : {};
  return {
    metadata: {
      ...metadata,
      finalizers,
      labels: { ...metadata.labels, [INDEX]: String(index) },
      annotations: { ...metadata.annotations, [INDEX]: String(index), ...failures },
    },
    spec: { ...withIndexVariable(spec), hostname: `${job.metadata.name}-${index}` },
  };
}

interface Container {
  readonly env?: readonly { readonly name: string }[];
}

function withIndexVariable(template: object): object {
  const spec = template as { readonly initContainers?: Container[]; readonly containers?: Container[] };
  const fieldRef = { fieldPath: `metadata.labels['${INDEX}']` };
  const told = (container: Container): Container => {
    const env = container.env ?? [];
    if (env.some(({ name }) => name === INDEX_VARIABLE)) return container;
    return { ...container, env: [...env, { name: INDEX_VARIABLE, valueFrom: { fieldRef } } as { name: string }] };
  };
  return {
    ...spec,
    ...(spec.initContainers && { initContainers: spec.initContainers.map(told) }),
    ...(spec.containers && { containers: spec.containers.map(told) }),
  };
}

/** What the names of pods of an index begin with; the Job's name is cut where both are too long. */
function prefixFor({ metadata: { name = '' } }: Job, index: number): string {
  const ending = `-${index}-`;
  return name.length + ending.length > MAX_GENERATED
    ? name.slice(0, MAX_GENERATED - ending.length) + ending
    : name + ending;
}
