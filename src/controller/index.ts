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
export { Manager, type ManagerOptions } from './manager.ts';
export type { Runnable, RunnableGroup } from './runnable.ts';
export * from './webhook/index.ts';
