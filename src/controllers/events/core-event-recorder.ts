/** Events of the core group, as the controllers of kube-controller-manager tell them. */
export { CoreEventRecorder, flushCoreEvents } from 'nekube/controller';
