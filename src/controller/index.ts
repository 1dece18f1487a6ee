/**
 * The controller runtime: work queues, controllers and the manager that runs them, leader election, webhooks, metrics and
 * health.
 *
 * What it does not do: it has no controllers of its own (those of a cluster are `nekube/controllers`), and knows of the
 * cluster only what its client can see.
 */
export {};
