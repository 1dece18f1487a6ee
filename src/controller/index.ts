/**
 * The controller runtime: work queues, controllers and the manager that runs them, leader election, webhooks, metrics and
 * health.
 *
 * What it does not do: it has no controllers of its own (those of a cluster are `nekube/controllers`), and knows of the
 * cluster only what its client can see.
 */
export { createLogger, loggerOf, type LoggerOptions, type LogRecord } from './log/create-logger.ts';
export { LOG_LEVELS, type Logger, type LogLevel, type LogValues, silentLogger } from './log/logger.ts';
export type {
  AroundReconcile,
  ControllerMetrics,
  FailureKind,
  LeaderElectionMetrics,
  QueueMetrics,
  QueueState,
  ReconcileInfo,
  ReconcileOutcome,
  RuntimeMetrics,
} from './hooks.ts';
export { noMetrics } from './hooks.ts';
export { Manager, type ManagerOptions } from './manager.ts';
export type { Runnable, RunnableGroup } from './runnable.ts';
export * from './webhook/index.ts';
export { type BuilderParts, ControllerBuilder, type WatchKindOptions } from './builder.ts';
export {
  Cache,
  type CachedKindOptions,
  type CacheOptions,
} from './cache/cache.ts';
export type { Reader, ReaderListOptions, ReadOptions } from './cache/reader.ts';
export {
  type Condition,
  findCondition,
  isConditionTrue,
  type NewCondition,
  removeCondition,
  setCondition,
} from './conditions.ts';
export { CoreEventRecorder, type EventTarget, flushCoreEvents } from './core-event-recorder.ts';
export { Controller, type ControllerOptions, type ControllerParts } from './controller.ts';
export { EventRecorder, type NewEvent } from './event-recorder.ts';
export { addFinalizer, type Finalize, Finalizers, hasFinalizer, removeFinalizer } from './finalizers.ts';
export {
  type EventHandler,
  enqueueMapped,
  enqueueObject,
  enqueueOwner,
  type OwnerOptions,
  type RequestMapper,
} from './handlers.ts';
export {
  LeaderElector,
  type LeaderElectionOptions,
  type LeaderElectorParts,
  LeadershipLostError,
} from './leader-election/leader-elector.ts';
export type { Lease, LeaseRecord } from './leader-election/lease-lock.ts';
export { LOW_PRIORITY, type ObjectEvent } from './object-event.ts';
export type { ObjectContext } from './object-context.ts';
export {
  AlreadyOwnedError,
  controllerOf,
  controllerReferenceTo,
  isControlledBy,
  ownerReferenceTo,
  type Owned,
  removeOwnerReference,
  setControllerReference,
  setOwnerReference,
} from './owner-references.ts';
export {
  and,
  annotationChanged,
  byLabelSelector,
  generationChanged,
  labelChanged,
  matching,
  not,
  or,
  type Predicate,
  resourceVersionChanged,
} from './predicates.ts';
export { Heap, type HeapItem } from './queue/heap.ts';
export {
  bucketLimiter,
  defaultLimiter,
  exponentialLimiter,
  fastSlowLimiter,
  maxOfLimiter,
  type RateLimiter,
} from './queue/rate-limiters.ts';
export {
  type AddOptions,
  type RequestQueue,
  type Taken,
  WorkQueue,
  type WorkQueueOptions,
} from './queue/work-queue.ts';
export {
  isTerminalError,
  type ReconcileContext,
  type Reconciler,
  type ReconcileResult,
  ReconcileTimeoutError,
  TerminalError,
} from './reconcile.ts';
export type { Source } from './source.ts';
export { Channel, informerSource, type SourceParts, streamSource } from './sources.ts';
export {
  applyStatus,
  createOrPatch,
  createOrUpdate,
  type Mutate,
  type OperationResult,
  retryOnConflict,
} from './writes.ts';
export * from './serving/index.ts';
export { createManager, type CreateManagerOptions } from './create-manager.ts';
export { type SignalSource, signalHandler } from './signal-handler.ts';
