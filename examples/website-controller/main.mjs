// The controller as a program: on the cluster of KUBECONFIG, or the one that it runs in, until it is told to end.
import { createLogger, createManager, signalHandler } from 'nekube/controller';
import { addWebsiteController } from './website.mjs';

const manager = await createManager({ logger: createLogger() });
addWebsiteController(manager, new Map());
await manager.start(signalHandler());
