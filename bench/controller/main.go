// The controller of bench/controller.mjs on controller-runtime: reads a Web from the cache and applies the ConfigMap that
// it owns. Says "ready" when it has begun; tells what it measured on SIGUSR2, from which on it measures anew, and at its end.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"sort"
	"strconv"
	"sync"
	"syscall"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	corev1ac "k8s.io/client-go/applyconfigurations/core/v1"
	metav1ac "k8s.io/client-go/applyconfigurations/meta/v1"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/util/workqueue"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/controller/priorityqueue"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"
)

var version = schema.GroupVersion{Group: "example.com", Version: "v1"}

type webSpec struct {
	Value string `json:"value,omitempty"`
}

// Web is the kind that is reconciled.
type Web struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              webSpec `json:"spec,omitempty"`
}

// DeepCopyObject makes it a runtime.Object.
func (w *Web) DeepCopyObject() runtime.Object {
	out := &Web{TypeMeta: w.TypeMeta, Spec: w.Spec}
	w.ObjectMeta.DeepCopyInto(&out.ObjectMeta)
	return out
}

// WebList is a list of them.
type WebList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []Web `json:"items"`
}

// DeepCopyObject makes it a runtime.Object.
func (l *WebList) DeepCopyObject() runtime.Object {
	out := &WebList{TypeMeta: l.TypeMeta}
	l.ListMeta.DeepCopyInto(&out.ListMeta)
	for i := range l.Items {
		out.Items = append(out.Items, *l.Items[i].DeepCopyObject().(*Web))
	}
	return out
}

type reconciler struct {
	client client.Client
	took   measured
}

// measured is how long something took each time, in milliseconds.
type measured struct {
	mu  sync.Mutex
	all []float64
}

func (m *measured) since(began time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.all = append(m.all, float64(time.Since(began).Microseconds())/1000)
}

// take gives how many there were, p50 and p99, and forgets them.
func (m *measured) take() (int, []float64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := m.all
	m.all = nil
	if len(all) == 0 {
		return 0, []float64{0, 0}
	}
	sort.Float64s(all)
	return len(all), []float64{all[len(all)/2], all[len(all)*99/100]}
}

// timedQueue is the default queue, and measures how long keys wait in it.
type timedQueue struct {
	priorityqueue.PriorityQueue[ctrl.Request]
	mu     sync.Mutex
	added  map[ctrl.Request]time.Time
	waited measured
}

func (q *timedQueue) note(items ...ctrl.Request) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, item := range items {
		if _, waits := q.added[item]; !waits {
			q.added[item] = time.Now()
		}
	}
}

func (q *timedQueue) Add(item ctrl.Request) {
	q.note(item)
	q.PriorityQueue.Add(item)
}

func (q *timedQueue) AddWithOpts(o priorityqueue.AddOpts, items ...ctrl.Request) {
	if o.After == 0 && !o.RateLimited {
		q.note(items...)
	}
	q.PriorityQueue.AddWithOpts(o, items...)
}

func (q *timedQueue) GetWithPriority() (ctrl.Request, int, bool) {
	item, priority, shutdown := q.PriorityQueue.GetWithPriority()
	q.mu.Lock()
	began, waits := q.added[item]
	delete(q.added, item)
	q.mu.Unlock()
	if waits && !shutdown {
		q.waited.since(began)
	}
	return item, priority, shutdown
}

func (r *reconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	began := time.Now()
	var web Web
	if err := r.client.Get(ctx, req.NamespacedName, &web); err != nil {
		if errors.IsNotFound(err) {
			return ctrl.Result{}, nil
		}
		return ctrl.Result{}, err
	}
	owner := metav1ac.OwnerReference().WithAPIVersion("example.com/v1").WithKind("Web").WithName(web.Name).
		WithUID(web.UID).WithController(true).WithBlockOwnerDeletion(true)
	page := corev1ac.ConfigMap(web.Name, web.Namespace).WithOwnerReferences(owner).
		WithData(map[string]string{"value": web.Spec.Value})
	err := r.client.Apply(ctx, page, client.FieldOwner("web"), client.ForceOwnership)
	r.took.since(began)
	return ctrl.Result{}, err
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func main() {
	scheme := runtime.NewScheme()
	must(clientgoscheme.AddToScheme(scheme))
	scheme.AddKnownTypes(version, &Web{}, &WebList{})
	metav1.AddToGroupVersion(scheme, version)
	workers, err := strconv.Atoi(os.Getenv("BENCH_WORKERS"))
	must(err)
	config := &rest.Config{
		Host:            os.Getenv("BENCH_URL"),
		BearerToken:     os.Getenv("BENCH_TOKEN"),
		TLSClientConfig: rest.TLSClientConfig{CAData: []byte(os.Getenv("BENCH_CA"))},
		QPS:             -1,
	}
	manager, err := ctrl.NewManager(config, ctrl.Options{
		Scheme:                 scheme,
		Metrics:                server.Options{BindAddress: "0"},
		HealthProbeBindAddress: "0",
	})
	must(err)
	r := &reconciler{client: manager.GetClient()}
	queue := &timedQueue{added: map[ctrl.Request]time.Time{}}
	newQueue := func(name string, limiter workqueue.TypedRateLimiter[ctrl.Request]) workqueue.TypedRateLimitingInterface[ctrl.Request] {
		queue.PriorityQueue = priorityqueue.New(name, func(o *priorityqueue.Opts[ctrl.Request]) { o.RateLimiter = limiter })
		return queue
	}
	must(ctrl.NewControllerManagedBy(manager).Named("web").For(&Web{}).Owns(&corev1.ConfigMap{}).
		WithOptions(controller.Options{MaxConcurrentReconciles: workers, NewQueue: newQueue}).Complete(r))
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGUSR2)
	go func() {
		for range asked {
			report(r, queue)
		}
	}()
	fmt.Println("ready")
	must(manager.Start(ctrl.SetupSignalHandler()))
	report(r, queue)
}

func report(r *reconciler, queue *timedQueue) {
	count, took := r.took.take()
	_, waited := queue.waited.take()
	must(json.NewEncoder(os.Stdout).Encode(map[string]any{"reconciles": count, "tookMs": took, "queueMs": waited}))
}
